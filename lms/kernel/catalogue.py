"""The catalogue of sentences without a web application: for the command line and for libraries."""

import gettext
from collections.abc import Callable
from functools import cache

from lms.kernel.places import PACKAGE

LANGUAGES = ("zh", "en")


@cache
def translator(language: str) -> Callable[[str], str]:
    """Return what turns a Chinese sentence of the catalogue into a language's.

    Chinese is the sentence itself. Where the catalogue was not compiled (a bare checkout), and
    for a sentence that it does not know, it stays Chinese.

    :raises ValueError: a language that we do not have.
    """
    if language not in LANGUAGES:
        raise ValueError(f"{language}: not one of {', '.join(LANGUAGES)}")
    if language == "zh":
        return str
    folder = str(PACKAGE / "web" / "translations")
    return gettext.translation("messages", folder, [language], fallback=True).gettext
