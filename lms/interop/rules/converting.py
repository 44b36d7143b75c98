"""From one format to another, with everything said that was not understood or is lost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lms.interop.rules.carrying import losses
from lms.interop.rules.catalogue import format_named, recognized
from lms.interop.types import Item, Note, Read, note
from lms.kernel.errors import N_

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Converted:
    """A file in another format."""

    data: bytes
    source: str
    """The format that was read."""
    encoding: str
    count: int
    not_understood: tuple[tuple[int | None, Note], ...]
    """The number of the item, from 1, and the note; no number: about the file."""
    lost: tuple[tuple[int | None, Note], ...]
    """What the target cannot carry."""


def convert(data: bytes, *, name: str, source: str, target: str, encoding: str = "") -> Converted:
    """Read a file in one format and return it in another.

    :param source: the name of a format, or ``auto``.
    :raises Invalid: the file is refused, or a format does not exist.
    """
    writer = format_named(target)
    reader = recognized(data, name) if source == AUTO else format_named(source)
    read = reader.read(data, name=name, encoding=encoding)
    lost = tuple(
        (number, found)
        for number, item in enumerate(read.items, start=1)
        for found in losses(item, writer)
    )
    return Converted(
        data=writer.write(read.items, read.media),
        source=reader.name,
        encoding=read.encoding,
        count=len(read.items),
        not_understood=(*read.all_notes(), *_twins(read)),
        lost=lost,
    )


def _twins(read: Read) -> Iterator[tuple[int, Note]]:
    """Report ids that more than one item claims: an import could not tell them apart."""
    counted = Counter(item.id for item in read.items if item.id)
    for number, item in enumerate(read.items, start=1):
        if counted[item.id] > 1:
            yield number, _twin(item)


def _twin(item: Item) -> Note:
    return note("duplicate_id", N_("编号 %(id)s 用了不止一次"), line=item.line, id=item.id)
