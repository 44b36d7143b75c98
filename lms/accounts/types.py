"""Values about accounts. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lms.people.types import Role


class Way(StrEnum):
    """How somebody signed in. Stored by value in the audit trail: never change one."""

    PASSWORD = "password"  # noqa: S105 - a word, no password
    SSO = "sso"


class Factor(StrEnum):
    """What stood beside the password. Stored by value: never change one."""

    NONE = ""
    TOTP = "totp"
    RECOVERY = "recovery"
    ISSUER = "issuer"
    """The issuer of a single sign-on says that it asked for a second factor."""


class Must(StrEnum):
    """What somebody has to do before anything else."""

    NEW_PASSWORD = "new_password"  # noqa: S105 - a word, no password
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """What a password must be."""

    shortest: int
    """Characters; one of a Chinese, Japanese or Korean script counts as two."""
    classes: int
    """Of how many of four classes characters must be: lower case, upper case, digits, others."""
    passphrase: int
    """From this length on the classes do not matter."""


@dataclass(frozen=True, slots=True)
class LockState:
    """How often somebody failed, and until when nobody may try."""

    failures: int = 0
    """Since the last success or the last lock."""
    rounds: int = 0
    """How many locks there were since the last success."""
    locked_until_at: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Say whether nobody may try now."""
        return self.locked_until_at is not None and now < self.locked_until_at


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts."""

    idle_seconds: int
    absolute_seconds: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt came from, as far as it is kept."""

    address: str
    """Masked: ``203.0.113.*``."""
    device: str
    """In words: ``Chrome · Android``."""

    def facts(self) -> dict[str, str]:
        """Return it for an audit line."""
        return {"address": self.address, "device": self.device}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in with a password, judged."""

    person_id: int | None
    """Whom the name belongs to; none if to nobody who could sign in."""
    typed: str
    """The name as a digest: it may be anybody's number, or a password in the wrong field."""
    accepted: bool
    state: LockState = LockState()
    has_factor: bool = False
    must_change: bool = False
    password_changed_at: datetime | None = None
    new_hash: str | None = None
    """The password hashed with today's parameters, if it was hashed with others."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody's account stands, for pages."""

    person_id: int
    user_name: str
    name: str
    has_password: bool
    password_changed_at: datetime | None
    must_change: bool
    factor_since_at: datetime | None
    state: LockState
    codes_left: int
    """Recovery codes that are not used yet."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One time that somebody signed in."""

    at: datetime
    way: str
    factor: str
    address: str
    device: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may, as whoever wants to help them sees it."""

    roles: frozenset[Role]
    reaches_further: bool
    """Whether a role, a learner's apart, is over something outside the helper's scope."""


@dataclass(frozen=True, slots=True)
class Linked:
    """One identity at an issuer that signs in somebody here."""

    id: int
    issuer: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who cannot sign in and asked the clerks for help."""

    person_id: int
    user_name: str
    name: str
    where: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed on a slip: who, and the link by which they set their password."""

    person_id: int
    user_name: str
    masked_name: str
    where: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """What an issuer says about whoever signed in there."""

    issuer: str
    subject: str
    claim: str = ""
    """The value of the claim that may name somebody here: a telephone number, a user name."""
    factor: bool = False
    """Whether the issuer says that it asked for more than a password."""
