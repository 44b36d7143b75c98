"""Persons, posts, roles and passwords, on both databases."""

from datetime import date, timedelta

import argon2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.transaction import transaction
from lms.people import operations, queries
from lms.people.models import RoleGrant
from lms.people.types import Grant, PostKind, Role
from tests import builders
from tests.builders import NOON, TODAY

PASSWORD = "八个字的密码好记"
HASHED = operations.hash_password(PASSWORD)


def trail(session):
    return [(e.verb, e.subject, e.actor_id) for e in session.scalars(sa.select(Entry).order_by(Entry.id))]  # fmt: skip


# --- persons


def test_a_person_is_added_with_a_line_in_the_trail(session):
    added = operations.add_person(
        session, user_name=" Yang.Mei ", name="杨梅", now=NOON, actor_id=7
    )
    session.flush()
    assert (added.user_name, added.name, added.password_hash) == ("yang.mei", "杨梅", None)
    assert trail(session) == [("people.person_added", f"person:{added.id}", 7)]


@pytest.mark.parametrize("again", ["yang.mei", "YANG.MEI", " yang.mei"])
def test_a_user_name_belongs_to_one(session, again):
    operations.add_person(session, user_name="yang.mei", name="杨梅", now=NOON)
    with pytest.raises(Conflict) as refusal:
        operations.add_person(session, user_name=again, name="杨美", now=NOON)
    assert refusal.value.code == "user_name_taken"


def test_a_short_password_adds_nobody(session):
    with pytest.raises(Invalid) as refusal:
        operations.add_person(
            session, user_name="a", name="甲", now=NOON, password="七个字的密码吧"
        )
    assert (refusal.value.code, refusal.value.where) == ("weak_password", "password")
    assert queries.find_person_by_user_name(session, "a") is None


def test_nobody_is_no_person(session):
    with pytest.raises(NotFound):
        queries.person(session, 987_654_321)


# --- passwords


@pytest.mark.usefixtures("real_hashing")
def test_a_password_is_kept_as_argon2id_with_its_own_salt():
    first, again = (operations.hash_password(PASSWORD) for _ in range(2))
    assert again != first
    parameters = argon2.extract_parameters(first)
    assert parameters.type is argon2.Type.ID
    # OWASP: 19 MiB, 2 passes, or more
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


# --- roles


def principal(session, someone, on=TODAY):
    session.flush()
    return queries.find_principal(session, someone.id, on=on)


def test_a_principal_has_their_grants_and_permissions(session):
    place = builders.organization(session)
    someone = builders.with_role(session, Role.COUNTY_MANAGER, at=place, name="杨梅")
    found = principal(session, someone)
    assert (found.id, found.name, found.session_epoch) == (someone.id, "杨梅", 0)
    assert found.grants == (Grant(Role.COUNTY_MANAGER, place.id),)
    assert found.may("team.view")


def test_a_person_without_a_role_may_sign_in_and_may_nothing(session):
    found = principal(session, builders.person(session))
    assert (found.grants, found.permissions) == ((), frozenset())


def test_a_closed_person_a_merged_one_and_nobody_are_no_principals(session):
    assert principal(session, builders.person(session, closed_at=NOON)) is None
    other = builders.person(session)
    assert principal(session, builders.person(session, merged_into_id=other.id)) is None
    assert queries.find_principal(session, 987_654_321, on=TODAY) is None


@pytest.mark.parametrize(
    ("on", "in_force"),
    [
        (date(2026, 6, 29), True),
        (date(2026, 6, 30), True),  # the last day is included
        (date(2026, 7, 1), False),
    ],
)
def test_a_grant_is_in_force_to_its_last_day(session, on, in_force):
    someone = builders.person(session)
    operations.grant_role(
        session,
        person_id=someone.id,
        role=Role.AUDITOR,
        organization_id=builders.organization(session, kind="province").id,
        now=NOON,
        ends_on=date(2026, 6, 30),
    )
    assert principal(session, someone, on=on).may("audit.view") is in_force


