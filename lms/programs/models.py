from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, learner_table, reference_table


class Program(Base):
    """A program's identity."""

    __tablename__ = "program"
    __table_args__ = reference_table()

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    """``ready`` or ``retired``."""
    current_number: Mapped[int]


class ProgramVersion(Base):
    """A program as it was published. Never changed."""

    __tablename__ = "program_version"
    __table_args__ = reference_table(sa.UniqueConstraint("program_id", "number"))

    id: Mapped[Id]
    program_id: Mapped[Key] = mapped_column(sa.ForeignKey("program.id"))
    number: Mapped[int]
    digest: Mapped[str]
    goal_id: Mapped[Key] = mapped_column(sa.ForeignKey("goal.id"))
    title: Mapped[str]
    title_en: Mapped[str]
    summary: Mapped[str]
    summary_en: Mapped[str]
    sponsor: Mapped[str]
    certainty: Mapped[str]
    source: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day, included."""
    requirement: Mapped[Json]
    grants: Mapped[Json | None]
    """``{"title", "title_en", "valid_years"}`` of the credential, or none."""
    published_at: Mapped[datetime]


class ProgramMember(Base):
    """A learner taking part in a program, under the version of the day they joined."""

    __tablename__ = "program_member"
    __table_args__ = learner_table(sa.Index(None, "program_id"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    program_id: Mapped[Key] = mapped_column(sa.ForeignKey("program.id"), primary_key=True)
    program_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("program_version.id"))
    goal_id: Mapped[Key] = mapped_column(sa.ForeignKey("goal.id"))
    joined_on: Mapped[date]
    actor_id: Mapped[Key | None]
    left_on: Mapped[date | None]
