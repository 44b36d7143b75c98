"""Tables as files that spreadsheet programs open: every cell a text, none a formula.

A cell that begins with ``= + - @``, a tab or a carriage return is run as a formula by spreadsheet
programs that open a CSV file (OWASP, "CSV Injection"): an apostrophe in front makes it a text. An
XLSX file says of each cell that it is a text, which nothing runs.
"""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_RUN = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")

"""The last four are the full-width ones, which some programs read alike."""


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet program runs when it opens a CSV file."""
    return f"'{cell}" if cell.startswith(_RUN) else cell


def to_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as UTF-8 with the mark by which spreadsheet programs know it."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(head)
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def to_xlsx(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as an XLSX file whose cells are all texts."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for column, cell in enumerate(head):
            sheet.write_string(0, column, cell, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(head) - 1, 0), 18)
    return target.getvalue()
