from datetime import datetime, timedelta
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.jobs.models import StoredFile
from lms.kernel.clock import day_of
from lms.kernel.files import Store
from lms.kernel.transaction import after_commit


def keep_file(
    session: Session,
    store: Store,
    source: BinaryIO,
    *,
    name: str,
    at_most: int,
    days: int,
    owner_id: int | None,
    now: datetime,
) -> int:
    """Store a file and return its number.

    :param at_most: bytes.
    :param days: how long it is kept.
    :raises Invalid: ``file_too_large``.
    """
    kept = store.keep(source, at_most=at_most)
    row = StoredFile(
        key=kept.key,
        name=name[-200:],
        size=kept.size,
        sha256=kept.sha256,
        owner_id=owner_id,
        created_at=now,
        kept_until_on=day_of(now + timedelta(days=days)),
    )
    session.add(row)
    session.flush()
    return row.id


def remove_old_files(session: Session, store: Store, *, now: datetime) -> int:
    """Delete the files whose time is over, and return how many. The rows stay."""
    old = session.scalars(
        sa.select(StoredFile).where(
            StoredFile.removed_at.is_(None), StoredFile.kept_until_on < day_of(now)
        )
    ).all()
    for row in old:
        row.removed_at = now
        after_commit(session, lambda key=row.key: store.remove(key))  # type: ignore[misc]  # a default binds the key now
    return len(old)
