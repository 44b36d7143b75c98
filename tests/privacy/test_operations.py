"""Consent, corrections, closing and periods on a real database."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.vault import Vault, read_keys
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post, RoleGrant
from lms.privacy import operations, queries
from lms.privacy.models import Consent, CorrectionRequest, PrivacyTextVersion
from lms.privacy.types import Answer, CorrectionField, Outcome, Purpose, Wish
from tests import builders
from tests.builders import NOON, TODAY
from tests.privacy.builders import (
    PHONE,
    WISH,
    answered,
    asked,
    changed,
    clerk,
    closing,
    county,
    published,
    sealed,
)

LATER = NOON + timedelta(days=1)


def verbs(session):
    session.flush()
    return session.scalars(
        sa.select(Entry.verb).where(Entry.subject.startswith("person:")).order_by(Entry.id)
    ).all()


@pytest.fixture
def person(session):
    return builders.learner(session)


def test_loading_again_changes_nothing(session):
    published(session)
    published(session)
    numbers = session.scalars(sa.select(PrivacyTextVersion.number)).all()
    assert set(numbers) == {1}


def test_consent_is_given_and_withdrawn_as_facts(session, person):
    published(session)
    assert not queries.has_consent(session, person.id, Purpose.PUBLIC_NAME)
    assert answered(session, person, "public_name")
    assert queries.has_consent(session, person.id, Purpose.PUBLIC_NAME)
    assert not answered(session, person, "public_name"), "the same twice is one"
    assert answered(session, person, "public_name", Answer.WITHDRAWN)
    assert not queries.has_consent(session, person.id, Purpose.PUBLIC_NAME)
    rows = session.scalars(sa.select(Consent).order_by(Consent.number)).all()
    assert [(row.number, row.answer) for row in rows] == [(1, "given"), (2, "withdrawn")]
    assert verbs(session) == ["privacy.consent_given", "privacy.consent_withdrawn"]


def test_a_new_text_asks_again(session, person):
    published(session)
    answered(session, person, "public_name")
    old = queries.find_text(session, "public_name").version_id
    changed(session, "public_name")
    assert not queries.has_consent(session, person.id, Purpose.PUBLIC_NAME)
    assert queries.standing(session, person.id, "public_name").is_outdated
    with pytest.raises(Conflict, match="更新") as refusal:
        operations.answer(
            session, learner_id=person.id, key="public_name", version_id=old,
            answer=Answer.GIVEN, now=NOON,
        )  # fmt: skip
    assert refusal.value.code == "text_changed"
    assert answered(session, person, "public_name")
    assert queries.has_consent(session, person.id, Purpose.PUBLIC_NAME)
    assert [line.text_number for line in queries.history(session, person.id)] == [2, 1]


def test_one_persons_answer_is_nobody_elses(session, person):
    published(session)
    answered(session, person, "evaluation")
    assert not queries.has_consent(session, builders.person(session).id, Purpose.EVALUATION)


def test_the_notice_waits_until_it_was_read(session, person):
    assert not queries.has_unread_notice(session, person.id), "nothing is published yet"
    published(session)
    assert queries.has_unread_notice(session, person.id)
    answered(session, person, "service", Answer.ACKNOWLEDGED)
    assert not queries.has_unread_notice(session, person.id)
    changed(session, "service")
    assert queries.has_unread_notice(session, person.id)


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.WITHDRAWN])
def test_without_consent_the_identity_number_is_erased(session, person, vault, answer):
    published(session)
    if answer is Answer.WITHDRAWN:
        answered(session, person, "identity_number")
    sealed(session, person, vault)
    answered(session, person, "identity_number", answer)
    assert session.scalars(sa.select(IdentityDocument)).all() == []
    assert session.get(Phone, person.id) is not None, "only what was consented to"
    assert queries.without_consent(session, [person.id], Purpose.IDENTITY_NUMBER) == {person.id}
    entry = session.scalars(sa.select(Entry).order_by(Entry.id.desc())).first()
    assert entry.facts["documents_erased"] == 1


def test_who_was_never_asked_has_not_said_no(session, person):
    published(session)
    assert queries.without_consent(session, [person.id], Purpose.IDENTITY_NUMBER) == frozenset()


def test_a_request_sent_twice_is_one(session, person, vault):
    assert asked(session, person, vault) == asked(session, person, vault) == 1
    assert asked(session, person, vault, token="u") == 2
    assert verbs(session) == ["privacy.correction_asked"] * 2
    stored = session.scalars(sa.select(CorrectionRequest.sealed)).all()
    assert not any("杨梅花" in text for text in stored)
    assert queries.own_correction(session, person.id, 1, vault=vault).wish == WISH


def test_not_more_than_ten_wait_at_a_time(session, person, vault):
    for number in range(10):
        asked(session, person, vault, token=str(number))
    with pytest.raises(Conflict) as refusal:
        asked(session, person, vault, token="x")
    assert refusal.value.code == "too_many"


@pytest.mark.parametrize(
    ("wish", "where"),
    [(Wish(" ", "x", ""), "wanted"), (Wish("x", "", ""), "reason"), (Wish("x" * 501, "x", ""), "wanted")],
)  # fmt: skip
def test_a_wish_says_what_and_why(session, person, vault, wish, where):
    with pytest.raises(Invalid) as refusal:
        asked(session, person, vault, wish=wish)
    assert refusal.value.where == where


@pytest.fixture
def office(session):
    """A county with a station, somebody there, and the clerk of the county."""
    place = county(session)
    station = builders.organization(session, place)
    return place, builders.learner(session, at=station), clerk(session, place)


def reply(session, office, vault, outcome=Outcome.DONE, answer="已改"):
    place, one, actor = office
    operations.answer_correction(
        session,
        learner_id=one.id,
        number=1,
        scope={place.id},
        outcome=outcome,
        answer=answer,
        vault=vault,
        actor_id=actor.id,
        now=LATER,
    )


def test_a_clerk_answers_and_the_asker_sees_it(session, office, vault):
    place, one, actor = office
    asked(session, one, vault)
    assert [row.number for row in queries.queue(session, scope={place.id}, on=TODAY)] == [1]
    reply(session, (place, one, actor), vault)
    reply(session, (place, one, actor), vault)  # the same again
    found = queries.own_correction(session, one.id, 1, vault=vault)
    assert (found.outcome, found.answer, found.answered_at) == (Outcome.DONE, "已改", LATER)
    assert queries.queue(session, scope={place.id}, on=TODAY) == []
    assert verbs(session).count("privacy.correction_answered") == 1
    with pytest.raises(Conflict) as refusal:
        reply(session, (place, one, actor), vault, Outcome.REFUSED, "不对")
    assert refusal.value.code == "answered"


def test_a_refusal_needs_its_reason(session, office, vault):
    place, one, actor = office
    asked(session, one, vault)
    with pytest.raises(Invalid) as refusal:
        reply(session, (place, one, actor), vault, Outcome.REFUSED, "  ")
    assert refusal.value.code == "blank"


def test_another_countys_request_does_not_exist(session, office, vault):
    _place, one, actor = office
    asked(session, one, vault)
    elsewhere = county(session)
    with pytest.raises(NotFound):
        reply(session, (elsewhere, one, actor), vault)
    with pytest.raises(NotFound):
        operations.reveal_correction(
            session, learner_id=one.id, number=1, scope={elsewhere.id}, vault=vault,
            actor_id=actor.id, now=NOON,
        )  # fmt: skip
    assert queries.queue(session, scope={elsewhere.id}, on=TODAY) == []


def test_who_works_nowhere_belongs_to_the_top(session, vault):
    top, nobody = builders.organization(session, kind="province"), builders.person(session)
    below = builders.organization(session, top)
    asked(session, nobody, vault)
    assert len(queries.queue(session, scope={top.id}, on=TODAY)) == 1
    assert queries.queue(session, scope={below.id}, on=TODAY) == []


def test_nobody_answers_their_own_request(session, office, vault):
    place, _one, actor = office
    builders.added(
        session,
        Post(
            person_id=actor.id, organization_id=place.id, kind="staff", title="", started_on=TODAY
        ),
    )
    asked(session, actor, vault)
    with pytest.raises(Conflict) as refusal:
        reply(session, (place, actor, actor), vault)
    assert refusal.value.code == "own_request"


def test_looking_at_a_number_is_written_down(session, office, vault):
    place, one, actor = office
    asked(session, one, vault, field=CorrectionField.PHONE, wish=Wish(PHONE, "换号", ""))
    found = operations.reveal_correction(
        session, learner_id=one.id, number=1, scope={place.id}, vault=vault, actor_id=actor.id,
        now=NOON,
    )  # fmt: skip
    assert found.wish.wanted == PHONE
    assert verbs(session)[-1] == "privacy.correction_revealed"
    assert PHONE not in str(session.scalars(sa.select(Entry.facts)).all())


def test_what_was_written_is_erased_in_time(session, office, vault):
    place, one, actor = office
    asked(session, one, vault)
    asked(session, one, vault, token="waits")
    reply(session, (place, one, actor), vault)
    session.flush()
    assert operations.erase_answered(session, before=LATER, now=LATER) == 0  # not older
    assert operations.erase_answered(session, before=LATER + timedelta(1), now=LATER) == 1
    assert operations.erase_answered(session, before=LATER + timedelta(1), now=LATER) == 0
    session.expire_all()
    found = queries.own_corrections(session, one.id, vault=vault)
    assert [(row.number, row.wish is None) for row in found] == [(2, False), (1, True)]


def test_a_new_key_seals_what_the_old_one_sealed(session, person, vault):
    asked(session, person, vault)
    newer = Vault(
        (*read_keys("new:" + "Ym5ld25ld25ld25ld25ld25ld25ld25ld25ld25ld2E="), *vault.keys),
        vault.digest_key,
    )
    assert operations.reseal(session, vault=newer) == 1
    session.flush()
    assert operations.reseal(session, vault=newer) == 0
    assert queries.own_correction(session, person.id, 1, vault=newer).wish == WISH


def test_closing_waits_and_can_be_taken_back(session, person):
    closing(session, person, now=NOON)
    closing(session, person, now=NOON)  # asked twice
    state = queries.open_closing(session, person.id)
    assert state.due_at == NOON + timedelta(days=15) and state.by_themselves
    assert queries.due_closings(session, now=NOON + timedelta(days=14)) == []
    assert operations.take_back(session, person_id=person.id, actor_id=person.id, now=LATER)
    assert not operations.take_back(session, person_id=person.id, actor_id=person.id, now=LATER)
    assert queries.due_closings(session, now=NOON + timedelta(days=30)) == []
    closing(session, person, now=LATER)
    assert queries.open_closing(session, person.id).number == 2
    assert verbs(session) == [
        "privacy.closing_asked", "privacy.closing_taken_back", "privacy.closing_asked",
    ]  # fmt: skip


def test_closing_erases_what_need_not_stay(session, person, vault):
    published(session)
    sealed(session, person, vault)
    builders.added(session, FormerName(person_id=person.id, name="杨小妹", noted_at=NOON))
    asked(session, person, vault)
    answered(session, person, "public_name")
    person.password_hash, person.education = "x", "bachelor"
    closing(session, person)
    done = operations.close_account(session, person_id=person.id, keeps_name=False, now=NOON)
    assert done == [person.id]
    for model in (Phone, IdentityDocument, FormerName, RoleGrant):
        assert session.scalars(sa.select(model).where(model.person_id == person.id)).all() == []
    session.expire_all()
    assert (person.user_name, person.name) == (f"closed-{person.id}", "已注销")
    assert (person.password_hash, person.education, person.closed_at) == (None, None, NOON)
    assert not queries.has_consent(session, person.id, Purpose.PUBLIC_NAME)
    assert queries.own_corrections(session, person.id, vault=vault)[0].wish is None
    assert session.scalars(sa.select(Post.ended_on)).all() == [TODAY]
    assert len(queries.history(session, person.id)) == 2, "consents stay as proof"
    again = operations.close_account(session, person_id=person.id, keeps_name=False, now=NOON)
    assert again == []


def test_a_name_stays_for_a_certificate(session, person):
    name = person.name
    closing(session, person)
    operations.close_account(session, person_id=person.id, keeps_name=True, now=NOON)
    assert session.get(Person, person.id).name == name


def test_duplicates_go_with_the_person_they_were_merged_into(session, person, vault):
    twin = builders.person(session, merged_into_id=person.id)
    third = builders.person(session, merged_into_id=twin.id)
    sealed(session, third, vault)
    with pytest.raises(Conflict) as refusal:
        closing(session, twin)
    assert refusal.value.code == "merged"
    closing(session, person)
    done = operations.close_account(session, person_id=person.id, keeps_name=False, now=NOON)
    assert done == sorted([person.id, twin.id, third.id])
    assert session.scalars(sa.select(Phone)).all() == []


def test_a_clerk_closes_only_their_own_people_and_says_why(session, office):
    place, one, actor = office
    ask = {"person_id": one.id, "actor_id": actor.id, "now": NOON}
    with pytest.raises(Invalid) as refusal:
        operations.ask_closing(session, reason=" ", scope={place.id}, **ask)
    assert refusal.value.code == "blank"
    with pytest.raises(NotFound):
        operations.ask_closing(session, reason="离职", scope={county(session).id}, **ask)
    operations.ask_closing(session, reason="离职", scope={place.id}, **ask)
    assert [c.name for c in queries.closings_in_scope(session, scope={place.id}, on=TODAY)] == [
        one.name
    ]
    with pytest.raises(NotFound):
        operations.take_back(session, scope={county(session).id}, **ask)


def test_a_closed_account_is_not_closed_again(session, person):
    person.closed_at = NOON
    session.flush()
    with pytest.raises(NotFound):
        closing(session, person)


def test_a_period_is_changed_within_its_bounds(session, person):
    change = {"actor_id": person.id, "now": NOON}
    assert queries.days_of(session, "cooling") == 15
    assert operations.set_days(session, key="cooling", days=7, **change)
    assert not operations.set_days(session, key="cooling", days=7, **change)
    assert queries.days_of(session, "cooling") == 7
    assert {p.key: p.days for p in queries.periods(session)}["cooling"] == 7
    with pytest.raises(Invalid):
        operations.set_days(session, key="cooling", days=99, **change)
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "privacy.retention_changed")).one()
    assert (entry.facts["before"], entry.facts["after"]) == (15, 7)
