from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, institution_table, learner_table


class MarkerAssignment(Base):
    """That somebody marks a paper, of the people of a unit and the units below it. Only ended."""

    __tablename__ = "marker_assignment"
    __table_args__ = institution_table(
        sa.Index(
            "ix_marker_assignment_once",
            "paper_id",
            "marker_id",
            "organization_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "marker_id"),
    )

    id: Mapped[Id]
    paper_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper.id"))
    marker_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"))
    assigned_by_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    assigned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))


class MarkShare(Base):
    """One marker's part in marking an answer: a deed of the institution, not of the learner.

    Its number is all that a marker's pages name: it says nothing of who wrote the answer. The
    keys keep two people from one place, and one person from two.
    """

    __tablename__ = "mark_share"
    __table_args__ = institution_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number", "slot"],
            ["judged_answer.learner_id", "judged_answer.attempt_number", "judged_answer.slot"],
        ),
        sa.UniqueConstraint("learner_id", "attempt_number", "slot", "place"),
        sa.UniqueConstraint("learner_id", "attempt_number", "slot", "marker_id"),
        sa.Index(None, "marker_id", "claimed_at"),
    )

    id: Mapped[Id]
    learner_id: Mapped[Key]
    attempt_number: Mapped[int]
    slot: Mapped[int]
    place: Mapped[int]
    """1 or 2, blind to each other; 3: asked for when they are too far apart."""
    marker_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    claimed_at: Mapped[datetime]
    lease_ends_at: Mapped[datetime]
    """From then on somebody else may take the place over, unless it is finished."""
    given: Mapped[Json]
    """For each field a list of half points or null, for each scoring point; null: nothing yet."""
    comment: Mapped[str] = mapped_column(default="")
    """To the learner."""
    flag: Mapped[str | None]
    """One of :class:`lms.marking.types.Flag`: no marks, an organiser decides."""
    finished_at: Mapped[datetime | None]
    earned: Mapped[int | None]
    """Units of the attempt."""
    seconds: Mapped[int | None]
    """From claiming to finishing."""


class JudgedMark(Base):
    """Why an answer earned what it did, point by point. Written once, when it is settled."""

    __tablename__ = "judged_mark"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number", "slot"],
            ["judged_answer.learner_id", "judged_answer.attempt_number", "judged_answer.slot"],
        )
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    attempt_number: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    how: Mapped[str]
    """One of :class:`lms.marking.types.How`."""
    given: Mapped[Json]
    """What each of the marks it rests on gave, as :attr:`MarkShare.given`."""
    comments: Mapped[Json]
    """To the learner, without names."""
    decided_by_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """The organiser who decided; none: the plan did."""
    settled_at: Mapped[datetime]
