from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, institution_table


class Credential(Base):
    """A statement that a person met a program. Never changed, never deleted."""

    __tablename__ = "credential"
    __table_args__ = institution_table(sa.UniqueConstraint("learner_id", "goal_id", "renewal"))

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    """Without the hyphens people see; carries no name and no identity number."""
    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    goal_id: Mapped[Key] = mapped_column(sa.ForeignKey("goal.id"))
    renewal: Mapped[int] = mapped_column(default=0)
    """0 for the first, counted up with each renewal: one deed, one credential."""
    holder_name: Mapped[str]
    """The name as it was on the day of issue."""
    title: Mapped[str]
    title_en: Mapped[str]
    program_title: Mapped[str]
    program_title_en: Mapped[str]
    issuer: Mapped[str]
    hours: Mapped[int | None]
    """学时 of 45 minutes that the program took."""
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    """The last day on which it is valid; none for one without an end."""
    grounds: Mapped[Json]
    """What was met: the explained requirement as it stood when asked."""
    issued_at: Mapped[datetime]
    actor_id: Mapped[Key | None]


class CredentialEvent(Base):
    """Something that happened to a credential after it was issued. Never changed."""

    __tablename__ = "credential_event"
    __table_args__ = institution_table()

    credential_id: Mapped[Key] = mapped_column(sa.ForeignKey("credential.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    """``revoked``, ``suspended`` or ``reinstated``."""
    on: Mapped[date] = mapped_column("happened_on")
    reason: Mapped[str]
    authority: Mapped[str]
    actor_id: Mapped[Key | None]
    recorded_at: Mapped[datetime]
