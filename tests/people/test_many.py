"""Many people at once: added, changed, found again; on both databases."""

from datetime import date

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.errors import NotFound
from lms.people import operations, queries
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post
from lms.people.operations.rows import Taken
from lms.people.rules import document_digest, name_key, open_document, open_phone, phone_digest
from lms.people.types import (
    DocumentKind,
    Education,
    Grant,
    PersonChange,
    PersonRow,
    PostKind,
    PostRow,
    Role,
)
from tests import builders
from tests.builders import NOON, TODAY

ID_1, ID_2 = "522301199001011236", "522301199202023452"
PHONE_1, PHONE_2 = "13900001111", "13900002222"
RESIDENT = DocumentKind.RESIDENT_ID


def post(place, kind=PostKind.STATION_WORKER, **values):
    return PostRow(place.id, kind, "社工", **({"started_on": date(2025, 1, 1)} | values))


def row(place, name="杨梅", **values):
    return PersonRow(name, posts=(post(place),), roles=(Grant(Role.LEARNER, place.id),), **values)


def add(session, vault, *rows):
    return operations.add_many(session, rows, vault=vault, actor_id=None, now=NOON)


def change(session, vault, *changes):
    return operations.update_many(session, changes, vault=vault, actor_id=None, now=NOON)


def lines(session, verb):
    return session.scalars(sa.select(Entry).where(Entry.verb == verb).order_by(Entry.id)).all()


@pytest.fixture
def place(session):
    return builders.organization(session)


def test_people_are_added_in_order_with_all_they_have(session, vault, place):
    rows = [
        row(place, phone=PHONE_1, documents={RESIDENT: ID_1}, education=Education.MASTER),
        row(place, "阿卜杜·买买提", user_name="abdul", social_work_major=True),
    ]
    one, two = add(session, vault, *rows)
    found = queries.snapshots(session, [one, two])
    assert [found[i].name for i in (one, two)] == ["杨梅", "阿卜杜·买买提"]
    assert (found[one].user_name, found[two].user_name) == (f"u{one:06}", "abdul")
    assert found[one].phone_digest == phone_digest(vault, PHONE_1)
    assert found[one].document_digests == {RESIDENT: document_digest(vault, RESIDENT, ID_1)}
    assert found[one].education is Education.MASTER
    assert found[two].social_work_major
    assert found[one].grants == (Grant(Role.LEARNER, place.id),)
    assert [p.organization_id for p in found[one].posts] == [place.id]
    assert session.get(Person, one).name_key == name_key("杨梅")


def test_numbers_are_sealed_for_their_owner(session, vault, place):
    (one,) = add(session, vault, row(place, phone=PHONE_1, documents={RESIDENT: ID_1}))
    phone = session.get(Phone, one)
    document = session.scalar(sa.select(IdentityDocument))
    assert PHONE_1 not in phone.sealed
    assert open_phone(vault, one, phone.sealed) == PHONE_1
    assert open_document(vault, one, RESIDENT, document.sealed) == ID_1


def test_the_next_person_gets_a_number_of_its_own(session, vault, place):
    ids = add(session, vault, row(place), row(place))
    later = builders.person(session)
    assert later.id not in ids


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"phone": PHONE_1}, "number_taken"),
        ({"documents": {RESIDENT: ID_1}}, "number_taken"),
        ({"user_name": "yang"}, "user_name_taken"),
    ],
)
def test_what_somebody_has_is_refused_and_says_which_rows(session, vault, place, values, code):
    add(session, vault, row(place, **values))
    with pytest.raises(Taken) as refusal:
        add(session, vault, row(place), row(place, **values), row(place))
    assert (refusal.value.code, refusal.value.rows) == (code, (1,))
    assert "杨" not in str(refusal.value)


def test_a_number_twice_in_one_batch_is_refused(session, vault, place):
    with pytest.raises(Taken) as refusal:
        add(session, vault, row(place, phone=PHONE_1), row(place, phone=PHONE_1))
    assert refusal.value.rows == (1,)


