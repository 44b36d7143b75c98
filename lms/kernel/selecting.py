"""Read columns, past the ORM."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session


def fetch(
    session: Session, statement: sa.Executable, values: Mapping[str, Any] | None = None
) -> sa.CursorResult[*tuple[Any, ...]]:
    """Return the rows of a select of columns, in the session's transaction.

    For pages, which read often and never need an entity: the session's own ``execute`` prepares
    every result for entities, which takes longer than such a statement. What waits in the session
    is flushed first, as it would do.
    """
    session.flush()
    return session.connection().execute(statement, values)
