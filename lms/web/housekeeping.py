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
from lms.kernel.databases import DatabaseFault
from lms.requirements.cli import rebuild_everybody

log = logging.getLogger(__name__)


class Housekeeper:
    """Does it once for each call; remembers the last day on which progress was judged."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.judged_on: date | None = None

    def __call__(self) -> None:
        """Do what is due. A failing database is logged, and tried again the next time."""
        with self.app.app_context():
            try:
                self._do()
            except DatabaseFault:
                log.exception("housekeeping failed; it is tried again in a while")

    def _do(self) -> None:
        now = utc_now()
        with writing() as session:
            exams.hand_in_expired(session, now=now)
        with writing() as session:
            audit.seal(session, now=now, everything=False)
        if self.judged_on != day_of(now):
            rebuild_everybody()
            self.judged_on = day_of(now)
