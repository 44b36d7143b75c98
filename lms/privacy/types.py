"""Values of privacy. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Purpose(StrEnum):
    """What somebody is told or asked about. Stored by value: never change one.

    Each has a text in ``lms/privacy/texts/`` and an effect in the program.
    """

    SERVICE = "service"
    """The notice about everything that needs no consent; acknowledged, not agreed to."""
    IDENTITY_NUMBER = "identity_number"
    """Without it no identity number is collected or kept."""
    PUBLIC_NAME = "public_name"
    """With it the public check of a certificate shows the holder's whole name."""
    EVALUATION = "evaluation"
    """With it evaluators see the person, not only totals."""


class TextKind(StrEnum):
    """What a text asks for. Stored by value: never change one."""

    NOTICE = "notice"
    """To be read: processing rests on another ground than consent."""
    CONSENT = "consent"
    """To be agreed to, or not."""


class Answer(StrEnum):
    """What somebody said to a text. Stored by value: never change one."""

    ACKNOWLEDGED = "acknowledged"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CorrectionField(StrEnum):
    """What somebody wants corrected. Stored by value: never change one."""

    NAME = "name"
    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"
    EDUCATION = "education"
    SOCIAL_WORK_START = "social_work_start"
    POST = "post"
    LEARNING_RECORD = "learning_record"
    CREDENTIAL = "credential"
    OTHER = "other"


class Outcome(StrEnum):
    """How a correction request ended. Stored by value: never change one."""

    DONE = "done"
    REFUSED = "refused"


class Certainty(StrEnum):
    """How sure we are that a rule says what we do."""

    SETTLED = "settled"
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Text:
    """One published version of one text."""

    key: Purpose
    kind: TextKind
    version_id: int
    number: int
    is_current: bool
    title: str
    title_en: str
    body: Mapping[str, Any]
    """Sections, law, certainty, note and what follows an answer, each in two languages."""
    published_at: datetime

    @property
    def is_consent(self) -> bool:
        """Say whether it asks to agree; else it asks to read."""
        return self.kind is TextKind.CONSENT

    @property
    def is_sensitive(self) -> bool:
        """Say whether it is about sensitive personal data."""
        return bool(self.body.get("sensitive"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with one text."""

    text: Text
    answer: Answer | None
    """Their last answer, to whatever version."""
    answered_at: datetime | None
    answered_number: int | None
    """The version they answered to."""

    @property
    def holds(self) -> bool:
        """Say whether the last answer is yes and was given to the text in force."""
        return self.answer in {Answer.GIVEN, Answer.ACKNOWLEDGED} and not self.is_outdated

    @property
    def is_outdated(self) -> bool:
        """Say whether the text was changed after the answer, so that it is asked again."""
        return self.answer is not None and self.answered_number != self.text.number

    @property
    def is_asked(self) -> bool:
        """Say whether an answer is awaited."""
        return self.answer is None or self.is_outdated


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer in somebody's history."""

    number: int
    key: str
    title: str
    title_en: str
    text_number: int
    answer: Answer
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wrote in a correction request."""

    wanted: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction request."""

    learner_id: int
    number: int
    name: str
    user_name: str
    field: CorrectionField
    wish: Wish | None
    """None once it was erased, or where it is not shown."""
    asked_at: datetime
    due_at: datetime
    outcome: Outcome | None
    answer: str | None
    answered_at: datetime | None
    unit: str = ""

    @property
    def is_open(self) -> bool:
        """Say whether it waits for an answer."""
        return self.outcome is None

    def is_late(self, now: datetime) -> bool:
        """Say whether it waits longer than it may."""
        return self.is_open and self.due_at < now


@dataclass(frozen=True, slots=True)
class ClosingState:
    """A closing that was asked for and is not done or taken back."""

    learner_id: int
    number: int
    name: str
    user_name: str
    reason: str
    asked_at: datetime
    by_themselves: bool
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept, or how soon something is done: a rule of retention."""

    key: str
    title: str
    title_en: str
    days: int | None
    """In force; none: for ever."""
    default: int | None
    low: int
    high: int
    source: str
    source_en: str
    certainty: Certainty

    @property
    def is_editable(self) -> bool:
        """Say whether an administrator may set it."""
        return self.default is not None


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What the people's room holds of somebody, as they see it on the page: masked."""

    user_name: str
    name: str
    former_names: tuple[str, ...]
    phone: str | None
    documents: tuple[tuple[str, str], ...]
    """Kind and masked number."""
    education: str | None
    posts: tuple[tuple[str, str], ...]
    """Organization and title of today's posts."""
