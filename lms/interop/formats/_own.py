"""What the tables of all kinds share: texts and lists of texts as authors write them."""

from collections.abc import Sequence
from typing import Any

from lms.interop.formats import _text
from lms.interop.types import NO_TEXT, Markup, Text
from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

Table = dict[str, Any]
Fields = dict[str, Any]


def markdown(text: str) -> Text:
    """Return a text as authors write it."""
    text = _text.without_controls(text)
    return Text(text, Markup.MARKDOWN) if text.strip() else NO_TEXT


def once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text.strip()))


def bare(text: str) -> Text:
    return _text.bare(_text.without_controls(text))


def strings(raw: Raw, key: str) -> list[str]:
    return list_of_strings(raw.get(key), key)


def list_of_strings(value: Any, where: str) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Invalid("not_texts", N_("必须是文字的列表"), where=where)
    with reading.within(where):
        _text.too_many(value, where)
    return list(value)
