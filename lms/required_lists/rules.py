"""What to do first. Pure."""

from collections.abc import Iterable
from datetime import date

from lms.required_lists.types import DueItem, OwnList


def what_is_due(lists: Iterable[OwnList]) -> list[DueItem]:
    """Return the items still to be done on all lists, the nearest deadline first."""
    open_ = [DueItem(of, item) for of in lists for item in of.items if not item.state.satisfied]
    return sorted(open_, key=lambda due: due.item.due_on or date.max)
