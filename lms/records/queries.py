from collections.abc import Collection, Iterator
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch
from lms.records.models import Record
from lms.records.types import Fact

_COLUMNS = (
    Record.number,
    Record.kind,
    Record.subject,
    Record.on,
    Record.quantity,
    Record.unit,
    Record.scheme,
    Record.category,
    Record.detail,
    Record.corrects,
)
_OF_ONE = (
    sa.select(*_COLUMNS)
    .where(Record.learner_id == sa.bindparam("learner_id"))
    .order_by(Record.number)
)


def facts_of(session: Session, learner_id: int) -> list[Fact]:
    """Return every fact of a learner, oldest number first. One statement."""
    return [Fact(*row) for row in fetch(session, _OF_ONE, {"learner_id": learner_id})]


def facts_of_many(
    session: Session, learner_ids: Collection[int]
) -> Iterator[tuple[int, list[Fact]]]:
    """Yield each learner that has facts, with them. One statement; streams."""
    rows = session.execute(
        sa.select(Record.learner_id, *_COLUMNS)
        .where(Record.learner_id.in_(learner_ids))
        .order_by(Record.learner_id, Record.number)
        .execution_options(yield_per=5000)
    )
    for learner_id, group in groupby(rows, key=lambda row: row[0]):
        yield learner_id, [Fact(*row[1:]) for row in group]
