"""Read columns and write rows, past the ORM."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.transaction import LateSession

_CONNECTION = "lms.connection"
"""The session's transaction with its connection: asking the session each time takes as long as
preparing the statement."""


def fetch(
    session: Session, statement: sa.Executable, values: Mapping[str, Any] | None = None
) -> sa.CursorResult[*tuple[Any, ...]]:
    """Return the rows of a select of columns, in the session's transaction.

    For pages, which read often and never need an entity: the session's own ``execute`` prepares
    every result for entities, which takes longer than such a statement. What waits in the session
    is flushed first, as it would do.
    """
    session.flush()
    return _connection(session).execute(statement, values)


def put(
    session: Session,
    statement: sa.Insert | sa.Update,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Write rows in the session's transaction, many in one statement.

    Entities that the session has loaded do not learn of it. What waits in the session is written
    first.
    """
    session.flush()
    _connection(session, writes=True).execute(statement, values)


def _connection(session: Session, *, writes: bool = False) -> sa.Connection:
    early = session.early(writes=writes) if isinstance(session, LateSession) else None
    if early is not None:
        return early
    transaction, connection = session.info.get(_CONNECTION, (None, None))
    if isinstance(connection, sa.Connection) and session.get_transaction() is transaction:
        return connection
    connection = session.connection()
    session.info[_CONNECTION] = session.get_transaction(), connection
    return connection
