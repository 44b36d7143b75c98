"""A server that dies in the middle: the real application over HTTP, killed at a chosen step.

``python -m tests.exams.mortal DATABASE_URL`` loads the application once. Each line it reads is the
number of a step; it forks a server that kills itself (SIGKILL, nothing is cleaned up) at that step
of the first request, and answers with the server's process id and port. A step is every statement
sent to the database, and the moments before and after each commit. 0 lives until it is killed. When
nothing is left to read, its whole process group ends: start it in a group of its own.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from werkzeug.serving import make_server

from lms.http.extensions import db
from lms.web import create_app

CONFIG: dict[str, Any] = {
    "SECRET_KEY": "only for tests",
    "DIGEST_KEY": "only for tests",
    "WTF_CSRF_ENABLED": False,
    "RATELIMIT_ENABLED": False,
    "JOBS_URL": "memory://",
}


def dying(nth: int) -> Callable[[], None]:
    """Return what counts steps and ends this process at the n-th."""
    seen = 0

    def step() -> None:
        nonlocal seen
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def arm(engine: Engine, step: Callable[[], None]) -> None:
    """Take a step at every statement, and before and after every commit."""
    sa.event.listen(engine, "before_cursor_execute", lambda *_about: step())
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        step()
        commit(connection)
        step()

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]  # only in this process


def serve(app: Flask, nth: int, port_to: int) -> None:
    """Answer requests until killed."""
    with app.app_context():
        db.engine.dispose(close=False)
        arm(db.engine, dying(nth))
    server = make_server("127.0.0.1", 0, app)
    os.write(port_to, f"{server.port}\n".encode())
    server.serve_forever()


def cookie(app: Flask, user: str) -> str:
    """Return the cookie of somebody who signed in just now."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    now = int(time.time())
    signed = serializer.dumps(
        {"_user_id": user, "_fresh": True, "in_at": now, "fresh_at": now, "factor": "totp"}
    )
    return f"{app.config['SESSION_COOKIE_NAME']}={signed}"


def tell(words: str) -> None:
    """Write a line for whoever started this."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(url: str, keys: str, user: str) -> None:
    """Fork a server for each line that is read."""
    app = create_app({**CONFIG, "DATA_KEYS": keys, "DATABASE_URL": url})
    tell(cookie(app, user))
    for line in sys.stdin:
        port_from, port_to = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(0)
            os.dup2(2, 1)
            serve(app, int(line), port_to)
        os.close(port_to)
        with os.fdopen(port_from) as told:
            tell(f"{child} {told.readline().strip()}")
    os.killpg(0, signal.SIGKILL)  # the servers that outlived their step, and this process


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    main(*sys.argv[1:])
