"""The commands with which an empty installation gets its first people."""

import pytest

from lms.people import queries
from lms.people.operations import check_password
from lms.people.types import Role
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
    person_id = check_password(session, user_name="first", password="correct horse")
    principal = queries.find_principal(session, person_id, on=builders.TODAY)
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


def test_a_new_password_ends_the_sessions(run, session, province):
    add(run)
    before = queries.find_person_by_user_name(session, "first").session_epoch
    done = run("people", "password", "first", "--password", "another horse")
    assert done.exit_code == 0, done.output
    session.expire_all()
    after = queries.find_person_by_user_name(session, "first")
    assert after.session_epoch == before + 1
    assert check_password(session, user_name="first", password="another horse") == after.id


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
