from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.kinds.ordering import shown as shown_order
from lms.question_bank.rules import explain, key, kind_named, mark, places, shown, taken, view
from lms.question_bank.types import Marking

KIND = kind_named("ordering")
ITEMS = ["接案", "预估", "介入", "结案"]  # sorted: 介入, 接案, 结案, 预估
SPEC = {"items": ITEMS}


def rule(full):
    return Marking.read({"ordering": {"full": full}})


def marked(spec, positions, full=4, order=None):
    """The mark for positions by item."""
    parts = [positions.get(field.label, "") for field in view("ordering", spec, order).fields]
    return mark("ordering", spec, taken("ordering", spec, parts, order), rule(full))


@pytest.mark.parametrize(
    ("positions", "full", "marks"),
    [
        ("1234", 4, 4),
        ("1243", 4, 2),  # the last two exchanged
        ("2341", 4, 0),  # all but one in the right run, and none at its place
        ("1 34", 4, 3),
        ("1134", 4, 2),  # a position used twice counts for neither
        ("1111", 4, 0),
        ("1234", 1, 1),
        ("1 34", 1, 0),
        ("4   ", 4, 0),
        ("    ", 4, 0),
    ],
)
def test_marks(positions, full, marks):
    given_ = {item: n.strip() for item, n in zip(ITEMS, positions, strict=True)}
    assert marked(SPEC, given_, full).earned == marks


@pytest.mark.parametrize("part", ["0", "5", "一", "1.0", "-1", "12", "①", "１"])  # noqa: RUF001
def test_a_position_that_was_not_offered_is_refused(part):
    with pytest.raises(Invalid) as refusal:
        taken("ordering", SPEC, [part, "", "", ""])
    assert refusal.value.code == "foreign_option"


def test_a_position_used_twice_is_kept_and_told():
    fields = view("ordering", SPEC).fields
    given_ = {"接案": "1", "预估": "1", "介入": "3", "结案": ""}
    stored = taken("ordering", SPEC, [given_[field.label] for field in fields])
    assert stored == "1 1 3 -"
    told = {one.label: (one.given, one.right) for one in explain("ordering", SPEC, stored, rule(4))}
    assert told == {
        "接案": ("1（序号重复）", "1"),
        "预估": ("1（序号重复）", "2"),
        "介入": ("3", "3"),
        "结案": ("", "4"),
    }


@pytest.mark.parametrize("size", range(3, 7))
def test_is_never_shown_in_the_right_order(size):
    items = tuple(Random(size).sample([f"第{n}步" for n in range(size)], size))
    for order in permutations(range(size)):
        listed = shown_order(items, order)
        assert sorted(listed) == list(range(size))
        assert listed != list(range(size))


def test_shows_something_else_only_where_it_would_be_the_right_order():
    right = [sorted(ITEMS).index(item) for item in ITEMS]
    assert [f.label for f in view("ordering", SPEC, right).fields] == [*ITEMS[1:], ITEMS[0]]
    for order in permutations(range(4)):
        if list(order) != right:
            there = [field.label for field in view("ordering", SPEC, order).fields]
            assert there == [sorted(ITEMS)[at] for at in order]


@pytest.mark.parametrize(
    "items",
    [
        ["甲", "乙"],
        ["甲", "乙", "甲"],
        ["甲", "乙", " "],
        "甲乙丙",
        ["甲", 2, "丙"],
        None,
        [f"第{n}步" for n in range(13)],
    ],
)
def test_a_faulty_spec_names_its_key(items):
    with pytest.raises(Invalid) as refusal:
        KIND.read_spec({"items": items})
    assert refusal.value.where == "items"


@given(st.integers(3, 12), st.integers(1, 40), st.integers(), st.data())
def test_marks_as_an_oracle_does_in_whatever_order_it_is_shown(size, full, seed, data):
    items = [f"第{n:02}步" for n in range(size)]
    random = Random(seed)
    random.shuffle(items)
    spec = {"items": items}
    order = list(range(places("ordering", spec)))
    random.shuffle(order)
    numbers = data.draw(st.lists(st.integers(0, size), min_size=size, max_size=size))
    given_ = {item: str(n or "") for item, n in zip(items, numbers, strict=True)}
    right = sum(numbers.count(n) == 1 and n == at for at, n in enumerate(numbers, start=1))
    found = marked(spec, given_, full, order)
    assert (found.earned, found.out_of) == (full * right // size, full)
    assert found.is_full == (numbers == list(range(1, size + 1)))
    parts = [given_[field.label] for field in view("ordering", spec, order).fields]
    stored = taken("ordering", spec, parts, order)
    assert shown("ordering", spec, stored, order) == (tuple(parts) if stored else ())


def test_the_key_is_counting():
    assert key("ordering", SPEC) == "1 2 3 4"
