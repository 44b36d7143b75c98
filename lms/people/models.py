from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Key, reference_table


class Person(Base):
    """Somebody known to the platform. ``id`` is the ``learner_id`` of every learner's table."""

    __tablename__ = "person"
    __table_args__ = reference_table()

    id: Mapped[Id]
    user_name: Mapped[str] = mapped_column(unique=True)
    """What they sign in with; lower case."""
    name: Mapped[str]
    password_hash: Mapped[str | None]
    """argon2id; none until a first password is set."""
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Counted up to end every session of this person."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Post(Base):
    """Where a person works, as what, from when to when."""

    __tablename__ = "post"
    __table_args__ = reference_table(sa.Index(None, "organization_id", "kind"))

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"))
    kind: Mapped[str]
    """One of :class:`lms.people.types.PostKind`."""
    title: Mapped[str]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    """The last day, included."""


class RoleGrant(Base):
    """A role over an organization's subtree, given to a person."""

    __tablename__ = "role_grant"
    __table_args__ = reference_table(sa.UniqueConstraint("person_id", "role", "organization_id"))

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str]
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    ends_on: Mapped[date | None]
    """The last day, included; none for a role without an end."""
