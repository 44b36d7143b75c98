from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, institution_table, reference_table
from lms.people.rules import name_key


def _key_of_name(context: Any) -> str:
    return name_key(context.get_current_parameters()["name"])


class Person(Base):
    """Somebody known to the platform. ``id`` is the ``learner_id`` of every learner's table."""

    __tablename__ = "person"
    __table_args__ = reference_table(
        sa.Index(None, "name_key"),
        sa.Index(  # only of the merged: of so few that every database finds it worth using
            None,
            "merged_into_id",
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    user_name: Mapped[str] = mapped_column(unique=True)
    """What they sign in with; lower case."""
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(default=_key_of_name)
    """What all spellings of the name have in common: :func:`lms.people.rules.name_key`."""
    password_hash: Mapped[str | None]
    """argon2id; none until a first password is set."""
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Counted up to end every session of this person."""
    education: Mapped[str | None]
    """One of :class:`lms.people.types.Education`."""
    social_work_major: Mapped[bool] = mapped_column(default=False)
    """Whether that education was in social work."""
    social_work_started_on: Mapped[date | None]
    """Since when they have done social work, for the years that the examination asks."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counted up by every edit of the file: who edits an older one is told what changed."""
    merged_into_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Whose duplicate this was; such a person cannot sign in and is shown as the other one."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class FormerName(Base):
    """A name somebody had, or writes besides the present one."""

    __tablename__ = "former_name"
    __table_args__ = reference_table(
        sa.UniqueConstraint("person_id", "name"), sa.Index(None, "name_key")
    )

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(default=_key_of_name)
    until_on: Mapped[date | None]
    """The last day of it, if known."""
    noted_at: Mapped[datetime]


class Phone(Base):
    """Somebody's mobile number: readable only with the installation's keys."""

    __tablename__ = "person_phone"
    __table_args__ = reference_table()

    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[str]
    """Sealed for the owner ``person:<id>/phone``."""
    digest: Mapped[str] = mapped_column(unique=True)
    """Of the 11 digits, for the purpose ``phone``: one number signs in one person."""
    noted_at: Mapped[datetime]


class IdentityDocument(Base):
    """A document that says who somebody is: readable only with the installation's keys."""

    __tablename__ = "identity_document"
    __table_args__ = reference_table(
        sa.UniqueConstraint("kind", "digest"), sa.UniqueConstraint("person_id", "kind")
    )

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[str]
    """One of :class:`lms.people.types.DocumentKind`."""
    sealed: Mapped[str]
    """The number, sealed for the owner ``person:<id>/<kind>``."""
    digest: Mapped[str]
    """Of the number in its one spelling, for the purpose of its kind."""
    noted_at: Mapped[datetime]


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
    rank_band: Mapped[str | None]
    """Of a cadre: one of :class:`lms.people.types.RankBand`."""
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    """The last day, included."""


class CadreClass(Base):
    """A class of cadres at a party school, whose members share a list and a timetable."""

    __tablename__ = "cadre_class"
    __table_args__ = reference_table()

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    """One of :class:`lms.people.types.ClassKind`."""
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    """The party school that holds it."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class ClassMember(Base):
    """A person's place in a cadre class."""

    __tablename__ = "cadre_class_member"
    __table_args__ = reference_table(sa.Index(None, "person_id"))

    class_id: Mapped[Key] = mapped_column(sa.ForeignKey("cadre_class.id"), primary_key=True)
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    """The last day, included, of somebody who left before the end."""


class RoleGrant(Base):
    """A role over an organization's subtree, given to a person."""

    __tablename__ = "role_grant"
    __table_args__ = reference_table(sa.UniqueConstraint("person_id", "role", "organization_id"))

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str]
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    starts_on: Mapped[date | None]
    """The first day; none for a role that holds since it was given."""
    ends_on: Mapped[date | None]
    """The last day, included; none for a role without an end."""
    granted_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who gave it; none for a command at the machine itself."""


class PersonMerge(Base):
    """One merge of a duplicate into the person it was: what was carried over, for the way back."""

    __tablename__ = "person_merge"
    __table_args__ = institution_table(
        sa.Index(None, "survivor_id"), sa.Index(None, "duplicate_id")
    )

    id: Mapped[Id]
    survivor_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    duplicate_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    carried: Mapped[Json]
    """:class:`lms.people.types.Carried` as tables; of numbers only whose they were."""
    reason: Mapped[str]
    merged_at: Mapped[datetime]
    merged_by: Mapped[Key | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[Key | None]
