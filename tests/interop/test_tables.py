"""Reading tables: what is read is what people see, and what cannot be read is refused in words."""

import codecs
from datetime import date

import pytest

from lms.interop.content import read_table
from lms.interop.content.texts import guess_delimiter
from lms.interop.types import MOST_COLUMNS, MOST_ROWS, Trouble
from lms.kernel.errors import Invalid
from tests.interop.builders import (
    HEADER,
    SHEET,
    altered,
    bomb,
    cell,
    line,
    lying_bomb,
    sheet,
    text,
    workbook,
)

ROW = line(1, "ST-1", "阿卜杜·买买提")


def read(data, name="名单.csv", encoding=""):
    return read_table(data, name=name, encoding=encoding)


def refused(data, name="名单.xlsx", encoding=""):
    with pytest.raises(Invalid) as told:
        read_table(data, name=name, encoding=encoding)
    assert told.value.where == name
    return told.value.code


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (text(HEADER, ROW), "UTF-8"),
        (codecs.BOM_UTF8 + text(HEADER, ROW), "UTF-8（带标记）"),
        (text(HEADER, ROW, encoding="gb18030"), "GB18030"),
        (codecs.BOM_UTF16_LE + text(HEADER, ROW, encoding="utf-16-le"), "UTF-16 LE"),
        (codecs.BOM_UTF16_BE + text(HEADER, ROW, encoding="utf-16-be"), "UTF-16 BE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_text_is_read_in_its_encoding(data, told):
    table = read(data)
    assert table.rows == [list(HEADER), ROW]
    assert table.encoding == told


def test_rare_characters_are_no_reason_to_doubt():
    rows = [["姓名", "单位"], ["李𠮷祥", "㵲阳镇社工站"], ["王㐱", "舞阳"]] * 5
    assert read(text(*rows, encoding="gb18030")).rows == rows


def test_a_text_in_big5_is_asked_about():
    data = text(
        ["姓名", "單位", "證件號碼"], ["張偉", "黔西南州興義市", "電話號碼"], encoding="big5"
    )
    assert refused(data, "名單.csv") == "encoding_unsure"
    assert read(data, encoding="big5").rows[1][0] == "張偉"


def test_an_encoding_that_somebody_says_is_taken_strictly():
    data = text(HEADER, ROW, encoding="gb18030")
    assert refused(data, "名单.csv", "utf-8") == "bad_encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter, end):
    assert read(text(HEADER, ROW, delimiter=delimiter, end=end)).rows == [list(HEADER), ROW]


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        ("a;b\n1;2", ";"),
        ("a,b;c\n1,2;3\n1,2", ","),  # commas on more lines
        ('"x;y;z",b\n"1;2;3",4', ","),  # what is quoted does not count
        ("a", ","),
    ],
)
def test_the_delimiter_is_guessed(lines, delimiter):
    assert guess_delimiter(lines) == delimiter


def test_quotes_may_hold_commas_quotes_and_lines():
    assert read('姓名,单位\n"杨,梅","第一""站""\n二层"'.encode()).rows[1] == [
        "杨,梅",
        '第一"站"\n二层',
    ]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.csv", "empty_file"),
        (b" \r\n\r\n", "a.csv", "empty_file"),
        (b"\x00" * 5000, "a.csv", "empty_file"),
        (b"a,b\x00c\n", "a.csv", "no_text"),
        ("姓名,单位".encode("utf-16-le"), "a.csv", "no_text"),  # without a mark
        (b'a,"b\n' + b"x" * 200, "a.csv", "bad_quotes"),
        (b"a," * MOST_COLUMNS + b"b\n", "a.csv", "too_many_columns"),
        (b"," * 1_000_000 + b"x", "a.csv", "too_many_columns"),
        (b"a,b\n" * (MOST_ROWS + 21), "a.csv", "too_many_rows"),
        (b"a,b", "a.xlsx", "wrong_ending"),
        (b"<html><table>", "a.xls", "wrong_ending"),
        (b"a,b", "a.pdf", "no_table"),
        (b"a,b", "a", "no_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "a.xls", "old_workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "encrypted",
        ),
        (workbook(["a"]), "a.csv", "wrong_ending"),
        (workbook(["a"]), "a.xlsm", "macros"),
        (workbook(), "a.xlsx", "empty_file"),
        (b"PK\x03\x04 and then nothing", "a.xlsx", "broken_workbook"),
        (workbook(["a", "b"])[:-100], "a.xlsx", "broken_workbook"),
        (workbook(["a", "b"])[:3000], "a.xlsx", "broken_workbook"),
    ],
)
def test_what_is_no_table_is_refused(data, name, code):
    assert refused(data, name) == code


def test_empty_columns_at_the_end_do_not_count():
    assert read(b"a,b" + b"," * 500 + b"\n1,2\n").rows == [["a", "b"], ["1", "2"]]


def test_a_cell_that_is_too_long_is_told():
    table = read(b"a,b\n1," + b"x" * 10_001)
    assert table.troubles == {(1, 1): Trouble.TOO_LONG}
    assert len(table.rows[1][1]) == 50


