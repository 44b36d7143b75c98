"""Two clerks at once, on a real file and on a real server."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.exams.models import Attempt, PaperEntry, PaperPrint
from lms.exams.operations import print_paper, start
from lms.kernel.transaction import transaction
from lms.paper_form import operations
from lms.people.types import Role
from lms.records.models import Record
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams.test_races import at_once, count
from tests.paper_form.builders import printed as make_print
from tests.paper_form.builders import right_letters

MANY = 12


@pytest.fixture
def room(own_engine):
    """A print, its clerks and the learners who sat it."""
    with Session(own_engine) as session, transaction(session):
        county = builders.organization(session, kind="county")
        clerks = [builders.with_role(session, Role.INSTRUCTOR, at=county).id for _ in range(2)]
        place = builders.organization(session, county)
        learners = [builders.learner(session, at=place).id for _ in range(5)]
        printed = make_print(session, at=county)
        return printed, county.id, clerks, learners


def entering(room, turn):
    """The same cards, from one clerk or the other, in one order or the other."""
    printed, county_id, clerks, learners = room
    cards = {one: right_letters(printed) for one in (learners if turn % 2 else learners[::-1])}
    return lambda session: operations.enter(
        session, printed.id, cards, on=TODAY, scope=[county_id], actor_id=clerks[turn % 2], now=NOON
    )


def test_the_same_list_from_two_clerks_is_written_once(own_engine, room):
    done = at_once(own_engine, [entering(room, turn) for turn in range(MANY)])

    assert sorted(one.new for one in done) == [0] * (MANY - 1) + [5]
    assert all(one.other == 0 for one in done)
    with Session(own_engine) as session:
        assert count(session, Attempt) == count(session, PaperEntry) == 5
        assert count(session, Record) == 5
        verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject.like("attempt:%"))).all()
        assert verbs == ["exams.attempt_entered"] * 5


def test_a_card_and_a_start_take_different_numbers(own_engine, room):
    printed, _county, _clerks, learners = room
    starting = [
        lambda session, who=who: start(
            session, learner_id=who, paper_key=printed.paper_key, seed=1, now=NOON
        )
        for who in learners
    ]
    at_once(own_engine, [entering(room, 0), *starting])
    with Session(own_engine) as session:
        rows = session.execute(sa.select(Attempt.learner_id, Attempt.number)).all()
        assert sorted(rows) == sorted((who, n) for who in learners for n in (1, 2))


def test_a_form_sent_twice_at_once_is_one_print(own_engine, room):
    printed, county_id, clerks, _learners = room

    def printing(session):
        return print_paper(
            session, paper_key=printed.paper_key, seed=77, note="二班", organization_id=county_id,
            actor_id=clerks[0], now=NOON,
        )  # fmt: skip

    made = at_once(own_engine, [printing] * 8)
    assert len(set(made)) == 1
    with Session(own_engine) as session:
        assert count(session, PaperPrint) == 2
