"""Read outlines from ``question_bank/syllabus/``. Reads files; knows no database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_folder
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.syllabus.types import CERTAINTIES, NodeText

_EDITION = (
    "edition", "title", "title_en", "issuer", "published_on", "source", "note", "sources",
    "subject",
)  # fmt: skip
_NODE = ("code", "title", "title_en", "certainty", "source", "note")
_SUBJECT = (*_NODE, "level", "objective", "goal", "chapter")
_CHAPTER = (*_NODE, "section")
_SECTION = (*_NODE, "points")


@dataclass(frozen=True, slots=True)
class EditionFile:
    """One checked author's file: an edition and its tree, parents before children."""

    path: Path
    key: str
    digest: str
    title: str
    nodes: tuple[NodeText, ...]


def read_all(root: Path, faults: Faults) -> list[EditionFile]:
    """Read every edition under ``root/syllabus``; faults are collected."""
    return read_folder(root / "syllabus", _read, faults, key=lambda file: file.key, named="edition")


def keys(files: Iterable[EditionFile]) -> frozenset[str]:
    """Return the key of every node of every edition: what other content may refer to."""
    return frozenset(node.key for file in files for node in file.nodes)


def _read(document: Document) -> EditionFile:
    raw = document.table
    reading.only(raw, _EDITION)
    edition = reading.identifier(raw, "edition")
    nodes = tuple(_subjects(raw, edition))
    seen: set[str] = set()
    for node in nodes:
        if node.key in seen:
            raise Invalid("twice", N_("编号 %(key)s 出现两次"), where="subject", key=node.key)
        seen.add(node.key)
    title = reading.text(raw, "title")
    return EditionFile(document.path, edition, digest_of(plain(raw)), title, nodes)


def _subjects(raw: Raw, edition: str) -> Iterator[NodeText]:
    counter = iter(range(1_000_000))
    for index, subject in enumerate(reading.tables(raw, "subject", at_least=1)):
        with reading.within("subject", index):
            reading.only(subject, _SUBJECT)
            code = reading.identifier(subject, "code")
            node = _node(
                subject, f"{edition}/{code}", level="subject", subject=code, position=next(counter)
            )
        yield node
        for number, chapter in enumerate(reading.tables(subject, "chapter")):
            with reading.within("subject", index, "chapter", number):
                yield from _chapter(chapter, node, counter)


def _chapter(raw: Raw, parent: NodeText, counter: Iterator[int]) -> Iterator[NodeText]:
    reading.only(raw, _CHAPTER)
    key = f"{parent.key}/{reading.identifier(raw, 'code')}"
    node = _node(
        raw, key, level="chapter", subject=parent.subject, position=next(counter), under=parent.key
    )
    yield node
    for index, section in enumerate(reading.tables(raw, "section")):
        with reading.within("section", index):
            reading.only(section, _SECTION)
            inner_key = f"{key}/{reading.identifier(section, 'code')}"
            inner = _node(
                section,
                inner_key,
                level="section",
                subject=parent.subject,
                position=next(counter),
                under=key,
            )
            points = reading.texts(section, "points")
        yield inner
        for number, title in enumerate(points, start=1):
            yield NodeText(
                key=f"{inner.key}/{number}",
                parent_key=inner.key,
                level="point",
                subject=parent.subject,
                position=next(counter),
                title=title,
                title_en="",
                certainty=inner.certainty,
                source=inner.source,
            )


def _node(
    raw: Raw, key: str, *, level: str, subject: str, position: int, under: str | None = None
) -> NodeText:
    return NodeText(
        key=key,
        parent_key=under,
        level=level,
        subject=subject,
        position=position,
        title=reading.text(raw, "title"),
        title_en=reading.text(raw, "title_en", default=""),
        certainty=reading.choice(raw, "certainty", CERTAINTIES),
        source=reading.text(raw, "source", default=""),
    )
