"""Pages of exchange: lists of people and organizations, questions, the pictures of questions."""

from lms.interop.views import exporting, lists, media, questions
from lms.interop.views.common import bp

__all__ = ["bp", "exporting", "lists", "media", "questions"]
