"""The marks of views."""

import pytest
from flask import Flask

from lms.http import access
from lms.http.access import PUBLIC, SIGNED_IN, needs, public, signed_in


@pytest.fixture
def app():
    """A bare application with a view of every kind."""
    app = Flask("probe", static_folder=None)
    for name, mark in (("a", public), ("b", signed_in), ("c", needs("team.view"))):
        app.add_url_rule(f"/{name}", name, mark(lambda: "seen"))
    app.add_url_rule("/d", "d", lambda: "seen")
    return app


@pytest.mark.parametrize(
    ("endpoint", "declared"), [("a", PUBLIC), ("b", SIGNED_IN), ("c", "team.view"), ("d", None)]
)
def test_a_view_says_who_may_use_it(app, endpoint, declared):
    assert access.declared(app, endpoint) == declared


def test_a_view_that_says_nothing_is_listed(app):
    assert access.undeclared(app) == ["d"]


def test_a_view_that_says_nothing_lets_nobody_in(app):
    access.register(app)
    client = app.test_client()
    assert client.get("/d").status_code == 403
    assert client.get("/a").status_code == 200


def test_a_mark_leaves_the_view_as_it_is(app):
    assert app.view_functions["c"]() == "seen"


def test_a_view_may_ask_for_the_password_again():
    view = access.needs_fresh(public(lambda: "seen"))
    assert getattr(view, access.FRESH)
