"""What is done to many questions at once, as plain changes of a text. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from lms.kernel.errors import N_, Invalid
from lms.question_bank.types import Draft

TextChange = Callable[[Draft], Draft]

TAG_AT_MOST, TAGS_AT_MOST = 40, 20
"""Characters of a tag, and tags of a question."""


def read_tags(words: str) -> tuple[str, ...]:
    """Return tags out of what somebody typed: between commas, spaces, 、 or lines; each once.

    :raises Invalid: ``bad_tags``.
    """
    for separator in "，、,;；\n\r\t\u3000":
        words = words.replace(separator, " ")
    tags = tuple(dict.fromkeys(words.split()))
    if len(tags) > TAGS_AT_MOST or any(len(tag) > TAG_AT_MOST for tag in tags):
        raise Invalid(
            "bad_tags",
            N_("标签最多 %(n)s 个，每个最多 %(letters)s 个字"),
            n=TAGS_AT_MOST,
            letters=TAG_AT_MOST,
        )
    return tags


def tagged(tags: Iterable[str]) -> TextChange:
    """Return what gives a question tags besides those that it has."""
    added = tuple(tags)
    return lambda text: replace(text, tags=tuple(dict.fromkeys((*text.tags, *added))))


def untagged(tags: Iterable[str]) -> TextChange:
    """Return what takes tags away from a question."""
    removed = frozenset(tags)
    return lambda text: replace(text, tags=tuple(tag for tag in text.tags if tag not in removed))


def moved(node: str) -> TextChange:
    """Return what moves a question to a place of the outline, a chapter or something below it.

    :raises Invalid: ``bad_place``.
    """
    parts = node.split("/")
    if len(parts) < 3:
        raise Invalid("bad_place", N_("要选到章或者章以下"))
    chapter = "/".join(parts[:3])
    return lambda text: replace(text, subject=parts[1], chapter_key=chapter, point_key=node)
