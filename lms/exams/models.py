from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import (
    BIG,
    Base,
    Id,
    Json,
    Key,
    institution_table,
    learner_table,
    reference_table,
)
from lms.kernel.points import HALF


class Paper(Base):
    """A paper's identity."""

    __tablename__ = "paper"
    __table_args__ = reference_table()

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    """``ready`` or ``retired``."""
    current_number: Mapped[int]
    origin: Mapped[str] = mapped_column(default="file", server_default="file")
    """Where it was written: in a ``file``, on a ``page``, or it is a ``part`` of another one."""
    held_until_at: Mapped[datetime | None]
    """Until when it is sat in exam sessions only; none, or past: it is open."""


class PaperVersion(Base):
    """A paper as it was published. Never changed."""

    __tablename__ = "paper_version"
    __table_args__ = reference_table(sa.UniqueConstraint("paper_id", "number"))

    id: Mapped[Id]
    paper_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper.id"))
    number: Mapped[int]
    digest: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    subject: Mapped[str]
    """A subject code of the outline: ``J-COMP``."""
    minutes: Mapped[int]
    sittable: Mapped[bool]
    """Whether learners can sit it here; a layout we only document cannot be sat."""
    certainty: Mapped[str]
    source: Mapped[str]
    blueprint: Mapped[Json]
    """The sections; read through :mod:`lms.exams.rules`."""
    published_at: Mapped[datetime]
    attempts_allowed: Mapped[int | None]
    """How often one learner may sit the paper, in all its versions; none: as often as they like."""


class UseCount(Base):
    """Up to when it has been counted on which papers questions have been. One row."""

    __tablename__ = "use_count"
    __table_args__ = institution_table()

    id: Mapped[Id]
    counted_at: Mapped[datetime]


