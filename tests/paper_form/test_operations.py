from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exams import operations as exams
from lms.exams import queries, rules
from lms.exams.models import Attempt, PaperEntry, PaperPrint, Response
from lms.exams.types import Cause, Policy, State
from lms.kernel.errors import Conflict, DomainError, NotFound
from lms.paper_form import operations
from lms.paper_form.types import CardRow, Done
from lms.people.operations import add_many
from lms.people.types import Grant, PersonRow, PostKind, PostRow, Role
from lms.records.models import Record
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams import builders as sittings
from tests.paper_form.builders import printed as make_print
from tests.paper_form.builders import right_letters


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county")


@pytest.fixture
def clerk(session, county):
    return builders.with_role(session, Role.INSTRUCTOR, at=county)


@pytest.fixture
def station(session, county):
    return builders.organization(session, county)


@pytest.fixture
def learner(session, station):
    return builders.learner(session, at=station, name="杨梅")


@pytest.fixture
def printed(session, county, clerk):
    return make_print(session, at=county, by=clerk)


def enter(session, printed, clerk, county, cards, *, on=TODAY, now=NOON):
    return operations.enter(
        session,
        printed.id,
        {person.id: cells for person, cells in cards.items()},
        on=on,
        scope=[county.id],
        actor_id=clerk.id,
        now=now,
    )


def count(session, of):
    return session.scalar(sa.select(sa.func.count()).select_from(of))


# --- printing ---


def test_a_print_keeps_its_questions_and_is_noted(session, printed, clerk):
    assert [slot.section for slot in printed.slots] == [0, 0, 0, 1, 1]
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "exams.paper_printed")).one()
    assert (entry.subject, entry.actor_id) == (f"print:{printed.id}", clerk.id)
    assert entry.facts["seed"] == printed.seed


def test_the_same_form_twice_is_one_print(session, printed, county, clerk):
    again = exams.print_paper(
        session, paper_key=printed.paper_key, seed=printed.seed, note=printed.note,
        organization_id=county.id, actor_id=clerk.id, now=NOON + timedelta(hours=1),
    )  # fmt: skip
    assert again == printed.id
    assert count(session, PaperPrint) == 1


@pytest.mark.parametrize("kind", ["numeric", ["single_choice", "numeric"]])
def test_what_no_card_can_take_is_not_printed(session, county, clerk, kind):
    sittings.rules(session)
    chapters = list(sittings.CHAPTERS)
    key = sittings.paper(
        session,
        blueprint={
            "level": "junior",
            "chapters": chapters,
            "section": [{**sittings.section_table("numeric", 3, 4), "kind": kind}],
        },
    )
    with pytest.raises(Conflict) as refused:
        exams.print_paper(
            session, paper_key=key, seed=1, note="", organization_id=county.id,
            actor_id=clerk.id, now=NOON,
        )  # fmt: skip
    assert refused.value.code == "not_for_paper"
    assert count(session, PaperPrint) == 0


def test_a_print_of_another_unit_does_not_exist(session, printed):
    other = builders.organization(session, kind="county")
    with pytest.raises(NotFound) as refused:
        queries.printed(session, printed.id, scope=[other.id])
    assert refused.value.code == "no_print"
    assert queries.prints(session, scope=[other.id]) == []


# --- typing in ---


def test_a_card_becomes_an_attempt_like_any_other(session, printed, clerk, county, learner):
    done = enter(session, printed, clerk, county, {learner: right_letters(printed)})

    assert done == Done(new=1, same=0, other=0)
    found = queries.sitting(session, learner_id=learner.id, number=1)
    assert (found.state, found.sat_on, found.slots) == (State.SUBMITTED, TODAY, printed.slots)
    assert (found.result.earned, found.result.out_of, found.result.passed) == (14, 14, True)
    attempt = session.get(Attempt, (learner.id, 1))
    assert (attempt.seed, attempt.paper_version_id) == (printed.seed, printed.paper_version_id)
    assert count(session, Response) == 5
    record = session.scalars(sa.select(Record).where(Record.learner_id == learner.id)).one()
    assert (record.kind, record.on, record.quantity) == ("paper_sat", TODAY, 14)
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "exams.attempt_entered")).one()
    assert (entry.actor_id, entry.subject) == (clerk.id, f"attempt:{learner.id}/1")
    assert entry.facts["paper_print"] == printed.id


