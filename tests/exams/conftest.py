"""A browser in front of a running application with one learner, for the tests that need it."""

import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from lms.http.extensions import db
from lms.kernel.transaction import transaction
from lms.web import create_app
from tests import builders, conftest
from tests.exams import builders as exams
from tests.exams.sites import PHONE, sign_in, start

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


@pytest.fixture(scope="module")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as fault:
        conftest.missing("browser", str(fault))
    if not Path(CHROMIUM).exists():
        conftest.missing("browser", CHROMIUM)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def prepared(databases, tmp_path_factory):
    """A database with the shipped bank and one learner, to be copied; and who the learner is."""
    with databases.own("sqlite", tmp_path_factory.mktemp("site"), migrated=True) as engine:
        with Session(engine) as session, transaction(session):
            exams.shipped_bank(session)
            learner = builders.learner(session, user_name="wang")
            prepared = learner.id, learner.session_epoch
        engine.dispose()  # what is copied is whole
        yield engine.url.database, *prepared


@pytest.fixture
def site(prepared, tmp_path):
    """A running application on a database of its own, with CSRF and all."""
    path, learner_id, epoch = prepared
    copy = shutil.copyfile(path, tmp_path / "site.sqlite3")
    app = create_app({"SECRET_KEY": "browser", "DATABASE_URL": f"sqlite:///{copy}"})
    with app.app_context():
        engine = db.engine
    app.learner_id, app.user = learner_id, f"{learner_id}.{epoch}"
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    app.engine, app.url = engine, f"http://127.0.0.1:{server.port}"
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
    engine.dispose()


class Window:
    """A window that is used again: to make one costs more than most tests do."""

    def __init__(self, browser):
        self.context = browser.new_context(**PHONE)
        self.faults = []
        """What scripts have thrown."""
        self.context.on("weberror", lambda error: self.faults.append(str(error.error)))

    @contextmanager
    def lent(self):
        """Lend it as if it were new: nobody is signed in, nothing is kept, no script may fail."""
        yield self.context
        self.context.set_offline(False)
        for page in self.context.pages[1:]:
            page.close()
        for page in self.context.pages:
            page.unroute_all()
            page.goto("about:blank")
            page.set_viewport_size(PHONE["viewport"])
        self.context.clear_cookies()
        faults, self.faults = self.faults, []
        assert faults == []


@pytest.fixture(scope="module")
def window(browser):
    return Window(browser)


@pytest.fixture
def context(window):
    """A window on a phone. What pages keep is kept by origin, and every site has its own port."""
    with window.lent() as lent:
        yield lent


@pytest.fixture
def another(browser):
    """A window of the test's own, which can be spoilt."""
    spoilt = Window(browser)
    with spoilt.lent() as lent:
        yield lent
    spoilt.context.close()


@pytest.fixture
def page(site, context):
    """The first page of an open paper of 80 questions, on a phone."""
    start(site)
    opened = sign_in(site, context)
    opened.goto(f"{site.url}/attempts/1")
    return opened
