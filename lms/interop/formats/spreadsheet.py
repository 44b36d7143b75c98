"""The template of rows as a workbook (XLSX), read by calamine, written by XlsxWriter.

A file that is no workbook is read as CSV.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from lms.interop.formats import _sheet, _text, csv
from lms.interop.formats._archive import Archive, holds, is_zip, refuse_old
from lms.interop.formats._sheet import Row
from lms.interop.formats._workbook_size import check_size
from lms.interop.types import Format, Item, Media, Note, Read, note
from lms.kernel.errors import N_, Invalid

_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The same items give the same file."""
_WIDTHS = {"题干": 48, "解析": 40, "答案": 12}


class Spreadsheet(Format):
    name = "spreadsheet"
    label = N_("表格模板（XLSX）")
    suffix = ".xlsx"
    kinds = frozenset(_sheet.KINDS.values())
    carries = _sheet.CARRIES
    markups = _sheet.MARKUPS
    remarks = (*_sheet.REMARKS, N_("一格超过 32,767 个字的部分"))

    def recognizes(self, data: bytes, name: str) -> bool:
        return holds(data, "xl/workbook.xml")

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        refuse_old(data)
        if not is_zip(data):
            return csv.FORMAT.read(data, name=name, encoding=encoding)
        archive = Archive(data)
        notes = _strange(archive)
        check_size(archive)
        items: list[Item] = []
        try:
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
            sheets = [workbook.get_sheet_by_name(title) for title in workbook.sheet_names]
        except (CalamineError, OSError, ValueError) as fault:
            raise Invalid("bad_xlsx", N_("不是完整的 XLSX 文件")) from fault
        with_header = 0
        for sheet in sheets:
            try:
                found, more = _sheet.read_rows(_rows(sheet))
            except Invalid as fault:
                if fault.code != "no_header":
                    raise
                notes.append(note("sheet_skipped", fault.message, path=sheet.name))
                continue
            with_header += 1
            items += found
            notes += more
        if not with_header:
            raise Invalid("no_header", N_("前 20 行里找不到表头；至少要有“题干”和“答案”两列"))
        return Read(tuple(items), tuple(notes))

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        made = io.BytesIO()
        workbook = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_urls": False})
        workbook.set_properties({"created": _MADE})
        sheet = workbook.add_worksheet("试题")
        head = workbook.add_format({"bold": True, "bg_color": "#DDE9E4", "border": 1})
        wrap = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for at, title in enumerate(_sheet.COLUMNS):
            sheet.set_column(at, at, _WIDTHS.get(title, 14), wrap)
        for number, row in enumerate(_sheet.write_rows(items)):
            for at, cell in enumerate(row):
                sheet.write_string(number, at, cell[:32767], wrap if number else head)
        sheet.freeze_panes(1, 0)
        workbook.close()
        return made.getvalue()


FORMAT = Spreadsheet()


def _strange(archive: Archive) -> list[Note]:
    """Say what of the workbook nobody reads, and refuse what unpacks to too much."""
    for entry in archive.names:
        if entry.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(entry)[:1000]:
            raise Invalid("has_dtd", N_("带有 DTD 的 XML 一律不收"), where=entry[:80])
    pictures = sum(entry.startswith("xl/media/") for entry in archive.names)
    if not pictures:
        return []
    return [note("pictures", N_("表格里的 %(n)s 张图片没有读入"), n=pictures)]


def _rows(sheet: object) -> Iterator[Row]:
    start = getattr(sheet, "start", None) or (0, 0)
    rows = sheet.to_python(skip_empty_area=True)  # type: ignore[attr-defined]  # no types of its own
    for number, cells in enumerate(rows, start=start[0] + 1):
        yield number, [_shown(cell) for cell in cells]


def _shown(cell: object) -> str:
    """A cell as the person sees it: 3.0 is 3, TRUE is true."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    text = _text.without_controls(str(cell))
    return text.replace("\r\n", "\n").replace("\r", "\n")
