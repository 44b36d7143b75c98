"""Commands that ``web`` hangs into the groups of other rooms: lists, and questions."""

from lms.interop.cli.lists import import_
from lms.interop.cli.questions import convert, formats

__all__ = ["convert", "formats", "import_"]
