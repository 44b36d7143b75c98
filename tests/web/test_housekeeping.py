"""What happens without anybody asking goes on happening, whatever fails."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
import time_machine

from lms.audit.models import Entry, Link
from lms.exams import operations, queries
from lms.web import housekeeping
from lms.web.housekeeping import Housekeeper
from tests.builders import NOON
from tests.exams import builders as exams

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
