"""Values of credentials. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Entropy = Callable[[int], bytes]
"""Gives that many random bytes: ``secrets.token_bytes`` of whoever calls the operation."""

PREFIX = "BX"
"""The first two characters of every code: whose number it is."""

GROUP = 4
"""Characters between two hyphens."""


class Standing(StrEnum):
    """The answer to "is it good today?". Part of the public interface: never change one."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"
    """A well-formed code that was never given."""
    MISTYPED = "mistyped"
    """No code at all: a character is wrong, missing or too many."""


class EventKind(StrEnum):
    """What can happen to a credential. Stored by value: never change one."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    """Ends a suspension or a revocation from its day on."""


@dataclass(frozen=True, slots=True)
class CodeParts:
    """A code that was read and found well formed."""

    body: str
    check: str

    @property
    def code(self) -> str:
        """As it is stored: without hyphens."""
        return PREFIX + self.body + self.check

    @property
    def shown(self) -> str:
        """As people see it: ``BX-XXXX-XXXX-XXXX-C``."""
        groups = [self.body[at : at + GROUP] for at in range(0, len(self.body), GROUP)]
        return "-".join([PREFIX, *groups, self.check])


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a credential is good, if nothing happens to it."""

    issued_on: date
    expires_on: date | None
    """The last day on which it is valid; none: without an end."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a credential. Its number says in which order they were told."""

    number: int
    kind: EventKind
    on: date
    reason: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a standing is called, and what to do about it: messages of the catalogue."""

    heading: str
    advice: str
    sign: str
    """Tells the answers apart without colour."""
    tone: str
    """``good``, ``caution``, ``bad`` or ``neutral``: the colour."""
    status: int
    """The status code of the page that answers so."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential as it was issued, with what happened to it since."""

    id: int
    code: str
    learner_id: int
    program_key: str
    holder_name: str
    title: str
    title_en: str
    program_title: str
    program_title_en: str
    issuer: str
    hours: int | None
    """学时 of 45 minutes."""
    issued_on: date
    expires_on: date | None
    """The last day on which it is valid."""
    events: tuple[Event, ...]
    """In the order of their numbers."""
    name_is_public: bool = False
    """Whether the holder agreed to be named in full to whoever checks the number."""

    @property
    def validity(self) -> Validity:
        """From when to when it is good."""
        return Validity(self.issued_on, self.expires_on)

    @property
    def parts(self) -> CodeParts:
        """The code, taken apart."""
        return CodeParts(self.code[len(PREFIX) : -1], self.code[-1])

    @property
    def shown(self) -> str:
        """The code as people see it."""
        return self.parts.shown


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to somebody who asks about a number."""

    standing: Standing
    typed: str
    """What was asked about, as typed; cut to a sane length."""
    parts: CodeParts | None = None
    """None: mistyped."""
    credential: Issued | None = None
    """None: mistyped or unknown."""
    since: date | None = None
    """The first day of a revocation, a suspension or of being expired; none otherwise."""

    @property
    def shown(self) -> str:
        """The number as people see it, or as it was typed if it is none."""
        return self.parts.shown if self.parts else self.typed


@dataclass(frozen=True, slots=True)
class Check:
    """The answer to an employer who gave a number and a name."""

    verdict: Verdict
    name_matches: bool | None
    """None: there is no credential whose holder could be compared."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for the credential of a program."""

    goal_id: int
    name: str
    code: str | None
    """Of the credential that was issued for this goal already."""


@dataclass(frozen=True, slots=True)
class Claimable:
    """A program that is met and whose credential nobody has claimed yet."""

    program_key: str
    title: str
    title_en: str
