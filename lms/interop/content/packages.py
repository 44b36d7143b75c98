"""Look into a workbook before anything is parsed: it is a zip archive, and zip archives can lie.

The central directory is read first (members, sizes, encryption). Then every part that a reader
would parse is inflated once with a limit, piece by piece and without keeping it, and counted:
real bytes against those announced, cells, the largest column and row, and any document type
definition, which no workbook needs and which is what XML bombs and external entities are made of
(ECMA-376 part 2, 8.1.1: packages shall not contain them).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from lms.interop.content.texts import too_many_columns, too_many_rows
from lms.interop.types import LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS
from lms.kernel.errors import N_, Invalid

MOST_MEMBERS = 2000
MOST_BYTES = 400 * 1024 * 1024
"""Of all members together, unpacked."""
MOST_TEXT = 400 * 1024 * 1024
"""Bytes of all shared texts, each counted as often as a cell refers to it."""
STEEPEST = 250
"""Unpacked to packed bytes of one member above ``SMALL``; real sheets stay below 60."""
SMALL = 1024 * 1024

LONGEST_ROW = 8 * 1024 * 1024
"""Bytes of one row of a sheet."""

_PIECE = 1024 * 1024
_LOCAL = struct.Struct("<4s5H3L2H")
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_PLACED = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"(?:[^<>]*[^/<>])?>')
_EMPTY = re.compile(rb"<(?:\w+:)?c(?:\s[^<>]*)?/>")
_SHARED = re.compile(rb't="s"[^<>]*><(?:\w+:)?v>(\d{1,9})<')
_TEXT_END = re.compile(rb"</(?:\w+:)?si\s*>")


@dataclass(slots=True)
class _Seen:
    """What a sheet was found to hold."""

    columns: set[bytes] = field(default_factory=set)
    rows: int = 0
    text: int = 0
    """Bytes of shared texts that its cells refer to."""


def check_package(data: bytes, *, name: str) -> None:
    """Refuse a workbook that is none, or that would be too much to read.

    :raises Invalid: with what it is instead, or which limit it passes.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as fault:
        raise Invalid(
            "broken_workbook", N_("工作簿不完整或已损坏，请重新导出再传"), where=name
        ) from fault
    _check_directory(members, len(data), name)
    _check_kind({member.filename for member in members}, name)
    parts = [m for m in members if m.filename.lower().endswith((".xml", ".rels", ".vml"))]
    parts.sort(key=lambda m: not m.filename.lower().endswith("sharedstrings.xml"))
    lengths: list[int] = []
    total, text = 0, 0
    for member in parts:
        pieces = _inflated(data, member, name, at_most=MOST_BYTES - total)
        if member.filename.lower().endswith("sharedstrings.xml"):
            total += _read_texts(pieces, lengths, name)
        elif member.filename.lower().startswith("xl/worksheets/sheet"):
            seen = _Seen()
            total += _read_sheet(pieces, seen, lengths, name)
            _check_size(seen, name)
            text += seen.text
            if text > MOST_TEXT:
                raise _bomb(name)
        else:
            total += sum(len(piece) for piece in _without_doctype(pieces, name))


def _check_directory(members: list[zipfile.ZipInfo], size: int, name: str) -> None:
    if len(members) > MOST_MEMBERS or sum(m.compress_size for m in members) > size:
        raise _bomb(name)  # parts that overlap are packed bytes counted twice
    if len({member.filename.lower() for member in members}) != len(members):
        raise _bomb(name)
    for member in members:
        if member.flag_bits & 1:
            raise Invalid("encrypted", N_("文件设了打开密码，请去掉密码后再传"), where=name)
        if member.file_size > SMALL and member.file_size > STEEPEST * member.compress_size:
            raise _bomb(name)
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise _bomb(name)


def _check_kind(names: set[str], name: str) -> None:
    if "xl/vbaProject.bin" in names:
        raise Invalid("macros", N_("带宏的工作簿不收，请在表格软件里另存为 .xlsx 再传"), where=name)
    if "xl/workbook.xml" not in names:
        raise Invalid(
            "no_workbook",
            N_("这个压缩包不是 .xlsx 工作簿（可能是文档、.xlsb、.ods 或别的压缩文件）"),
            where=name,
        )


