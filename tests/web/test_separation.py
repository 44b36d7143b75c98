"""Three duties apart (三员分立): who runs the system, who guards access, who audits both."""

import pytest

from lms.http import access
from lms.http.access import PUBLIC, SIGNED_IN
from lms.people.rules import PERMISSIONS, SEPARATE
from lms.people.types import Role
from tests import builders
from tests.web.routes import POSTED, address, rules_of, writes

OWN = {"audit.export"}
"""What an auditor may post: it takes data out, and writes only the line that says so."""

TRAIL = ("audit_entry", "audit_link", "audit_seal")


def test_nobody_but_auditors_reads_the_trail():
    for permission in ("audit.view", "audit.export"):
        assert PERMISSIONS[permission] == {Role.AUDITOR}


@pytest.mark.parametrize("role", sorted(SEPARATE - {Role.AUDITOR}))
def test_who_runs_or_guards_the_system_cannot_read_the_trail(client, session, sign_in, role):
    sign_in(builders.with_role(session, role))
    pages = [r for r in rules_of(client.application) if str(r).startswith("/audit")]
    assert len(pages) >= 3
    for rule in pages:
        assert client.get(address(client.application, rule)).status_code == 403


def test_an_auditor_holds_no_permission_but_the_trails():
    mine = {name for name, roles in PERMISSIONS.items() if Role.AUDITOR in roles}
    assert mine == {"audit.view", "audit.export"}


def test_an_auditor_can_change_nothing(client, session, sign_in, count_statements):
    """Every POST of the program; only what is open to everybody about themselves is left out."""
    app = client.application
    auditor = builders.with_role(session, Role.AUDITOR)
    changed = []
    for rule in rules_of(app):
        declared = access.declared(app, rule.endpoint)
        if "POST" not in rule.methods or declared in {PUBLIC, SIGNED_IN}:
            continue
        session.refresh(auditor)
        sign_in(auditor)
        with count_statements() as seen:
            answer = client.post(address(app, rule), data=POSTED, buffered=True)
        strange = [s for s in writes(seen) if not any(f" {table} " in s for table in TRAIL)]
        if strange or (answer.status_code != 403 and declared not in OWN):
            changed.append((str(rule), answer.status_code, strange))
    assert changed == []
