"""Keeping for how long questions were in view, where no answer comes with it."""

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import queries, rules
from lms.exams.models import Attempt
from lms.exams.types import State, Watched
from lms.kernel.selecting import put
from lms.people.operations import lock_learner

_WATCHED = (
    sa.update(cast(sa.Table, Attempt.__table__))
    .where(
        Attempt.learner_id == sa.bindparam("of_learner"), Attempt.number == sa.bindparam("which")
    )
    .values(watched=sa.bindparam("new_watched"))
)


def note_watched(
    session: Session, *, learner_id: int, number: int, sent: Watched, now: datetime
) -> None:
    """Keep what a page says beside handing in. Of a paper that is over nothing is kept.

    :raises NotFound: ``no_attempt``.
    """
    lock_learner(session, learner_id)  # first, as handing in does
    found = queries.desk(session, learner_id=learner_id, number=number)
    if found.state is not State.OPEN or rules.is_over(found.deadline_at, now):
        return
    seen = rules.watch(found, sent, now=now)
    if seen is not found.watched:
        values = {"of_learner": learner_id, "which": number, "new_watched": seen}
        put(session, _WATCHED, values)