class Attempt(Base):
    """One learner sitting one paper. Once handed in it is never changed."""

    __tablename__ = "attempt"
    __table_args__ = learner_table(
        # finds what is overdue without reading the attempts that are over
        sa.Index(
            "ix_attempt_open",
            "deadline_at",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        # the newest papers of a version, for its analysis
        sa.Index(None, "paper_version_id", "submitted_at"),
    )

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The learner's own count of attempts, from 1."""
    paper_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper_version.id"))
    marking_rule_id: Mapped[Key] = mapped_column(sa.ForeignKey("rule_version.id"))
    pass_line_id: Mapped[Key] = mapped_column(sa.ForeignKey("rule_version.id"))
    state: Mapped[str]
    """``open``, ``submitted`` (by the learner), ``expired`` (handed in at the deadline) or
    ``abandoned`` (given up, or over without an answer: then it has no marks)."""
    seed: Mapped[int] = mapped_column(BIG)
    slots: Mapped[Json]
    """The drawn paper: a list of ``[question_version_id, section, [option order]]``."""
    answers: Mapped[Json]
    """Slot -> ``[the answer as its kind stores it, counter, flagged]`` as last acknowledged."""
    watched: Mapped[Json] = mapped_column(default=dict, server_default="{}")
    """Device -> slot -> seconds for which the question was in view; empty if nobody measured."""
    saved_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    """With extra time, extensions and pauses; during a pause as if it lasted its longest."""
    late_seconds: Mapped[int] = mapped_column(default=5, server_default="5")
    """How long after the deadline answers are accepted: its paper's rule."""
    extra_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    """What the learner has beyond the paper's time."""
    pauses: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was paused."""
    paused_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    """By how much pauses have moved the deadline."""
    pause_ends_at: Mapped[datetime | None]
    """The longest end of the latest pause, or when it was ended."""
    latest_end_at: Mapped[datetime | None]
    """In a session with a common end: that, with the time this learner has beyond it. No pause
    moves the deadline beyond. None: there is no common end."""
    submitted_at: Mapped[datetime | None]
    """None while it is open, and for ever if it was abandoned."""
    unit: Mapped[int] = mapped_column(default=HALF, server_default=str(HALF))
    """Parts of a point in which its marks are counted: its marking rule's."""
    earned: Mapped[int | None]
    """Units; below 0 only under a rule that takes marks away and has no floor. None while the
    attempt is open or, handed in, waits for people to mark it."""
    out_of: Mapped[int | None]
    passed: Mapped[bool | None]
    """Against the national line; a separate line is shown beside it."""


class ExtraTime(Base):
    """An accommodation: a learner has more time at every paper. Revoked, never deleted."""

    __tablename__ = "extra_time"
    __table_args__ = learner_table()

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The learner's own count, from 1."""
    percent: Mapped[int]
    """Of a paper's time; 0 where minutes are said."""
    minutes: Mapped[int]
    """At every paper; 0 where a share is said."""
    reason: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day on which attempts begin with it; none: until it is revoked."""
    granted_by: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    revoked_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]


class Extension(Base):
    """That an open attempt was made longer. One for a deed and an attempt."""

    __tablename__ = "attempt_extension"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    attempt_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(primary_key=True)
    """Of the deed: a form that is sent twice gives its minutes once."""
    minutes: Mapped[int]
    reason: Mapped[str]
    granted_by: Mapped[Key | None] = mapped_column(sa.ForeignKey("person.id"))
    """None: on the command line."""
    granted_at: Mapped[datetime]


class StuckAttempt(Base):
    """An attempt that is over and could not be marked. It goes when it is handed in at last."""

    __tablename__ = "stuck_attempt"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    attempt_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fault: Mapped[str]
    """What went wrong, as a programmer reads it; nothing of the answers."""
    first_at: Mapped[datetime]
    tried_at: Mapped[datetime]
    """When it was last tried; it is tried again after an hour."""
    tries: Mapped[int]


class Response(Base):
    """The marked answer of one slot. Written once, at hand-in."""

    __tablename__ = "response"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
        sa.Index(None, "question_version_id"),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    attempt_number: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("question_version.id"))
    chosen: Mapped[str]
    """As its kind stores it: letters or words in the author's order; empty if left blank."""
    earned: Mapped[int]
    """Units of the attempt."""
    out_of: Mapped[int]
    seconds: Mapped[int | None]
    """For how long the question was in view; none if nobody measured."""


class JudgedAnswer(Base):
    """An answer in words of an attempt that was handed in: people mark it.

    Written at hand-in, if it is not blank. The attempt has no result before all are settled.
    """

    __tablename__ = "judged_answer"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
        # the queue, without reading what is settled
        sa.Index(
            "ix_judged_answer_waiting",
            "paper_version_id",
            "question_version_id",
            "handed_in_at",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        ),
        sa.Index(None, "question_version_id"),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    attempt_number: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paper_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper_version.id"))
    question_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("question_version.id"))
    chosen: Mapped[str]
    """As its kind stores it; never blank."""
    handed_in_at: Mapped[datetime]
    wanted: Mapped[int]
    """How many people are to mark it; 0: none any more, somebody decides or it is settled."""
    earned: Mapped[int | None]
    """Units of the attempt; none before it is settled, and so is ``out_of``."""
    out_of: Mapped[int | None]
    settled_at: Mapped[datetime | None]


class Regrade(Base):
    """A deed of the institution: papers that were handed in are marked anew.

    One person proposes it, another approves; so it is with taking it back.
    """

    __tablename__ = "regrade"
    __table_args__ = reference_table(
        sa.CheckConstraint("applied_by <> proposed_by", name="second_person"),
        sa.CheckConstraint("undone_by <> undo_asked_by", name="second_person_undo"),
    )

    id: Mapped[Id]
    cause: Mapped[str]
    """One of :class:`lms.exams.types.Cause`."""
    policy: Mapped[str]
    """One of :class:`lms.exams.types.Policy`."""
    reason: Mapped[str]
    """In words that learners read on their results."""
    paper_version_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("paper_version.id"))
    """The papers it is about; none: every paper that asked the question."""
    from_version_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("question_version.id"))
    """The question as it was asked; none where a whole paper gets another rule."""
    to_version_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("question_version.id"))
    """The version of the same question with the right key."""
    marking_rule_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("rule_version.id"))
    """The rule by which to mark anew."""
    looked_at: Mapped[datetime]
    """When it was tried. What is handed in later is not part of it."""
    digest: Mapped[str]
    """Of everything that the trial saw and found: see :func:`lms.exams.rules.digest`."""
    figures: Mapped[Json]
    """What the trial found, counted: :class:`lms.exams.types.Figures`."""
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[Key | None]
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[Key | None]
    undo_asked_at: Mapped[datetime | None]
    undo_asked_by: Mapped[Key | None]
    undo_reason: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[Key | None]


