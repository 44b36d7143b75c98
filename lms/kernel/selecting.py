"""Read columns and write rows, past the ORM."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

_CONNECTION = "lms.connection"
"""The session's transaction with its connection: asking the session each time takes as long as
preparing the statement."""


class LateSession(Session):
    """A session whose own transaction begins only when it is needed.

    Most pages only :func:`fetch`. To begin and end the ORM's transaction takes longer than to send
    two such statements, so the first one opens a connection without it. What needs the ORM later
    goes on in the transaction of that connection, and controls it as if it had begun it. To be
    made with ``join_transaction_mode="control_fully"``.
    """

    _early: sa.Connection | None = None

    def early(self) -> sa.Connection | None:
        """Return the connection for reading before the ORM has begun; none once it has."""
        if self.in_transaction():
            return None
        if self._early is None:
            bind = super().get_bind()
            if not isinstance(bind, sa.Engine):
                return None  # a connection that somebody else lends has its own transaction
            self._early = bind.connect()
        return self._early

    def get_bind(self, *args: Any, **options: Any) -> sa.Engine | sa.Connection:
        """Return what statements are sent to: the connection that is open already."""
        return super().get_bind(*args, **options) if self._early is None else self._early

    def commit(self) -> None:
        """Commit; what is read next is read anew.

        Where only :func:`fetch` has read, nothing waits to be written, and the connection is kept
        for what comes next: getting one from the pool asks it first whether it is still there.
        """
        if self.in_transaction():
            try:
                super().commit()
            finally:
                self._let_go()
        elif self._early is not None:
            self._early.rollback()

    def rollback(self) -> None:
        """Roll back; what is read next is read anew."""
        try:
            super().rollback()
        finally:
            self._let_go()

    def close(self) -> None:
        """Close, and give the connection back."""
        try:
            if self.in_transaction() or self.identity_map or self.new:  # else it holds nothing
                super().close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        early, self._early = self._early, None
        if early is not None:
            early.close()


def fetch(
    session: Session, statement: sa.Executable, values: Mapping[str, Any] | None = None
) -> sa.CursorResult[*tuple[Any, ...]]:
    """Return the rows of a select of columns, in the session's transaction.

    For pages, which read often and never need an entity: the session's own ``execute`` prepares
    every result for entities, which takes longer than such a statement. What waits in the session
    is flushed first, as it would do.
    """
    session.flush()
    early = session.early() if isinstance(session, LateSession) else None
    return (early or _connection(session)).execute(statement, values)


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
    _connection(session).execute(statement, values)


def _connection(session: Session) -> sa.Connection:
    transaction, connection = session.info.get(_CONNECTION, (None, None))
    if isinstance(connection, sa.Connection) and session.get_transaction() is transaction:
        return connection
    connection = session.connection()
    session.info[_CONNECTION] = session.get_transaction(), connection
    return connection
