"""The demonstration as the measurement sees it: who is there, what they may ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from flask import Flask, session, url_for
from flask_login import login_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bench import floor
from bench.wire import AGENT, Prepared
from lms.http.extensions import db
from lms.kernel.clock import day_of, utc_now
from lms.people import queries as people


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in, as their browser knows it."""

    person_id: int
    cookie: str
    csrf_token: str
    secret: str
    """What the token is signed from."""
    epoch: int


@dataclass(slots=True)
class World:
    """A filled database with the application on it, inside this process."""

    app: Flask
    engine: Engine
    bare: Flask
    """The floor, for its cookies."""
    signed: dict[int, Signed] = field(default_factory=dict)
    bare_cookies: dict[str, str] = field(default_factory=dict)
    """Our cookie -> the floor's cookie of the same person."""

    def sign_in(self, person_id: int) -> Signed:
        """Return a session of somebody, made as signing in makes it but without the password."""
        if person_id not in self.signed:
            who = self.signed[person_id] = self._sign_in(person_id)
            self.bare_cookies[who.cookie] = floor.cookie(
                self.bare, person_id, epoch=who.epoch, token=who.secret
            )
        return self.signed[person_id]

    def of_the_floor(self, request: Prepared) -> Prepared:
        """Return what asks the floor for the same, as the same person."""
        headers = [
            (name, self.bare_cookies[value] if name == "Cookie" else value)
            for name, value in request.headers
        ]
        return replace(request, headers=tuple(headers))

    def _sign_in(self, person_id: int) -> Signed:
        app = self.app
        with self._request():
            principal = people.find_principal(db.session(), person_id, on=day_of(utc_now()))
            login_user(principal)
            session.permanent = True
            session["in_at"], session["factor"] = int(utc_now().timestamp()), "totp"
            token = generate_csrf()
            # the note of when it was sent that a cookie has: else it would be sent with every page
            app.session_interface.should_set_cookie(app, session)
            serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # the cookie one has it
            value, secret = serializer.dumps(dict(session)), session["csrf_token"]
        cookie = f"{app.config['SESSION_COOKIE_NAME']}={value}"
        return Signed(person_id, cookie, token, secret, principal.session_epoch)

    def url(self, endpoint: str, **values: Any) -> str:
        """Return the path of a page."""
        with self._request():
            return url_for(endpoint, **values)

    @contextmanager
    def _request(self) -> Iterator[None]:
        # Flask-Login ties a session to the browser and the address that signed in
        with self.app.test_request_context(
            headers={"User-Agent": AGENT}, environ_base={"REMOTE_ADDR": "127.0.0.1"}
        ):
            yield

    def rows(self, statement: sa.Executable) -> list[Any]:
        """Return all rows of a query."""
        with Session(self.engine) as unit:
            return list(unit.execute(statement).all())

    def count_statements(self, request: Prepared) -> int:
        """Return how many statements a request sends to the database, done once before."""
        seen: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
                seen.append(statement)

        with self.app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            self.ask(request)
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    def ask(self, request: Prepared) -> int:
        """Do a request inside this process and return its status."""
        answer = self.app.test_client(use_cookies=False).open(
            request.path,
            method=request.method,
            headers=request.all_headers(),
            data=request.body or None,
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )
        return answer.status_code