class CardCorrection(Base):
    """What an answer card says that was typed in wrongly: the cells that differ. Never changed.

    It is proposed, approved by somebody else and taken back as the regrade that it names.
    """

    __tablename__ = "card_correction"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
        sa.Index(None, "regrade_id"),
        sa.Index(None, "print_id"),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    regrade_id: Mapped[Key] = mapped_column(sa.ForeignKey("regrade.id"), primary_key=True)
    print_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper_print.id"))
    attempt_number: Mapped[int]
    cells: Mapped[Json]
    """Slot -> the answer on the card, as its kind stores it; empty: blank or spoilt."""
    spoilt: Mapped[Json]
    """Slot -> the letters on the card, where more are marked than may be."""
    was: Mapped[Json]
    """Slot -> ``[answer, letters where more were marked than may be]`` as it counted before."""


class RegradeResult(Base):
    """What an attempt counts as from a regrade on. Never changed: the highest revision counts.

    Taking a regrade back appends a revision too, with what stood before.
    """

    __tablename__ = "regrade_result"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
        sa.Index(None, "regrade_id"),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    attempt_number: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1."""
    regrade_id: Mapped[Key] = mapped_column(sa.ForeignKey("regrade.id"))
    """The deed that appended it."""
    standing_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("regrade.id"))
    """The regrade on which the result rests now; none: it is as it was handed in."""
    marking_rule_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("rule_version.id"))
    """The rule by which it is marked now; none: that of the attempt."""
    unit: Mapped[int]
    """Parts of a point in which its marks are counted: the attempt's, or finer ones."""
    earned: Mapped[int]
    out_of: Mapped[int]
    passed: Mapped[bool]
    slots: Mapped[Json]
    """What differs from the responses, or was looked at: see :func:`lms.exams.rules.read_slips`."""
    recorded_at: Mapped[datetime]


class PaperPrint(Base):
    """A paper drawn to be sat on paper: what its sheets hold, for ever. Never changed."""

    __tablename__ = "paper_print"
    __table_args__ = institution_table(
        # the same form sent twice is one print
        sa.UniqueConstraint("paper_version_id", "seed", "organization_id", "note")
    )

    id: Mapped[Id]
    paper_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper_version.id"))
    marking_rule_id: Mapped[Key] = mapped_column(sa.ForeignKey("rule_version.id"))
    """What the sheets promise, and by what they are marked."""
    seed: Mapped[int] = mapped_column(BIG)
    slots: Mapped[Json]
    """As :attr:`Attempt.slots`."""
    note: Mapped[str]
    """For whom it was printed: the name of a class, say."""
    organization_id: Mapped[Key] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    """Whose print it is: whoever may enter answers for this unit finds it."""
    printed_by_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), index=True)
    printed_at: Mapped[datetime]


class PaperEntry(Base):
    """That an attempt was sat on paper and typed in: one for a learner and a print."""

    __tablename__ = "paper_entry"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"], ["attempt.learner_id", "attempt.number"]
        ),
        sa.Index(None, "print_id"),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    print_id: Mapped[Key] = mapped_column(sa.ForeignKey("paper_print.id"), primary_key=True)
    attempt_number: Mapped[int]
    sat_on: Mapped[date]
    spoilt: Mapped[Json]
    """Slot -> the letters on the answer card, where more were marked than may be: worth nothing."""
    entered_by_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"))
    entered_at: Mapped[datetime]
