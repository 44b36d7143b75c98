"""Commands that ``web`` hangs into the groups of other rooms: lists, and questions."""

from lms.interop.cli.bank import export_questions, import_questions
from lms.interop.cli.lists import import_
from lms.interop.cli.questions import convert, formats

__all__ = ["convert", "export_questions", "formats", "import_", "import_questions"]
