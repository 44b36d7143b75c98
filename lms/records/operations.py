from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.kernel.selecting import fetch, put
from lms.kernel.transaction import touch
from lms.people.operations import lock_learner, lock_learners
from lms.records.models import Record
from lms.records.types import Correction, RecordKind

_LAST_AND_KNOWN = sa.select(
    sa.func.max(Record.number),
    sa.func.max(sa.case((Record.dedupe_key == sa.bindparam("dedupe_key"), Record.number))),
).where(Record.learner_id == sa.bindparam("learner_id"))
"""One walk over the learner's neighbouring rows: the last number, and that of the same deed."""

_INSERT = sa.insert(cast(sa.Table, Record.__table__))


def append(
    session: Session,
    *,
    learner_id: int,
    kind: RecordKind,
    subject: str,
    on: date,
    now: datetime,
    dedupe_key: str,
    quantity: int | None = None,
    unit: str = "",
    scheme: str = "",
    category: str = "",
    detail: Mapping[str, Any] | None = None,
    corrects: int | None = None,
    actor_id: int | None = None,
    authority: str = "platform",
) -> int:
    """Append one fact and return its number; if the deed is known already, return that number.

    :param dedupe_key: names the deed, for example ``course_completed:basics``.
    :param quantity: half points or minutes, as the kind says.
    :raises NotFound: ``no_person``.
    """
    lock_learner(session, learner_id)
    last, known = _last_and_known(session, learner_id, dedupe_key)
    while known is not None:
        if not _is_retracted(session, learner_id, known):
            return int(known)
        # carried over once and taken back: the deed itself was never theirs
        dedupe_key = f"{dedupe_key}~{known}"
        last, known = _last_and_known(session, learner_id, dedupe_key)
    number = 1 + (last or 0)
    put(
        session,
        _INSERT,
        {
            "learner_id": learner_id,
            "number": number,
            "kind": kind,
            "subject": subject,
            "happened_on": on,
            "quantity": quantity,
            "unit": unit,
            "scheme": scheme,
            "category": category,
            "detail": dict(detail or {}),
            "dedupe_key": dedupe_key,
            "corrects": corrects,
            "recorded_at": now,
            "actor_id": actor_id,
            "authority": authority,
        },
    )
    touch(session, learner_id, now=now)
    return number


def _last_and_known(
    session: Session, learner_id: int, dedupe_key: str
) -> tuple[int | None, int | None]:
    row = fetch(
        session, _LAST_AND_KNOWN, {"learner_id": learner_id, "dedupe_key": dedupe_key}
    ).one()
    return row[0], row[1]


def _is_retracted(session: Session, learner_id: int, number: int) -> bool:
    """Say whether a fact was carried over from somebody else and retracted again."""
    found = session.scalar(
        sa.select(Record.number).where(
            Record.learner_id == learner_id, Record.dedupe_key == _retraction(number)
        )
    )
    return found is not None


def _retraction(number: int) -> str:
    return f"retracted:{number}"


def correct_many(
    session: Session, corrections: Collection[Correction], *, actor_id: int | None, now: datetime
) -> int:
    """Put new facts in the place of others, of many learners at once; return how many.

    Each says the same of the same day as the fact that it corrects, but for quantity and detail.
    Two statements whatever their number, and the locks of :func:`lock_learners`.

    :raises NotFound: ``no_person``.
    """
    if not corrections:
        return 0
    learner_ids = sorted({each.learner_id for each in corrections})
    lock_learners(session, learner_ids)
    last = _last_numbers(session, learner_ids)
    rows = []
    for each in corrections:
        last[each.learner_id] += 1
        rows.append(
            {
                "learner_id": each.learner_id,
                "number": last[each.learner_id],
                "kind": each.fact.kind,
                "subject": each.fact.subject,
                "happened_on": each.fact.on,
                "quantity": each.quantity,
                "unit": each.fact.unit,
                "scheme": each.fact.scheme,
                "category": each.fact.category,
                "detail": dict(each.detail),
                "dedupe_key": each.dedupe_key,
                "corrects": each.fact.number,
                "recorded_at": now,
                "actor_id": actor_id,
                "authority": "platform",
            }
        )
    put(session, _INSERT, rows)
    for learner_id in learner_ids:
        touch(session, learner_id, now=now)
    return len(rows)