def test_a_made_user_name_avoids_one_that_somebody_chose(session, vault, place):
    here = session.scalar(sa.select(sa.func.max(Person.id))) or 0
    for ahead in range(1, 60):
        builders.person(session, id=900_000 + here + ahead, user_name=f"u{here + ahead:06}")
    ids = add(session, vault, *[row(place) for _ in range(3)])
    names = [found.user_name for found in queries.snapshots(session, ids).values()]
    assert len(set(names)) == 3


def test_the_trail_tells_each_and_the_batch(session, vault, place):
    ids = add(session, vault, row(place), row(place))
    told = lines(session, "people.person_added")
    assert [line.subject for line in told] == [f"person:{i}" for i in ids]
    assert [line.facts for line in lines(session, "people.many_added")] == [{"count": 2}]


def test_nobody_is_added_silently(session, vault):
    assert add(session, vault) == []
    assert lines(session, "people.many_added") == []


# --- existing


def test_who_is_there_is_found_by_number_name_and_place(session, vault, place):
    one, two = add(
        session,
        vault,
        row(place, phone=PHONE_1, documents={RESIDENT: ID_1}),
        row(place, "YANG\u3000Mei", user_name="ym"),
    )
    other = builders.organization(session)
    found = queries.existing(
        session,
        on=TODAY,
        digests=[phone_digest(vault, PHONE_1), document_digest(vault, RESIDENT, ID_1), "none"],
        user_names=["ym", "nobody"],
        name_keys_in_units=[("杨梅", place.id), ("yangmei", place.id), ("杨梅", other.id)],
    )
    assert set(found.by_digest.values()) == {one}
    assert len(found.by_digest) == 2
    assert found.by_user_name == {"ym": two}
    assert found.by_name_in_unit == {("杨梅", place.id): (one,), ("yangmei", place.id): (two,)}


def test_a_phone_is_no_document(session, vault, place):
    add(session, vault, row(place, phone=PHONE_1))
    wrong = document_digest(vault, DocumentKind.PASSPORT, PHONE_1)
    assert queries.existing(session, on=TODAY, digests=[wrong]).by_digest == {}


def test_who_no_longer_works_there_is_not_found_by_name(session, vault, place):
    gone = PersonRow("杨梅", posts=(post(place, ended_on=date(2025, 2, 1)),))
    add(session, vault, gone)
    found = queries.existing(session, on=TODAY, name_keys_in_units=[("杨梅", place.id)])
    assert found.by_name_in_unit == {}


def test_a_former_name_finds_too(session, vault, place):
    (one,) = add(session, vault, row(place))
    change(session, vault, PersonChange(one, name="杨美"))
    found = queries.existing(session, on=TODAY, name_keys_in_units=[("杨梅", place.id)])
    assert found.by_name_in_unit == {("杨梅", place.id): (one,)}


def test_a_merged_duplicate_is_the_person_it_was_merged_into(session, vault, place):
    one, two = add(session, vault, row(place), row(place, phone=PHONE_2, user_name="dup"))
    session.get(Person, two).merged_into_id = one
    session.flush()
    found = queries.existing(
        session, on=TODAY, digests=[phone_digest(vault, PHONE_2)], user_names=["dup"]
    )
    assert found.by_digest == {phone_digest(vault, PHONE_2): one}
    assert found.by_user_name == {"dup": one}


# --- changes


def test_a_change_is_written_and_told_with_before_and_after(session, vault, place):
    (one,) = add(session, vault, row(place, phone=PHONE_1))
    told = change(
        session,
        vault,
        PersonChange(one, name="杨美", education=Education.BACHELOR, phone=PHONE_2),
    )
    assert told.changed == {one: ("name", "education", "phone")}
    found = queries.snapshots(session, [one])[one]
    assert (found.name, found.education, found.revision) == ("杨美", Education.BACHELOR, 2)
    assert found.phone_digest == phone_digest(vault, PHONE_2)
    [former] = session.scalars(sa.select(FormerName)).all()
    assert (former.name, former.until_on) == ("杨梅", TODAY)
    [line] = lines(session, "people.person_changed")
    assert line.facts == {
        "fields": ["name", "education", "phone"],
        "before": {"name": "杨梅", "education": None},
        "after": {"name": "杨美", "education": "bachelor"},
    }


