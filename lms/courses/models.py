from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.orm import Base, Id, Json, Key, learner_table, reference_table


class Course(Base):
    """A course's identity."""

    __tablename__ = "course"
    __table_args__ = reference_table()

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    """``ready`` or ``retired``."""
    current_number: Mapped[int]


class CourseVersion(Base):
    """A course as it was published. Never changed."""

    __tablename__ = "course_version"
    __table_args__ = reference_table(sa.UniqueConstraint("course_id", "number"))

    id: Mapped[Id]
    course_id: Mapped[Key] = mapped_column(sa.ForeignKey("course.id"))
    number: Mapped[int]
    digest: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    summary: Mapped[str]
    summary_en: Mapped[str]
    audience: Mapped[Json]
    credit_hours: Mapped[int]
    """学时 of 45 minutes."""
    category: Mapped[str]
    """``professional`` or ``general``."""
    valid_on: Mapped[date]
    sources: Mapped[Json]
    published_at: Mapped[datetime]


class Lesson(Base):
    """A lesson's identity within its course."""

    __tablename__ = "lesson"
    __table_args__ = reference_table(sa.UniqueConstraint("course_id", "key"))

    id: Mapped[Id]
    course_id: Mapped[Key] = mapped_column(sa.ForeignKey("course.id"))
    key: Mapped[str]


class LessonVersion(Base):
    """A lesson as it was published, already rendered. Never changed."""

    __tablename__ = "lesson_version"
    __table_args__ = reference_table(sa.UniqueConstraint("lesson_id", "number"))

    id: Mapped[Id]
    lesson_id: Mapped[Key] = mapped_column(sa.ForeignKey("lesson.id"))
    number: Mapped[int]
    digest: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    minutes: Mapped[int]
    source: Mapped[str]
    """The author's Markdown."""
    html: Mapped[str]
    """What the Markdown renders to, cleaned."""
    checks: Mapped[Json]
    """A list of self-check questions: ``id``, ``kind``, ``stem``, ``explanation``, ``spec``."""
    points: Mapped[Json]
    published_at: Mapped[datetime]


class Part(Base):
    """One lesson's place in the outline of a course version."""

    __tablename__ = "course_part"
    __table_args__ = reference_table()

    course_version_id: Mapped[Key] = mapped_column(
        sa.ForeignKey("course_version.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    lesson_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("lesson_version.id"))
    module_key: Mapped[str]
    module_title: Mapped[str]
    module_title_en: Mapped[str]


class Enrollment(Base):
    """A learner in a course, bound to the version they began."""

    __tablename__ = "enrollment"
    __table_args__ = learner_table(sa.Index(None, "course_id"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[Key] = mapped_column(sa.ForeignKey("course.id"), primary_key=True)
    course_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("course_version.id"))
    enrolled_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class LessonProgress(Base):
    """How far a learner is in one lesson."""

    __tablename__ = "lesson_progress"
    __table_args__ = learner_table(sa.Index(None, "lesson_id"))

    learner_id: Mapped[Key] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    lesson_id: Mapped[Key] = mapped_column(sa.ForeignKey("lesson.id"), primary_key=True)
    course_id: Mapped[Key] = mapped_column(sa.ForeignKey("course.id"))
    lesson_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("lesson_version.id"))
    checks: Mapped[Json]
    """Check id -> ``{"chosen": "AB", "right": true, "tries": 2}``."""
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class FirstAnswer(Base):
    """A learner's first try at one check. Written once, counted for instructors."""

    __tablename__ = "first_answer"
    __table_args__ = learner_table(
        sa.ForeignKeyConstraint(
            ["learner_id", "lesson_id"], ["lesson_progress.learner_id", "lesson_progress.lesson_id"]
        ),
        sa.Index(None, "lesson_version_id", "check_key", "is_right"),
    )

    learner_id: Mapped[Key] = mapped_column(primary_key=True)
    lesson_id: Mapped[Key] = mapped_column(primary_key=True)
    check_key: Mapped[str] = mapped_column(primary_key=True)
    lesson_version_id: Mapped[Key] = mapped_column(sa.ForeignKey("lesson_version.id"))
    is_right: Mapped[bool]
    answered_at: Mapped[datetime]
