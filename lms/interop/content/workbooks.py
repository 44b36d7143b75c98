"""Workbooks: the first sheet with something on it becomes rows of texts, by calamine."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from lms.interop.content.packages import check_package
from lms.interop.types import LONGEST_CELL, Table, Trouble
from lms.kernel.errors import N_, Invalid

MOST_DIGITS = 15
"""What a number in a workbook keeps exactly: it is an IEEE 754 double."""

_FAULTS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"}
)


def read_workbook(data: bytes, *, name: str) -> Table:
    """Return the table of a workbook: the first visible sheet that is not empty.

    :raises Invalid: see :func:`lms.interop.content.packages.check_package`; ``empty_file``.
    """
    check_package(data, name=name)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return _read(book, name)
    except (CalamineError, OSError, ValueError, OverflowError) as fault:
        raise Invalid(
            "broken_workbook", N_("工作簿不完整或已损坏，请重新导出再传"), where=name
        ) from fault


def _read(book: CalamineWorkbook, name: str) -> Table:
    visible = [
        meta.name
        for meta in book.sheets_metadata
        if meta.typ is SheetTypeEnum.WorkSheet and meta.visible is SheetVisibleEnum.Visible
    ]
    sheets = [(one, book.get_sheet_by_name(one)) for one in visible]
    filled = [(one, sheet) for one, sheet in sheets if sheet.height]
    if not filled:
        raise Invalid("empty_file", N_("文件是空的"), where=name)
    (title, sheet), *others = filled
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    _fill_merged(rows, sheet)
    troubles: dict[tuple[int, int], Trouble] = {}
    texts = [_texts(row, number, troubles) for number, row in enumerate(rows)]
    return Table(
        texts,
        "xlsx",
        sheet=title,
        other_sheets=tuple(one for one, _sheet in others),
        troubles=troubles,
    )


def _fill_merged(rows: list[list[Any]], sheet: CalamineSheet) -> None:
    """Give every cell of a merged range its value: one unit written once beside many people."""
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if right > left or top >= len(rows):
            continue  # a title across columns says nothing about each
        value = rows[top][left] if left < len(rows[top]) else ""
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row) and row[left] == "":
                row[left] = value


def _texts(row: Sequence[Any], number: int, troubles: dict[tuple[int, int], Trouble]) -> list[str]:
    found = []
    for column, value in enumerate(row):
        if isinstance(value, str):
            if len(value) > LONGEST_CELL:
                troubles[number, column] = Trouble.TOO_LONG
                value = value[:50]  # noqa: PLW2901 - the rest is not read
            elif value in _FAULTS:
                troubles[number, column] = Trouble.FORMULA_FAULT
            found.append(value)
        else:
            text = _text(value)
            if text.isdecimal() and len(text) > MOST_DIGITS:
                troubles[number, column] = Trouble.DIGITS_LOST
            found.append(text)
    return found


def _text(value: Any) -> str:
    """Return what people see in a cell that holds no text."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return "" if value is None else str(value)
