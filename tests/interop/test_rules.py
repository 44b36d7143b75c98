"""Single values, headings, doubts and cells: what people write, and what it means."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.interop.rules.cells import harmless
from lms.interop.rules.doubts import doubts
from lms.interop.rules.layouts import find_layout, heading_key, letters
from lms.interop.rules.organization_rows import COLUMNS as ORGANIZATION_COLUMNS
from lms.interop.rules.people_rows import COLUMNS, read_user_name
from lms.interop.rules.values import (
    read_day,
    read_education,
    read_post,
    read_rank,
    read_yes,
    word_for,
)
from lms.interop.types import Judged, Reason, Table, Verdict
from lms.kernel.errors import Invalid
from lms.people.types import Education, PostKind, RankBand

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-3-1", date(2024, 3, 1)),
        ("2024-03-01", date(2024, 3, 1)),
        ("2024/3/1", date(2024, 3, 1)),
        ("2024.03.01", date(2024, 3, 1)),
        ("2024年3月1日", date(2024, 3, 1)),
        ("2024 年 3 月 1 日", date(2024, 3, 1)),
        ("20240301", date(2024, 3, 1)),
        ("45352", date(2024, 3, 1)),  # the day's number in a spreadsheet
        ("45352.0", date(2024, 3, 1)),
        ("2024年3月", date(2024, 3, 1)),
        ("2024-03", date(2024, 3, 1)),
        ("2024-03-01 00:00:00", date(2024, 3, 1)),
        ("\uff12\uff10\uff12\uff14-3-1", date(2024, 3, 1)),  # full width
        ("2026-03-02", TODAY),  # today is not too late
    ],
)
def test_days_are_read(text, day):
    assert read_day(text, latest=TODAY) == day


@pytest.mark.parametrize(
    "text",
    ["1/3/2024", "2024-13-01", "2024-02-30", "24-3-1", "2024", "昨天", "2026-03-03", "1900-01-01", "10000", "99999", "2024-3-1-1", ""],
)  # fmt: skip
def test_what_is_no_day_is_refused(text):
    with pytest.raises(Invalid):
        read_day(text, latest=TODAY)


@given(st.dates(date(1930, 1, 1), TODAY))
def test_every_day_is_read_back(day):
    for text in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"):
        assert read_day(text, latest=TODAY) == day


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (read_yes, "是", True),
        (read_yes, "N", False),
        (read_education, "大学本科", Education.BACHELOR),
        (read_education, "研究生", Education.MASTER),
        (read_education, "高中/中专", Education.SECONDARY),
        (read_post, "社区工作者", PostKind.COMMUNITY_WORKER),
        (read_post, "station_worker", PostKind.STATION_WORKER),
        (read_rank, "正科级", RankBand.TOWNSHIP),
    ],
)
def test_words_for_kinds(read, text, value):
    assert read(text) is value or read(text) == value
    with pytest.raises(Invalid):
        read("局长的朋友")


@pytest.mark.parametrize("kind", [*Education, *PostKind, *RankBand])
def test_what_we_write_we_read(kind):
    readers = {Education: read_education, PostKind: read_post, RankBand: read_rank}
    assert readers[type(kind)](word_for(kind)) is kind


@pytest.mark.parametrize("text", ["a", "1abc", "13900001111", "杨梅", "a b", "a" * 33, "a@b"])
def test_what_is_no_user_name(text):
    with pytest.raises(Invalid):
        read_user_name(text)


def layout(*rows):
    return find_layout(Table(rows, "csv"), COLUMNS, name="x.csv")


def test_headings_in_any_spelling_and_order():
    found = layout(
        ["名单"], ["联系电话", "备注", " 姓　名 ", "身份证号码（必填）*", "Unit Code"], ["x"]
    )
    assert found.header == 1
    assert dict(found.places) == {"phone": 0, "name": 2, "number": 3, "unit_code": 4}
    assert found.unknown == ("备注",)


@pytest.mark.parametrize("columns", [COLUMNS, ORGANIZATION_COLUMNS])
def test_no_heading_means_two_things(columns):
    words = [
        key for c in columns for key in {heading_key(w) for w in (c.label, c.name, *c.synonyms)}
    ]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(
    ("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_letters_of_columns(column, name):
    assert letters(column) == name


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+A1", "'+A1"),
        ("-A1", "'-A1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-3.5", "-3.5"),
        ("+86", "+86"),
        ("杨梅", "杨梅"),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_no_cell_goes_out_as_a_formula(cell, safe):
    assert harmless(cell) == safe


def asked(counts, *, in_scope=1000, faults=None, renamed=0):
    found = doubts(counts, in_scope=in_scope, faults=faults or {}, renamed=renamed, changed_percent=20, refused_percent=50)  # fmt: skip
    return [dict(one.values) for one in found]


@pytest.mark.parametrize(
    ("counts", "more", "doubted"),
    [
        ({"new": 70_000}, {}, False),  # adding many is what imports are for
        ({"changed": 200}, {}, False),  # 20 % is not more than 20 %
        ({"changed": 201}, {}, True),
        ({"changed": 19}, {"in_scope": 20}, False),  # too few to ask
        ({"new": 50, "refused": 50}, {}, False),
        ({"new": 49, "refused": 50}, {}, True),
        ({"refused": 19}, {}, False),
        ({"new": 100}, {"faults": {"手机": (60, 100)}}, False),
        ({"new": 100}, {"faults": {"手机": (61, 100)}}, True),
        ({"same": 70, "changed": 30}, {"renamed": 30}, False),
        ({"same": 69, "changed": 31}, {"renamed": 31}, True),
    ],
)
def test_when_a_file_is_asked_about(counts, more, doubted):
    assert bool(asked(counts, **more)) is doubted


def test_what_is_kept_of_a_row_comes_back():
    row = Judged(
        2, "杨梅", Verdict.REFUSED, (Reason("手机 %(n)s", {"n": 1}, 3),), (), 7, 2, "5223*"
    )
    assert Judged.read(row.plain()) == row
