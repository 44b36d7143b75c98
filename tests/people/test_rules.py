"""What a role may do."""

import pytest

from lms.people.rules import PERMISSIONS, permissions_of, scope_of
from lms.people.types import Grant, Principal, Role


def grants(*pairs):
    return [Grant(role, place) for role, place in pairs]


def test_every_role_may_do_something():
    assert set(Role) == set().union(*PERMISSIONS.values())


def test_every_permission_belongs_to_a_role():
    assert all(PERMISSIONS.values())


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        (Role.LEARNER, {"learning.use"}),
        (Role.INSTRUCTOR, {"teaching.view"}),
        (Role.HR_CHECKER, {"credentials.check"}),
        (Role.COUNTY_MANAGER, {"team.view"}),
        (Role.AUDITOR, {"audit.view"}),
    ],
)
def test_a_role_carries_its_permissions(role, permissions):
    assert permissions <= permissions_of(grants((role, 1)))


def test_only_learners_learn():
    """An administrator who learns has the learner's role as well."""
    for role in set(Role) - {Role.LEARNER}:
        assert "learning.use" not in permissions_of(grants((role, 1)))


def test_only_auditors_read_the_trail():
    """Whoever keeps the accounts does not audit them."""
    assert PERMISSIONS["audit.view"] == {Role.AUDITOR}


def test_no_grants_no_permissions():
    assert permissions_of([]) == frozenset()


def test_permissions_add_up():
    both = grants((Role.LEARNER, 1), (Role.AUDITOR, 2))
    assert permissions_of(both) == permissions_of(both[:1]) | permissions_of(both[1:])


def test_a_permission_holds_where_its_roles_were_given():
    found = grants((Role.COUNTY_MANAGER, 1), (Role.ADMINISTRATOR, 2), (Role.LEARNER, 3))
    assert scope_of(found, "team.view") == {1, 2}
    assert scope_of(found, "learning.use") == {3}
    assert scope_of(found, "audit.view") == frozenset()


def test_a_principal_may_what_its_permissions_say():
    someone = Principal(1, "某", 3, (), frozenset({"team.view"}))
    assert someone.may("team.view")
    assert not someone.may("audit.view")
    assert someone.get_id() == "1.3"
