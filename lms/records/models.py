from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import BIG, Base, Json, Key, learner_table


class Record(Base):
    """A dated fact about a learner. Never updated, never deleted: triggers refuse it."""

    __tablename__ = "record"
    __table_args__ = learner_table(sa.UniqueConstraint("learner_id", "dedupe_key"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    """One of :class:`lms.records.types.RecordKind`, which says what the other columns mean."""
    subject: Mapped[str]
    on: Mapped[date] = mapped_column("happened_on")
    quantity: Mapped[int | None]
    unit: Mapped[str] = mapped_column(default="")
    scheme: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    detail: Mapped[Json]
    dedupe_key: Mapped[str]
    corrects: Mapped[int | None] = mapped_column(BIG)
    """The number of the learner's record that this one replaces."""
    recorded_at: Mapped[datetime]
    actor_id: Mapped[Key | None]
    """Who entered it; none for the platform itself."""
    authority: Mapped[str]
    """On whose word it counts: ``platform``, or the document or office it comes from."""
