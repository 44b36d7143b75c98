from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import BIG, Base, Id, Json, Key, institution_table, learner_table


class ExamSession(Base):
    """A paper that many sit within a window. Cancelled, never deleted."""

    __tablename__ = "exam_session"
    __table_args__ = institution_table(
        sa.CheckConstraint("opens_at <= last_start_at", name="starts_after_opening"),
        sa.CheckConstraint("last_start_at <= closes_at", name="closes_after_last_start"),
        # what a learner's code may mean, and what must be prepared soon
        sa.Index(None, "closes_at"),
    )

    id: Mapped[Id]
    form_key: Mapped[str] = mapped_column(unique=True)
    """Of the form it was made with: the same form sent twice is one session."""
    title: Mapped[str]
    paper_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper_version.id"))
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    """Whose session it is: whoever may organise for this unit finds it."""
    opens_at: Mapped[datetime]
    last_start_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    code: Mapped[str]
    """What the room is shown, in its one spelling; empty: none is asked for. Never in the trail."""
    anybody: Mapped[bool]
    """Whether whoever knows the code may sit; else only who has a seat."""
    cut: Mapped[bool]
    """Whether everybody's time is up when the window closes, however late they began."""
    open_outside: Mapped[bool]
    """Whether the paper can be sat outside of sessions meanwhile."""
    pool: Mapped[int]
    """How many papers without a name are drawn beforehand."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counted up by every change: who edits an older one is told so."""
    prepared_for: Mapped[str] = mapped_column(default="")
    """From what papers were drawn beforehand: :func:`lms.exam_sessions.rules.bank_stamp`."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    cancelled_at: Mapped[datetime | None]


class SessionUnit(Base):
    """A unit whose people are invited, with everything below it, as it was on a day."""

    __tablename__ = "session_unit"
    __table_args__ = institution_table()

    session_id: Mapped[Key] = mapped_column(sa.ForeignKey("exam_session.id"), primary_key=True)
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)
    as_of_on: Mapped[date]


class SessionClass(Base):
    """A class whose members are invited."""

    __tablename__ = "session_class"
    __table_args__ = institution_table()

    session_id: Mapped[Key] = mapped_column(sa.ForeignKey("exam_session.id"), primary_key=True)
    class_id: Mapped[Key] = mapped_column(sa.ForeignKey("cadre_class.id"), primary_key=True)


class SessionSeat(Base):
    """Somebody's place in a session."""

    __tablename__ = "session_seat"
    __table_args__ = learner_table(sa.Index(None, "session_id"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    session_id: Mapped[Key] = mapped_column(sa.ForeignKey("exam_session.id"), primary_key=True)
    source: Mapped[str]
    """One of :class:`lms.exam_sessions.types.Source`."""
    organization_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"))
    """Where they work, when the seat was given: the monitor counts by it."""
    admitted_at: Mapped[datetime | None]
    """When they gave the right code."""
    seed: Mapped[int | None] = mapped_column(BIG)
    """Of the paper that was drawn beforehand; none: it is drawn at the start."""
    slots: Mapped[Json | None]
    """That paper, as :attr:`lms.exams.models.Attempt.slots`."""


class SessionAttempt(Base):
    """That an attempt belongs to a session: one for a learner. Written with the attempt."""

    __tablename__ = "session_attempt"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
        sa.UniqueConstraint("learner_id", "attempt_number"),
        sa.Index(None, "session_id"),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    session_id: Mapped[Key] = mapped_column(sa.ForeignKey("exam_session.id"), primary_key=True)
    attempt_number: Mapped[int]


class PoolPaper(Base):
    """A paper that was drawn beforehand for whoever comes."""

    __tablename__ = "session_pool_paper"
    __table_args__ = institution_table(sa.UniqueConstraint("session_id", "learner_id"))

    session_id: Mapped[Key] = mapped_column(sa.ForeignKey("exam_session.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seed: Mapped[int] = mapped_column(BIG)
    slots: Mapped[Json]
    learner_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who took it; none as long as it lies there."""
