"""What learners say is wrong with questions, and laws that have ended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lms.kernel.errors import N_


class MistakeKind(StrEnum):
    """What a learner finds wrong with a question. Stored by value: never change one."""

    KEY = "key"
    STEM = "stem"
    OPTIONS = "options"
    EXPLANATION = "explanation"
    OUTDATED_LAW = "outdated_law"
    TYPO = "typo"


MISTAKES: Mapping[MistakeKind, str] = {
    MistakeKind.KEY: N_("答案不对"),
    MistakeKind.STEM: N_("题干有问题"),
    MistakeKind.OPTIONS: N_("选项有问题"),
    MistakeKind.EXPLANATION: N_("解析有问题"),
    MistakeKind.OUTDATED_LAW: N_("法规政策已经变了"),
    MistakeKind.TYPO: N_("有错别字"),
}
"""What a learner can find wrong with a question, with its name: message ids."""


class MistakeOutcome(StrEnum):
    """What an instructor finds of a report. Stored by value: never change one."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OwnReport:
    """A report as the one who made it sees it."""

    number: int
    stem: str
    kind: str
    words: str
    reported_at: datetime
    outcome: str
    answer: str
    answered_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reported:
    """A question with what learners say is wrong with it."""

    question_id: int
    key: str
    stem: str
    reports: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class QueuedReport:
    """A report as instructors see it: not who made it."""

    learner_id: int
    """For the deed alone; pages do not show it."""
    number: int
    version: int
    kind: str
    words: str
    reported_at: datetime
    outcome: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for somebody."""

    in_review: int
    """Working texts to be read."""
    reports: int
    """Reports of mistakes to be answered."""


@dataclass(frozen=True, slots=True)
class EndedLaw:
    """An edition that is no longer in force, and how many questions rest on it."""

    id: int
    title: str
    name: str
    effective_to: date
    replaced_by: str
    questions: int
