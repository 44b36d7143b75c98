"""Keep in the process what never changes: rows of published versions, by id.

A version is written once and never again, so what was read of it stays true. What a transaction
has not committed may still be taken back, and its id given to another row: it is kept only once
it is committed. Nothing about a person belongs here.
"""

from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.transaction import once_committed

Value = TypeVar("Value")

_all: WeakSet[Any] = WeakSet()


class Kept(Generic[Value]):
    """What was read of rows that never change, the latest few, for each database."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._of: WeakKeyDictionary[sa.Engine, dict[int, Value]] = WeakKeyDictionary()
        self._lock = Lock()
        _all.add(self)

    def look_up(
        self,
        session: Session,
        ids: Collection[int],
        read: Callable[[list[int]], Mapping[int, Value]],
    ) -> dict[int, Value]:
        """Return values by id; only those that are not kept are read.

        :param read: called with the ids that are missing, at most once; those it does not find
            are left out.
        """
        kept = self._of.setdefault(session.get_bind().engine, {})
        found = {each: kept[each] for each in ids if each in kept}
        if missing := [each for each in ids if each not in found]:
            fresh = read(missing)
            found |= fresh
            once_committed(session, lambda: self._keep(kept, fresh))
        return found

    def _keep(self, kept: dict[int, Value], fresh: Mapping[int, Value]) -> None:
        with self._lock:
            kept |= fresh
            for oldest in list(kept)[: max(len(kept) - self._at_most, 0)]:
                kept.pop(oldest)

    def forget(self) -> None:
        """Forget everything."""
        self._of.clear()


def forget_all() -> None:
    """Forget everything that is kept: for tests, which roll back what they have committed."""
    for kept in list(_all):
        kept.forget()
