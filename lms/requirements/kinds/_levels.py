"""The levels of the national qualification."""

from lms.requirements.types import Named

LEVELS = {
    "junior": Named("助理社会工作师", "Assistant Social Worker"),
    "intermediate": Named("社会工作师", "Social Worker"),
    "senior": Named("高级社会工作师", "Senior Social Worker"),
}
"""From low to high."""

AREAS = {
    "key_counties": Named("单独划线地区", "the separate-line area"),
}
"""Areas in which alone a certificate may be valid; others are called by their code."""


def from_level(noun: str, level: str, *, or_higher: bool) -> tuple[str, ...]:
    """Return the subjects of records about a level, and about those above it if they do too."""
    levels = list(LEVELS)
    from_here = levels[levels.index(level) :]
    return tuple(f"{noun}:{one}" for one in from_here[: None if or_higher else 1])


def area_name(area: str) -> Named:
    """Return what people call an area."""
    return AREAS.get(area, Named(area, area))
