"""What must happen without anybody asking.

Overdue papers are handed in, the uses of questions are counted, the trail is sealed, accounts whose
cooling period is over are closed, what was kept long enough is erased. On every new day progress is
judged anew, because what was met may have run out overnight, questions whose law has ended go out
of new papers and drills, and the whole trail is checked against its chain.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import Flask

from lms.audit import operations as audit
from lms.audit import queries as trail
from lms.exam_sessions import operations as exam_sessions
from lms.exams import operations as exams
from lms.http.services import service
from lms.http.unit_of_work import reading, writing
from lms.jobs.operations.office import Office
from lms.kernel.clock import day_of, utc_now
from lms.question_bank import operations as questions
from lms.reports.cli import close_accounts, erase_content
from lms.requirements.cli import rebuild_everybody

CHECKED_EVERY = timedelta(days=1)
"""How often the whole trail is checked against its chain."""

COUNTED_EVERY = timedelta(hours=1)
"""How often it is counted on which papers questions have been."""

log = logging.getLogger(__name__)


class Housekeeper:
    """Does it once for each call; remembers when it last did what is done once a day or an hour."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.judged_on: date | None = None
        self.looked_at_laws_on: date | None = None
        self.counted_at: datetime | None = None

    def __call__(self) -> None:
        """Do what is due.

        A chore that fails is logged and tried again the next time; the others are done.
        """
        for chore in self._chores():
            with self.app.app_context():
                try:
                    chore()
                except Exception:
                    log.exception("housekeeping failed; it is tried again in a while")

    def _chores(self) -> tuple[Callable[[], object], ...]:
        return (
            self._hand_in,
            self._prepare_papers,
            self._count_uses,
            self._seal,
            self._judge,
            self._follow_laws,
            close_accounts,
            erase_content,
            self._check,
        )

    def _hand_in(self) -> None:
        done = 1
        while done:  # in portions, so that learners who write wait only for one of them
            with writing() as session:
                done = exams.hand_in_expired(session, now=utc_now())

    def _prepare_papers(self) -> None:
        with writing() as session:
            exam_sessions.ask_due(session, now=utc_now(), put=service(Office).queue.put)

    def _count_uses(self) -> None:
        now = utc_now()
        if self.counted_at is None or now >= self.counted_at + COUNTED_EVERY:
            with writing() as session:
                exams.count_uses(session, now=now)
            self.counted_at = now

    def _seal(self) -> None:
        with writing() as session:
            audit.seal(session, now=utc_now(), everything=False)

    def _judge(self) -> None:
        today = day_of(utc_now())
        if self.judged_on != today:
            rebuild_everybody()
            self.judged_on = today

    def _follow_laws(self) -> None:
        today = day_of(utc_now())
        if self.looked_at_laws_on != today:
            with writing() as session:
                questions.refresh(session, on=today, now=utc_now())
            self.looked_at_laws_on = today

    def _check(self) -> None:
        now = utc_now()
        if trail.checked_since(reading(), now - CHECKED_EVERY):
            return
        verdict = trail.verify(reading())
        if verdict.faults:
            log.error("the audit trail is not as it was written: %s faults", len(verdict.faults))
        with writing() as session:
            audit.note_check(session, verdict, now=now)
