from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import BIG, Base, Id, Json, Key, SearchWords, institution_table, reference_table


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
    """SHA-256 of the author's table in canonical JSON: equal text is the same version."""
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
    note: Mapped[str]
    """What the author says to the reviewer."""
    answer: Mapped[str]
    """Why a reviewer returned it."""
    author_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    """Who wrote the text as it stands."""
    reviewer_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who returned it last."""
    revision: Mapped[int]
    """Counts every change, so that nobody writes over what they have not seen."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """When it was handed to the reviewers last."""
