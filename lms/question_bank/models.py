from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import (
    BIG,
    Base,
    Id,
    Json,
    Key,
    SearchWords,
    institution_table,
    learner_table,
    reference_table,
)


class Question(Base):
    """A question's identity, and what is searched for when papers are drawn."""

    __tablename__ = "question"
    __table_args__ = reference_table(sa.Index(None, "subject", "state", "kind"))

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    """The author's id: survives renames and moves."""
    subject: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    """``ready`` or ``retired``; a retired question is in no new paper or drill."""
    current_number: Mapped[int]
    origin: Mapped[str] = mapped_column(default="file")
    """Who keeps its text: ``file`` (loading content publishes it) or ``bank`` (it leaves it)."""
    is_fresh: Mapped[bool] = mapped_column(default=True)
    """Whether what it rests on is still in force; else it is in no new paper or drill. Follows
    from ``law_edition`` and ``question_search``, see ``operations.refresh``."""
    reason: Mapped[str] = mapped_column(default="")
    """Why somebody retired it; empty for what went with its file."""
    twin_group: Mapped[Key] = mapped_column(default=0, server_default=sa.text("0"))
    """The least id of the questions that say nearly the same; 0: none does. Found anew whenever
    questions are published."""
    times_used: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    """On how many papers that were handed in it has been, as last counted."""


class QuestionVersion(Base):
    """A question frozen as it was when a learner could meet it. Never changed."""

    __tablename__ = "question_version"
    __table_args__ = reference_table(
        sa.UniqueConstraint("question_id", "number"), sa.Index(None, "chapter_key")
    )

    id: Mapped[Id]
    question_id: Mapped[Key] = mapped_column(sa.ForeignKey("question.id"))
    number: Mapped[int]
    digest: Mapped[str]
    """SHA-256 of the author's table in canonical JSON: equal text is the same version. Of what was
    written in the bank, ``rules.text_digest``."""
    kind: Mapped[str]
    stem: Mapped[str]
    """Markdown."""
    spec: Mapped[Json]
    """The kind's own table; read only through ``QuestionKind.read_stored``."""
    explanation: Mapped[str]
    subject: Mapped[str]
    chapter_key: Mapped[str]
    """A syllabus key: ``2025/J-COMP/06``."""
    point_key: Mapped[str]
    difficulty: Mapped[int]
    """1 easy, 2 middle, 3 hard."""
    source: Mapped[Json]
    """``kind`` (law, policy, concept), ``title``, ``edition``, ``article``."""
    valid_on: Mapped[date]
    """The day on which the author last found it true."""
    tags: Mapped[Json]
    published_at: Mapped[datetime]
    author_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who wrote it in the bank; none for the text of a file."""
    reviewer_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who read and approved it; none for the text of a file."""
    reviewed_at: Mapped[datetime | None]


class QuestionSearch(Base):
    """What a question's current version is found by. Made from the version, never edited by hand.

    On SQLite triggers keep the FTS5 table ``fts_question`` in step; on PostgreSQL ``words`` has an
    index of its own.
    """

    __tablename__ = "question_search"
    __table_args__ = reference_table(sa.Index(None, "law"))

    question_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("question.id"), primary_key=True)
    law: Mapped[str]
    """The law or policy it rests on, as its author names it; empty for a concept."""
    edition: Mapped[str] = mapped_column(default="")
    """Which text of it: ``2023修正``."""
    words: Mapped[str] = mapped_column(SearchWords())


class QuestionDraft(Base):
    """The working text of a question that is new or is being changed. One for each question."""

    __tablename__ = "question_draft"
    __table_args__ = institution_table(
        sa.Index(None, "state", "submitted_at"),
        sa.Index(None, "author_id"),
        sa.Index(None, "batch"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    """The question's, once there is one."""
    question_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("question.id"))
    """The question that is being changed; none for one that was never published."""
    base_number: Mapped[int | None]
    """The version that the change was begun from."""
    subject: Mapped[str]
    chapter_key: Mapped[str]
    point_key: Mapped[str]
    kind: Mapped[str]
    stem: Mapped[str]
    spec: Mapped[Json]
    explanation: Mapped[str]
    difficulty: Mapped[int]
    source: Mapped[Json]
    valid_on: Mapped[date | None]
    tags: Mapped[Json]
    digest: Mapped[str]
    """``rules.text_digest`` of the text: equal text, equal digest."""
    state: Mapped[str]
    """``draft``, ``in_review`` or ``returned``."""
    origin: Mapped[str]
    """``editor``, or ``import:`` and the format it came in."""
    batch: Mapped[str]
    """What was brought in together; empty for what somebody wrote here."""
    note: Mapped[str] = mapped_column(default="")
    """What the author says to the reviewer."""
    answer: Mapped[str]
    """Why a reviewer returned it."""
    author_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    """Who wrote the text as it stands."""
    authors: Mapped[Json] = mapped_column(default=list)
    """The ids of everybody who wrote a part of it: none of them may approve it."""
    reviewer_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who returned it last."""
    revision: Mapped[int]
    """Counts every change, so that nobody writes over what they have not seen."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """When it was handed to the reviewers last."""


class LawEdition(Base):
    """One text of a law or policy as ``laws.toml`` has it, and until when it is in force."""

    __tablename__ = "law_edition"
    __table_args__ = reference_table(sa.UniqueConstraint("title", "name"))

    id: Mapped[Id]
    title: Mapped[str]
    """Without 《》."""
    name: Mapped[str]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    """The last day; none while it is in force."""
    replaced_by: Mapped[str]


class MistakeReport(Base):
    """What a learner says is wrong with a question they answered (纠错), and the answer to it."""

    __tablename__ = "mistake_report"
    __table_args__ = learner_table(
        sa.Index(None, "question_id", "answered_at"),
        # one open report of a learner for each version
        sa.Index(
            "uq_mistake_report_open",
            "learner_id",
            "question_version_id",
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
    )

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The learner's own count of reports, from 1."""
    question_id: Mapped[Key] = mapped_column(sa.ForeignKey("question.id"))
    question_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("question_version.id"))
    kind: Mapped[str]
    """What is wrong, see ``types.MistakeKind``."""
    words: Mapped[str]
    reported_at: Mapped[datetime]
    outcome: Mapped[str]
    """``accepted`` or ``rejected``; empty while it is open."""
    answer: Mapped[str]
    """What the reporter is told."""
    answered_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """When the reporter put the answer away."""
