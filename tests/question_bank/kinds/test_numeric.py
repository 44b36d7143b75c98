from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.kinds import _number
from lms.question_bank.rules import kind_named, taken
from tests.question_bank.kinds.marked import earned, told

MONEY = {"answer": "12000", "unit": "元", "units": ["块", ["万元", "10000"], ["千元", "1000"]]}
SHARE = {"answer": "33.3", "tolerance": "0.05", "unit": "%"}
BARE = {"answer": "-2.5"}


@pytest.mark.parametrize(
    ("spec", "part", "marks"),
    [
        (MONEY, "12000", 4),
        (MONEY, "12,000", 4),
        (MONEY, "\uff11\uff12，０００元", 4),
        (MONEY, "12000.00 元。", 4),
        (MONEY, "+12000 块", 4),
        (MONEY, "1.2万元", 4),
        (MONEY, "1.2 万 元", 4),
        (MONEY, "12千元", 4),
        (MONEY, "012000", 4),
        (MONEY, "1.2", 0),  # ten thousands, but nobody said so
        (MONEY, "1.2万", 0),
        (MONEY, "12000美元", 0),
        (MONEY, "12000万元", 0),
        (MONEY, "-12000", 0),
        (MONEY, "12000.000001", 0),
        (MONEY, "12001", 0),
        (SHARE, "33.35", 4),  # both ends are within
        (SHARE, "33.25\uff05", 4),
        (SHARE, "33.350001", 0),
        (SHARE, "33.249999", 0),
        (SHARE, "0.333", 0),
        (SHARE, "33.3%%", 0),
        (BARE, "-2.5", 4),
        (BARE, "\uff0d\uff12．\uff15", 4),
        (BARE, "\u22122.50", 4),
        (BARE, "—2.5", 4),
        (BARE, "-2.5天", 0),
        (BARE, "2.5", 0),
        (BARE, "", 0),
        ({"answer": "0"}, "-0", 4),
        ({"answer": "0.5"}, ".5", 4),
        ({"answer": "5"}, "5.", 4),
        ({"answer": "5", "unit": "m2"}, "5㎡", 4),
    ],
)
def test_marks(spec, part, marks):
    assert earned("numeric", spec, part) == marks


@pytest.mark.parametrize(
    "part",
    [
        "一千", "约12000", "12,00", "1,2000", "1 2", "1/2", "3-4", "1e3", "元", "-", "%", ".", "。",
        "1.2.3", "12,000,00", "５０００人５元", "¥12000", "NaN", "inf", "٣", "१२",
    ],
)  # fmt: skip
def test_what_is_not_one_number_is_refused(part):
    with pytest.raises(Invalid) as refusal:
        taken("numeric", MONEY, [part])
    assert refusal.value.code == "not_a_number"


def test_a_number_has_an_end():
    assert taken("numeric", MONEY, ["1" * 40]) == "1" * 40
    with pytest.raises(Invalid) as refusal:
        taken("numeric", MONEY, ["1" * 41])
    assert refusal.value.code == "too_long"


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        ({}, "not_decimal", "answer"),
        ({"answer": 0.1}, "not_decimal", "answer"),
        ({"answer": 1}, "not_decimal", "answer"),
        ({"answer": True}, "not_decimal", "answer"),
        ({"answer": "1e3"}, "not_decimal", "answer"),
        ({"answer": "\uff11"}, "not_decimal", "answer"),
        ({"answer": "1,000"}, "not_decimal", "answer"),
        ({"answer": "1.1234567"}, "not_decimal", "answer"),
        ({"answer": "1", "tolerance": "-0.1"}, "negative", "tolerance"),
        ({"answer": "1", "tolerance": 0.1}, "not_decimal", "tolerance"),
        ({"answer": "1", "unit": 3}, "not_text", "unit"),
        ({"answer": "1", "unit": "。"}, "bad_unit", "unit"),
        ({"answer": "1", "unit": "2米"}, "bad_unit", "unit"),
        ({"answer": "1", "units": "元"}, "not_units", "units"),
        ({"answer": "1", "units": [3]}, "not_units", "units"),
        ({"answer": "1", "units": [["元"]]}, "not_units", "units"),
        ({"answer": "1", "units": [["元", "1", "2"]]}, "not_units", "units"),
        ({"answer": "1", "units": [["万元", 10000]]}, "not_decimal", "units"),
        ({"answer": "1", "units": [["万元", "0"]]}, "negative", "units"),
        ({"answer": "1", "units": [["万元", "-1"]]}, "negative", "units"),
        ({"answer": "1", "unit": "元", "units": ["元"]}, "alike", "units"),
        ({"answer": "1", "unit": "h", "units": ["Ｈ"]}, "alike", "units"),
        ({"answer": "1", "units": ["天"] * 21}, "not_units", "units"),
    ],
)
def test_refuses_a_spec(raw, code, where):
    with pytest.raises(Invalid) as refusal:
        kind_named("numeric").read_spec(raw)
    assert (refusal.value.code, refusal.value.where) == (code, where)


@pytest.mark.parametrize(
    ("spec", "right"),
    [
        (MONEY, "12000 元"),
        (SHARE, "33.3 ± 0.05 %"),
        (BARE, "-2.5"),
        ({"answer": "100"}, "100"),
        ({"answer": "0.50", "tolerance": "0"}, "0.5"),
    ],
)
def test_says_what_was_right(spec, right):
    assert told("numeric", spec, "1") == [("", "1", right, False)]


DECIMALS = st.decimals("-999999", "999999", places=4).map(lambda d: f"{d:f}")


@given(DECIMALS, st.decimals(0, 100, places=3), st.decimals(-200, 200, places=4))
def test_is_right_exactly_within_the_tolerance(answer, tolerance, off):
    spec = {"answer": answer, "tolerance": f"{tolerance:f}"}
    written = f"{Decimal(answer) + off:f}"
    assert (earned("numeric", spec, written) == 4) == (abs(off) <= tolerance)


@given(st.fractions().map(lambda f: Fraction(f.numerator % 10**15, 10**6)))
def test_a_decimal_is_written_exactly(number):
    assert Fraction(_number.plain(number)) == number
    assert "E" not in _number.plain(number)


@given(st.integers(0, 10**11))
def test_thousands_are_read_as_they_are_grouped(number):
    assert earned("numeric", {"answer": str(number)}, f"{number:,}") == 4
