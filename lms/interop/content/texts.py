"""Text tables: which encoding, which delimiter, then Python's csv.

Decoding is strict: a byte that does not fit refuses the encoding. UTF-8 practically never fits by
chance (RFC 3629), so it is tried first; GB18030 fits nearly anything, so what it gives is looked
at: a text whose Chinese is mostly characters outside GB 2312 was probably written in Big5.
"""

import codecs
import csv
import io
from collections import Counter

from charset_normalizer import from_bytes

from lms.interop.types import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Table, Trouble
from lms.kernel.errors import N_, Invalid

ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5")
"""What somebody may choose."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8（带标记）"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16 BE"),
)
_DELIMITERS = ",;\t"
_SAMPLE_LINES, _SAMPLE_BYTES = 20, 20_000
_RARE_PERCENT = 25


def read_text(data: bytes, *, name: str, encoding: str = "") -> Table:
    """Return the table of a text file.

    :raises Invalid: ``bad_encoding``, ``encoding_unsure``, ``no_text``, ``bad_quotes``,
        ``too_many_rows``, ``too_many_columns``.
    """
    text, taken = decode(data, name=name, encoding=encoding)
    if "\x00" in text:
        raise Invalid("no_text", N_("文件里有不该有的零字节，不是文本表格"), where=name)
    delimiter = guess_delimiter(text)
    rows, troubles = _rows(text, delimiter, name)
    return Table(rows, "csv", encoding=taken, delimiter=delimiter, troubles=troubles)


def decode(data: bytes, *, name: str, encoding: str = "") -> tuple[str, str]:
    """Return the text and what it was read as.

    :raises Invalid: ``bad_encoding``, ``encoding_unsure``, ``no_text``.
    """
    for mark, codec, words in _MARKS:
        if data.startswith(mark):
            return _strictly(data, codec, name), words
    if encoding:
        codec = encoding if encoding in ENCODINGS else "utf-8"
        return _strictly(data, codec, name), codec.upper()
    if b"\x00" in data:
        raise Invalid(
            "no_text",
            N_("文件里有零字节：不是文本表格，或是没有标记的 UTF-16，请另存为 UTF-8 或 .xlsx"),
            where=name,
        )
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _chinese(data, name), "GB18030"


def _strictly(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise Invalid(
            "bad_encoding",
            N_("第 %(line)s 行有不属于 %(encoding)s 编码的字节，请换一种编码，或另存为 .xlsx"),
            where=name,
            line=line,
            encoding=codec.upper(),
        ) from fault


def _chinese(data: bytes, name: str) -> str:
    text = _strictly(data, "gb18030", name)
    sample = text[:_SAMPLE_BYTES]
    letters = [c for c in sample if c > "\x7f"]
    rare = sum(1 for c in letters if not _is_common(c))
    if rare * 100 > _RARE_PERCENT * len(letters):
        best = from_bytes(data[:_SAMPLE_BYTES]).best()
        raise Invalid(
            "encoding_unsure",
            N_("看不准文件的编码（像 %(guess)s）。请选定编码再传，或在表格软件里另存为 .xlsx"),
            where=name,
            guess=best.encoding.upper() if best else "?",
        )
    return text


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def guess_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the same number of cells most often."""
    lines = [line for line in text[:_SAMPLE_BYTES].splitlines() if line.strip()][:_SAMPLE_LINES]
    best, best_score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        counts = Counter(n for line in lines if (n := _outside_quotes(line, delimiter)))
        if counts:
            cells, times = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
            if (times, cells) > best_score:
                best, best_score = delimiter, (times, cells)
    return best


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in line.split('"')[::2])


def _rows(
    text: str, delimiter: str, name: str
) -> tuple[list[list[str]], dict[tuple[int, int], Trouble]]:
    rows: list[list[str]] = []
    troubles: dict[tuple[int, int], Trouble] = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS:
                row = _without_empty_end(row, len(rows) + 1, name)  # noqa: PLW2901 - the same row, trimmed
            if row and max(map(len, row)) > LONGEST_CELL:
                for column, cell in enumerate(row):
                    if len(cell) > LONGEST_CELL:
                        troubles[len(rows), column] = Trouble.TOO_LONG
                        row[column] = cell[:50]
            rows.append(row)
            if len(rows) > MOST_ROWS + 20:
                raise too_many_rows(name)
    except csv.Error as fault:
        raise Invalid(
            "bad_quotes",
            N_("第 %(line)s 行的引号不成对，或有一格太长，表格读不下去"),
            where=name,
            line=reader.line_num,
        ) from fault
    return rows, troubles


def _without_empty_end(row: list[str], number: int, name: str) -> list[str]:
    while row and not row[-1].strip():
        row.pop()
    if len(row) > MOST_COLUMNS:
        raise too_many_columns(name, number)
    return row


def too_many_rows(name: str) -> Invalid:
    """Return the refusal of a table that is too long."""
    return Invalid(
        "too_many_rows",
        N_("表格太长，一次最多 %(n)s 行，请分成几个文件"),
        where=name,
        n=MOST_ROWS,
    )


def too_many_columns(name: str, row: int) -> Invalid:
    """Return the refusal of a table that is too wide."""
    return Invalid(
        "too_many_columns",
        N_("第 %(row)s 行超过 %(n)s 列，请删去右边多余的列"),
        where=name,
        row=row,
        n=MOST_COLUMNS,
    )
