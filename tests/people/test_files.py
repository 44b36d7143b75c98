"""Files: whose they are, changed by two at once, numbers shown and sealed anew, lists."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.kernel.errors import DomainError, Invalid, NotFound
from lms.kernel.transaction import transaction
from lms.kernel.vault import Vault, new_key, read_keys
from lms.people import operations, queries
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.queries.scope import people_within
from lms.people.rules import clashes, open_phone
from lms.people.types import (
    DocumentKind,
    Education,
    FileValues,
    Filter,
    Grant,
    PersonChange,
    PersonRow,
    PostKind,
    PostRow,
    Role,
    State,
)
from tests import builders
from tests.builders import NOON, TODAY

RESIDENT = DocumentKind.RESIDENT_ID
PHONE, ID = "13900001111", "522301199001011236"
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def province(session):
    return builders.organization(session, kind="province")


@pytest.fixture
def place(session, province):
    return builders.organization(session, province)


def add(session, vault, *places, name="杨梅", ended_on=None, roles=(), **values):
    posts = [
        PostRow(p.id, PostKind.STATION_WORKER, "社工", date(2025, 1, 1), ended_on) for p in places
    ]
    row = PersonRow(name, posts=tuple(posts), roles=roles, **values)
    return operations.add_many(session, [row], vault=vault, actor_id=None, now=NOON)[0]


# --- whose people they are


def sees(session, person_id, place):
    one = queries.is_in_scope(session, person_id, scope=[place.id], on=TODAY)
    listed = set(session.scalars(people_within([place.id], TODAY)))
    if place.parent_id is not None:  # the top also has those who belong nowhere
        assert (person_id in listed) is one
    return one


def test_people_belong_where_they_work(session, vault, province, place):
    other = builders.organization(session, province)
    someone = add(session, vault, place)
    assert sees(session, someone, place)
    assert sees(session, someone, province)
    assert not sees(session, someone, other)


def test_who_works_elsewhere_now_is_no_longer_here(session, vault, province, place):
    other = builders.organization(session, province)
    someone = add(session, vault, place, ended_on=YESTERDAY)
    assert sees(session, someone, place)  # left, and gone nowhere else
    builders.added(session, Post(person_id=someone, organization_id=other.id, kind="staff", title="", started_on=TODAY))  # fmt: skip
    assert not sees(session, someone, place)
    assert sees(session, someone, other)


def test_who_has_only_a_role_belongs_where_it_is(session, vault, province, place):
    someone = add(session, vault, roles=(Grant(Role.LEARNER, place.id),))
    other = builders.organization(session, province)
    assert sees(session, someone, place)
    assert not sees(session, someone, other)


def test_who_has_nothing_belongs_to_the_top(session, vault, province, place):
    someone = add(session, vault)
    assert queries.is_in_scope(session, someone, scope=[province.id], on=TODAY)
    assert not sees(session, someone, place)


def test_a_post_that_begins_later_counts(session, vault, place):
    someone = add(session, vault)
    builders.added(session, Post(person_id=someone, organization_id=place.id, kind="staff", title="", started_on=TODAY + timedelta(9)))  # fmt: skip
    assert sees(session, someone, place)


def test_somebody_elses_person_does_not_exist(session, vault, province, place):
    someone = add(session, vault, builders.organization(session, province))
    with pytest.raises(NotFound) as refusal:
        queries.own_person(session, someone, scope=[place.id], on=TODAY)
    assert refusal.value.code == "no_person"


# --- two at once


def values(**changed):
    return replace(FileValues("杨梅", None, social_work_major=False, social_work_started_on=None), **changed)  # fmt: skip


def edit(session, vault, person_id, was, typed):
    return operations.edit_file(session, person_id=person_id, was=was, typed=typed, vault=vault, actor_id=None, now=NOON)  # fmt: skip


def test_the_second_editor_is_told_what_the_first_changed(session, vault, place):
    someone = add(session, vault, place)
    assert edit(session, vault, someone, values(), values(name="杨美")) == []
    [clash] = edit(session, vault, someone, values(), values(name="杨某"))
    assert (clash.field, clash.was, clash.now, clash.typed) == ("name", "杨梅", "杨美", "杨某")
    assert clash.is_mine
    assert session.get(Person, someone).name == "杨美"  # nothing was written


def test_a_value_the_second_did_not_touch_is_told_too(session, vault, place):
    someone = add(session, vault, place)
    edit(session, vault, someone, values(), values(education=Education.MASTER))
    [clash] = edit(session, vault, someone, values(), values(name="杨某"))
    assert clash.field == "education" and not clash.is_mine
    assert session.get(Person, someone).name == "杨梅"


def test_what_the_page_does_not_show_is_no_quarrel(session, vault, place):
    someone = add(session, vault, place)
    operations.update_many(session, [PersonChange(someone, phone=PHONE)], vault=vault, actor_id=None, now=NOON)  # fmt: skip
    assert edit(session, vault, someone, values(), values(name="杨美")) == []


def test_the_same_edit_twice_is_one(session, vault, place):
    someone = add(session, vault, place)
    for _ in range(2):
        assert edit(session, vault, someone, values(), values(name="杨美")) == []
    assert session.get(Person, someone).revision == 2


def test_values_can_be_emptied(session, vault, place):
    someone = add(session, vault, place, education=Education.MASTER, social_work_started_on=TODAY)
    was = values(education=Education.MASTER, social_work_started_on=TODAY)
    assert edit(session, vault, someone, was, values()) == []
    found = queries.snapshots(session, [someone])[someone]
    assert (found.education, found.social_work_started_on) == (None, None)


VALUES = st.fixed_dictionaries({"a": st.integers(0, 2), "b": st.integers(0, 2)})


@given(VALUES, VALUES, VALUES)
def test_no_change_of_another_is_lost_silently(was, now, typed):
    found = {clash.field for clash in clashes(was, now, typed)}
    for name in was:
        lost = now[name] != was[name] and typed[name] != now[name]
        assert (name in found) is lost


def test_two_editors_at_once_never_lose_a_change(own_engine, vault):
    with Session(own_engine) as session, transaction(session):
        someone = add(session, vault, builders.organization(session))
    told = []

    def deed(name):
        with Session(own_engine) as session, transaction(session):
            told.append(edit(session, vault, someone, values(), values(name=name)))

    threads = [threading.Thread(target=deed, args=[name]) for name in ("杨美", "杨某")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(clashes) for clashes in told) == [0, 1]


def test_one_number_for_two_at_once_is_one_persons(own_engine, vault):
    with Session(own_engine) as session, transaction(session):
        place = builders.organization(session)
        people = [add(session, vault, place) for _ in range(2)]
    refused = []

    def deed(person_id):
        with Session(own_engine) as session:
            try:
                with transaction(session):
                    operations.update_many(session, [PersonChange(person_id, phone=PHONE)], vault=vault, actor_id=None, now=NOON)  # fmt: skip
            except DomainError as refusal:
                refused.append(refusal.code)

    threads = [threading.Thread(target=deed, args=[one]) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["number_taken"]


# --- posts


def post(place, **changed):
    return replace(PostRow(place.id, PostKind.CADRE, "干部", TODAY), **changed)


def put(session, person_id, row):
    return operations.put_post(session, person_id=person_id, post=row, actor_id=None, now=NOON)


def change(session, person_id, post_id, row, revision):
    return operations.change_post(
        session, person_id=person_id, post_id=post_id, post=row, revision=revision, actor_id=None, now=NOON
    )  # fmt: skip


def test_a_post_sent_twice_is_one(session, vault, place):
    someone = add(session, vault)
    assert put(session, someone, post(place)) == put(session, someone, post(place))
    assert len(queries.posts_of(session, someone)) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ended_on": YESTERDAY}, "ends_before_start"),
        ({"title": "长" * 61}, "too_long"),
        ({"kind": PostKind.VOLUNTEER, "rank_band": "county"}, "band_without_cadre"),
    ],
)
def test_a_post_that_cannot_be_is_refused(session, vault, place, changed, code):
    someone = add(session, vault)
    with pytest.raises(Invalid) as refusal:
        put(session, someone, post(place, **changed))
    assert refusal.value.code == code


def test_a_stale_change_of_a_post_is_not_stored(session, vault, place):
    someone = add(session, vault)
    post_id = put(session, someone, post(place))
    seen = session.get(Person, someone).revision
    assert change(session, someone, post_id, post(place, title="甲"), seen)
    assert change(session, someone, post_id, post(place, title="甲"), seen)  # the same again
    assert not change(session, someone, post_id, post(place, title="乙"), seen)
    assert queries.post_of(session, someone, post_id).post.title == "甲"


def test_a_post_of_somebody_else_is_none(session, vault, place):
    someone, other = add(session, vault, place), add(session, vault, place)
    theirs = queries.posts_of(session, other)[0].post.id
    with pytest.raises(NotFound):
        change(session, someone, theirs, post(place), 1)


# --- numbers


def reveal(session, vault, person_id, what="phone", reason="核对报名信息"):
    actor = builders.person(session)
    return operations.reveal(
        session, person_id=person_id, what=what, reason=reason, vault=vault, actor_id=actor.id, now=NOON
    )  # fmt: skip


def test_a_number_is_shown_for_a_reason_that_is_kept(session, vault, place):
    someone = add(session, vault, place, phone=PHONE, documents={RESIDENT: ID})
    assert reveal(session, vault, someone) == PHONE
    assert reveal(session, vault, someone, "resident_id") == ID
    lines = session.scalars(sa.select(Entry).where(Entry.verb == "people.number_revealed")).all()
    assert [line.facts for line in lines] == [
        {"what": "phone", "reason": "核对报名信息"},
        {"what": "resident_id", "reason": "核对报名信息"},
    ]
    assert not any(PHONE in str(line.facts) for line in session.scalars(sa.select(Entry)))


@pytest.mark.parametrize("reason", ["", "   x  ", "长" * 201])
def test_without_a_reason_nothing_is_shown(session, vault, place, reason):
    someone = add(session, vault, place, phone=PHONE)
    with pytest.raises(Invalid) as refusal:
        reveal(session, vault, someone, reason=reason)
    assert refusal.value.code == "bad_reason"


@pytest.mark.parametrize("what", ["phone", "passport", "nonsense"])
def test_a_number_that_is_not_there(session, vault, place, what):
    with pytest.raises(NotFound):
        reveal(session, vault, add(session, vault, place), what)


def test_numbers_are_masked_and_an_unopenable_one_says_so(session, vault, place):
    someone = add(session, vault, place, phone=PHONE, documents={RESIDENT: ID})
    shown = {one.what: one.shown for one in queries.numbers_of(session, someone, vault)}
    assert shown == {"phone": "139****1111", "resident_id": "5223**********1236"}
    stranger = Vault(read_keys(new_key("other")), b"x")
    assert {one.shown for one in queries.numbers_of(session, someone, stranger)} == {""}


def test_keys_are_rotated_in_pieces_and_can_be_resumed(session, vault, place, monkeypatch):
    from lms.people.operations import numbers

    monkeypatch.setattr(numbers, "RESEALED_AT_ONCE", 2)
    people = [
        add(session, vault, place, phone=f"1390000000{n}", documents={DocumentKind.PASSPORT: f"E000000{n}"})
        for n in range(3)
    ]  # fmt: skip
    newer = Vault((*read_keys(new_key("k2")), *vault.keys), vault.digest_key)
    assert operations.sealed_with_older_keys(session, vault=newer) == 6
    counts = []
    while count := operations.reseal(session, vault=newer):
        counts.append(count)
    assert counts == [2, 1, 2, 1]
    session.expire_all()
    assert operations.sealed_with_older_keys(session, vault=newer) == 0
    alone = Vault(newer.keys[:1], vault.digest_key)  # the old key can go
    sealed = session.get(Phone, people[2]).sealed
    assert open_phone(alone, people[2], sealed) == "13900000002"
    assert queries.find_by_phone(session, "13900000001", vault=alone) == people[1]
    documents = session.scalars(sa.select(IdentityDocument.sealed)).all()
    assert all(text.startswith("k2:") for text in documents)


# --- lists


def listed(session, scope, **wanted):
    rows = queries.people_of(session, Filter(**wanted), scope=[scope.id], on=TODAY)
    return {row.name for row in rows}


def test_a_list_is_found_by_part_of_a_name_in_any_spelling(session, vault, place):
    add(session, vault, place, name="阿卜杜·买买提")
    renamed = add(session, vault, place, name="杨梅")
    edit(session, vault, renamed, values(), values(name="杨美"))
    add(session, vault, place, name="𠮷田")
    assert listed(session, place, name="卜杜•买") == {"阿卜杜·买买提"}
    assert listed(session, place, name="杨梅") == {"杨美"}  # a former name
    assert listed(session, place, name="𠮷") == {"𠮷田"}
    assert listed(session, place, name="100%") == set()


def test_a_list_is_filtered(session, vault, province, place):
    add(session, vault, place, name="甲", roles=(Grant(Role.LEARNER, place.id),))
    add(session, vault, place, name="乙", ended_on=YESTERDAY)
    closed = add(session, vault, place, name="丙")
    session.get(Person, closed).closed_at = NOON
    merged = add(session, vault, place, name="丁")
    session.get(Person, merged).merged_into_id = closed
    other = builders.organization(session, province)
    add(session, vault, other, name="戊")
    session.flush()
    assert listed(session, place) == {"甲", "乙", "丙"}
    assert listed(session, place, state=State.ACTIVE) == {"甲"}
    assert listed(session, place, state=State.WITHOUT_POST) == {"乙"}
    assert listed(session, place, state=State.CLOSED) == {"丙"}
    assert listed(session, place, role=Role.LEARNER) == {"甲"}
    assert listed(session, place, kind=PostKind.CADRE) == set()
    assert listed(session, province, unit_id=other.id) == {"戊"}
    # a unit that is not theirs shows nobody, whoever asks for it
    assert listed(session, place, unit_id=other.id) == set()


def test_a_number_finds_only_the_own_people(session, vault, province, place):
    from lms.people.rules import phone_digest

    other = builders.organization(session, province)
    add(session, vault, other, phone=PHONE)
    digest = [phone_digest(vault, PHONE)]
    assert queries.by_digest(session, digest, scope=[place.id], on=TODAY) == []
    assert len(queries.by_digest(session, digest, scope=[other.id], on=TODAY)) == 1


def test_duplicates_share_name_and_unit_and_not_two_numbers(session, vault, place):
    one = add(session, vault, place, documents={RESIDENT: ID})
    two = add(session, vault, place)
    add(session, vault, place, name="杨某")
    [group] = queries.alike(session, scope=[place.id], on=TODAY)
    assert set(group.person_ids) == {one, two}
    operations.update_many(
        session, [PersonChange(two, documents={RESIDENT: "522301199202023452"})], vault=vault, actor_id=None, now=NOON
    )  # fmt: skip
    assert queries.alike(session, scope=[place.id], on=TODAY) == []


def test_who_went_elsewhere_is_no_duplicate_to_show(session, vault, province, place):
    other = builders.organization(session, province)
    gone = add(session, vault, place, ended_on=YESTERDAY)
    put(session, gone, post(other))
    here = add(session, vault, place)
    key = "杨梅"
    assert queries.alike(session, scope=[place.id], on=TODAY) == []
    named = queries.named_in(session, key, [place.id], scope=[place.id], on=TODAY)
    assert [line.id for line in named] == [here]
    named = queries.named_in(session, key, [place.id], scope=[province.id], on=TODAY)
    assert [line.id for line in named] == [gone, here]


def test_the_next_page_begins_after_the_last_row(session, vault, place):
    ids = [add(session, vault, place, name=f"杨{c}") for c in "甲乙丙"]
    page = queries.people_of(session, Filter(), scope=[place.id], on=TODAY, limit=2)
    rest = queries.people_of(session, Filter(), scope=[place.id], on=TODAY, after=page[-1].id)
    assert [row.id for row in page + rest] == ids


def test_units_are_meant_by_code_name_or_part(session, province):
    def meant(text):
        found = queries.units_named(session, text, scope=[province.id], on=TODAY)
        return [name for _id, name, _code in found]

    builders.organization(session, province, name="甲街道", code="A1")
    builders.organization(session, province, name="甲街道社工站", code="A2")
    builders.organization(session, province, name="旧甲街道", code="A3", closed_on=YESTERDAY)
    assert meant("A2") == ["甲街道社工站"]
    assert meant("甲街道") == ["甲街道"]  # whole names before parts
    assert meant("甲") == ["甲街道", "甲街道社工站"]
    assert meant("%") == []


# --- exports


def test_an_export_is_written_down(session, vault, place):
    someone = add(session, vault, place, phone=PHONE)
    actor = builders.person(session)

    def export(**more):
        return operations.export_people(
            session, Filter(), scope=[place.id], vault=vault, actor_id=actor.id, now=NOON,
            **({"in_clear": False, "reason": ""} | more),
        )  # fmt: skip

    assert [line.numbers for line in export()] == [{"phone": "139****1111"}]
    with pytest.raises(Invalid):
        export(in_clear=True)
    [line] = export(in_clear=True, reason="发放补贴")
    assert (line.person.id, line.numbers) == (someone, {"phone": PHONE})
    told = session.scalars(sa.select(Entry).where(Entry.verb == "people.list_exported")).all()
    assert [(t.facts["count"], t.facts["in_clear"], t.facts["reason"]) for t in told] == [
        (1, False, ""),
        (1, True, "发放补贴"),
    ]


def test_a_name_is_kept_once_as_a_former_one(session, vault, place):
    someone = add(session, vault, place)
    for was, typed in (("杨梅", "杨美"), ("杨美", "杨梅"), ("杨梅", "杨美")):
        edit(session, vault, someone, values(name=was), values(name=typed))
    names = session.scalars(sa.select(FormerName.name).order_by(FormerName.id)).all()
    assert names == ["杨梅", "杨美"]


def test_who_holds_a_role_is_seen_with_who_gave_it(session, vault, place):
    someone, giver = add(session, vault, place), builders.person(session, name="授权人")
    builders.added(session, RoleGrant(person_id=someone, role=Role.LEARNER, organization_id=place.id, granted_by=giver.id))  # fmt: skip
    [held] = queries.roles_of(session, someone)
    assert (held.granted_by, held.unit) == ("授权人", place.name)
