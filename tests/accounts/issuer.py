"""A real issuer of OpenID Connect on the loopback: npm's oidc-provider, in a process of its own.

``LMS_TEST_NODE`` is a folder into which its packages are installed once (``var/test-node`` of the
checkout unless it is set). Without node, npm or the package the tests are skipped with the reason.
"""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import missing

HERE = Path(__file__).resolve().parent / "oidc"
CLIENT_ID, CLIENT_SECRET = "bixue", "only for tests"
READY_SECONDS = 30


def installed() -> Path:
    """The folder with the issuer and its packages; installed at the first use."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("node", "node and npm are not there")
    chosen = os.environ.get("LMS_TEST_NODE")
    folder = Path(chosen) if chosen else HERE.parents[2] / "var" / "test-node"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of one run share the folder
        for name in ("package.json", "issuer.js"):
            shutil.copy(HERE / name, folder / name)
        if not (folder / "node_modules" / "oidc-provider").is_dir():
            done = subprocess.run(
                [
                    "npm",
                    "install",
                    "--no-package-lock",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                ],
                cwd=folder,
                capture_output=True,
                text=True,
            )
            if done.returncode != 0:
                missing("node", f"npm install: {done.stderr.strip()[-300:]}")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(people: Mapping[str, Mapping[str, Any]], redirects: Sequence[str]) -> Iterator[str]:
    """Serve an issuer that knows some people; yield its address."""
    folder = installed()
    address = f"http://127.0.0.1:{free_port()}"
    known = {
        "ISSUER": address,
        "PEOPLE": json.dumps(people),
        "REDIRECT_URIS": json.dumps(redirects),
    }
    with (folder / f"issuer-{os.getpid()}.log").open("w+b") as log:
        server = subprocess.Popen(
            ["node", "issuer.js"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **known},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(server, address, Path(log.name))
            yield address
        finally:
            server.terminate()
            server.wait(timeout=10)
    Path(log.name).unlink(missing_ok=True)


def _wait(server: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    missing("node", f"the issuer did not start: {log.read_text(encoding='utf-8')[-500:]}")
