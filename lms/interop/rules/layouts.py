"""Which column is what: headings in any order, in either language, in the first rows. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from lms.interop.types import Column, Layout, Table
from lms.kernel.errors import N_, Invalid

HEADER_WITHIN = 10
"""Rows among which the headings are looked for; titles may stand above them."""

_NOISE = re.compile(r"[\s*_:：/、.\-]|[(（\[【].*?[)）\]】]")


def find_layout(table: Table, columns: Sequence[Column], *, name: str) -> Layout:
    """Return where the fields stand.

    :param name: of the file, for the refusals.
    :raises Invalid: ``no_header``, ``missing_columns``, ``same_heading_twice``, ``no_rows``.
    """
    known = {heading_key(word): c.name for c in columns for word in (c.label, c.name, *c.synonyms)}
    found = [
        (sum(heading_key(cell) in known for cell in row), -number)
        for number, row in enumerate(table.rows[:HEADER_WITHIN])
    ]
    hits, number = max(found, default=(0, 0))
    if hits < 2:
        labels = "、".join(c.label for c in columns if c.is_required)
        raise Invalid(
            "no_header",
            N_("前 %(n)s 行里找不到表头。表头里至少要有：%(labels)s。可以下载模板来填"),
            where=name,
            n=HEADER_WITHIN,
            labels=labels,
        )
    header = -number
    places, unknown = _places(table.rows[header], known, columns, name)
    missing = [c.label for c in columns if c.is_required and c.name not in places]
    if missing:
        raise Invalid(
            "missing_columns",
            N_("第 %(row)s 行是表头，缺少这些列：%(labels)s"),
            where=name,
            row=header + 1,
            labels="、".join(missing),
        )
    if not any(any(cell.strip() for cell in row) for row in table.rows[header + 1 :]):
        raise Invalid("no_rows", N_("表头下面没有数据"), where=name)
    return Layout(header, places, unknown)


def _places(
    row: Sequence[str], known: dict[str, str], columns: Sequence[Column], name: str
) -> tuple[dict[str, int], tuple[str, ...]]:
    places: dict[str, int] = {}
    unknown = []
    for column, cell in enumerate(row):
        field = known.get(heading_key(cell))
        if field is None:
            if cell.strip():
                unknown.append(cell.strip()[:40])
        elif field in places:
            label = next(c.label for c in columns if c.name == field)
            raise Invalid(
                "same_heading_twice",
                N_("%(one)s 列和 %(other)s 列都是“%(label)s”，请删去一列"),
                where=name,
                one=letters(places[field]),
                other=letters(column),
                label=label,
            )
        else:
            places[field] = column
    return places, tuple(unknown)


def heading_key(text: str) -> str:
    """Return what all spellings of a heading have in common: 身 份 证 号（必填）* is 身份证号."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def letters(column: int) -> str:
    """Return the letters of a column, as above a sheet: 0 is A, 26 is AA."""
    text = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def filled_rows(table: Table, layout: Layout) -> list[int]:
    """Return the rows under the headings that have anything in them, from 0."""
    begin = layout.header + 1
    return [
        number
        for number, row in enumerate(table.rows[begin:], begin)
        if any(cell and not cell.isspace() for cell in row)
    ]
