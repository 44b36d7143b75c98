"""A running demonstration, and a browser in front of it.

The demonstration is built once by ``lms demo`` and served by the real server in a process of its
own. Fixtures live as long as this folder's tests: Playwright cannot run twice at a time in one
process, and other folders have browsers too.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.web.demo import summary
from tests.conftest import missing

CHROMIUM = os.environ.get("LMS_CHROMIUM", "/usr/bin/chromium")
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",
)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PATIENCE = 10_000
"""Milliseconds until something that does not appear is missing."""
READY_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Site:
    """The running demonstration."""

    url: str
    password: str
    codes: Mapping[str, str]
    """Certificate numbers to try: ``valid``, ``expired``, ``revoked``, ``mistyped``."""
    database: sa.Engine


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """One Chromium for the folder."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as fault:
        missing("browser", str(fault))
    if not Path(CHROMIUM).exists():
        missing("browser", f"no {CHROMIUM}; LMS_CHROMIUM says where it is")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served until the last test of the folder; nothing may fail behind it."""
    home = tmp_path_factory.mktemp("demo")
    url = f"http://127.0.0.1:{(port := _free_port())}"
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "lms", "demo", "--port", str(port), "--workers", "1"],
            env=_environment(home),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    engine = sa.create_engine(f"sqlite:///{home / 'demo.sqlite3'}")
    try:
        _wait(server, url, home / "server.log")
        with Session(engine) as session:
            told = summary(session)
        yield Site(url, told.password, told.credentials, engine)
    finally:
        engine.dispose()
        _stop(server)
    assert "Traceback" not in (home / "server.log").read_text(encoding="utf-8")


def _environment(home: Path) -> dict[str, str]:
    ours = {
        "LMS_HOME": str(home),
        "LMS_SIGN_IN_LIMIT": "1000 per minute",  # everybody signs in from one address here
        "PYTHONUNBUFFERED": "1",
    }
    return {k: v for k, v in os.environ.items() if not k.startswith("LMS_")} | ours


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the demonstration did not start:\n{log.read_text(encoding='utf-8')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and its workers, which are a process group of their own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
            server.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


class Windows:
    """Windows that are used again: to make one costs more than most tests do."""

    def __init__(self, browser: Any, site: Site) -> None:
        self.browser, self.site = browser, site
        self.free: dict[bool, list[Any]] = {True: [], False: []}
        """Pages that nobody uses, by whether scripts run in them."""
        self.faults: list[str] = []
        """What scripts have thrown."""
        self.kept: dict[str, list[Any]] = {}
        """What the browser keeps of everybody who has signed in."""

    @contextmanager
    def open(self, user_name: str | None = None, *, scripts: bool = True) -> Iterator[Any]:
        """Lend a page in a window of its own, for a demo account or for a stranger."""
        page = self.free[scripts].pop() if self.free[scripts] else self._make(scripts=scripts)
        context = page.context
        context.clear_cookies()
        if user_name:
            context.add_cookies(self._cookies(context, user_name))
        yield page
        for more in context.pages[1:]:
            more.close()
        page.emulate_media(media="screen")
        self.free[scripts].append(page)

    def _make(self, *, scripts: bool) -> Any:
        context = self.browser.new_context(
            base_url=self.site.url,
            viewport=PHONE,
            locale="zh-CN",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda told: self.faults.append(str(told.error)))
        return context.new_page()

    def _cookies(self, context: Any, user_name: str) -> list[Any]:
        """Sign in once for the folder."""
        if user_name not in self.kept:
            page = context.request.get("/sign-in").text()
            (token,) = set(re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page))
            form = {"csrf_token": token, "user_name": user_name, "password": self.site.password}
            assert context.request.post("/sign-in", form=form).ok
            self.kept[user_name] = context.cookies()
        return self.kept[user_name]


@pytest.fixture(scope="package")
def windows(browser: Any, site: Site) -> Windows:
    return Windows(browser, site)


@pytest.fixture
def enter(windows: Windows) -> Iterator[Callable[..., Any]]:
    """Open a window as a demo account, or as a stranger; no script may fail in it.

    ``enter("learner1", size="large")``: more words are choices that a visitor keeps in cookies.
    """
    with ExitStack() as stack:

        def enter(
            user_name: str | None = None,
            *,
            window: Any = PHONE,
            scripts: bool = True,
            **choices: str,
        ) -> Any:
            page = stack.enter_context(windows.open(user_name, scripts=scripts))
            page.context.add_cookies(
                [{"name": k, "value": v, "url": windows.site.url} for k, v in choices.items()]
            )
            if page.viewport_size != window:
                page.set_viewport_size(window)
            return page

        yield enter
    faults, windows.faults = windows.faults, []
    assert faults == []


@pytest.fixture
def answer_key(enter: Callable[..., Any]) -> Callable[[str], dict[str, str]]:
    """Return the right letters of a lesson's checks by their place on the page: teachers see them."""

    def answer_key(lesson: str) -> dict[str, str]:
        page = enter("instructor")
        page.goto(lesson)
        cards = page.locator("section[id^=check-]").all()
        found = {
            card.get_attribute("id"): re.search(r"正确答案：([A-E]+)", card.inner_text())
            for card in cards
        }
        return {place: match[1] for place, match in found.items() if match}

    return answer_key


def main_of(page: Any, selector: str = "main") -> str:
    """Return what a page says."""
    return page.locator(selector).first.inner_text()
