"""What must happen without anybody asking: overdue papers are handed in, the trail is sealed,
and on every new day progress is judged anew, because what was met may have run out overnight.
"""

import logging
from datetime import date

from flask import Flask

from lms.audit import operations as audit
from lms.exams import operations as exams
from lms.http.unit_of_work import writing
from lms.kernel.clock import day_of, utc_now
from lms.requirements.cli import rebuild_everybody

log = logging.getLogger(__name__)


class Housekeeper:
    """Does it once for each call; remembers the last day on which progress was judged."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.judged_on: date | None = None

    def __call__(self) -> None:
        """Do what is due.

        A chore that fails is logged and tried again the next time; the others are done.
        """
        for chore in (self._hand_in, self._seal, self._judge):
            with self.app.app_context():
                try:
                    chore()
                except Exception:
                    log.exception("housekeeping failed; it is tried again in a while")

    def _hand_in(self) -> None:
        done = 1
        while done:  # in portions, so that learners who write wait only for one of them
            with writing() as session:
                done = exams.hand_in_expired(session, now=utc_now())

    def _seal(self) -> None:
        with writing() as session:
            audit.seal(session, now=utc_now(), everything=False)

    def _judge(self) -> None:
        today = day_of(utc_now())
        if self.judged_on != today:
            rebuild_everybody()
            self.judged_on = today
