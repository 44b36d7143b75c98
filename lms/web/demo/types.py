"""Values of the demonstration. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from lms.organizations.types import Code
from lms.people.types import Education, PostKind, Role

STAGES = (0, 8, 30, 55, 80, 95, 100)
"""Percent of the lessons that are done at each stage."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One invented learner, before anything is stored."""

    number: int
    user_name: str
    name: str
    station: Code
    post: PostKind
    title: str
    started_on: date
    story: "Outline"
    education: Education
    social_work_major: bool
    social_work_started_on: date


@dataclass(frozen=True, slots=True)
class Staff:
    """One invented manager, before anything is stored."""

    user_name: str
    name: str
    title: str
    office: Code
    """Where they work."""
    scope: Code
    """Over whose subtree they are manager."""
    role: Role


@dataclass(frozen=True, slots=True)
class Outline:
    """What an invented learner has done, in so few words that many share the same.

    Everything else follows from it, the post, the day and the content.
    """

    assigned_days_ago: int
    stage: int
    """Index of :data:`STAGES`: how much of the lessons is done."""
    variant: int
    """0..7: pace, marks, hours of classes, practice."""
    basis: str = "national"
    """The pass line under which subjects were passed: ``national`` or ``local_line``."""
    level: str = ""
    """The national qualification held: ``junior``, ``intermediate``, ``senior``, or none."""
    years_held: int = 0
    """Exam years since it was passed; 0: in the latest."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody one can sign in as."""

    user_name: str
    role: str
    """A msgid of the catalogue: ``学员：学到一半``."""
    name: str
    where: str
    """The name of their organization."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What there is to see in the demonstration."""

    learners: int
    seed: int
    password: str
    """The one password of all demo accounts."""
    accounts: tuple[DemoAccount, ...]
    counts: Mapping[str, int]
    """Rows by noun: ``organizations``, ``learners``, ``records`` …"""
    credentials: Mapping[str, str]
    """Codes to try: ``valid``, ``expired``, ``revoked``, ``mistyped``."""

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "DemoSummary":
        """Return what :meth:`plain` wrote."""
        accounts = tuple(DemoAccount(**account) for account in raw["accounts"])
        return cls(**{**raw, "accounts": accounts})
