from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Key, reference_table
from lms.organizations.rules import SINCE_ALWAYS, search_key
from lms.organizations.types import OrganizationKind


def _key_of_name(context: Any) -> str:
    return search_key(context.get_current_parameters()["name"])


class Organization(Base):
    """A place in the tree, as it is today."""

    __tablename__ = "organization"
    __table_args__ = reference_table(
        sa.UniqueConstraint("code_system", "code"),
        sa.Index(None, "kind"),
        sa.Index(None, "name_key"),
    )

    id: Mapped[Id]
    parent_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    kind: Mapped[str]
    """One of :class:`OrganizationKind`."""
    sector: Mapped[str | None]
    """Of a department: one of :class:`lms.organizations.types.Sector`."""
    code: Mapped[str]
    """The main code: lists are ordered by it. Others are :class:`OtherCode`."""
    code_system: Mapped[str]
    """Whose code it is: ``GB/T 2260``, ``MCA`` (民政部), ``bixue`` (ours). The statistics office's
    township codes differ from the ministry's, so a bare number says nothing."""
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(default=_key_of_name)
    """What all spellings of the name have in common: :func:`lms.organizations.rules.search_key`."""
    key_county: Mapped[bool] = mapped_column(default=False)
    """国家乡村振兴重点帮扶县, where the separate pass line applies."""
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    """The first day on which it no longer works."""
    merged_into_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    """Into which one it went; it is closed then and stands below that one."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counted up by every change: who changes an older one is told what changed."""

    @property
    def kind_of(self) -> OrganizationKind:
        """The kind as a value."""
        return OrganizationKind(self.kind)


class Closure(Base):
    """One pair of an organization and an ancestor of it, today; itself at depth 0."""

    __tablename__ = "organization_closure"
    __table_args__ = reference_table(sa.Index(None, "descendant_id", "depth"))

    ancestor_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)
    descendant_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)
    depth: Mapped[int]
    since_on: Mapped[date] = mapped_column(default=SINCE_ALWAYS)
    """The first day; the first of all days if nobody knows."""


class PastClosure(Base):
    """One pair that was true for some days: from ``since_on`` to the day before ``until_on``."""

    __tablename__ = "organization_closure_past"
    __table_args__ = reference_table(sa.Index(None, "descendant_id", "until_on"))

    ancestor_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)
    descendant_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)
    until_on: Mapped[date] = mapped_column(primary_key=True)
    """The first day on which it was no longer so."""
    since_on: Mapped[date]
    depth: Mapped[int]


class OtherName(Base):
    """A name besides the present official one: a former one, or a short one."""

    __tablename__ = "organization_name"
    __table_args__ = reference_table(sa.Index(None, "organization_id"), sa.Index(None, "name_key"))

    id: Mapped[Id]
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"))
    kind: Mapped[str]
    """One of :class:`lms.organizations.types.NameKind`."""
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(default=_key_of_name)
    since_on: Mapped[date] = mapped_column(default=SINCE_ALWAYS)
    until_on: Mapped[date | None]
    """Of a former name: the first day of the next one."""
    noted_at: Mapped[datetime]


class OtherCode(Base):
    """A code besides the main one: of another system, or a former one."""

    __tablename__ = "organization_code"
    __table_args__ = reference_table(
        sa.UniqueConstraint("code_system", "code"), sa.Index(None, "organization_id")
    )

    id: Mapped[Id]
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"))
    code_system: Mapped[str]
    code: Mapped[str]
    until_on: Mapped[date | None]
    """Of a former code: the first day on which it no longer held."""
    noted_at: Mapped[datetime]


class Event(Base):
    """Something that happened to an organization. Never changed, never deleted."""

    __tablename__ = "organization_event"
    __table_args__ = reference_table(
        sa.Index(None, "organization_id", "effective_on"), sa.Index(None, "successor_id")
    )

    id: Mapped[Id]
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"))
    kind: Mapped[str]
    """One of :class:`lms.organizations.types.EventKind`."""
    effective_on: Mapped[date]
    """From which day on it was so."""
    noted_at: Mapped[datetime]
    old_name: Mapped[str | None]
    new_name: Mapped[str | None]
    old_parent_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"))
    new_parent_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"))
    successor_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"))
    reason: Mapped[str]
