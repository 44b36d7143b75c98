"""Values of required lists. Pure."""

from dataclasses import dataclass
from datetime import date

from lms.requirements.rules import is_overdue
from lms.requirements.types import Progress, State


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """How a learner stands with one item of a list."""

    id: str
    title: str
    title_en: str
    state: State
    percent: int
    due_on: date | None
    met_on: date | None

    def is_overdue(self, on: date) -> bool:
        """Say whether its deadline has passed unmet."""
        return is_overdue(self.state, self.due_on, on=on)


@dataclass(frozen=True, slots=True)
class OwnList:
    """One of a learner's lists, as stored."""

    key: str
    title: str
    title_en: str
    issuer: str
    certainty: str
    assigned_on: date
    state: State
    percent: int
    items: tuple[ItemStanding, ...]

    @property
    def done(self) -> int:
        """How many items are done with."""
        return sum(item.state.satisfied for item in self.items)


@dataclass(frozen=True, slots=True)
class DueItem:
    """An item that is still to be done, with the list it stands on."""

    of: OwnList
    item: ItemStanding


@dataclass(frozen=True, slots=True)
class ListDetail:
    """One of a learner's lists, judged when asked."""

    key: str
    number: int
    title: str
    title_en: str
    issuer: str
    certainty: str
    source: str
    effective_from: date
    assigned_on: date
    progress: Progress
    """Its children are the items, in order."""
