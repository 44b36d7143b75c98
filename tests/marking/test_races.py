"""Many markers at once, on databases that everybody sees."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.exams.models import Attempt, Response
from lms.kernel.transaction import transaction
from lms.marking import operations
from lms.marking.models import MarkShare
from lms.records import queries as records
from tests.builders import NOON
from tests.exams.test_races import at_once
from tests.marking.builders import claimed, ground, handed_in


@pytest.fixture
def prepared(own_engine):
    """Three waiting attempts and six markers, as plain numbers."""
    with Session(own_engine, expire_on_commit=False) as session, transaction(session):
        on = ground(session, markers=6)
        learners = [handed_in(session, on)[0] for _ in range(3)]
    return on, learners


def test_nobody_marks_the_same_share_as_somebody_else(own_engine, prepared):
    on, learners = prepared

    def claiming(marker):
        return lambda session: claimed(session, on, marker)

    found = at_once(own_engine, [claiming(marker) for marker in on.markers * 2])
    with Session(own_engine) as session:
        shares = session.scalars(sa.select(MarkShare)).all()
        # some may have come away with nothing while a row was held: they ask again
        held = {(one.learner_id, one.place) for one in shares}
        assert len(held) == len(shares) <= 2 * len(learners)
        assert {id_ for id_ in found if id_ is not None} <= {one.id for one in shares}
        assert len({(one.learner_id, one.marker_id) for one in shares}) == len(shares)
        for marker in on.markers:
            with transaction(session):
                claimed(session, on, marker)
        places = session.execute(sa.select(MarkShare.learner_id, MarkShare.place)).all()
        assert sorted(places) == [(id_, place) for id_ in learners for place in (1, 2)]


def test_two_who_give_marks_at_the_same_moment_settle_it_once(own_engine, prepared):
    on, learners = prepared
    deeds = []
    with Session(own_engine) as session, transaction(session):
        for marker in on.markers:
            share_id = claimed(session, on, marker)
            by = {"share_id": share_id, "marker_id": marker.id, "comment": "", "now": NOON}
            deeds += [lambda s, by=by: operations.give_marks(s, given=((8, 6, 6),), **by)] * 2
    at_once(own_engine, deeds)
    with Session(own_engine) as session:
        assert session.scalars(sa.select(Attempt.earned)).all() == [22] * 3
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 6
        assert [len(records.facts_of(session, id_)) for id_ in learners] == [1] * 3
        told = session.scalars(sa.select(Entry.verb)).all()
        assert told.count("exams.attempt_marked") == 3 and told.count("marking.marks_given") == 6


def test_taking_back_and_the_second_marks_do_not_pass_each_other(own_engine, prepared):
    """Either it is settled with both marks, or the first are open again."""
    on, learners = prepared
    with Session(own_engine) as session, transaction(session):
        one, two = (claimed(session, on, marker) for marker in on.markers[:2])
        first = {"share_id": one, "marker_id": on.markers[0].id, "now": NOON}
        operations.give_marks(session, given=((8, 6, 6),), comment="", **first)
    second = {"share_id": two, "marker_id": on.markers[1].id, "comment": "", "now": NOON}
    at_once(
        own_engine,
        [
            lambda s: operations.take_back(s, **first),
            lambda s: operations.give_marks(s, given=((8, 6, 6),), **second),
        ],
    )
    with Session(own_engine) as session:
        done = {s.id: s.finished_at is not None for s in session.scalars(sa.select(MarkShare))}
        settled = session.scalar(sa.select(Attempt.earned).where(Attempt.learner_id == learners[0]))
        assert done[two] and (settled is not None) == done[one]
