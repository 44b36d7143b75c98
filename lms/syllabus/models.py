from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Key, reference_table


class Edition(Base):
    """One version of one edition's tree. Never changed; a corrected file is a new version."""

    __tablename__ = "syllabus_edition"
    __table_args__ = reference_table(sa.UniqueConstraint("key", "number"))

    id: Mapped[Id]
    key: Mapped[str]
    number: Mapped[int]
    digest: Mapped[str]
    title: Mapped[str]
    published_at: Mapped[datetime]


class Node(Base):
    """One place in an edition's tree."""

    __tablename__ = "syllabus_node"
    __table_args__ = reference_table(sa.UniqueConstraint("edition_id", "key"))

    id: Mapped[Id]
    edition_id: Mapped[Key] = mapped_column(sa.ForeignKey("syllabus_edition.id"))
    key: Mapped[str]
    parent_key: Mapped[str | None]
    level: Mapped[str]
    """``subject``, ``chapter``, ``section`` or ``point``."""
    subject: Mapped[str]
    position: Mapped[int]
    """Order within the edition."""
    title: Mapped[str]
    title_en: Mapped[str]
    certainty: Mapped[str]
    """``H`` seen in a source, ``M`` likely, ``L`` inferred: check the official text."""
    source: Mapped[str]
