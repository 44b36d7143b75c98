import json
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch
from lms.records.models import Record
from lms.records.types import Fact, RecordKind, in_force

_COLUMNS = (
    Record.number,
    Record.kind,
    Record.subject,
    Record.on,
    Record.quantity,
    Record.unit,
    Record.scheme,
    Record.category,
    sa.cast(Record.detail, sa.Text).label("detail"),
    Record.corrects,
)
"""The columns of a :class:`Fact`, in its order; the detail unparsed."""

_OF_ONE = (
    sa.select(*_COLUMNS)
    .where(Record.learner_id == sa.bindparam("learner_id"))
    .order_by(Record.number)
)


def facts_of(session: Session, learner_id: int) -> list[Fact]:
    """Return every fact of a learner, oldest number first. One statement."""
    return [_fact(*row) for row in fetch(session, _OF_ONE, {"learner_id": learner_id})]


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
        yield learner_id, [_fact(*row[1:]) for row in group]


def standing_about(
    session: Session, learner_ids: Collection[int], *, kind: RecordKind, subjects: Collection[str]
) -> list[tuple[int, str, Fact]]:
    """Return the facts of a kind that count for some learners, with learner and name of the deed.

    One statement.
    """
    rows = fetch(
        session,
        sa.select(Record.learner_id, Record.dedupe_key, *_COLUMNS)
        .where(
            Record.learner_id.in_(learner_ids),
            Record.kind.in_([kind, RecordKind.CORRECTED]),
            Record.subject.in_(subjects),
        )
        .order_by(Record.learner_id, Record.number),
    )
    found: list[tuple[int, str, Fact]] = []
    for learner_id, group in groupby(rows, key=lambda row: int(row[0])):
        known = {row[2]: (row[1], _fact(*row[2:])) for row in group}
        standing = in_force(fact for _key, fact in known.values())
        found += [(learner_id, known[fact.number][0], fact) for fact in standing]
    return found


def _fact(number: int, kind: str, subject: str, *others: Any) -> Fact:
    on, quantity, unit, scheme, category, text, corrects = others
    of_many = kind == RecordKind.LESSON_COMPLETED
    detail = _shared(text) if of_many else json.loads(text)
    return Fact(number, kind, subject, on, quantity, unit, scheme, category, detail, corrects)


@lru_cache(maxsize=256)
def _shared(text: str) -> Mapping[str, Any]:
    """Return what records of lessons say, which is the same for everybody: read once."""
    return MappingProxyType(json.loads(text))
