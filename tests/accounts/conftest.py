"""What the tests of accounts share."""

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry


@pytest.fixture
def trail(session):
    """Return the lines of the trail so far: verb, subject, who, facts."""

    def trail():
        session.expire_all()
        return session.scalars(sa.select(Entry).order_by(Entry.id)).all()

    return trail


@pytest.fixture
def verbs(trail):
    return lambda: [entry.verb for entry in trail()]


@pytest.fixture
def enter(client):
    """Sign in through the form, with a password."""

    def enter(user_name, password, *, query="", to=client, **options):
        data = {"user_name": user_name, "password": password}
        return to.post(f"/sign-in{query}", data=data, **options)

    return enter


@pytest.fixture
def setting(app, monkeypatch):
    """Change a setting of the application for one test."""
    return lambda name, value: monkeypatch.setitem(app.config, name, value)