def test_a_paper_with_a_rule_of_its_own_is_marked_by_it(session, county, clerk, learner):
    printed = make_print(session, at=county, by=clerk, marking="marking-negative")
    cells = right_letters(printed)
    cells[2] = next(letter for letter in "ABCD" if letter != cells[2])
    enter(session, printed, clerk, county, {learner: cells})

    # sixths: 6 - 2 + 6 of the single choices, 12 + 12 of the multiple ones
    result = queries.sitting(session, learner_id=learner.id, number=1).result
    assert (result.earned, result.out_of, result.unit) == (34, 42, 6)
    attempt = session.get(Attempt, (learner.id, 1))
    assert (attempt.unit, attempt.marking_rule_id) == (6, printed.marking_rule_id)
    record = session.scalars(sa.select(Record).where(Record.learner_id == learner.id)).one()
    assert (record.quantity, record.detail["unit"]) == (34, 6)
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "exams.attempt_entered")).one()
    assert entry.facts["unit"] == 6
    (line,) = queries.entered_from(session, printed.id, scope=[county.id], on=TODAY)
    assert (line.earned, line.out_of, line.unit) == (34, 42, 6)


def test_part_of_a_key_and_two_marks_earn_what_the_exam_gives(
    session, printed, clerk, county, learner
):
    right = right_letters(printed)
    cells = {1: right[1], 2: "AB", 3: "", 4: right[4][:2], 5: "ABCDE"}
    enter(session, printed, clerk, county, {learner: cells})

    marked = queries.marked(session, learner_id=learner.id, number=1)
    assert [each.mark.earned for each in marked] == [2, 0, 0, 2, 0]
    assert marked[1].chosen == ""
    kept = session.get(PaperEntry, (learner.id, printed.id))
    assert kept.spoilt == {"2": "AB"}


def test_marking_on_paper_is_marking_on_the_platform(session, printed, clerk, county, learner):
    """The same answers to the same questions: the same marks, slot by slot."""
    cells = {1: "A", 2: "B", 3: "C", 4: "AB", 5: "DE"}
    enter(session, printed, clerk, county, {learner: cells})
    online = builders.learner(session, at=builders.organization(session, county))
    number = exams.start(
        session, learner_id=online.id, paper_key=printed.paper_key, seed=printed.seed, now=NOON
    )
    attempt = session.get(Attempt, (online.id, number))
    attempt.slots = session.get(Attempt, (learner.id, 1)).slots
    session.flush()
    sent = [sittings.sending(slot, letters, slot) for slot, letters in cells.items()]
    exams.save_answers(session, learner_id=online.id, number=number, answers=sent, now=NOON)
    exams.submit(session, learner_id=online.id, number=number, now=NOON)

    mine = queries.marked(session, learner_id=learner.id, number=1)
    assert mine == queries.marked(session, learner_id=online.id, number=number)


def test_a_second_time_changes_nothing_and_says_so(session, printed, clerk, county, learner):
    cells = right_letters(printed)
    enter(session, printed, clerk, county, {learner: cells})
    before = [count(session, of) for of in (Attempt, Response, Record, Entry)]

    assert enter(session, printed, clerk, county, {learner: cells}) == Done(0, 1, 0)
    assert enter(session, printed, clerk, county, {learner: cells | {1: ""}}) == Done(0, 0, 1)
    assert [count(session, of) for of in (Attempt, Response, Record, Entry)] == before


def test_a_card_takes_the_next_number_beside_an_open_attempt(
    session, printed, clerk, county, learner
):
    exams.start(session, learner_id=learner.id, paper_key=printed.paper_key, seed=1, now=NOON)
    enter(session, printed, clerk, county, {learner: right_letters(printed)})
    assert [a.number for a in queries.own_attempts(session, learner.id)] == [2, 1]
    assert queries.sitting(session, learner_id=learner.id, number=1).is_open


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"on": TODAY + timedelta(days=1)}, "bad_day"),  # not yet
        ({"on": TODAY - timedelta(days=1)}, "bad_day"),  # before it was printed
        ({"cells": {1: "E"}}, "foreign_letter"),
        ({"cells": {4: "AA"}}, "repeated_letter"),
        ({"cells": {6: "A"}}, "foreign_slot"),
        ({"cells": {0: "A"}}, "foreign_slot"),
    ],
)
def test_what_is_refused_leaves_nothing(session, printed, clerk, county, learner, change, code):
    other = builders.learner(session, at=builders.organization(session, county))
    cards = {other: right_letters(printed), learner: change.get("cells", {1: "A"})}
    with pytest.raises(DomainError) as refused:
        enter(session, printed, clerk, county, cards, on=change.get("on", TODAY))
    assert refused.value.code == code
    assert count(session, Attempt) == 0


def test_nobody_outside_ones_scope_and_not_oneself(session, printed, clerk, county, learner):
    stranger = builders.learner(session)
    for who, code in ((stranger, "no_person"), (clerk, "own_card")):
        with pytest.raises(DomainError) as refused:
            enter(session, printed, clerk, county, {learner: {1: "A"}, who: {1: "A"}})
        assert refused.value.code == code
    assert count(session, Attempt) == 0


