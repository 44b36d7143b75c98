"""Two people edit one file: what each of them changed, and whether that is a quarrel. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Clash:
    """A value that somebody else changed while it was being edited."""

    field: str
    was: Any
    """What the editor saw when they began."""
    now: Any
    """What somebody else made of it."""
    typed: Any
    """What the editor typed; as it was if they left it alone."""

    @property
    def is_mine(self) -> bool:
        """Say whether the editor changed it too, to something else."""
        return bool(self.typed not in (self.was, self.now))


def clashes(
    was: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]
) -> list[Clash]:
    """Return what somebody else changed meanwhile and the editor's page does not say.

    Empty if nobody changed any of these values, or to the very same: then the editor's may be
    stored. A value that only the other changed is told as well: storing the page as it is would
    put the old value back, and dropping it silently would surprise whoever looks at it.
    """
    return [
        Clash(name, was[name], now[name], typed[name])
        for name in typed
        if now[name] != was[name] and typed[name] != now[name]
    ]
