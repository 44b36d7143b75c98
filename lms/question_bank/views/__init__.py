"""Pages of the bank: reading it, writing it, reviewing, many at once, learners' reports."""

from lms.question_bank.views import bulk, editing, mistakes, reviewing
from lms.question_bank.views.browsing import bp

__all__ = ["bp", "bulk", "editing", "mistakes", "reviewing"]
