from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import BIG, Base, Id, Key, institution_table


class Account(Base):
    """How somebody signs in, beside the name and the password that the person's row holds.

    There is one from the first thing on that is worth a note: a failure, a password, a factor.
    """

    __tablename__ = "account"
    __table_args__ = institution_table()

    person_id: Mapped[Key] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    failures: Mapped[int] = mapped_column(default=0)
    """Since the last success or the last lock."""
    lock_rounds: Mapped[int] = mapped_column(default=0)
    """Locks since the last success: the next one lasts longer."""
    locked_until_at: Mapped[datetime | None]
    must_change: Mapped[bool] = mapped_column(default=False)
    """Whether the next thing to do is a new password."""
    password_changed_at: Mapped[datetime | None]
    factor_sealed: Mapped[str | None]
    """The secret of the second factor, sealed for the owner ``person:<id>/totp``."""
    factor_since_at: Mapped[datetime | None]
    factor_counter: Mapped[int | None] = mapped_column(BIG)
    """The step of the code that was used last: it is good for nothing more."""


class OldPassword(Base):
    """A password somebody had, so that it is not chosen again soon."""

    __tablename__ = "old_password"
    __table_args__ = institution_table(sa.Index(None, "person_id"))

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    password_hash: Mapped[str]
    until_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands in once for the telephone, by its keyed digest."""

    __tablename__ = "recovery_code"
    __table_args__ = institution_table()

    person_id: Mapped[Key] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class PasswordLink(Base):
    """A set-password link, by its keyed digest: good once, until a day, unless revoked."""

    __tablename__ = "password_link"
    __table_args__ = institution_table(sa.Index(None, "person_id"))

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who made it; none for a command at the machine itself."""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SsoIdentity(Base):
    """Somebody's identity at an issuer, which signs them in here."""

    __tablename__ = "sso_identity"
    __table_args__ = institution_table(
        sa.UniqueConstraint("issuer", "subject"), sa.Index(None, "person_id")
    )

    id: Mapped[Id]
    person_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime]


class HelpRequest(Base):
    """Somebody who cannot sign in asks the clerks of their unit. One open request each."""

    __tablename__ = "help_request"
    __table_args__ = institution_table()

    person_id: Mapped[Key] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
