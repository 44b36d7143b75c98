"""Lists for tests, as texts and as workbooks, and what nobody should send."""

import io
import zipfile
import zlib

import xlsxwriter

from lms.people.rules.identity import check_character

HEADER = ("姓名", "身份证号", "手机", "单位代码", "岗位", "职务", "入职日期", "学历")


def number(order, born="19900101", region="522301"):
    """A resident identity number that is right."""
    first = f"{region}{born}{order:03d}"
    return first + check_character(first)


def phone(order):
    return f"139{order:08d}"


def line(order, unit, name="杨梅", **values):
    """A row for :data:`HEADER`, with somebody's own numbers."""
    row = dict(zip(HEADER, (name, number(order), phone(order), unit, "驻站社工", "社工", "2024-3-1", "本科"), strict=True))  # fmt: skip
    return list((row | values).values())


def text(*rows, encoding="utf-8", delimiter=",", end="\r\n"):
    return end.join(delimiter.join(row) for row in rows).encode(encoding)


def workbook(*rows, sheet="名单", numbers=(), dates=(), formulas=(), merged=()):
    """An XLSX file. ``numbers``: {(row, column): value} that are stored as numbers."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    made = book.add_worksheet(sheet)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            made.write_string(r, c, cell)
    for (r, c), value in dict(numbers).items():
        made.write_number(r, c, value)
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    for (r, c), value in dict(dates).items():
        made.write_datetime(r, c, value, date)
    for (r, c), (formula, value) in dict(formulas).items():
        made.write_formula(r, c, formula, None, value)
    for area, value in dict(merged).items():
        made.merge_range(*area, value)
    book.close()
    return target.getvalue()


def altered(data, changes, *, drop=()):
    """A workbook with other parts: name -> bytes."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            if member.filename not in {*changes, *drop}:
                new.writestr(member.filename, old.read(member))
        for name, content in changes.items():
            new.writestr(name, content)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BEGIN = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def sheet(*rows):
    return BEGIN + b"".join(rows) + END


def cell(place, value="x"):
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'.encode()


def bomb(megabytes=600):
    """A workbook whose sheet is nothing but spaces, and honest about it."""
    return altered(workbook(["x"]), {SHEET: BEGIN + b" " * megabytes * 1024 * 1024 + END})


def lying_bomb(megabytes=64):
    """A workbook whose directory says that its sheet is small."""
    small = altered(workbook(["x"]), {SHEET: sheet(b"<row>" + cell("A1") + b"</row>")})
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(BEGIN)
    for _ in range(megabytes):
        body += packer.compress(b" " * 1024 * 1024)
    body += packer.compress(END) + packer.flush()
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        infos = archive.infolist()
        parts = {i.filename: archive.read(i) for i in infos}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            if name != SHEET:
                new.writestr(name, content)
        info = zipfile.ZipInfo(SHEET)
        info.compress_type = zipfile.ZIP_STORED
        new.writestr(info, body)
    made = target.getvalue()
    # now say that what was stored is deflated and unpacks to 200 bytes
    for signature, method, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = _head(made, signature)
        made = made[: at + method] + b"\x08\x00" + made[at + method + 2 :]
        made = made[: at + size] + (200).to_bytes(4, "little") + made[at + size + 4 :]
    return made


def _head(data, signature):
    """Where the entry of the sheet begins."""
    length = 30 if signature == b"PK\x03\x04" else 46
    at = -1
    while (at := data.find(signature, at + 1)) >= 0:
        if data[at + length : at + length + len(SHEET)] == SHEET.encode():
            return at
    raise AssertionError(signature)