def test_the_same_again_changes_nothing(session, vault, place):
    values = {"phone": PHONE_1, "documents": {RESIDENT: ID_1}, "education": Education.MASTER}
    (one,) = add(session, vault, row(place, **values))
    told = change(
        session,
        vault,
        PersonChange(
            one,
            name="杨梅",
            posts_added=(post(place),),
            roles_added=(Grant(Role.LEARNER, place.id),),
            **values,
        ),
    )
    assert told.changed == {}
    assert queries.snapshots(session, [one])[one].revision == 1
    assert lines(session, "people.person_changed") == []


def test_what_is_not_said_stays(session, vault, place):
    (one,) = add(session, vault, row(place, phone=PHONE_1, documents={RESIDENT: ID_1}))
    before = queries.snapshots(session, [one])[one]
    change(session, vault, PersonChange(one, documents={DocumentKind.PASSPORT: "E1234567"}))
    after = queries.snapshots(session, [one])[one]
    assert after.phone_digest == before.phone_digest
    assert set(after.document_digests) == {RESIDENT, DocumentKind.PASSPORT}


def test_posts_are_added_changed_and_ended(session, vault, place):
    (one,) = add(session, vault, row(place))
    other = builders.organization(session)
    there = queries.snapshots(session, [one])[one].posts[0]
    change(
        session,
        vault,
        PersonChange(
            one, posts_added=(post(other),), posts_ended={there.id: date(2026, 1, 31), 987: TODAY}
        ),
    )
    posts = session.scalars(sa.select(Post).where(Post.person_id == one).order_by(Post.id)).all()
    assert [(p.organization_id, p.ended_on) for p in posts] == [
        (place.id, date(2026, 1, 31)),
        (other.id, None),
    ]


def test_a_stale_change_is_left_out_and_named(session, vault, place):
    one, two = add(session, vault, row(place), row(place))
    change(session, vault, PersonChange(one, name="杨美"))
    told = change(
        session,
        vault,
        PersonChange(one, name="杨某", revision=1),
        PersonChange(two, name="杨二", revision=1),
    )
    assert (told.stale, told.changed) == ((one,), {two: ("name",)})
    assert queries.snapshots(session, [one])[one].name == "杨美"


def test_two_people_may_swap_their_numbers(session, vault, place):
    one, two = add(session, vault, row(place, phone=PHONE_1), row(place, phone=PHONE_2))
    change(session, vault, PersonChange(one, phone=PHONE_2), PersonChange(two, phone=PHONE_1))
    found = queries.snapshots(session, [one, two])
    assert found[one].phone_digest == phone_digest(vault, PHONE_2)
    assert found[two].phone_digest == phone_digest(vault, PHONE_1)


def test_a_number_of_somebody_else_is_refused(session, vault, place):
    one, _two = add(session, vault, row(place), row(place, phone=PHONE_2))
    with pytest.raises(Taken) as refusal:
        change(session, vault, PersonChange(one, phone=PHONE_2))
    assert refusal.value.code == "number_taken"


@pytest.mark.parametrize("values", [{"closed_at": NOON}, None])
def test_who_is_closed_or_not_there_is_not_changed(session, vault, values):
    person_id = builders.person(session, **values).id if values else 987_654_321
    with pytest.raises(NotFound):
        change(session, vault, PersonChange(person_id, name="某"))


def test_the_number_of_statements_does_not_grow(session, vault, place, count_statements):
    def both(count, start):
        rows = [
            row(place, f"杨{n}号".replace(str(n), "甲" * (n % 7 + 1)), phone=f"13{start + n:09}")
            for n in range(count)
        ]
        with count_statements() as seen:
            ids = add(session, vault, *rows)
            change(session, vault, *[PersonChange(i, education=Education.MASTER) for i in ids])
        return len(seen)

    assert both(2, 0) == both(40, 100)
