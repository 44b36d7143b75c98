from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import BIG, Base, Id, Json, Key, SearchWords, reference_table


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
