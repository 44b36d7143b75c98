"""Writes to the question bank."""

from lms.question_bank.operations.drafting import keep_drafts
from lms.question_bank.operations.loading import index, load, reindex

__all__ = ["index", "keep_drafts", "load", "reindex"]
