from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, institution_table


class Job(Base):
    """Long work that somebody asked for, and how far it is."""

    __tablename__ = "job"
    __table_args__ = institution_table(
        sa.Index(None, "owner_id", "id"), sa.Index(None, "state", "heartbeat_at")
    )

    id: Mapped[Id]
    kind: Mapped[str]
    state: Mapped[str]
    """One of :class:`lms.jobs.types.JobState`."""
    owner_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who asked; none for a command at the machine itself."""
    organization_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("organization.id"))
    """Over whose subtree it works, if it works over one."""
    arguments: Mapped[Json]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    """Asking again with the same key gives the same job."""
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    """Units of work whose portions are committed: a new attempt goes on here."""
    message: Mapped[str] = mapped_column(default="")
    """A message id; what it is at, or why it failed."""
    message_values: Mapped[Json] = mapped_column(default=dict)
    result: Mapped[Json | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was begun since it was asked for, or retried."""
    claims: Mapped[int] = mapped_column(default=0)
    """How often a worker took it, ever. Only the latest claim may write."""
    claimed_by: Mapped[str] = mapped_column(default="")
    """``host:process`` of the worker that has it, or had it last."""
    created_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    """When it was last told to the queue."""
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobPortion(Base):
    """What came of one portion of a job, stored with its deeds in one transaction."""

    __tablename__ = "job_portion"
    __table_args__ = institution_table()

    job_id: Mapped[Key] = mapped_column(sa.ForeignKey("job.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 0."""
    outcome: Mapped[Json]


class StoredFile(Base):
    """A file that was uploaded, or made by a job. Its bytes are in the store, under the key."""

    __tablename__ = "stored_file"
    __table_args__ = institution_table(sa.Index(None, "kept_until_on"))

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    """As the uploader called it."""
    size: Mapped[int]
    """Bytes."""
    sha256: Mapped[str]
    owner_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    kept_until_on: Mapped[date]
    """The last day on which it is kept."""
    removed_at: Mapped[datetime | None]
