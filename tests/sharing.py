"""How a run shares its tests between its workers.

pytest-xdist hands a worker one *unit* of tests after the other. A unit is one file on one database:
what a file builds for itself (a demonstration, a server, the parsed program) is built once in a run
and not once by every worker. The long units come first, so that no worker has the last of them to
itself while the others are idle.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from xdist.scheduler import LoadScopeScheduling

Item = TypeVar("Item")

DATABASES = ("sqlite", "postgresql")
JOURNEYS = "tests/journeys"
PAGES = f"{JOURNEYS}/test_every_page.py"
LONG = (
    PAGES,
    JOURNEYS,
    "tests/exams/test_browser.py",
    "tests/web/test_demo.py",
    "tests/web/test_access.py",
    "tests/web/test_scope.py",
    "tests/bench/test_floor.py",
    "tests/organizations/test_history.py",
    "tests/interop/test_killed.py",
    "tests/contracts/test_formats.py",
    "tests/accounts/test_races.py",
    "tests/accounts/test_single_sign_on.py",
    "tests/architecture/test_layers.py",
    "tests/interop/test_gift_judge.py",
    "tests/question_bank/test_duplicates.py",
)
"""Units that take seconds: what a browser does, then files whose few tests are long ones."""


def unit_of(nodeid: str) -> str:
    """Return which unit a test belongs to.

    The journeys share one demonstration and one browser; the walk through every page, which is as
    long as all of them, has its own.
    """
    path, _, name = nodeid.partition("::")
    if path.startswith(f"{JOURNEYS}/") and path != PAGES:
        return JOURNEYS
    database = next((one for one in DATABASES if f"[{one}" in name), "")
    return f"{path} {database}".rstrip()


def in_order(items: Iterable[Item], name: Callable[[Item], str]) -> list[Item]:
    """Put units one after the other, the long ones first, then by how many tests they have."""
    units = [(unit_of(name(item)), item) for item in items]
    sizes = Counter(unit for unit, _item in units)
    ranks = {path: rank for rank, path in enumerate(LONG)}

    def place(pair: tuple[str, Item]) -> tuple[int, int, str]:
        unit = pair[0]
        return ranks.get(unit.split(" ")[0], len(LONG)), -sizes[unit], unit

    return [item for _unit, item in sorted(units, key=place)]


class Units(LoadScopeScheduling):
    """Hands out units in the order in which they were collected."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