def _inflated(data: bytes, member: zipfile.ZipInfo, name: str, *, at_most: int) -> Iterator[bytes]:
    """Yield the real bytes of a member, however many its entry announces, up to a limit."""
    start = member.header_offset
    try:
        head = _LOCAL.unpack(data[start : start + _LOCAL.size])
    except struct.error:
        raise _broken(name) from None
    begin = start + _LOCAL.size + head[9] + head[10]
    packed = memoryview(data)[begin : begin + member.compress_size]
    count = 0
    for piece in _unpacked(packed, member.compress_type, name):
        count += len(piece)
        if count > min(at_most, max(member.file_size, 1)):
            raise _bomb(name)
        yield piece
    if count != member.file_size:
        raise _broken(name)


def _unpacked(packed: memoryview, method: int, name: str) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        for start in range(0, len(packed), _PIECE):
            yield bytes(packed[start : start + _PIECE])
        return
    if method != zipfile.ZIP_DEFLATED:
        raise _broken(name)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    remaining: bytes | memoryview = packed
    try:
        while not inflate.eof:
            piece = inflate.decompress(remaining, _PIECE)
            remaining = inflate.unconsumed_tail
            if not piece and not remaining:
                break
            yield piece
    except zlib.error:
        raise _broken(name) from None


def _without_doctype(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    tail = b""
    for number, piece in enumerate(pieces):
        if number == 0 and piece[:2] in {b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<"}:
            raise _entities(name)  # UTF-16: what could hide in it is not looked for
        if _DOCTYPE.search(tail + piece):
            raise _entities(name)
        tail = piece[-16:]
        yield piece


def _read_texts(pieces: Iterator[bytes], lengths: list[int], name: str) -> int:
    """Note how long each shared text is."""
    total, rest = 0, b""
    for piece in _without_doctype(pieces, name):
        total += len(piece)
        *texts, rest = _TEXT_END.split(rest + piece)
        lengths.extend(map(len, texts))
        if len(rest) > 40 * LONGEST_CELL:
            raise _bomb(name)
    return total


def _read_sheet(pieces: Iterator[bytes], seen: _Seen, lengths: list[int], name: str) -> int:
    """Count what a sheet holds, a piece at a time, cut between rows."""
    total, rest = 0, b""
    for piece in _without_doctype(pieces, name):
        total += len(piece)
        rest += piece
        cut = rest.rfind(b"<", 0, max(rest.rfind(b"<row"), rest.rfind(b":row")) + 1)
        if cut > 0:
            _count(rest[:cut], seen, lengths, name)
            rest = rest[cut:]
        if len(rest) > LONGEST_ROW:
            raise _bomb(name)
    _count(rest, seen, lengths, name)
    return total


def _count(part: bytes, seen: _Seen, lengths: list[int], name: str) -> None:
    placed = _PLACED.findall(part)
    if len(placed) + len(_EMPTY.findall(part)) < len(_CELL.findall(part)):
        raise Invalid(
            "odd_workbook",
            N_("工作簿的写法少见，读不准；请在 WPS 或 Excel 里打开，另存为 .xlsx 再传"),
            where=name,
        )
    if placed:
        seen.columns.update({column for column, _row in placed})
        seen.rows = max(seen.rows, *map(int, {row for _column, row in placed}))
    known = len(lengths)
    seen.text += sum(lengths[i] for i in map(int, _SHARED.findall(part)) if i < known)


def _check_size(seen: _Seen, name: str) -> None:
    columns = max((_number(letters) for letters in seen.columns), default=0)
    if columns > MOST_COLUMNS:
        raise too_many_columns(name, 1)
    if seen.rows > MOST_ROWS + 20:
        raise too_many_rows(name)
    if columns * seen.rows > MOST_CELLS:
        raise Invalid(
            "too_many_cells",
            N_("表格太大（%(rows)s 行 × %(columns)s 列），请分成几个文件，或删去用不到的列"),
            where=name,
            rows=seen.rows,
            columns=columns,
        )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _bomb(name: str) -> Invalid:
    return Invalid(
        "bomb", N_("工作簿解开后大得不正常，没有读取；请把数据复制到新的工作簿再传"), where=name
    )


def _broken(name: str) -> Invalid:
    return Invalid("broken_workbook", N_("工作簿不完整或已损坏，请重新导出再传"), where=name)


def _entities(name: str) -> Invalid:
    return Invalid("entities", N_("工作簿里有不该有的定义（DTD），没有读取"), where=name)
