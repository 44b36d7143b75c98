from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import BIG, Base, Key, learner_table
from lms.kernel.points import HALF


class DrillAnswer(Base):
    """One answer in a drill. Never changed."""

    __tablename__ = "drill_answer"
    __table_args__ = learner_table(
        sa.UniqueConstraint("learner_id", "token"), sa.Index(None, "question_version_id")
    )

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    question_id: Mapped[Key] = mapped_column(sa.ForeignKey("question.id"))
    question_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("question_version.id"))
    token: Mapped[str]
    """Names the page that asked, so that an answer sent twice is one answer."""
    chosen: Mapped[str]
    unit: Mapped[int] = mapped_column(default=HALF, server_default=str(HALF))
    """Parts of a point in which its marks are counted: those of the rule of the day."""
    earned: Mapped[int]
    """Units; of an answer in words what is suggested, until its learner marks it."""
    out_of: Mapped[int]
    answered_at: Mapped[datetime]


class DrillSelfMark(Base):
    """What learners gave themselves for an answer in words, point by point. Never changed."""

    __tablename__ = "drill_self_mark"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "answer_number"], ["drill_answer.learner_id", "drill_answer.number"]
        )
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    answer_number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    ticks: Mapped[str]
    """For each field its scoring points, ``1`` for one that is said: ``110/01``."""
    earned: Mapped[int]
    """In units of the answer's own mark."""
    out_of: Mapped[int]
    marked_at: Mapped[datetime]


class ReviewCard(Base):
    """How a learner stands with one question. Can be rebuilt from the answers."""

    __tablename__ = "review_card"
    __table_args__ = learner_table()

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    question_id: Mapped[Key] = mapped_column(sa.ForeignKey("question.id"), primary_key=True)
    chapter_key: Mapped[str]
    tries: Mapped[int]
    wrong: Mapped[int]
    right_streak: Mapped[int]
    in_wrong_book: Mapped[bool]
    last_at: Mapped[datetime]
