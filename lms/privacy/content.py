"""Read the texts that people are told or asked, ``lms/privacy/texts/*.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_folder
from lms.kernel.reading import Raw
from lms.privacy.types import Certainty, Purpose, TextKind

TEXTS = Path(__file__).resolve().parent / "texts"
"""The texts that come with the program."""

_BOTH = ("title", "title_en", "law", "law_en")
_FOLLOWS = ("after_given", "after_given_en", "after_withdrawn", "after_withdrawn_en")
_KEYS = ("id", "kind", "position", "sensitive", *_BOTH, *_FOLLOWS, "certainty", "note", "section")
_SECTION = ("heading", "heading_en", "text", "text_en")


@dataclass(frozen=True, slots=True)
class TextFile:
    """One checked text."""

    key: str
    digest: str
    kind: TextKind
    title: str
    title_en: str
    body: Mapping[str, Any]


def read_all(root: Path, faults: Faults) -> list[TextFile]:
    """Read every text of a folder, in path order; faults are collected."""
    return read_folder(root, _read, faults, key=lambda file: file.key)


def _read(document: Document) -> TextFile:
    raw = document.table
    reading.only(raw, _KEYS)
    key = reading.choice(raw, "id", list(Purpose))
    kind = TextKind(reading.choice(raw, "kind", list(TextKind)))
    for name in _BOTH:
        reading.text(raw, name)
    reading.whole(raw, "position", low=0, high=1000)
    reading.choice(raw, "certainty", list(Certainty))
    reading.text(raw, "note", default="")
    if kind is TextKind.CONSENT:
        reading.flag(raw, "sensitive")
        for name in _FOLLOWS:
            reading.text(raw, name)
    for section in reading.tables(raw, "section", at_least=1):
        with reading.within("section"):
            _check_section(section)
    body = {name: value for name, value in plain(raw).items() if name not in {"id", "kind"}}
    return TextFile(key, digest_of(plain(raw)), kind, raw["title"], raw["title_en"], body)


def _check_section(section: Raw) -> None:
    reading.only(section, _SECTION)
    for name in _SECTION:
        reading.text(section, name)
