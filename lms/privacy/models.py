from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, learner_table, reference_table


class PrivacyText(Base):
    """A text that people are told or asked: its identity."""

    __tablename__ = "privacy_text"
    __table_args__ = reference_table()

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    """One of :class:`lms.privacy.types.Purpose`."""
    state: Mapped[str]
    current_number: Mapped[int]


class PrivacyTextVersion(Base):
    """A text as it was published. Never changed, never deleted: triggers refuse it."""

    __tablename__ = "privacy_text_version"
    __table_args__ = reference_table(sa.UniqueConstraint("text_id", "number"))

    id: Mapped[Id]
    text_id: Mapped[Key] = mapped_column(sa.ForeignKey("privacy_text.id"))
    number: Mapped[int]
    digest: Mapped[str]
    kind: Mapped[str]
    """``notice`` or ``consent``."""
    title: Mapped[str]
    title_en: Mapped[str]
    body: Mapped[Json]
    published_at: Mapped[datetime]


class Consent(Base):
    """What somebody answered to a text. Never changed, never deleted: triggers refuse it."""

    __tablename__ = "consent"
    __table_args__ = learner_table()

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text_id: Mapped[Key] = mapped_column(sa.ForeignKey("privacy_text.id"))
    version_id: Mapped[Key] = mapped_column(sa.ForeignKey("privacy_text_version.id"))
    answer: Mapped[str]
    """One of :class:`lms.privacy.types.Answer`."""
    answered_at: Mapped[datetime]


class CorrectionRequest(Base):
    """What somebody wants corrected in their data, and what came of it."""

    __tablename__ = "correction_request"
    __table_args__ = learner_table(
        sa.UniqueConstraint("learner_id", "token"), sa.Index(None, "outcome", "due_at")
    )

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str]
    """Of the form it was sent by: sent twice it is one request."""
    field: Mapped[str]
    """One of :class:`lms.privacy.types.CorrectionField`."""
    sealed: Mapped[str | None]
    """What was written, sealed for ``person:<id>/correction:<number>``; none once erased."""
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str | None]
    """``done`` or ``refused``; none while it waits."""
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))


class ClosingRequest(Base):
    """That somebody's account is to be closed, and what came of it."""

    __tablename__ = "closing_request"
    __table_args__ = learner_table(sa.Index(None, "done_at", "due_at"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    """The person, or a clerk."""
    due_at: Mapped[datetime]
    """When it is done, unless it was taken back."""
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    done_at: Mapped[datetime | None]


class RetentionSetting(Base):
    """How many days an administrator set for a period; without a row its default holds."""

    __tablename__ = "retention_setting"
    __table_args__ = reference_table()

    key: Mapped[str] = mapped_column(primary_key=True)
    """Of :data:`lms.privacy.rules.PERIODS`."""
    days: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
