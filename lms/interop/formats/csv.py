"""The template of rows as CSV: parted by commas, semicolons or tabs; any encoding we detect."""

import csv
import io
import sys
from collections.abc import Iterator, Sequence

from lms.interop.formats import _sheet, _text
from lms.interop.formats._sheet import Row
from lms.interop.types import Format, Item, Media, Read
from lms.kernel.errors import N_, Invalid

_FORMULA = ("=", "+", "-", "@", "\t")


class Csv(Format):
    name = "csv"
    label = N_("表格模板（CSV）")
    suffix = ".csv"
    kinds = frozenset(_sheet.KINDS.values())
    carries = _sheet.CARRIES
    markups = _sheet.MARKUPS
    remarks = _sheet.REMARKS

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        text, taken, notes = _text.decode(data, encoding)
        items, more = _sheet.read_rows(_rows(text))
        return Read(tuple(items), (*notes, *more), encoding=taken)

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        made = io.StringIO(newline="")
        writer = csv.writer(made, lineterminator="\r\n")
        for row in _sheet.write_rows(items):
            writer.writerow(_guarded(cell) for cell in row)
        return made.getvalue().encode("utf-8-sig")  # spreadsheets need the mark to see UTF-8


FORMAT = Csv()


def _rows(text: str) -> Iterator[Row]:
    first = text[:2000].split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    for number, physical in enumerate(text.split("\n"), start=1):
        _text.check_marks(physical, delimiter, line=number)
    csv.field_size_limit(min(_text.LONGEST_TEXT, sys.maxsize))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            _text.too_many(cells, ",", line=line)
            yield line, [_unguarded(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as fault:
        raise Invalid(
            "bad_csv", N_("不是完整的 CSV：%(why)s"), where=str(line), why=str(fault)[:80]
        ) from fault


def _guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula begins with an apostrophe."""
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith((*_FORMULA, "'")) else cell
