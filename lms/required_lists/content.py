"""Read required lists from ``courses/required_lists/``. Reads files; knows no database."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_folder
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.people.types import PostKind
from lms.requirements.rules import read_requirement, unknown_references
from lms.requirements.types import Requirement

CERTAINTIES = ("H", "M", "L")
"""How sure we are that the list is the official one: high, middle, low."""

_KEYS = (
    "id", "title", "title_en", "issuer", "certainty", "source", "effective_from", "audience",
    "item",
)  # fmt: skip
_ITEM_KEYS = ("id", "title", "title_en", "due_days", "due_on", "requirement")
_OF_THE_ITEM = ("id", "title", "title_en", "due_days", "due_on")


@dataclass(frozen=True, slots=True)
class ListFile:
    """One checked list of an author."""

    document: Document = field(repr=False, compare=False)
    key: str
    digest: str
    title: str
    title_en: str
    issuer: str
    certainty: str
    source: str
    effective_from: date
    post_kinds: tuple[str, ...]
    items: tuple[Mapping[str, Any], ...]
    """As they are stored; each is also a node of the requirement once its keys are merged."""

    @property
    def requirement(self) -> dict[str, Any]:
        """ALL of the items, with their titles and deadlines, as a goal keeps it."""
        return {"kind": "all", "of": [as_node(item) for item in self.items]}


def as_node(item: Raw) -> dict[str, Any]:
    """Return an item as a node of the requirement: its own title and deadline around its demand."""
    return {**item["requirement"], **{key: item[key] for key in _OF_THE_ITEM if key in item}}


def read_all(root: Path, faults: Faults) -> list[ListFile]:
    """Read every list under ``root/required_lists``, in path order; faults are collected."""
    return read_folder(
        root / "required_lists",
        lambda document: _read(document, faults),
        faults,
        key=lambda file: file.key,
    )


def check_references(files: Iterable[ListFile], *, known: Collection[str], faults: Faults) -> None:
    """Report courses and papers that lists ask for and nobody provides.

    :param known: the references that exist: ``course:basics``, ``paper:mock``.
    """
    for file in files:
        for index, item in enumerate(file.items):
            demand = read_requirement(item["requirement"])
            for place, reference in unknown_references(demand, known):
                faults.note(
                    file.document, ("item", index, "requirement", *place), f"没有 {reference}"
                )


def _read(document: Document, faults: Faults) -> ListFile:
    raw = document.table
    reading.only(raw, _KEYS)
    with reading.within("audience"):
        audience = reading.table(raw, "audience")
        reading.only(audience, ("post_kinds",))
        post_kinds = reading.texts(audience, "post_kinds", at_least=1)
        for kind in post_kinds:
            reading.choice({"post_kinds": kind}, "post_kinds", list(PostKind))
    items = []
    for index, item in enumerate(reading.tables(raw, "item", at_least=1)):
        with faults.guard(document, "item", index):
            _check_item(item)
            items.append(plain(item))
    with reading.within("item"):
        _check_ids(items)
    return ListFile(
        document=document,
        key=reading.identifier(raw),
        digest=digest_of(plain(raw)),
        title=reading.text(raw, "title", at_most=200),
        title_en=reading.text(raw, "title_en", at_most=200),
        issuer=reading.text(raw, "issuer", at_most=200),
        certainty=reading.choice(raw, "certainty", CERTAINTIES),
        source=reading.text(raw, "source"),
        effective_from=reading.day(raw, "effective_from"),
        post_kinds=post_kinds,
        items=tuple(items),
    )


def _check_item(item: Raw) -> Requirement:
    reading.only(item, _ITEM_KEYS)
    reading.identifier(item)
    reading.text(item, "title", at_most=200)
    reading.text(item, "title_en", at_most=200)
    with reading.within("requirement"):
        demand = reading.table(item, "requirement")
        for key in _OF_THE_ITEM:
            if key in demand:
                raise Invalid("of_the_item", N_("写在条目上，不写在 requirement 里"), where=key)
        read_requirement(demand)
    return read_requirement(as_node(item))


def _check_ids(items: Iterable[Raw]) -> None:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item["id"] in seen:
            raise Invalid("alike", N_("与前面的条目编号相同"), where=f"{index}.id")
        seen.add(item["id"])
