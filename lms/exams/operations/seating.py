"""What exam sessions ask of papers and attempts."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams.models import Attempt, Paper
from lms.exams.types import State
from lms.exams.types.seats import Ends
from lms.kernel.selecting import put

_attempts = cast(sa.Table, Attempt.__table__)
_LATER = (
    sa.update(_attempts)
    .where(
        _attempts.c.learner_id == sa.bindparam("of_learner"),
        _attempts.c.number == sa.bindparam("which"),
        _attempts.c.state == State.OPEN,
        _attempts.c.deadline_at <= sa.bindparam("new_deadline"),
    )
    .values(deadline_at=sa.bindparam("new_deadline"), latest_end_at=sa.bindparam("new_latest"))
)


def put_off(session: Session, ends: Mapping[tuple[int, int], Ends]) -> None:
    """Move the ends of open attempts, by learner and number; never to an earlier instant.

    Whoever asks writes it down in the trail.
    """
    if ends:
        rows = [
            {
                "of_learner": who,
                "which": number,
                "new_deadline": at.deadline_at,
                "new_latest": at.latest_end_at,
            }
            for (who, number), at in sorted(ends.items())
        ]
        put(session, _LATER, rows)


def hold_paper(session: Session, paper_id: int, *, until: datetime | None) -> None:
    """Keep a paper for exam sessions until an instant; none: it is open to everybody again."""
    session.execute(sa.update(Paper).where(Paper.id == paper_id).values(held_until_at=until))
