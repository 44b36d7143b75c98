from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import BIG, Base, Id, Json, Key, institution_table


class Entry(Base):
    """One line of the trail. Never updated, never deleted: triggers refuse it."""

    __tablename__ = "audit_entry"
    __table_args__ = institution_table(
        sa.Index(None, "subject", "at"),
        sa.Index(None, "actor_id", "at"),
        sa.Index(None, "verb", "at"),
        sa.Index(None, "at"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_id: Mapped[Key | None]
    """Who did it; none for the system itself (a job, a migration) or a stranger."""
    verb: Mapped[str]
    """``feature.past_tense``, for example ``exams.attempt_submitted``."""
    subject: Mapped[str]
    """What it was done to, as ``noun:identifier``, for example ``attempt:12/3``."""
    facts: Mapped[Json]
    """Copies of the values that mattered, so the line stays true when rows change."""


class Link(Base):
    """The place of one entry in the hash chain. Never updated, never deleted."""

    __tablename__ = "audit_link"
    __table_args__ = institution_table()

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    entry_id: Mapped[Key] = mapped_column(unique=True)
    digest: Mapped[str]


class Seal(Base):
    """One run of sealing: up to which link the chain reached, and its head."""

    __tablename__ = "audit_seal"
    __table_args__ = institution_table()

    last_number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    digest: Mapped[str]
    sealed_at: Mapped[datetime]


class Check(Base):
    """One run of checking the chain, and what it found. Never updated, never deleted."""

    __tablename__ = "audit_check"
    __table_args__ = institution_table()

    id: Mapped[Id]
    checked_at: Mapped[datetime]
    first_number: Mapped[Key]
    """The link from which on it was checked: 1 for the whole trail."""
    links: Mapped[Key]
    """How many links were checked."""
    head: Mapped[str]
    faults: Mapped[Json]
    """At most ``FAULTS_KEPT`` of them, each as number, entry and what is wrong."""
