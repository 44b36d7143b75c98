from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Key, institution_table


class ImportChoice(Base):
    """What somebody said about a possible duplicate in the preview of an import."""

    __tablename__ = "import_choice"
    __table_args__ = institution_table()

    job_id: Mapped[Key] = mapped_column(sa.ForeignKey("job.id"), primary_key=True)
    """The job that made the preview."""
    row: Mapped[int] = mapped_column(primary_key=True)
    """Of the file, as people count."""
    choice: Mapped[str]
    """``same`` or ``another``: :mod:`lms.interop.rules.people`."""
    chosen_by: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    chosen_at: Mapped[datetime]


class QuestionMedium(Base):
    """A picture that questions show. Kept once, however many show it; its bytes never change."""

    __tablename__ = "question_medium"
    __table_args__ = institution_table()

    digest: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of its bytes, in hex."""
    key: Mapped[str] = mapped_column(unique=True)
    """Under which it lies in the store."""
    media_type: Mapped[str]
    size: Mapped[int]
    """Bytes."""
    kept_at: Mapped[datetime]


class QuestionMediumUse(Base):
    """A question that came in showing a picture: who meets the one may see the other."""

    __tablename__ = "question_medium_use"
    __table_args__ = institution_table()

    digest: Mapped[str] = mapped_column(sa.ForeignKey("question_medium.digest"), primary_key=True)
    question_key: Mapped[str] = mapped_column(primary_key=True)
