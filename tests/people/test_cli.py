"""The commands with which an empty installation gets its first people."""

import pytest

from lms.http.unit_of_work import VAULT
from lms.kernel import hashing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.vault import Vault, read_keys
from lms.people import operations, queries
from lms.people.models import Phone
from lms.people.types import PersonChange, Role
from tests import builders


@pytest.fixture
def run(app, client):
    """Run a command of the application on the test's database."""

    def run(*words: str):
        return app.test_cli_runner().invoke(args=[*words])

    return run


def add(run, *more, user_name="first", at="520000"):
    return run(
        "people", "add", user_name, "--name", "王一", "--role", "administrator", "--at", at,
        "--password", "correct horse", *more,
    )  # fmt: skip


@pytest.fixture
def province(session):
    return builders.organization(
        session, kind="province", code="520000", code_system="GB/T 2260", name="贵州省"
    )


def test_a_person_is_added_with_a_role_a_post_and_a_password(run, session, province):
    done = add(run, "--post", "staff", "--title", "管理员")
    assert done.exit_code == 0, done.output
    person = queries.find_person_by_user_name(session, "first")
    assert hashing.matches(person.password_hash, "correct horse")
    principal = queries.find_principal(session, person.id, on=builders.TODAY)
    assert [(grant.role, grant.organization_id) for grant in principal.grants] == [
        (Role.ADMINISTRATOR, province.id)
    ]


def test_a_second_role_can_be_granted(run, session, province):
    add(run)
    done = run("people", "grant", "FIRST", "hr_checker", "--at", "520000")
    assert done.exit_code == 0, done.output
    person = queries.find_person_by_user_name(session, "first")
    principal = queries.find_principal(session, person.id, on=builders.TODAY)
    assert {grant.role for grant in principal.grants} == {Role.ADMINISTRATOR, Role.HR_CHECKER}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"at": "999999"}, "no_organization"),
        ({"user_name": "first"}, "user_name_taken"),
    ],
)
def test_a_refusal_adds_nobody(run, session, province, more, code):
    add(run)
    done = add(run, **({"user_name": "second"} | more))
    assert done.exception.code == code
    assert queries.find_person_by_user_name(session, "second") is None


def add_learner(run, user_name, *more):
    return run(
        "people", "add", user_name, "--name", "王一", "--role", "learner", "--post",
        "station_worker", "--at", "520000", "--password", "correct horse", *more,
    )  # fmt: skip


def test_a_role_is_taken_back(run, session, province):
    add_learner(run, "first")
    done = run("people", "revoke", "first", "learner", "--at", "520000")
    assert done.exit_code == 0, done.output
    person = queries.find_person_by_user_name(session, "first")
    session.expire_all()
    assert queries.roles_of(session, person.id) == () or queries.roles_of(session, person.id)[0].is_over(day_of(utc_now()))  # fmt: skip
    again = run("people", "revoke", "first", "hr_checker", "--at", "520000")
    assert again.exception.code == "no_grant"


def test_the_last_security_officer_is_told(run, province):
    run(
        "people", "add", "officer", "--name", "王安", "--role", "security_officer", "--at",
        "520000", "--password", "correct horse",
    )  # fmt: skip
    done = run("people", "revoke", "officer", "security_officer", "--at", "520000")
    assert done.exception.code == "last_security_officer"


def test_a_file_is_shown_and_found_with_masked_numbers(run, app, session, vault, province):
    add_learner(run, "first")
    person = queries.find_person_by_user_name(session, "first")
    change = PersonChange(person.id, phone="13900001111")
    operations.update_many(session, [change], vault=vault, actor_id=None, now=builders.NOON)
    session.flush()
    shown = run("people", "show", "first").output
    assert "139****1111" in shown and "station_worker" in shown and "13900001111" not in shown
    assert "first" in run("people", "find", "--name", "王").output
    asked = app.test_cli_runner().invoke(args=["people", "find", "--phone"], input="13900001111\n")
    assert "first" in asked.output and "13900001111" not in asked.output
    assert run("people", "find", "--name", "没有").exception.code == "no_person"


def test_duplicates_are_merged_and_unmerged(run, session, province):
    for user_name in ("first", "second"):
        add_learner(run, user_name)
    done = run("people", "merge", "first", "second", "--reason", "重复登记")
    assert done.exit_code == 0, done.output
    number = done.output.split()[1].rstrip(":")
    assert f"merge {number}" in run("people", "show", "first").output
    assert "-> first" in run("people", "show", "second").output
    assert run("people", "unmerge", number).exit_code == 0
    session.expire_all()
    assert queries.find_person_by_user_name(session, "second").merged_into_id is None


def test_keys_are_rotated(run, app, session, vault, province):
    add_learner(run, "first")
    person = queries.find_person_by_user_name(session, "first")
    change = PersonChange(person.id, phone="13900001111")
    operations.update_many(session, [change], vault=vault, actor_id=None, now=builders.NOON)
    session.flush()
    fresh = run("people", "new-key", "--name", "k2").output.strip()
    newer = Vault((*read_keys(fresh), *vault.keys), vault.digest_key)
    kept = app.extensions[VAULT]
    app.extensions[VAULT] = newer
    try:
        first, again = run("people", "rotate-keys"), run("people", "rotate-keys")
    finally:
        app.extensions[VAULT] = kept
    assert "1 numbers sealed with k2" in first.output, first.output
    assert "0 numbers" in again.output
    session.expire_all()
    assert session.get(Phone, person.id).sealed.startswith("k2:")