def test_a_principal_costs_one_statement_however_many_grants(session, count_statements):
    someone = builders.person(session)
    for role in Role:
        for _ in range(2):
            place = builders.organization(session)
            builders.added(
                session, RoleGrant(person_id=someone.id, role=role, organization_id=place.id)
            )
    with count_statements() as seen:
        found = queries.find_principal(session, someone.id, on=TODAY)
    assert len(found.grants) == 2 * len(Role)
    assert len(seen) == 1


def grant(session, someone, place, **values):
    operations.grant_role(
        session,
        person_id=someone.id,
        role=Role.COUNTY_MANAGER,
        organization_id=place.id,
        now=NOON,
        **values,
    )
    session.flush()


def test_a_role_given_again_is_one_role(session):
    someone, place = builders.person(session), builders.organization(session, kind="county")
    giver = builders.person(session)
    grant(session, someone, place, actor_id=giver.id)
    grant(session, someone, place, actor_id=giver.id)
    assert len(principal(session, someone).grants) == 1
    assert trail(session) == [("people.role_granted", f"person:{someone.id}", giver.id)]


def test_a_role_that_ended_can_be_given_again(session):
    someone, place = builders.person(session), builders.organization(session, kind="county")
    ended = TODAY - timedelta(days=1)
    grant(session, someone, place, ends_on=TODAY)
    session.scalar(sa.select(RoleGrant)).ends_on = ended
    session.flush()
    assert not principal(session, someone).may("team.view")
    grant(session, someone, place)
    assert principal(session, someone).may("team.view")
    assert [verb for verb, *_ in trail(session)] == ["people.role_granted"] * 2


def test_one_role_may_be_held_at_several_places(session):
    someone = builders.person(session)
    places = [builders.organization(session, kind="county") for _ in range(2)]
    for place in places:
        grant(session, someone, place)
    assert {g.organization_id for g in principal(session, someone).grants} == {p.id for p in places}


# --- posts


@pytest.mark.parametrize(
    ("on", "kinds"),
    [
        (date(2026, 1, 4), set()),
        (date(2026, 1, 5), {PostKind.STATION_WORKER}),  # the first day
        (date(2026, 6, 30), {PostKind.STATION_WORKER, PostKind.VOLUNTEER}),  # the last day
        (date(2026, 7, 1), {PostKind.VOLUNTEER}),
    ],
)
def test_posts_are_held_from_their_first_day_to_their_last(session, on, kinds):
    someone, place = builders.person(session), builders.organization(session)
    for kind, started_on in ((PostKind.STATION_WORKER, date(2026, 1, 5)), (PostKind.VOLUNTEER, date(2026, 6, 1))):  # fmt: skip
        operations.add_post(
            session,
            person_id=someone.id,
            organization_id=place.id,
            kind=kind,
            title="社工",
            started_on=started_on,
        )
    session.execute(
        sa.text("UPDATE post SET ended_on = '2026-06-30' WHERE kind = 'station_worker'")
    )
    assert queries.current_post_kinds(session, someone.id, on=on) == kinds


# --- the lock under which a learner's rows are numbered


def test_locking_costs_nothing_where_writers_queue_anyway(session, count_statements):
    someone = builders.person(session)
    with count_statements() as seen:
        operations.lock_learner(session, someone.id)
    assert len(seen) == (1 if session.get_bind().dialect.name == "postgresql" else 0)


def test_there_is_nobody_to_lock(session):
    if session.get_bind().dialect.name == "sqlite":
        return  # the foreign keys refuse later
    with pytest.raises(NotFound) as refusal:
        operations.lock_learner(session, 987_654_321)
    assert refusal.value.code == "no_person"


def test_two_deeds_of_one_learner_wait_for_each_other_and_nobody_else_does(own_engine):
    if own_engine.dialect.name == "sqlite":
        return  # one writer at a time
    with Session(own_engine) as session, transaction(session):
        one, other = builders.person(session).id, builders.person(session).id
    with Session(own_engine) as first, transaction(first):
        operations.lock_learner(first, one)
        with Session(own_engine) as second:
            second.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            operations.lock_learner(second, other)
            # rows that point to the learner may be written all the same
            builders.added(second, RoleGrant(person_id=one, role="learner", organization_id=builders.organization(second).id))  # fmt: skip
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                operations.lock_learner(second, one)