def test_a_workbook_is_read_as_people_see_it():
    data = workbook(
        HEADER,
        ROW,
        numbers={(1, 2): 13900000001, (1, 5): 3.5},
        dates={(1, 6): date(2024, 3, 1)},
        formulas={(1, 7): ('=VLOOKUP("x",A:B,2)', "本科")},
    )
    table = read(data, "名单.xlsx")
    assert table.sheet == "名单"
    assert table.rows[1][2:] == ["13900000001", "ST-1", "驻站社工", "3.5", "2024-03-01", "本科"]
    assert table.troubles == {}


@pytest.mark.parametrize(
    ("value", "is_lost"),
    [(123456789012345, False), (522301199001011230, True)],  # 15 digits are exact, 18 are not
)
def test_digits_that_a_workbook_has_lost_are_told(value, is_lost):
    table = read(workbook(HEADER, ROW, numbers={(1, 1): value}), "名单.xlsx")
    assert table.troubles == ({(1, 1): Trouble.DIGITS_LOST} if is_lost else {})


def test_a_formula_without_a_result_is_told_or_empty():
    pasted = read(workbook(HEADER, [*ROW[:3], "#N/A"]), "名单.xlsx")
    assert pasted.troubles == {(1, 3): Trouble.FORMULA_FAULT}
    failed = read(workbook(HEADER, ROW, formulas={(1, 3): ("=NA()", "#N/A")}), "名单.xlsx")
    assert failed.rows[1][3] == ""


def test_a_merged_unit_counts_for_each_row():
    rows = [["单位", "姓名"], ["", "甲"], ["", "乙"], ["第二站", "丙"]]
    data = workbook(*rows, merged={(1, 0, 2, 0): "第一站"})
    assert [row[0] for row in read(data, "a.xlsx").rows] == ["单位", "第一站", "第一站", "第二站"]


def test_only_the_first_sheet_with_something_is_read():
    import io

    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    book.add_worksheet("空的")
    for name in ("名单", "说明"):
        book.add_worksheet(name).write_string(0, 0, name)
    hidden = book.add_worksheet("藏起来")
    hidden.write_string(0, 0, "x")
    hidden.hide()
    book.close()
    table = read(target.getvalue(), "a.xlsx")
    assert (table.rows, table.other_sheets) == ([["名单"]], ("说明",))


GOOD = workbook(HEADER, ROW)
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">'
LONG = b"<sst><si><t>" + b"x" * 9000 + b"</t></si></sst>"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (altered(GOOD, {SHEET: ENTITY + sheet()}), "entities"),
        (altered(GOOD, {SHEET: EXTERNAL + sheet()}), "entities"),
        (altered(GOOD, {"xl/styles.xml": ENTITY + b"<x/>"}), "entities"),
        (altered(GOOD, {SHEET: "<?xml?>".encode("utf-16")}), "entities"),
        (altered(GOOD, {"xl/vbaProject.bin": b"x"}), "macros"),
        (altered(GOOD, {"word/document.xml": b"<x/>"}, drop={"xl/workbook.xml"}), "no_workbook"),
        (altered(GOOD, {f"xl/{n}.xml": b"<x/>" for n in range(2001)}), "bomb"),
        (altered(GOOD, {SHEET: sheet(b"<row>", cell("XFD1"), b"</row>")}), "too_many_columns"),
        (altered(GOOD, {SHEET: sheet(b"<row>", cell("A1048576"), b"</row>")}), "too_many_rows"),
        (
            altered(
                GOOD, {SHEET: sheet(b"<row>", cell("A1"), b"</row><row>", cell("CV200000"), b"</row>")}
            ),
            "too_many_cells",
        ),
        (altered(GOOD, {SHEET: sheet(b"<row>", b"<c><v>1</v></c>" * 500, b"</row>")}), "odd_workbook"),
        (
            altered(
                GOOD,
                {
                    "xl/sharedStrings.xml": LONG,
                    SHEET: sheet(
                        *(
                            b"<row>" + b"".join(b'<c r="A%d" t="s"><v>0</v></c>' % r for _ in "x") + b"</row>"
                            for r in range(1, 60_000)
                        )
                    ),
                },
            ),
            "bomb",  # one long text, referred to again and again
        ),
        (altered(GOOD, {SHEET: sheet(b"<row>", cell("A1", "x" * 9_000_000), b"</row>")}), "bomb"),
        (altered(GOOD, {SHEET: b"not xml at all <<<"}), "broken_workbook"),
    ],
)  # fmt: skip
def test_a_workbook_that_would_do_harm_is_refused(data, code):
    assert refused(data) == code


def test_a_zip_bomb_is_refused_by_its_directory():
    assert refused(bomb()) == "bomb"


def test_a_zip_bomb_that_lies_about_its_size_is_refused():
    assert refused(lying_bomb()) == "bomb"


def test_a_locked_member_is_refused():
    data = bytearray(GOOD)
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refused(bytes(data)) == "encrypted"


def test_styled_empty_cells_far_away_do_not_count():
    rows = (b"<row>", cell("A1"), b'<c r="XFD1" s="1"/></row>')
    assert read(altered(GOOD, {SHEET: sheet(*rows)}), "a.xlsx").rows == [["x"]]
