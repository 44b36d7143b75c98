"""How large a workbook becomes when it is opened: found out before it is.

A reader lays out every cell between the first and the last, and gives each cell a copy of its
shared text: two cells far apart, or one long text pointed at a million times, are small in the
file and fill the memory.
"""

import re

from lms.interop.formats._archive import Archive
from lms.kernel.errors import N_, Invalid

MOST_CELLS = 5_000_000
MOST_TEXT = 256 * 1024 * 1024
_CELL = re.compile(rb'<(?:\w+:)?(c|row)\b[^>]*?\br="([A-Z]{0,3})([0-9]{1,9})"')
_SHARED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\bt="s"[^>]*>\s*<(?:\w+:)?v>([0-9]{1,9})<')
_TEXT = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>", re.DOTALL)


def check_size(archive: Archive) -> None:
    """Refuse a workbook that would be too large.

    :raises Invalid: ``not_xlsx``, ``too_big``.
    """
    if "xl/workbook.xml" not in archive.names:
        raise Invalid("not_xlsx", N_("不是 XLSX 文件"))
    texts: list[int] = []
    if "xl/sharedStrings.xml" in archive.names:
        shared = archive.read("xl/sharedStrings.xml")
        texts = [found.end() - found.start() for found in _TEXT.finditer(shared)]
    total = 0
    for name in archive.names:
        if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
            continue
        sheet = archive.read(name)
        if _cells(sheet) > MOST_CELLS:
            raise Invalid("too_big", N_("工作表 %(name)s 的格子太多"), name=name)
        for found in _SHARED.finditer(sheet):
            at = int(found.group(1))
            total += texts[at] if at < len(texts) else 0
        if total > MOST_TEXT:
            raise Invalid("too_big", N_("工作表 %(name)s 的文字太多"), name=name)


def _cells(sheet: bytes) -> int:
    """Return how many cells lie between the corners of a sheet."""
    rows, columns = [1, 1], [1, 1]
    for found in _CELL.finditer(sheet):
        row = int(found.group(3))
        rows = [min(rows[0], row), max(rows[1], row)]
        if found.group(2):
            column = 0
            for letter in found.group(2):
                column = column * 26 + letter - 64
            columns[1] = max(columns[1], column)
    return (rows[1] - rows[0] + 1) * columns[1]
