"""What happens without anybody asking goes on happening, whatever fails."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
import time_machine

from lms.audit.models import Check, Entry, Link
from lms.exams import operations, queries
from lms.kernel.clock import day_of
from lms.privacy.models import CorrectionRequest
from lms.question_bank import operations as questions
from lms.question_bank import queries as question_queries
from lms.question_bank.models import Question
from lms.web import housekeeping
from lms.web.housekeeping import Housekeeper
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams
from tests.privacy import builders as privacy
from tests.question_bank import builders as bank

LATE = NOON + timedelta(days=1)


@pytest.fixture
def keeper(app, client):
    return Housekeeper(app)


@pytest.fixture
def overdue(session):
    made = exams.started(session)
    session.commit()
    return made


def is_open(session, attempt):
    session.expire_all()
    return queries.sitting(session, learner_id=attempt[0], number=attempt[1]).is_open


@time_machine.travel(LATE, tick=False)
def test_every_overdue_paper_is_handed_in_however_many(session, keeper, monkeypatch):
    attempts = [exams.started(session) for _ in range(3)]
    session.commit()
    whole = operations.hand_in_expired
    monkeypatch.setattr(
        operations, "hand_in_expired", lambda session, *, now: whole(session, now=now, at_most=1)
    )
    keeper()
    assert not any(is_open(session, attempt) for attempt in attempts)


@time_machine.travel(LATE, tick=False)
def test_what_fails_is_told_and_keeps_nothing_else(session, keeper, overdue, monkeypatch, caplog):
    for fault in (sa.exc.OperationalError("", {}, Exception()), KeyError("kind")):
        caplog.clear()
        with monkeypatch.context() as broken:
            broken.setattr(operations, "hand_in_expired", Mock(side_effect=fault))
            keeper()
        assert "housekeeping failed" in caplog.text
    assert is_open(session, overdue)
    chained = sa.select(sa.func.count()).select_from(Link).join(Entry, Entry.id == Link.entry_id)
    assert session.scalar(chained) > 0, "the trail was sealed all the same"
    keeper()
    assert not is_open(session, overdue), "it is tried again"


def test_progress_is_judged_once_a_day(keeper, monkeypatch):
    judged = []
    monkeypatch.setattr(housekeeping, "rebuild_everybody", lambda: judged.append(1))
    for instant in (NOON, NOON + timedelta(hours=1), datetime(2026, 3, 2, 16, 0, tzinfo=UTC)):
        with time_machine.travel(instant, tick=False):  # the last is midnight in China
            keeper()
    assert len(judged) == 2


@time_machine.travel(LATE, tick=False)
def test_accounts_are_closed_when_their_time_has_come(session, keeper):
    due, waits = builders.person(session), builders.person(session)
    privacy.closing(session, due, now=LATE - timedelta(days=16))
    privacy.closing(session, waits, now=LATE - timedelta(days=14))
    session.commit()
    tidied = keeper.app.test_cli_runner().invoke(args=["privacy", "tidy"])
    assert tidied.output == "1 accounts closed, 0 requests emptied\n"
    keeper()
    session.expire_all()
    assert due.closed_at == LATE and waits.closed_at is None


@time_machine.travel(LATE, tick=False)
def test_what_was_kept_long_enough_is_erased(session, keeper, vault):
    one = builders.learner(session)
    privacy.asked(session, one, vault)
    long_ago = LATE - timedelta(days=1096)
    session.execute(
        sa.update(CorrectionRequest).values(
            outcome="done", answered_at=long_ago, answered_by=one.id, answer="好"
        )
    )
    session.commit()
    keeper()
    session.expire_all()
    found = session.scalars(sa.select(CorrectionRequest)).one()
    assert (found.sealed, found.answer, found.outcome) == (None, None, "done")


def test_the_trail_is_checked_once_a_day(session, keeper):
    for hours in (0, 1, 25):
        with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
            keeper()
    checks = session.scalars(sa.select(Check).order_by(Check.id)).all()
    assert [check.checked_at for check in checks] == [NOON, NOON + timedelta(hours=25)]
    assert checks[-1].faults == []


def test_with_nothing_to_do_the_new_chores_write_nothing(session, keeper, count_statements):
    with time_machine.travel(NOON, tick=False):
        keeper()
        with count_statements() as seen:
            keeper()
    assert not [s for s in seen if s.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_questions_go_out_the_day_after_their_law_ended(session, keeper):
    with time_machine.travel(NOON, tick=False):
        source = {"kind": "law", "title": "某法", "edition": "旧", "article": ""}
        bank.question(session, source=source)
        questions.reindex(session)
        ends = bank.law("某法", ("旧", date(2020, 1, 1)), ends=day_of(NOON))
        questions.load_laws(session, [ends], now=NOON)
        session.commit()
        keeper()
        assert len(question_queries.drawable(session, "J-COMP")) == 1
    with time_machine.travel(LATE, tick=False):
        keeper()
        session.expire_all()
        assert question_queries.drawable(session, "J-COMP") == []


def test_uses_of_questions_are_counted_once_an_hour(session, keeper):
    learner_id, number = exams.started(session)
    operations.submit(session, learner_id=learner_id, number=number, now=NOON)
    session.commit()

    def used():
        session.expire_all()
        return session.scalar(sa.select(sa.func.sum(Question.times_used)))

    for minutes, expected in ((5, 0), (50, 0), (66, 5)):  # ten minutes are left to be sure
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            keeper()
        assert used() == expected
