"""Who may give which role, where, for how long; taken back at once."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from lms.organizations.types import OrganizationKind
from lms.people import operations, queries
from lms.people.models import RoleGrant
from lms.people.rules import (
    GRANTABLE,
    LEVELS,
    SEPARATE,
    TIMED,
    Wanted,
    check_granter,
    check_wanted,
    grantable_roles,
    may_grant,
)
from lms.people.types import Actor, Grant, Role
from tests import builders
from tests.builders import NOON, TODAY

KIND = OrganizationKind
YESTERDAY, LATER = TODAY - timedelta(days=1), TODAY + timedelta(days=90)


def wanted(role, kind=KIND.PROVINCE, starts_on=None, ends_on=None):
    return Wanted(role, kind, frozenset({1}), starts_on, ends_on)


@pytest.mark.parametrize(
    ("giver", "role", "may"),
    [
        (Role.SECURITY_OFFICER, Role.PROVINCE_MANAGER, True),
        (Role.SECURITY_OFFICER, Role.SECURITY_OFFICER, True),  # to others: nobody to themselves
        (Role.PROVINCE_MANAGER, Role.PREFECTURE_MANAGER, True),
        (Role.PROVINCE_MANAGER, Role.PROVINCE_MANAGER, False),  # strictly below
        (Role.PREFECTURE_MANAGER, Role.COUNTY_MANAGER, True),
        (Role.PREFECTURE_MANAGER, Role.PREFECTURE_MANAGER, False),
        (Role.COUNTY_MANAGER, Role.STATION_MANAGER, True),
        (Role.COUNTY_MANAGER, Role.LEARNER, True),
        (Role.COUNTY_MANAGER, Role.COUNTY_MANAGER, False),
        (Role.COUNTY_MANAGER, Role.ADMINISTRATOR, False),
        (Role.COUNTY_MANAGER, Role.EVALUATOR, False),
        (Role.STATION_MANAGER, Role.LEARNER, False),
        (Role.ADMINISTRATOR, Role.LEARNER, False),  # runs the system, guards no access
        (Role.AUDITOR, Role.LEARNER, False),
    ],
)
def test_the_table_says_who_gives_what(giver, role, may):
    assert may_grant([Grant(giver, 1)], role, {1}) is may


def test_outside_the_subtree_nothing_is_given():
    assert may_grant([Grant(Role.COUNTY_MANAGER, 5)], Role.LEARNER, {1, 2, 3}) is False


@pytest.mark.parametrize("giver", sorted(set(GRANTABLE) - {Role.SECURITY_OFFICER}))
def test_no_manager_makes_their_equal(giver):
    assert giver not in GRANTABLE[giver]
    assert not GRANTABLE[giver] & SEPARATE


@given(st.sampled_from(sorted(Role)), st.sampled_from(sorted(Role)))
def test_nobody_gives_to_themselves(giver, role):
    with pytest.raises(NotAllowed) as refusal:
        check_granter([Grant(giver, 1)], actor_id=7, person_id=7, role=role, path={1})
    assert refusal.value.code == "own_roles"


@pytest.mark.parametrize("role", sorted(LEVELS))
@pytest.mark.parametrize("kind", sorted(OrganizationKind))
def test_a_role_stands_at_its_level(role, kind):
    if kind in LEVELS[role]:
        check_wanted(wanted(role, kind), held=(), on=TODAY)
        return
    with pytest.raises(Invalid) as refusal:
        check_wanted(wanted(role, kind), held=(), on=TODAY)
    assert (refusal.value.code, refusal.value.where) == ("wrong_level", "organization_id")


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "code"),
    [
        (None, None, "needs_end"),
        (None, YESTERDAY, "ends_before_start"),
        (LATER, LATER - timedelta(days=1), "ends_before_start"),
        (None, TODAY + timedelta(days=367), "too_long"),
        (LATER, LATER + timedelta(days=367), "too_long"),
        (None, TODAY, None),  # one day
        (None, TODAY + timedelta(days=366), None),
        (LATER, LATER + timedelta(days=366), None),
    ],
)
def test_an_evaluator_ends_within_a_year(starts_on, ends_on, code):
    assert {Role.EVALUATOR} == TIMED
    asked = wanted(Role.EVALUATOR, starts_on=starts_on, ends_on=ends_on)
    try:
        check_wanted(asked, held=(), on=TODAY)
    except Invalid as refusal:
        assert refusal.code == code
    else:
        assert code is None


@pytest.mark.parametrize("held", sorted(Role))
@pytest.mark.parametrize("role", sorted(SEPARATE))
def test_duties_are_separate(role, held):
    if held in SEPARATE - {role}:
        with pytest.raises(Conflict) as refusal:
            check_wanted(wanted(role), held={held}, on=TODAY)
        assert refusal.value.code == "separate_duties"
    else:
        check_wanted(wanted(role), held={held}, on=TODAY)


def test_who_may_give_something_is_offered_exactly_that():
    offered = grantable_roles([Grant(Role.COUNTY_MANAGER, 1)])
    assert set(offered) == GRANTABLE[Role.COUNTY_MANAGER]
    assert grantable_roles([Grant(Role.ADMINISTRATOR, 1)]) == []


# --- operations


@pytest.fixture
def province(session):
    return builders.organization(session, kind="province")


@pytest.fixture
def county(session, province):
    return builders.organization(session, province, kind="county")


def acting(person, role, place):
    return Actor(person.id, (Grant(role, place.id),))


@pytest.fixture
def officer(session, province):
    return acting(
        builders.with_role(session, Role.SECURITY_OFFICER, at=province),
        Role.SECURITY_OFFICER,
        province,
    )


def give(session, person, role, place, actor, **values):
    operations.grant_role(
        session, person_id=person.id, role=role, organization_id=place.id, actor=actor, now=NOON, **values
    )  # fmt: skip


def roles_on(session, person, on=TODAY):
    found = queries.find_principal(session, person.id, on=on)
    return {grant.role for grant in found.grants}


def grant_of(session, person):
    return session.scalar(sa.select(RoleGrant).where(RoleGrant.person_id == person.id))


def test_a_manager_gives_inside_their_subtree_and_the_trail_says_so(session, county):
    station = builders.organization(session, county)
    manager = builders.with_role(session, Role.COUNTY_MANAGER, at=county)
    someone = builders.person(session)
    actor = acting(manager, Role.COUNTY_MANAGER, county)
    give(session, someone, Role.STATION_MANAGER, station, actor)
    assert grant_of(session, someone).granted_by == manager.id
    assert roles_on(session, someone) == {Role.STATION_MANAGER}
    line = session.scalar(sa.select(Entry).where(Entry.verb == "people.role_granted"))
    assert (line.actor_id, line.facts["role"]) == (manager.id, "station_manager")


@pytest.mark.parametrize("role", [Role.COUNTY_MANAGER, Role.SECURITY_OFFICER, Role.AUDITOR])
def test_a_forged_role_is_refused(session, county, role):
    manager = builders.with_role(session, Role.COUNTY_MANAGER, at=county)
    with pytest.raises(NotAllowed):
        give(session, builders.person(session), role, county, acting(manager, Role.COUNTY_MANAGER, county))  # fmt: skip


def test_another_county_is_refused(session, province, county):
    other = builders.organization(session, province, kind="county")
    manager = builders.with_role(session, Role.COUNTY_MANAGER, at=county)
    with pytest.raises(NotAllowed):
        give(session, builders.person(session), Role.LEARNER, other, acting(manager, Role.COUNTY_MANAGER, county))  # fmt: skip


@pytest.mark.parametrize("values", [{"closed_at": NOON}, {"merged_into_id": "other"}])
def test_who_is_gone_gets_nothing(session, province, officer, values):
    if "merged_into_id" in values:
        values = {"merged_into_id": builders.person(session).id}
    with pytest.raises(NotFound):
        give(session, builders.person(session, **values), Role.LEARNER, province, officer)


def test_a_role_begins_on_its_day(session, province, officer):
    someone = builders.person(session)
    give(session, someone, Role.HR_CHECKER, province, officer, starts_on=LATER)
    assert roles_on(session, someone) == set()
    assert roles_on(session, someone, on=LATER) == {Role.HR_CHECKER}


def test_a_role_taken_back_ends_at_once(session, province, officer):
    someone = builders.with_role(session, Role.HR_CHECKER, at=province)
    known = grant_of(session, someone)
    for _ in range(2):  # the second time changes nothing
        operations.revoke_role(session, person_id=someone.id, grant_id=known.id, actor=officer, now=NOON)  # fmt: skip
    assert roles_on(session, someone) == set()
    assert known.ends_on == YESTERDAY
    verbs = session.scalars(sa.select(Entry.verb)).all()
    assert verbs == ["people.role_revoked"]


def test_a_role_that_has_not_begun_is_taken_out(session, province, officer):
    someone = builders.person(session)
    give(session, someone, Role.HR_CHECKER, province, officer, starts_on=TODAY)
    operations.revoke_role(
        session, person_id=someone.id, grant_id=grant_of(session, someone).id, actor=officer, now=NOON
    )  # fmt: skip
    assert grant_of(session, someone) is None


def test_the_last_security_officer_stays(session, province, officer):
    admin = acting(builders.person(session), Role.SECURITY_OFFICER, province)
    known = session.scalar(sa.select(RoleGrant).where(RoleGrant.person_id == officer.id))
    with pytest.raises(Conflict) as refusal:
        operations.revoke_role(session, person_id=officer.id, grant_id=known.id, actor=admin, now=NOON)  # fmt: skip
    assert refusal.value.code == "last_security_officer"
    # nor is one that has not begun, or is over, or gone, another
    for values in ({"starts_on": LATER}, {"ends_on": YESTERDAY}):
        other = builders.person(session)
        builders.added(session, RoleGrant(person_id=other.id, role=Role.SECURITY_OFFICER, organization_id=province.id, **values))  # fmt: skip
    builders.with_role(session, Role.SECURITY_OFFICER, at=province, closed_at=NOON)
    with pytest.raises(Conflict):
        operations.revoke_role(session, person_id=officer.id, grant_id=known.id, actor=admin, now=NOON)  # fmt: skip
    builders.with_role(session, Role.SECURITY_OFFICER, at=province)
    operations.revoke_role(session, person_id=officer.id, grant_id=known.id, actor=admin, now=NOON)


def test_nobody_takes_their_own(session, province, officer):
    known = session.scalar(sa.select(RoleGrant).where(RoleGrant.person_id == officer.id))
    with pytest.raises(NotAllowed):
        operations.revoke_role(session, person_id=officer.id, grant_id=known.id, actor=officer, now=NOON)  # fmt: skip


def test_a_grant_of_somebody_else_is_none(session, province, officer):
    someone, other = (builders.with_role(session, Role.LEARNER, at=province) for _ in range(2))
    with pytest.raises(NotFound):
        operations.revoke_role(
            session, person_id=someone.id, grant_id=grant_of(session, other).id, actor=officer, now=NOON
        )  # fmt: skip


def test_two_duties_given_at_once_are_one(own_engine):
    """Two officers give one person two duties in the same moment: one of them is refused."""
    import threading

    from sqlalchemy.orm import Session

    from lms.kernel.transaction import transaction

    with Session(own_engine) as session, transaction(session):
        province = builders.organization(session, kind="province").id
        someone = builders.person(session).id
    refused = []

    def deed(role):
        with Session(own_engine) as session:
            try:
                with transaction(session):
                    operations.grant_role(session, person_id=someone, role=role, organization_id=province, now=NOON)  # fmt: skip
            except DomainError as refusal:
                refused.append(refusal.code)

    threads = [threading.Thread(target=deed, args=[r]) for r in (Role.AUDITOR, Role.ADMINISTRATOR)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["separate_duties"]


def test_a_merged_person_is_nobody(session):
    survivor = builders.person(session)
    merged = builders.person(session, merged_into_id=survivor.id)
    assert queries.find_principal(session, merged.id, on=date(2026, 3, 2)) is None
