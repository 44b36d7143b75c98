"""Empty lists to fill in: a workbook with a sheet of notes, or a text."""

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO

import xlsxwriter

from lms.interop.types import Column

EXAMPLE = {"people": "人员导入模板", "organizations": "单位导入模板"}
"""What the files are called."""

_NOTES = ("列名", "说明", "举例", "也认这些列名")


def write_template(target: BinaryIO, columns: Sequence[Column], file_format: str) -> None:
    """Write a list with the headings alone.

    :param file_format: ``xlsx`` or ``csv``.
    """
    if file_format == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerow([column.label for column in columns])
        target.write(b"\xef\xbb\xbf" + text.getvalue().encode())
        return
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    heading = book.add_format({"bold": True, "bg_color": "#E4EFEC", "border": 1})
    as_text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("名单")
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, 20, as_text)
        sheet.write_string(0, number, column.label, heading)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 18)
    notes.set_column(1, 1, 70)
    notes.set_column(2, 3, 40)
    for number, word in enumerate(_NOTES):
        notes.write_string(0, number, word, heading)
    for row, column in enumerate(columns, 1):
        line = (column.label, column.note, column.example, "、".join(column.synonyms))
        for number, word in enumerate(line):
            notes.write_string(row, number, word)
    book.close()
