"""What every write to the bank shares: one at a time, new versions, what they are found by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.transaction import alone
from lms.question_bank.models import LawEdition, Question, QuestionSearch, QuestionVersion
from lms.question_bank.queries.laws import NAMES_EDITION
from lms.question_bank.rules import edition_of, resting_on, search_text
from lms.question_bank.types import Authored

READY, RETIRED = "ready", "retired"
FILE, BANK = "file", "bank"

SHEAF = 1000
"""Rows that are written at once."""

_WRITING = 0x62616E6B
"""The number of the advisory lock under which the bank is written to."""


def one_at_a_time(session: Session) -> None:
    """Let whoever else writes to the bank wait until this transaction ends.

    Writers of questions are few and quick; that they come one after another spares every deed the
    question in which order it locks drafts and questions. Learners do not wait.
    """
    alone(session, _WRITING)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A text that is to be the newest version of a question that is there."""

    question_id: int
    key: str
    number: int
    text: Authored
    digest: str
    author_id: int | None = None
    reviewer_id: int | None = None
    reviewed_at: datetime | None = None


def publish(
    session: Session, versions: Sequence[NewVersion], *, actor_id: int | None, now: datetime
) -> None:
    """Write versions, what they are found by, whether their law is in force, and the audit lines.

    The questions exist; whoever calls says that these are their newest versions.
    """
    rows = [_row(version, now) for version in versions]
    for start in range(0, len(rows), SHEAF):
        sheaf = rows[start : start + SHEAF]
        session.execute(sa.insert(QuestionVersion), sheaf)
    keyed = zip(rows, versions, strict=True)
    index(session, [row | {"key": version.key} for row, version in keyed])
    follow_law(session, [version.question_id for version in versions], on=day_of(now))
    audit.record_many(
        session,
        verb="question_bank.question_published",
        actor_id=actor_id,
        now=now,
        facts_of={f"question:{v.key}": {"number": v.number, "digest": v.digest} for v in versions},
    )


def take_over(session: Session, ids: Sequence[int], *, actor_id: int | None, now: datetime) -> None:
    """Let the bank keep questions that files kept, and write down which. Two statements."""
    taken = session.execute(
        sa.update(Question)
        .where(Question.id.in_(ids), Question.origin == FILE)
        .values(origin=BANK)
        .returning(Question.key)
        .execution_options(synchronize_session=False)
    ).scalars()
    audit.record_many(
        session,
        verb="question_bank.question_taken_over",
        actor_id=actor_id,
        now=now,
        facts_of={f"question:{key}": {"before": FILE, "after": BANK} for key in taken},
    )


def _row(version: NewVersion, now: datetime) -> dict[str, Any]:
    text = version.text
    return {
        "question_id": version.question_id,
        "number": version.number,
        "digest": version.digest,
        "kind": text.kind,
        "stem": text.stem,
        "spec": dict(text.spec),
        "explanation": text.explanation,
        "subject": text.subject,
        "chapter_key": text.chapter_key,
        "point_key": text.point_key,
        "difficulty": text.difficulty,
        "source": dict(text.source),
        "valid_on": text.valid_on,
        "tags": list(text.tags),
        "published_at": now,
        "author_id": version.author_id,
        "reviewer_id": version.reviewer_id,
        "reviewed_at": version.reviewed_at,
    }


def index(session: Session, versions: Sequence[Mapping[str, Any]]) -> None:
    """Let questions be found by what these versions say, and by nothing they said before.

    Call it in the transaction that makes a version the current one.

    :param versions: ``question_id``, ``key``, and the version's ``stem``, ``spec``,
        ``explanation``, ``source`` and ``tags``.
    """
    for start in range(0, len(versions), SHEAF):
        sheaf = versions[start : start + SHEAF]
        ids = [version["question_id"] for version in sheaf]
        session.execute(sa.delete(QuestionSearch).where(QuestionSearch.question_id.in_(ids)))
        rows = [
            {
                "question_id": version["question_id"],
                "law": resting_on(version["source"]),
                "edition": edition_of(version["source"]),
                "words": search_text(version),
            }
            for version in sheaf
        ]
        session.execute(sa.insert(QuestionSearch), rows)


def follow_law(session: Session, ids: Collection[int], *, on: date) -> None:
    """Say of questions whether what they rest on is in force. A statement for every ``SHEAF``."""
    listed = list(ids)
    ended = (
        sa.select(QuestionSearch.question_id)
        .join(LawEdition, NAMES_EDITION)
        .where(QuestionSearch.question_id == Question.id, LawEdition.effective_to < on)
        .correlate(Question)
    )
    for start in range(0, len(listed), SHEAF):
        session.execute(
            sa.update(Question)
            .where(Question.id.in_(listed[start : start + SHEAF]))
            .values(is_fresh=~ended.exists())
            .execution_options(synchronize_session=False)
        )
