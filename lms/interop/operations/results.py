"""The files that come back: the rows as they were sent, with what became of each and why.

The numbers in them are the sender's own and stand as they were sent; only whoever asked gets the
files. Cells that a spreadsheet would take for formulas are made texts.
"""

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO
from xml.sax.saxutils import escape

import xlsxwriter

from lms.interop.operations.tools import Tools
from lms.interop.rules.cells import harmless
from lms.interop.rules.layouts import letters
from lms.interop.rules.words import verdict_word, words_of
from lms.interop.types import Judged, Layout, Table
from lms.jobs import operations as jobs
from lms.jobs.operations import Task

HEADINGS = ("结果", "说明", "行号")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as it was sent, and what became of its rows."""

    table: Table
    layout: Layout
    outcomes: Sequence[Judged]
    labels: Mapping[str, str]

    @property
    def width(self) -> int:
        """Columns of the widest row."""
        rows = self.table.rows
        widths = (len(rows[one.row - 1]) for one in self.outcomes)
        return max(len(rows[self.layout.header]), *widths)

    @property
    def header(self) -> list[str]:
        """The headings as they were sent, and ours."""
        return [*padded(self.table.rows[self.layout.header], self.width), *HEADINGS]

    def lines(self) -> Iterator[list[str]]:
        """Yield the rows as they were sent, each with what became of it."""
        width = self.width
        for one in self.outcomes:
            row = padded(self.table.rows[one.row - 1], width)
            yield [*row, verdict_word(one.verdict), words_of(one, self.labels), str(one.row)]


def keep_results(task: Task, tools: Tools, sheet: Sheet, *, name: str) -> dict[str, int]:
    """Make the files with the results and return their numbers by format."""
    files = {}
    stem = name.rsplit(".", 1)[0][:80]
    for form, write in (("xlsx", write_workbook), ("csv", write_text)):
        with tempfile.TemporaryFile() as target:
            write(target, sheet.header, sheet.lines())
            size = target.tell()
            target.seek(0)
            with task.deed() as session:
                files[form] = jobs.keep_file(
                    session,
                    tools.store,
                    target,
                    name=f"{stem}-结果.{form}",
                    at_most=max(size, 1),
                    days=tools.days,
                    owner_id=task.job.owner_id,
                    now=task.clock(),
                )
    return files


def padded(row: Sequence[str], width: int) -> list[str]:
    """Return a row with as many cells as the widest."""
    return [*row, *[""] * (width - len(row))]


def write_workbook(target: BinaryIO, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Write a sheet of texts. Long numbers stay texts, nothing is a formula or a link.

    XlsxWriter makes the workbook around it; the sheet itself, which is nothing but rows of texts,
    is written here, because for 70,000 rows that takes a tenth of the time.
    """
    shell = io.BytesIO()
    book = xlsxwriter.Workbook(shell, {"in_memory": True})
    book.add_worksheet("结果")
    book.close()
    with zipfile.ZipFile(shell) as made, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for member in made.infolist():
            if member.filename != _SHEET:
                out.writestr(member.filename, made.read(member))
        with out.open(_SHEET, "w", force_zip64=True) as sheet:
            sheet.write(_BEGIN)
            for number, line in enumerate(chain([header], lines), 1):
                sheet.write(_row(number, line).encode("utf-8", "replace"))
            sheet.write(b"</sheetData></worksheet>")


_SHEET = "xl/worksheets/sheet1.xml"
_BEGIN = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    b' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    b'<sheetFormatPr defaultColWidth="16" defaultRowHeight="15"/><sheetData>'
)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 has no way to write."""


def _row(number: int, line: Sequence[str]) -> str:
    """Return one row of a sheet as XML (ECMA-376 part 1, 18.3.1.73 and 18.3.1.4)."""
    cells = (
        f'<c r="{letters(column)}{number}" t="inlineStr"><is><t xml:space="preserve">'
        f"{escape(_UNWRITABLE.sub('', cell))}</t></is></c>"
        for column, cell in enumerate(line)
        if cell
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def write_text(target: BinaryIO, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Write UTF-8 with a mark, which the usual spreadsheets open rightly, and no formulas."""
    target.write(b"\xef\xbb\xbf")
    writer = csv.writer(_Encoding(target))
    writer.writerow(header)
    for line in lines:
        writer.writerow([harmless(cell) for cell in line])


class _Encoding:
    """Lets csv, which writes texts, write into bytes."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def write(self, text: str) -> None:
        self._target.write(text.encode("utf-8", "replace"))