def test_the_line_is_that_of_the_day_of_the_sitting(session, county, clerk, learner):
    printed = make_print(session, at=county, by=clerk, now=NOON)
    enter(
        session, printed, clerk, county, {learner: {1: "A"}},
        on=date(2026, 3, 4), now=NOON + timedelta(days=10),
    )  # fmt: skip
    found = queries.sitting(session, learner_id=learner.id, number=1)
    assert found.result.submitted_at.date() == date(2026, 3, 3)  # midnight in China, told in UTC
    assert found.sat_on == date(2026, 3, 4)


def test_others_cards_are_not_listed(session, printed, clerk, county, learner):
    enter(session, printed, clerk, county, {learner: right_letters(printed)})
    own = queries.entered_from(session, printed.id, scope=[county.id], on=TODAY)
    assert [(line.name, line.earned) for line in own] == [("杨梅", 14)]
    elsewhere = builders.organization(session, kind="county")
    assert queries.entered_from(session, printed.id, scope=[elsewhere.id], on=TODAY) == []


# --- whose a row is ---


def review(session, vault, printed, clerk, county, *rows):
    return operations.review_cards(
        session,
        printed,
        rows,
        vault=vault,
        scope=[county.id],
        actor_id=clerk.id,
        now=NOON,
    )


def row(line=2, **values):
    return CardRow(line, answers={1: "A"}, **values)


@pytest.fixture
def numbered(session, vault, station):
    """Somebody with a document and a phone."""
    made = PersonRow(
        "石榴",
        phone="13985012345",
        posts=(PostRow(station.id, PostKind.STATION_WORKER, "社工", TODAY),),
        roles=(Grant(Role.LEARNER, station.id),),
    )
    return add_many(session, [made], vault=vault, actor_id=None, now=NOON)[0]


def test_a_person_is_found_by_user_name_number_or_name(
    session, vault, printed, clerk, county, learner, numbered
):
    found = review(
        session, vault, printed, clerk, county,
        row(2, user_name=learner.user_name, name="杨梅"), row(3, number="139-8501-2345"),
    )  # fmt: skip
    assert [one.person.id for one in found] == [learner.id, numbered]
    assert [one.faults for one in found] == [(), ()]
    (alone,) = review(session, vault, printed, clerk, county, row(name="石榴"))
    assert alone.person.id == numbered


def test_rows_that_mean_nobody_or_too_many_are_told(
    session, vault, printed, clerk, county, learner
):
    builders.learner(session, at=builders.organization(session, county), name="杨梅")
    stranger = builders.learner(session, name="外人")
    rows = [
        row(2, user_name="nobody"),
        row(3, user_name=stranger.user_name),  # outside of the scope: as if there were none
        row(4, name="外人"),
        row(5, name="杨梅"),
        row(6, user_name=learner.user_name, name="李四"),
        row(7, user_name=learner.user_name),
        row(8, user_name=learner.user_name),
        row(9, user_name=clerk.user_name),
        row(10),
    ]
    found = review(session, vault, printed, clerk, county, *rows)
    assert [[fault.code for fault in one.faults] for one in found] == [
        ["no_person"], ["no_person"], ["no_person"], ["many_people"], ["other_name"], [],
        ["same_person"], ["own_card"], ["no_person"],
    ]  # fmt: skip


def test_a_number_outside_of_ones_scope_finds_nobody(session, vault, printed, clerk, numbered):
    other = builders.organization(session, kind="county")
    (found,) = review(session, vault, printed, clerk, other, row(number="13985012345"))
    assert [fault.code for fault in found.faults] == ["no_person"]


def test_a_card_is_marked_anew_like_any_attempt(session, printed, clerk, county, learner):
    """A struck question counts for everybody, for whoever marked it twice as well."""
    cells = right_letters(printed)
    enter(session, printed, clerk, county, {learner: cells | {1: "AB"}})
    [before] = queries.entered_from(session, printed.id, scope=[county.id], on=TODAY)
    terms = rules.Terms(
        cause=Cause.QUESTION_STRUCK,
        policy=Policy.FULL_CREDIT,
        paper_version_id=None,
        from_version_id=printed.slots[0].version_id,
        to_version_id=None,
        marking_rule_id=None,
    )
    asked, approved = builders.person(session), builders.person(session)
    regrade = exams.propose_regrade(
        session, terms=terms, reason="题目有误", actor_id=asked.id, now=NOON
    )
    exams.apply_regrade(session, regrade_id=regrade, actor_id=approved.id, now=NOON)

    [after] = queries.entered_from(session, printed.id, scope=[county.id], on=TODAY)
    assert (after.earned - before.earned, after.unit) == (2, before.unit)
    assert enter(session, printed, clerk, county, {learner: cells | {1: "AB"}}) == Done(0, 1, 0)
