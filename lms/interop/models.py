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
