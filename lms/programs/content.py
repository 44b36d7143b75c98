"""Read programs from ``courses/programs/``. Reads files; knows no database."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from lms.kernel import reading
from lms.kernel.authoring import Document, Faults, digest_of, plain, read_folder
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.programs.rules import forbidden_word
from lms.requirements.rules import read_requirement, unknown_references

CERTAINTIES = ("H", "M", "L")
"""How sure we are that the program is the official one: high, middle, low."""

_KEYS = (
    "id", "title", "title_en", "summary", "summary_en", "sponsor", "certainty", "source",
    "starts_on", "ends_on", "grants", "requirement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """One checked program of an author."""

    document: Document = field(repr=False, compare=False)
    key: str
    digest: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    sponsor: str
    certainty: str
    source: str
    starts_on: date
    ends_on: date | None
    grants: Mapping[str, Any] | None
    requirement: Mapping[str, Any]
    """As the author wrote it."""

    @property
    def goal_requirement(self) -> Mapping[str, Any]:
        """The requirement as a goal keeps it; due with the program's end unless it says when."""
        if self.ends_on is None or {"due_days", "due_on"} & self.requirement.keys():
            return self.requirement
        return {**self.requirement, "due_on": self.ends_on.isoformat()}


def read_all(root: Path, faults: Faults) -> list[ProgramFile]:
    """Read every program under ``root/programs``, in path order; faults are collected."""
    return read_folder(root / "programs", _read, faults, key=lambda file: file.key)


def check_references(
    files: Iterable[ProgramFile], *, known: Collection[str], faults: Faults
) -> None:
    """Report courses and papers that programs ask for and nobody provides.

    :param known: the references that exist: ``course:basics``, ``paper:mock``.
    """
    for file in files:
        requirement = read_requirement(file.requirement)
        for place, reference in unknown_references(requirement, known):
            faults.note(file.document, ("requirement", *place), f"没有 {reference}")


def _read(document: Document) -> ProgramFile:
    raw = document.table
    reading.only(raw, _KEYS)
    starts_on, ends_on = reading.day(raw, "starts_on"), reading.optional_day(raw, "ends_on")
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("ends_first", N_("结束日期早于开始日期"), where="ends_on")
    requirement = reading.table(raw, "requirement")
    with reading.within("requirement"):
        read_requirement(requirement)
    return ProgramFile(
        document=document,
        key=reading.identifier(raw),
        digest=digest_of(plain(raw)),
        title=reading.text(raw, "title", at_most=200),
        title_en=reading.text(raw, "title_en", at_most=200),
        summary=reading.text(raw, "summary"),
        summary_en=reading.text(raw, "summary_en"),
        sponsor=reading.text(raw, "sponsor", at_most=200),
        certainty=reading.choice(raw, "certainty", CERTAINTIES),
        source=reading.text(raw, "source"),
        starts_on=starts_on,
        ends_on=ends_on,
        grants=_read_grants(raw) if "grants" in raw else None,
        requirement=plain(requirement),
    )


def _read_grants(raw: Raw) -> dict[str, Any]:
    table = reading.table(raw, "grants")
    with reading.within("grants"):
        reading.only(table, ("title", "title_en", "valid_years", "hours"))
        for key in ("title", "title_en"):
            word = forbidden_word(reading.text(table, key, at_most=100))
            if word is not None:
                raise Invalid(
                    "forbidden_word", N_("证书名称里不能有“%(word)s”"), where=key, word=word
                )
        for key, high in (("valid_years", 50), ("hours", 10_000)):
            if key in table:
                reading.whole(table, key, low=1, high=high)
    return dict(table)
