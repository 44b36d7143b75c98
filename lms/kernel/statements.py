"""Find compiled statements by who they are before by what they say."""

from typing import Any

from sqlalchemy.util import LRUCache

KEPT = 500
"""Compiled statements of an engine: SQLAlchemy's own number."""

_At = tuple[Any, ...]


class CompiledStatements:
    """The cache in which an engine's connections keep what they have compiled.

    SQLAlchemy looks a statement up by a key that spells it out: to hash that of a large select
    takes 13 µs, a tenth of what executing it takes. A statement of a module has the same key object
    for ever, so it is looked up by that object's identity first; only a statement that was put
    together anew is compared with the others.
    """

    def __init__(self, at_most: int = KEPT) -> None:
        self._equal: LRUCache[_At, Any] = LRUCache(at_most)
        self._same: dict[_At, tuple[object, Any]] = {}
        self._at_most = at_most

    def get(self, key: _At, default: Any = None) -> Any:
        """Return what was compiled under a key, or the default.

        :param key: dialect, spelled-out statement, names of values, two flags. The dialect is the
            engine's, and one cache belongs to one engine.
        """
        found = self._same.get((id(key[1]), *key[2:]))
        if found is not None and found[0] is key[1]:
            return found[1]
        return self._equal.get(key, default)

    def __setitem__(self, key: _At, compiled: Any) -> None:
        """Keep what was compiled. What is held by identity is held itself, so no id is reused."""
        self._equal[key] = compiled
        if len(self._same) >= self._at_most:
            self._same.clear()
        self._same[(id(key[1]), *key[2:])] = key[1], compiled
