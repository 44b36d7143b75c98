"""Pictures of questions: under which address they lie here, and under which name they travel.

In a file a text points at ``media/<name>``. In the bank it points at ``/question-media/`` and the
SHA-256 of the picture: the same picture is kept once, and its address never means another.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from lms.interop.types import Item, Markup, Media, Note, Text, each_text, with_texts
from lms.kernel.errors import N_
from lms.question_bank.types import Draft

ADDRESS = "/question-media/"
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
"""Media types that a page shows -> suffix. Recordings and documents are not shown."""

_NAMED = re.compile(r"(?<![\w/.-])media/([\w.-]{1,120})")
_OWN = re.compile(rf"{ADDRESS}([0-9a-f]{{64}})\.(?:png|jpg|gif|webp)")
_FOREIGN = re.compile(
    r"(?:<img\b[^<>]*?\bsrc=[\"']?|!\[[^\]]{0,200}\]\()\s*((?:https?:)?//[^\s\"'<>)]+)"
)


def pictures(media: Sequence[Media]) -> dict[str, Media]:
    """Return the pictures of a file by their names in it."""
    return {one.name: one for one in media if one.type in PICTURES}


def digest_of(picture: Media) -> str:
    """Return the SHA-256 of a picture's bytes."""
    return sha256(picture.data).hexdigest()


def address_of(digest: str, media_type: str) -> str:
    """Return under which address a picture is shown here."""
    return f"{ADDRESS}{digest}.{PICTURES[media_type]}"


def addresses(media: Sequence[Media]) -> dict[str, str]:
    """Return the address of each picture of a file, by its name in it."""
    found = pictures(media)
    return {name: address_of(digest_of(one), one.type) for name, one in found.items()}


def placed(item: Item, places: Mapping[str, str]) -> Item:
    """Return an item whose texts point at the pictures where they lie here."""
    if not places:
        return item
    made = with_texts(item, lambda text: _placed(text, places))
    return replace(made, parts=tuple(placed(part, places) for part in item.parts))


def _placed(text: Text, places: Mapping[str, str]) -> Text:
    if text.markup is Markup.PLAIN or "media/" not in text.source:
        return text
    source = _NAMED.sub(lambda found: places.get(found.group(1), found.group()), text.source)
    return Text(source, text.markup)


def shown_in(draft: Draft) -> frozenset[str]:
    """Return the digests of the pictures that a working text shows."""
    return frozenset(found for text in _texts_of(draft) for found in _OWN.findall(text))


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Draft):
        yield from (value.stem, value.explanation, *_texts_of(value.spec))
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() for text in _texts_of(inner))
    elif isinstance(value, list | tuple):
        yield from (text for inner in value for text in _texts_of(inner))


def without_pictures(text: str) -> str:
    """Return a text without the addresses of pictures, which say nothing."""
    return _OWN.sub("", text) if ADDRESS in text else text


def travelling(items: Iterable[Item]) -> tuple[list[Item], dict[str, str]]:
    """Return items that point at names, and the name of each picture by its digest."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        digest = found.group(1)
        suffix = found.group().rpartition(".")[2]
        return f"media/{names.setdefault(digest, f'{digest[:16]}.{suffix}')}"

    def moved(item: Item) -> Item:
        made = with_texts(
            item, lambda text: replace(text, source=_OWN.sub(named, text.source)) if text else text
        )
        return replace(made, parts=tuple(map(moved, item.parts)))

    return [moved(item) for item in items], names


def media_notes(item: Item, names: Collection[str]) -> Iterator[Note]:
    """Say which pictures of an item do not come along.

    :param names: the pictures that came with the file.
    """
    told = set()
    for text in each_text(item):
        if text.markup is Markup.PLAIN:
            continue
        missing = (name for name in _NAMED.findall(text.source) if name not in names)
        for name in missing:
            message = N_("图片没有导入：%(name)s（文件里没有，或者不是能用的图片）")
            told.add((("name", name), "media_missing", message))
        for address in _FOREIGN.findall(text.source):
            message = N_("别的网站上的图片这里不显示，没有导入：%(name)s")
            told.add((("name", address[:200]), "media_foreign", message))
    for named, code, message in sorted(told):
        yield Note(code, message, item.line, "", (named,))
