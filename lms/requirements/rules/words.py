"""Sentences as somebody reads them."""

from collections.abc import Callable
from datetime import date

from babel.dates import format_date

from lms.kernel.errors import N_
from lms.requirements.types import Listed, Named, Sentence, Words


def deadline_words(due_on: date, *, on: date) -> Sentence:
    """Say how far away a deadline is. On its own day it is still in time."""
    days = (due_on - on).days
    if days > 1:
        return Sentence(N_("还有 %(n)s 天"), {"n": days})
    if days < -1:
        return Sentence(N_("已逾期 %(n)s 天"), {"n": -days})
    return Sentence((N_("已逾期 1 天"), N_("今天截止"), N_("还有 1 天"))[days + 1])


def spoken(words: Words, *, translate: Callable[[str], str] = str, language: str = "zh") -> str:
    """Return words as somebody reads them, with the catalogue of their language.

    :param translate: ``flask_babel.gettext``, or nothing for Chinese.
    """
    if isinstance(words, Named):
        return words.en if language == "en" and words.en else words.zh
    values = {
        key: _spoken_value(value, translate=translate, language=language)
        for key, value in words.params.items()
    }
    sentence = translate(words.msgid)
    return sentence % values if values else sentence


def _spoken_value(value: object, *, translate: Callable[[str], str], language: str) -> str:
    if isinstance(value, Listed):
        parts = [spoken(item, translate=translate, language=language) for item in value.items]
        return (", " if language == "en" else "、").join(parts)
    if isinstance(value, Named | Sentence):
        return spoken(value, translate=translate, language=language)
    if isinstance(value, date):
        english = language == "en"
        return format_date(
            value, "d MMM y" if english else "y年M月d日", locale="en" if english else "zh_CN"
        )
    return str(value)
