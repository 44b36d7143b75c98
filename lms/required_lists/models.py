from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, learner_table, reference_table


class RequiredList(Base):
    """A list's identity."""

    __tablename__ = "required_list"
    __table_args__ = reference_table()

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    """``ready`` or ``retired``."""
    current_number: Mapped[int]


class RequiredListVersion(Base):
    """A list as it was published. Never changed."""

    __tablename__ = "required_list_version"
    __table_args__ = reference_table(sa.UniqueConstraint("list_id", "number"))

    id: Mapped[Id]
    list_id: Mapped[Key] = mapped_column(sa.ForeignKey("required_list.id"))
    number: Mapped[int]
    digest: Mapped[str]
    goal_id: Mapped[Key] = mapped_column(sa.ForeignKey("goal.id"))
    title: Mapped[str]
    title_en: Mapped[str]
    issuer: Mapped[str]
    certainty: Mapped[str]
    source: Mapped[str]
    effective_from: Mapped[date]
    audience: Mapped[Json]
    """``{"post_kinds": […]}``."""
    items: Mapped[Json]
    """``[{"id", "title", "title_en", "requirement", "due_days" | "due_on"}]``, in order."""
    published_at: Mapped[datetime]


class Assignment(Base):
    """A learner must do a list."""

    __tablename__ = "assignment"
    __table_args__ = learner_table(sa.Index(None, "list_id"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    list_id: Mapped[Key] = mapped_column(sa.ForeignKey("required_list.id"), primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    goal_id: Mapped[Key] = mapped_column(sa.ForeignKey("goal.id"))
    assigned_on: Mapped[date]
    assigned_at: Mapped[datetime]
    actor_id: Mapped[Key | None]
    """Who assigned it; none when the audience rule did."""
    withdrawn_at: Mapped[datetime | None]
