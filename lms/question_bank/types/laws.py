"""The laws and policies that questions rest on. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LawEdition:
    """One text of a law or policy as it was or is in force."""

    name: str
    """As questions name it: ``2023修正``."""
    effective_from: date
    effective_to: date | None
    """The last day; none while it is in force and no later edition is known."""
    replaced_by: str
    """The edition or the law that takes its place; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Law:
    """A law or policy that questions rest on, with its editions, the oldest first."""

    title: str
    editions: tuple[LawEdition, ...]
    certainty: str
    source: str
