from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, learner_table, reference_table


class Goal(Base):
    """A published requirement: one version of a required list or program. Never changed."""

    __tablename__ = "goal"
    __table_args__ = reference_table(sa.UniqueConstraint("kind", "key", "number"))

    id: Mapped[Id]
    kind: Mapped[str]
    """``required_list`` or ``program``."""
    key: Mapped[str]
    number: Mapped[int]
    title: Mapped[str]
    title_en: Mapped[str]
    requirement: Mapped[Json]
    published_at: Mapped[datetime]


class Progress(Base):
    """How a learner stands with a goal. Derived: ``lms progress rebuild`` gives the same rows."""

    __tablename__ = "progress"
    __table_args__ = learner_table(sa.Index(None, "goal_id", "state"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    goal_id: Mapped[Key] = mapped_column(sa.ForeignKey("goal.id"), primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1, 2 … for demands that come round again."""
    started_on: Mapped[date]
    """The day from which relative deadlines are counted."""
    state: Mapped[str]
    """One of :class:`lms.requirements.types.State`."""
    percent: Mapped[int]
    """0..100, rounded down: 100 only when met."""
    due_on: Mapped[date | None]
    """The last day for the whole; overdue is decided when asked, never stored."""
    next_due_on: Mapped[date | None]
    """The earliest deadline among what is still missing."""
    met_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    parts: Mapped[Json]
    """Each child of the root, in order: :class:`lms.requirements.types.Part` as tables; days that
    are none are left out."""
