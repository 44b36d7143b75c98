"""Duplicates merged and taken apart again, with everything that hangs on them."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.audit.models import Entry
from lms.credentials import queries as credentials
from lms.exams.queries import refuse_open_attempt
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.people import operations, queries
from lms.people.models import (
    ClassMember,
    FormerName,
    IdentityDocument,
    Person,
    PersonMerge,
    Phone,
    Post,
    RoleGrant,
)
from lms.people.rules import open_phone
from lms.people.types import (
    Actor,
    ClassKind,
    DocumentKind,
    Education,
    Grant,
    PersonRow,
    PostKind,
    PostRow,
    Role,
)
from lms.records import operations as records
from lms.records.queries import facts_of
from lms.records.types import RecordKind, in_force
from lms.requirements import operations as requirements
from lms.requirements.models import Progress
from tests import builders
from tests.builders import NOON, TODAY

ABOVE = operations.Above(refuse_open_attempt, records.carry_over, records.retract)
RESIDENT = DocumentKind.RESIDENT_ID
ID_1, ID_2 = "522301199001011236", "522301199202023452"
PHONE = "13900001111"


@pytest.fixture
def place(session):
    return builders.organization(session)


def add(session, vault, place, name="杨梅", kind=PostKind.STATION_WORKER, **values):
    row = PersonRow(
        name,
        posts=(PostRow(place.id, kind, "社工", date(2025, 1, 1)),),
        roles=(Grant(Role.LEARNER, place.id),),
        **values,
    )
    return operations.add_many(session, [row], vault=vault, actor_id=None, now=NOON)[0]


def merge(session, vault, survivor, duplicate, **values):
    values = {"reason": "重复登记", "actor": None, "above": ABOVE} | values
    return operations.merge(
        session, survivor_id=survivor, duplicate_id=duplicate, vault=vault, now=NOON, **values
    )


def undo(session, vault, merge_id, **values):
    values = {"actor": None, "above": ABOVE} | values
    operations.undo_merge(session, merge_id=merge_id, vault=vault, now=NOON, **values)


def record(session, learner_id, key="course_completed:basics", **values):
    values = {
        "kind": RecordKind.COURSE_COMPLETED,
        "subject": "course:basics",
        "on": TODAY,
        "now": NOON,
    } | values
    return records.append(session, learner_id=learner_id, dedupe_key=key, **values)


def counted(session, learner_id):
    """What counts for a learner, whatever number it has."""
    return sorted(
        (f.kind, f.subject, f.on, f.quantity or 0, f.unit)
        for f in in_force(facts_of(session, learner_id))
    )


def state(session, *people):
    """Everything about some people that a merge may touch, but not revisions and epochs."""
    session.flush()
    session.expire_all()
    rows = {
        model.__tablename__: sorted(
            (
                tuple(
                    getattr(row, column.key)
                    for column in sa.inspect(model).column_attrs
                    if column.key not in {"sealed", "revision", "session_epoch"}
                )
                for row in session.scalars(
                    sa.select(model).where(
                        (model.id if model is Person else model.person_id).in_(people)
                    )
                )
            ),
            key=repr,
        )
        for model in (Person, Phone, IdentityDocument, Post, ClassMember, RoleGrant, FormerName)
    }
    return rows | {"facts": [counted(session, one) for one in people]}


# --- what is carried


def test_posts_roles_names_and_numbers_go_to_the_survivor(session, vault, place):
    other = builders.organization(session)
    one = add(session, vault, place)
    two = add(session, vault, other, name="杨美", phone=PHONE, documents={RESIDENT: ID_1}, education=Education.MASTER)  # fmt: skip
    merge(session, vault, one, two)
    found = queries.snapshots(session, [one, two])
    assert {p.organization_id for p in found[one].posts} == {place.id, other.id}
    assert found[two].posts == ()
    assert Grant(Role.LEARNER, other.id) in found[one].grants
    assert found[one].education is Education.MASTER
    assert found[one].phone_digest and not found[two].phone_digest
    assert open_phone(vault, one, session.get(Phone, one).sealed) == PHONE
    assert [n.name for n in session.scalars(sa.select(FormerName).where(FormerName.person_id == one))] == ["杨美"]  # fmt: skip


def test_a_duplicate_cannot_sign_in_and_its_numbers_find_the_survivor(session, vault, place):
    one = add(session, vault, place, phone="13900002222")
    two = add(session, vault, place, phone=PHONE, documents={RESIDENT: ID_1})
    merge(session, vault, one, two)
    assert queries.find_principal(session, two, on=TODAY) is None
    assert queries.find_by_phone(session, PHONE, vault=vault) == one
    assert queries.find_by_document(session, RESIDENT, ID_1, vault=vault) == one
    # the survivor keeps its own number, the other one stays where it was
    assert open_phone(vault, two, session.get(Phone, two).sealed) == PHONE


def test_the_same_post_is_not_held_twice(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    merge(session, vault, one, two)
    lasting = session.scalars(
        sa.select(Post).where(Post.person_id.in_([one, two]), Post.ended_on.is_(None))
    ).all()
    assert [post.person_id for post in lasting] == [one]


def test_classes_are_carried_unless_both_are_in_them(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    ids = []
    for key, people in (("a", [two]), ("b", [one, two])):
        class_id = operations.add_class(
            session, key=key, name=key, kind=ClassKind.OTHER, organization_id=place.id,
            starts_on=TODAY, ends_on=TODAY, actor_id=None, now=NOON,
        )  # fmt: skip
        operations.join_class(session, class_id=class_id, person_ids=people, actor_id=None, now=NOON)  # fmt: skip
        ids.append(class_id)
    merge(session, vault, one, two)
    members = session.execute(sa.select(ClassMember.class_id, ClassMember.person_id)).all()
    assert {tuple(m) for m in members} == {(ids[0], one), (ids[1], one), (ids[1], two)}


def test_only_roles_that_the_actor_may_give_are_carried(session, vault):
    county = builders.organization(session, kind="county")
    station = builders.organization(session, county)
    one, two = add(session, vault, station), add(session, vault, station)
    for role, place in (
        (Role.STATION_MANAGER, station),
        (Role.COUNTY_MANAGER, county),
        (Role.AUDITOR, county),
    ):
        builders.added(session, RoleGrant(person_id=two, role=role, organization_id=place.id))
    manager = builders.with_role(session, Role.COUNTY_MANAGER, at=county)
    actor = Actor(manager.id, (Grant(Role.COUNTY_MANAGER, county.id),))
    merge(session, vault, one, two, actor=actor)
    roles = {g.role for g in queries.snapshots(session, [one])[one].grants}
    assert roles == {Role.LEARNER, Role.STATION_MANAGER}


def test_facts_are_carried_with_where_they_come_from(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    number = record(session, two)
    merge(session, vault, one, two)
    [fact] = in_force(facts_of(session, one))
    assert fact.detail["carried_from"] == {"learner": two, "number": number}
    assert len(facts_of(session, two)) == 1  # every record stays


def test_equal_facts_do_not_count_twice(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    hours = {"kind": RecordKind.HOURS_CREDITED, "quantity": 90, "unit": "credit_hour"}
    for learner_id in (one, two):
        record(session, learner_id)
        record(session, learner_id, "hours:course:basics", **hours)
        record(session, learner_id, f"hours:{learner_id}", subject="class:x", **hours)
    before = counted(session, one)
    merge(session, vault, one, two)
    assert counted(session, one) == before
    # and done again by the survivor, it is the deed that was carried
    record(session, one)
    assert counted(session, one) == before


def test_two_sittings_are_never_the_same(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    for learner_id in (one, two):
        record(session, learner_id, "paper_sat:mock:1", kind=RecordKind.PAPER_SAT, subject="paper:mock", quantity=100)  # fmt: skip
    merge(session, vault, one, two)
    assert len(counted(session, one)) == 2


def test_what_was_carried_before_leads_on(session, vault, place):
    one, two, three = (add(session, vault, place) for _ in range(3))
    merge(session, vault, two, three)
    last = merge(session, vault, one, two)
    assert session.get(Person, three).merged_into_id == one
    undo(session, vault, last)
    assert session.get(Person, three).merged_into_id == two


# --- refusals


def test_a_file_is_not_merged_with_itself(session, vault, place):
    one = add(session, vault, place)
    with pytest.raises(Conflict) as refusal:
        merge(session, vault, one, one)
    assert refusal.value.code == "same_person"


@pytest.mark.parametrize("which", [0, 1])
def test_nobody_merges_their_own_file(session, vault, place, which):
    pair = [add(session, vault, place), add(session, vault, place)]
    with pytest.raises(NotAllowed) as refusal:
        merge(session, vault, *pair, actor=Actor(pair[which], ()))
    assert refusal.value.code == "oneself"


def test_two_identity_numbers_are_two_people_unless_confirmed(session, vault, place):
    one = add(session, vault, place, documents={RESIDENT: ID_1})
    two = add(session, vault, place, documents={RESIDENT: ID_2})
    with pytest.raises(Conflict) as refusal:
        merge(session, vault, one, two)
    assert refusal.value.code == "different_documents"
    merge(session, vault, one, two, different_confirmed=True)


def test_an_open_exam_waits(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)

    def busy(_session, person_id):
        if person_id == two:
            raise Conflict("attempt_open", "考试")

    with pytest.raises(Conflict) as refusal:
        merge(session, vault, one, two, above=operations.Above(busy, records.carry_over, records.retract))  # fmt: skip
    assert refusal.value.code == "attempt_open"
    assert session.get(Person, two).merged_into_id is None


@pytest.mark.parametrize("reason", ["", "   ", "短", "长" * 201])
def test_a_reason_is_asked_for(session, vault, place, reason):
    with pytest.raises(Invalid) as refusal:
        merge(session, vault, add(session, vault, place), add(session, vault, place), reason=reason)
    assert refusal.value.code == "bad_reason"


def test_who_is_closed_is_not_merged(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    session.get(Person, two).closed_at = NOON
    session.flush()
    with pytest.raises(NotFound):
        merge(session, vault, one, two)


def test_merged_twice_is_merged_once(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    assert merge(session, vault, one, two) == merge(session, vault, one, two)
    assert session.scalar(sa.select(sa.func.count()).select_from(PersonMerge)) == 1


def test_the_trail_tells_both(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    number = merge(session, vault, one, two)
    undo(session, vault, number)
    undo(session, vault, number)  # taken back already
    told = session.execute(
        sa.select(Entry.verb, Entry.subject).where(Entry.verb.contains("merge")).order_by(Entry.id)
    ).all()
    assert [tuple(row) for row in told] == [
        ("people.duplicate_merged", f"person:{one}"),
        ("people.merged_away", f"person:{two}"),
        ("people.merge_undone", f"person:{one}"),
        ("people.merge_undone", f"person:{two}"),
    ]


# --- the way back


@pytest.mark.parametrize("phones", [(None, PHONE), ("13900002222", PHONE), (PHONE, None)])
def test_an_undo_restores_both_files(session, vault, place, phones):
    other = builders.organization(session)
    one = add(session, vault, place, phone=phones[0], documents={RESIDENT: ID_1})
    two = add(session, vault, other, name="杨美", phone=phones[1], education=Education.MASTER, social_work_major=True)  # fmt: skip
    add(session, vault, place)
    operations.put_post(
        session, person_id=two, post=PostRow(place.id, PostKind.STATION_WORKER, "", TODAY - timedelta(9)), actor_id=None, now=NOON,
    )  # fmt: skip
    record(session, two)
    before = state(session, one, two)
    undo(session, vault, merge(session, vault, one, two))
    assert state(session, one, two) == before
    for person_id, phone in zip((one, two), phones, strict=True):
        kept = session.get(Phone, person_id)
        assert (open_phone(vault, person_id, kept.sealed) if kept else None) == phone


def test_what_changed_since_stays(session, vault, place):
    one = add(session, vault, place)
    two = add(session, vault, place, education=Education.MASTER)
    number = merge(session, vault, one, two)
    session.get(Person, one).education = Education.DOCTOR
    undo(session, vault, number)
    assert session.get(Person, one).education == Education.DOCTOR


def test_a_deed_that_was_carried_and_taken_back_can_be_done(session, vault, place):
    one, two = add(session, vault, place), add(session, vault, place)
    record(session, two)
    for _ in range(2):
        undo(session, vault, merge(session, vault, one, two))
    assert counted(session, one) == []
    first = record(session, one)
    assert record(session, one) == first
    assert len(counted(session, one)) == 1


def test_the_later_merge_is_undone_first(session, vault, place):
    one, two, three = (add(session, vault, place) for _ in range(3))
    first = merge(session, vault, two, three)
    merge(session, vault, one, two)
    with pytest.raises(Conflict) as refusal:
        undo(session, vault, first)
    assert refusal.value.code == "merged_again"


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["course", "hours", "class", "paper"]),
        st.integers(1, 3),
        st.integers(0, 40),
    ),
    max_size=5,
)


def learn(session, learner_id, deeds):
    for what, which, ago in deeds:
        kind, unit = {
            "course": (RecordKind.COURSE_COMPLETED, ""),
            "hours": (RecordKind.HOURS_CREDITED, "credit_hour"),
            "class": (RecordKind.CLASS_ATTENDED, ""),
            "paper": (RecordKind.PAPER_SAT, ""),
        }[what]
        record(
            session,
            learner_id,
            f"{kind}:{which}",
            kind=kind,
            subject=f"{what}:{which}",
            on=TODAY - timedelta(days=ago),
            quantity=45 * which if unit else None,
            unit=unit,
            detail={"out_of": 200, "passed": True} if what == "paper" else {},
        )


GOAL = {
    "kind": "all",
    "of": [
        {"kind": "course_completed", "course": "1"},
        {"kind": "hours", "unit": "credit_hour", "minimum": 3, "window": "ever"},
    ],
}


def progress(session, *people):
    session.flush()
    session.expire_all()
    columns = [c.key for c in sa.inspect(Progress).column_attrs]
    rows = session.scalars(
        sa.select(Progress).where(Progress.learner_id.in_(people)).order_by(Progress.learner_id)
    )
    return [{name: getattr(row, name) for name in columns} for row in rows]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(mine=DEEDS, theirs=DEEDS)
def test_merging_and_undoing_gives_the_same_facts_and_the_same_progress(
    session, vault, mine, theirs
):
    with session.begin_nested() as savepoint:
        place = builders.organization(session)
        one, two = add(session, vault, place), add(session, vault, place)
        learn(session, one, mine)
        learn(session, two, theirs)
        goal_id = requirements.publish_goal(
            session, kind="program", key=f"k{one}", number=1, title="t", title_en="t",
            requirement=GOAL, now=NOON,
        )  # fmt: skip
        for learner_id in (one, two):
            requirements.pursue(session, learner_id=learner_id, goal_id=goal_id, started_on=TODAY, now=NOON)  # fmt: skip
        before, rows = state(session, one, two), progress(session, one, two)
        number = merge(session, vault, one, two)
        requirements.refresh(session, {one: NOON, two: NOON})
        both = {fact[:2] for fact in before["facts"][0] + before["facts"][1]}
        assert {fact[:2] for fact in counted(session, one)} == both
        undo(session, vault, number)
        requirements.refresh(session, {one: NOON, two: NOON})
        assert state(session, one, two) == before
        assert progress(session, one, two) == rows
        savepoint.rollback()
    session.expunge_all()


def test_a_duplicates_certificates_are_the_survivors(session, vault, place):
    """They stay in the duplicate's name and are found by the person they belong to."""
    from lms.credentials.models import Credential

    one, two = add(session, vault, place), add(session, vault, place)
    goal_id = requirements.publish_goal(
        session, kind="program", key="p", number=1, title="t", title_en="t", requirement=GOAL, now=NOON
    )  # fmt: skip
    session.add(
        Credential(
            code="BX12345678901", learner_id=two, goal_id=goal_id, holder_name="杨梅", title="t",
            title_en="t", program_title="p", program_title_en="p", issuer="i", issued_on=TODAY,
            grounds={}, issued_at=NOON,
        )
    )  # fmt: skip
    session.flush()
    assert credentials.own(session, one) == []
    merge(session, vault, one, two)
    assert [c.learner_id for c in credentials.own(session, one)] == [two]
    assert credentials.is_in_scope(session, two, scope=[place.id], on=TODAY)


def test_what_a_merge_keeps_holds_nothing_personal(session, vault, place):
    one = add(session, vault, place)
    two = add(session, vault, place, name="杨美", phone=PHONE, documents={RESIDENT: ID_1})
    merge(session, vault, one, two)
    kept = str(asdict_of(session.scalar(sa.select(PersonMerge))))
    assert not any(word in kept for word in (PHONE, ID_1, "杨"))


def asdict_of(row):
    return {c.key: getattr(row, c.key) for c in sa.inspect(PersonMerge).column_attrs}
