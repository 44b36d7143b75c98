"""Who may use what: every route of the application by every role, nobody included."""

import re

import pytest

from lms.http import access
from lms.http.access import PUBLIC, SIGNED_IN
from lms.people.rules import PERMISSIONS
from lms.people.types import Role
from tests import builders
from tests.web.builders import with_every_role
from tests.web.routes import POSTED, address, methods, rules_of, writes


def is_sign_in(answer) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")


def send(client, method, path):
    """Send one request; a traceback is a 500."""
    data = POSTED if method == "POST" else None
    try:
        # buffered: a static file is read and closed
        return client.open(path, method=method, data=data, buffered=True)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is told as a failure
        return repr(fault)


def test_every_route_says_who_may_use_it(app):
    assert access.undeclared(app) == []


def test_every_permission_that_a_route_needs_exists(app):
    asked = {access.declared(app, rule.endpoint) for rule in rules_of(app)}
    assert asked - {PUBLIC, SIGNED_IN} <= set(PERMISSIONS)


def test_every_permission_is_needed_somewhere(app):
    """A permission that no route asks for promises something that is not there."""
    asked = {access.declared(app, rule.endpoint) for rule in rules_of(app)}
    assert set(PERMISSIONS) <= asked


def test_what_strangers_may_send_is_listed_here(app):
    public_posts = {
        rule.endpoint
        for rule in rules_of(app)
        if "POST" in rule.methods and access.declared(app, rule.endpoint) == PUBLIC
    }
    assert public_posts <= {
        "face.preferences",
        "sign_in.sign_in",
        "sign_in.sign_out",
        "sign_in.check_code",
        "sign_in.lost",
        "sign_in.set_password",  # whoever holds the slip
        "sign_in.sso_accept",  # whom an issuer has just named in this session
        "credentials.verify_name",  # a person at the counter asks whether a name is right
    }


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "without a role")
def test_a_role_may_what_its_permissions_say(client, session, sign_in, count_statements, role):
    app = client.application
    person = builders.with_role(session, role) if role else builders.person(session)
    wrong, signed_in = [], False
    for rule in rules_of(app):
        declared = access.declared(app, rule.endpoint)
        may = declared in {PUBLIC, SIGNED_IN} or role in PERMISSIONS[declared]
        for method in methods(rule):
            if not signed_in:
                session.refresh(person)  # signing out everywhere ends the session
                sign_in(person)
            signed_in = not may  # who was let in may have signed out
            path = address(app, rule)
            with count_statements() as seen:
                answer = send(client, method, path)
            where = f"{method} {path} ({declared})"
            if (method == "GET" or not may) and writes(seen):
                wrong.append(f"{where}: writes {writes(seen)}")
            if isinstance(answer, str):
                wrong.append(f"{where}: {answer}")
            elif not may and answer.status_code != 403:
                wrong.append(f"{where}: let in, {answer.status_code}")
            elif may and (answer.status_code == 403 or answer.status_code >= 500):
                wrong.append(f"{where}: {answer.status_code}")
            elif may and is_sign_in(answer) and not rule.endpoint.startswith("sign_in."):
                wrong.append(f"{where}: sent to sign in")
    assert wrong == []


def test_nobody_may_what_is_public(app, client):
    wrong = []
    for rule in rules_of(app):
        declared = access.declared(app, rule.endpoint)
        for method in methods(rule):
            path = address(app, rule)
            answer = send(client, method, path)
            where = f"{method} {path} ({declared})"
            if isinstance(answer, str):
                wrong.append(f"{where}: {answer}")
            elif declared != PUBLIC and path.startswith("/api/"):
                if answer.status_code != 401:
                    wrong.append(f"{where}: {answer.status_code}")
            elif declared != PUBLIC:
                if not is_sign_in(answer):
                    wrong.append(f"{where}: {answer.status_code}")
            elif answer.status_code >= 500:
                wrong.append(f"{where}: {answer.status_code}")
            elif is_sign_in(answer) and not rule.endpoint.startswith("sign_in."):
                wrong.append(f"{where}: sent to sign in")
    assert wrong == []


def test_strange_addresses_are_not_found_and_break_nothing(client, session, sign_in):
    sign_in(with_every_role(session))
    strange = ["0", "-1", str(2**31), str(2**63 - 1), str(2**63), "9" * 40, "%00", "%ff", "x" * 300, "..", "'--", "\u0661"]  # fmt: skip
    wrong = []
    for rule in rules_of(client.application):
        if not rule.arguments or "GET" not in rule.methods:
            continue
        for value in strange:
            path = re.sub("<[^>]+>", value, str(rule))
            answer = send(client, "GET", path)
            if isinstance(answer, str) or answer.status_code >= 500:
                wrong.append(f"{path}: {answer if isinstance(answer, str) else answer.status_code}")
    assert wrong == []
