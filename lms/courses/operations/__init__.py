"""Deeds: publishing what authors wrote, and learning it."""

from lms.courses.operations.learning import answer_check, complete_lesson, enroll
from lms.courses.operations.publishing import load

__all__ = ["answer_check", "complete_lesson", "enroll", "load"]
