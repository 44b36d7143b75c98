from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, reference_table


class Rule(Base):
    """A rule's identity."""

    __tablename__ = "rule"
    __table_args__ = reference_table()

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    """One of :data:`lms.regulations.types.KINDS`."""
    current_number: Mapped[int]


class RuleVersion(Base):
    """A rule as it was published. Never changed."""

    __tablename__ = "rule_version"
    __table_args__ = reference_table(sa.UniqueConstraint("rule_id", "number"))

    id: Mapped[Id]
    rule_id: Mapped[Key] = mapped_column(sa.ForeignKey("rule.id"))
    number: Mapped[int]
    digest: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    """The last day, included."""
    source: Mapped[str]
    certainty: Mapped[str]
    """``settled``, ``likely`` or ``unsure``."""
    body: Mapped[Json]
    published_at: Mapped[datetime]
