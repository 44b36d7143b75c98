from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Key, reference_table
from lms.organizations.types import OrganizationKind


class Organization(Base):
    """A place in the tree."""

    __tablename__ = "organization"
    __table_args__ = reference_table(
        sa.UniqueConstraint("code_system", "code"), sa.Index(None, "kind")
    )

    id: Mapped[Id]
    parent_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    kind: Mapped[str]
    """One of :class:`OrganizationKind`."""
    code: Mapped[str]
    code_system: Mapped[str]
    """Whose code it is: ``GB/T 2260``, ``MCA`` (民政部), ``bixue`` (ours). The statistics office's
    township codes differ from the ministry's, so a bare number says nothing."""
    name: Mapped[str]
    key_county: Mapped[bool] = mapped_column(default=False)
    """国家乡村振兴重点帮扶县, where the separate pass line applies."""
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]

    @property
    def kind_of(self) -> OrganizationKind:
        """The kind as a value."""
        return OrganizationKind(self.kind)


class Closure(Base):
    """One pair of an organization and an ancestor of it; itself at depth 0."""

    __tablename__ = "organization_closure"
    __table_args__ = reference_table(sa.Index(None, "descendant_id", "depth"))

    ancestor_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)
    descendant_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)
    depth: Mapped[int]
