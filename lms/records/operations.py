from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch, put
from lms.kernel.transaction import touch
from lms.people.operations import lock_learner
from lms.records.models import Record
from lms.records.types import RecordKind

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
    last, known = fetch(
        session, _LAST_AND_KNOWN, {"learner_id": learner_id, "dedupe_key": dedupe_key}
    ).one()
    if known is not None:
        return int(known)
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
