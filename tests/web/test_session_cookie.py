"""A cookie whose content was read before is still checked, and what it holds is nobody else's."""

import pytest

from lms.people.types import Role
from tests import builders


@pytest.fixture
def ana(session, sign_in):
    person = builders.with_role(session, Role.LEARNER, name="安娜")
    sign_in(person)
    return person


def cookie_of(client):
    return client.get_cookie("bixue").value


def shown_with(client, value):
    """The first page for a browser that sends this cookie."""
    stranger = client.application.test_client(use_cookies=False)
    return stranger.get("/", headers={"Cookie": f"bixue={value}"})


def test_a_cookie_that_was_good_is_refused_with_another_signature(client, ana):
    client.get("/")
    value = cookie_of(client)
    assert shown_with(client, value).status_code == 200
    payload, signature = value.rsplit(".", 1)
    forged = f"{payload}.{signature[::-1]}"
    assert forged != value
    for tampered in (forged, payload, value[:-1]):
        assert shown_with(client, tampered).status_code == 303
    assert shown_with(client, value).status_code == 200


def test_a_cookie_that_was_read_is_refused_when_it_is_too_old(client, ana, monkeypatch):
    client.get("/")
    value = cookie_of(client)
    assert shown_with(client, value).status_code == 200
    monkeypatch.setitem(client.application.config, "PERMANENT_SESSION_LIFETIME", -1)
    assert shown_with(client, value).status_code == 303


def test_a_request_cannot_change_the_session_of_the_next(client, ana):
    client.get("/")
    value = cookie_of(client)
    read = client.application.session_interface.get_signing_serializer(client.application).loads
    first = read(value)
    first["_user_id"] = "1.0"
    first.pop("in_at")
    assert read(value)["_user_id"] == f"{ana.id}.0"
    assert "in_at" in read(value)


def test_what_is_to_be_said_next_is_said_once(client, ana):
    for _again in range(2):
        with client.session_transaction() as session:
            session["_flashes"] = [("message", "只说一次")]
        assert client.get("/").text.count("只说一次") == 1
        assert "只说一次" not in client.get("/").text
