"""Servers as processes of their own, in a process group of their own, ended by their own handle.

``python -m bench.processes ours|floor PORT`` is what such a process runs.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from bench import cpu
from lms.web import serve

HOST = "127.0.0.1"
WORKERS, THREADS = 2, 2
START_SECONDS, STOP_SECONDS = 60, 10


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    port: int
    workers: tuple[int, ...]
    """The processes that do the work; empty where they cannot be found."""


@contextmanager
def running(
    which: str, *, ready: str, environment: Mapping[str, str], log: Path
) -> Iterator[Server]:
    """Start ``ours`` or the ``floor`` and end it with everything it started.

    :param ready: the path that answers 200 once it is up.
    :raises RuntimeError: it ended by itself or did not answer in time; with its last words.
    """
    port = _free_port()
    with log.open("wb") as words:
        process = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
            [sys.executable, "-m", "bench.processes", which, str(port)],
            env=dict(os.environ) | dict(environment),
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, port, ready, log)
        yield Server(port, tuple(cpu.descendants(process.pid)))
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, ready: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if _answers(port, ready):
            return
        time.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    raise RuntimeError("the server does not answer:\n" + "\n".join(last))


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)  # its group is its own: start_new_session
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def main(which: str, port: int) -> None:
    """Serve until ended. Both under the settings with which ``lms serve`` runs."""
    if which == "ours":
        serve.run(host=HOST, port=port, workers=WORKERS, threads=THREADS, keep_house=lambda: None)
        return
    Granian(
        "bench.floor:create_app",
        factory=True,
        address=HOST,
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