def _last_numbers(session: Session, learner_ids: Sequence[int]) -> dict[int, int]:
    """Return the last number of each learner who has a record. One statement for each 1,000."""
    found: dict[int, int] = {}
    for start in range(0, len(learner_ids), 1000):
        some = learner_ids[start : start + 1000]
        statement = (
            sa.select(Record.learner_id, sa.func.max(Record.number))
            .where(Record.learner_id.in_(some))
            .group_by(Record.learner_id)
        )
        found.update((row[0], row[1]) for row in fetch(session, statement))
    return found


def carry_over(
    session: Session, *, from_id: int, to_id: int, actor_id: int | None, now: datetime
) -> list[int]:
    """Append the facts in force of one learner to another's record; return their new numbers.

    Each names whose fact it was and under which number. A deed that the other has done too is not
    carried: it would count twice. A sitting of a paper is never the same as another.

    :raises NotFound: ``no_person``.
    """
    for learner_id in sorted((from_id, to_id)):
        lock_learner(session, learner_id)
    theirs, mine = _standing(session, from_id), _standing(session, to_id)
    done = {row.dedupe_key.partition("~")[0] for row in mine} | {_content(row) for row in mine}
    numbers = []
    for row in theirs:
        key = row.dedupe_key.partition("~")[0]
        sitting = row.kind == RecordKind.PAPER_SAT
        if not sitting and (key in done or _content(row) in done):
            continue
        carried = {"carried_from": {"learner": from_id, "number": row.number}}
        numbers.append(
            append(
                session,
                learner_id=to_id,
                kind=RecordKind(row.kind),
                subject=row.subject,
                on=row.on,
                now=now,
                dedupe_key=f"{key}@{from_id}" if sitting else key,
                quantity=row.quantity,
                unit=row.unit,
                scheme=row.scheme,
                category=row.category,
                detail=row.detail | carried,
                actor_id=actor_id,
                authority=row.authority,
            )
        )
    return numbers


def retract(
    session: Session,
    *,
    learner_id: int,
    numbers: Collection[int],
    actor_id: int | None,
    now: datetime,
) -> None:
    """Let facts that were carried over count no longer: a correction for each.

    :raises NotFound: ``no_person``.
    """
    if not numbers:
        return
    lock_learner(session, learner_id)
    rows = session.execute(
        sa.select(Record.number, Record.subject, Record.corrects).where(
            Record.learner_id == learner_id, Record.kind != RecordKind.CORRECTED
        )
    ).all()
    subjects = {row.number: row.subject for row in rows}
    corrected_by = {row.corrects: row.number for row in rows if row.corrects is not None}
    for carried in sorted(numbers):
        number = carried
        while number in corrected_by:  # a fact that was corrected since goes in its newest form
            number = corrected_by[number]
        append(
            session,
            learner_id=learner_id,
            kind=RecordKind.CORRECTED,
            subject=subjects[number],
            on=day_of(now),
            now=now,
            dedupe_key=_retraction(number),
            corrects=number,
            actor_id=actor_id,
        )


def _standing(session: Session, learner_id: int) -> list[Record]:
    """Return the records that count, as rows."""
    rows = session.scalars(
        sa.select(Record).where(Record.learner_id == learner_id).order_by(Record.number)
    ).all()
    gone = {row.corrects for row in rows if row.corrects is not None}
    return [row for row in rows if row.number not in gone and row.kind != RecordKind.CORRECTED]


def _content(row: Record) -> tuple[object, ...]:
    """Return what makes two facts equal, whoever's they are."""
    return (row.kind, row.subject, row.on, row.quantity, row.unit, row.scheme, row.category)
