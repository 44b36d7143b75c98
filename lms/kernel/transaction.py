"""Where a writing transaction begins and ends. The only module that commits.

Entry points open one; operations work inside it, may ``flush()``, never commit.

* Effects that cannot be rolled back (mail, HTTP) wait in :func:`after_commit`.
* What a deed sets in motion higher up is a *before-commit step*: the operation says whom it
  touched (:func:`touch`), and the steps that the entry point was given run after the flush,
  in the same transaction. A passed exam moves a program's progress this way, although exams
  know nothing of programs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.databases import WRITING

Step = Callable[[Session, Mapping[int, datetime]], None]
"""Called with the session and the touched learners, each with the instant of the latest deed."""

_EFFECTS = "lms.after_commit"
_TOUCHED = "lms.touched"
_DONE_ONCE = "lms.done_once"


class LateSession(Session):
    """A session whose own transaction begins only when it is needed.

    Most pages only :func:`~lms.kernel.selecting.fetch`, and the deed that is done most, saving an
    answer, only fetches and puts. To begin and end the ORM's transaction takes longer than to send
    two such statements, so the first one opens a connection without it. What needs the ORM later
    goes on in the transaction of that connection, and controls it as if it had begun it. To be
    made with ``join_transaction_mode="control_fully"``.
    """

    _early: sa.Connection | None = None
    _writes = False

    def early(self, *, writes: bool = False) -> sa.Connection | None:
        """Return the connection to use before the ORM has begun; none once it has.

        :param writes: what is done through it is to be committed.
        """
        if self.in_transaction():
            return None
        if self._early is None:
            bind = super().get_bind()
            if not isinstance(bind, sa.Engine):
                return None  # a connection that somebody else lends has its own transaction
            self._early = bind.connect()
        self._writes = self._writes or writes
        return self._early

    def begin_writing(self) -> None:
        """Begin a transaction that will write; the session has none."""
        early = self.early(writes=True)
        if early is None:
            self.connection(execution_options=WRITING)
        else:
            early.execution_options(**WRITING).begin()

    def get_bind(self, *args: Any, **options: Any) -> sa.Engine | sa.Connection:
        """Return what statements are sent to: the connection that is open already."""
        return super().get_bind(*args, **options) if self._early is None else self._early

    def commit(self) -> None:
        """Commit; what is read next is read anew.

        Where only ``fetch`` has read, nothing waits to be written, and the connection is kept
        for what comes next: getting one from the pool asks it first whether it is still there.
        """
        if self.in_transaction() or self._writes:
            try:
                if self.in_transaction() or self._early is None:
                    super().commit()
                else:
                    self._early.commit()
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
        early, self._early, self._writes = self._early, None, False
        if early is not None:
            early.close()


@contextmanager
def transaction(session: Session, *, before_commit: Sequence[Step] = ()) -> Iterator[Session]:
    """Commit on leaving the block, roll back on any exception.

    Unlike ``session.begin()`` this works after something else (Flask-Login loading the
    user, for one) has read through the session: that read is ended first, so the block
    sees the newest state, and on SQLite it takes the write lock at once instead of
    failing half-way.
    """
    session.commit()
    if isinstance(session, LateSession):
        session.begin_writing()
    else:
        session.connection(execution_options=WRITING)
    session.info[_EFFECTS] = []
    session.info[_TOUCHED] = {}
    session.info[_DONE_ONCE] = set()
    try:
        yield session
        session.flush()
        touched = dict(session.info[_TOUCHED])  # a step may touch again
        if touched:
            for step in before_commit:
                step(session, touched)
        session.commit()
    except BaseException:
        session.rollback()
        del session.info[_EFFECTS]
        raise
    for effect in session.info.pop(_EFFECTS):
        effect()


def after_commit(session: Session, effect: Callable[[], None]) -> None:
    """Run ``effect`` once the current transaction has been committed; drop it on rollback."""
    session.info[_EFFECTS].append(effect)


def once_committed(session: Session, effect: Callable[[], None]) -> None:
    """Run ``effect`` when nothing of what the session reads can be taken back any more.

    At once outside of a writing transaction: what is read there others have committed.
    """
    if _EFFECTS in session.info:
        after_commit(session, effect)
    else:
        effect()


def touch(session: Session, learner_id: int, *, now: datetime) -> None:
    """Say that something about a learner changed, so that the before-commit steps look again.

    Of several deeds in one transaction the latest instant counts, in whatever order they are told.
    """
    touched = session.info.setdefault(_TOUCHED, {})
    touched[learner_id] = max(now, touched.get(learner_id, now))


def alone(session: Session, deed: int) -> None:
    """Let nobody else do a deed until this transaction ends: others who ask wait here.

    PostgreSQL takes an advisory lock; on SQLite writers queue anyway and nothing is sent.

    :param deed: its number among the application's advisory locks.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(deed)))


def together(session: Session, deed: int, of: int) -> None:
    """Let many do a deed to one thing at once while nobody does :func:`apart` to the same thing.

    On SQLite writers queue anyway and nothing is sent.

    :param deed: a number of the application's own.
    :param of: which thing.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(deed, of)))


def apart(session: Session, deed: int, of: int) -> None:
    """Hold off everybody who is :func:`together` at a thing, until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(deed, of)))


def first_time(session: Session, deed: str) -> bool:
    """Say whether a deed is asked for the first time in this transaction, and remember it.

    For what is idempotent but costs a statement, like taking the lock that is held already.
    """
    done: set[str] = session.info.setdefault(_DONE_ONCE, set())
    if deed in done:
        return False
    done.add(deed)
    return True
