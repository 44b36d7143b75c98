"""Methods of marking: their sources' own examples, brute-force oracles, what all of them promise."""

from fractions import Fraction
from itertools import combinations, product
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.authoring import Faults
from lms.kernel.errors import Invalid
from lms.kernel.places import shipped
from lms.question_bank.kinds import _parts
from lms.question_bank.methods.tables import methods_of, read_table
from lms.question_bank.rules import all_kinds, comes_out, kind_named, mark, say_marking, taken
from lms.question_bank.types import Family, Mark, Marking
from lms.regulations.content import read_all

ONE, MANY = "single_choice", "multiple_choice"
LETTERS = "ABCDEFGH"


def spec(key, size, **values):
    return {"options": [f"选项{n}" for n in range(size)], "answer": key, **values}


def rule(unit=2, **tables):
    return Marking.read({"unit": unit, **tables})


def marked(kind, asked, letters, marking):
    return mark(kind, asked, taken(kind, asked, [letters]), marking)


def answers(size):
    """Everything that can be picked of so many options, nothing included."""
    return [c for n in range(size + 1) for c in combinations(LETTERS[:size], n)]


# --- the sources' own examples ---

OU = spec("ADEG", 7, weights=["1/4", "-1/4", "-1/4", "1/4", "1/4", "-1/4", "1/4"])
"""Moodle's OU Multi-response: 1/n for a right choice, as much off for a wrong one; its mammals."""


@pytest.mark.parametrize(
    ("chosen", "quarters"), [("ADEG", 4), ("D", 1), ("ADEGF", 3), ("ADEBC", 1), ("BCF", 0)]
)
def test_weights_mark_the_mammals_as_moodle_does(chosen, quarters):
    marking = rule(multiple_choice={"method": "weights", "wrong": "deduct", "full": 4})
    assert marked(MANY, OU, "".join(sorted(chosen)), marking) == Mark(quarters, out_of=4)


@pytest.mark.parametrize(
    ("wrong", "chosen", "twelfths"),
    [
        ("deduct", "ABD", 24),
        ("deduct", "A", 8),  # a third of two points
        ("deduct", "AB", 16),
        ("deduct", "ABC", 4),  # two thirds less a half
        ("deduct", "AC", 0),  # never below 0
        ("deduct", "C", 0),
        ("deduct", "ABCDE", 0),  # "choosing ALL the options" earns nothing
        ("deduct", "", 0),
        ("none", "ABC", 16),
        ("none", "C", 0),
        ("none", "ABCDE", 24),
    ],
)
def test_weights_that_the_rule_gives(wrong, chosen, twelfths):
    marking = rule(12, multiple_choice={"method": "weights", "wrong": wrong, "full": 24})
    assert marked(MANY, spec("ABD", 5), chosen, marking) == Mark(twelfths, out_of=24)


@pytest.mark.parametrize(("chosen", "earned"), [("B", 12), ("A", 6), ("C", 0), ("D", 0), ("", 0)])
def test_a_single_choice_may_give_something_for_the_second_best(chosen, earned):
    marking = rule(12, single_choice={"method": "weights", "wrong": "none", "full": 12})
    asked = spec("B", 4, weights=["0.5", "1", "0", "-1/3"])
    assert marked(ONE, asked, chosen, marking) == Mark(earned, out_of=12)


@pytest.mark.parametrize(("chosen", "earned"), [("B", 3), ("A", -1), ("C", -1), ("", 0)])
def test_formula_scoring_takes_a_third_for_a_wrong_one_of_four(chosen, earned):
    marking = rule(3, single_choice={"method": "negative", "full": 3, "penalty": 1})
    assert marked(ONE, spec("B", 4), chosen, marking) == Mark(earned, out_of=3)


def test_by_formula_scoring_guessing_earns_nothing_on_average():
    for size in range(2, 7):
        unit = size - 1
        marking = rule(unit, single_choice={"method": "negative", "full": unit, "penalty": 1})
        earned = [marked(ONE, spec("A", size), letter, marking).earned for letter in LETTERS[:size]]
        assert sum(earned) == 0


@pytest.mark.parametrize(
    ("chosen", "earned"),
    [("ABD", 4), ("AB", 2), ("A", 1), ("AC", -2), ("C", -2), ("ABCDE", -2), ("", 0)],
)
def test_wrong_options_cost_once_and_blank_costs_nothing(chosen, earned):
    marking = rule(multiple_choice={"method": "negative", "full": 4, "penalty": 2, "each": 1})
    assert marked(MANY, spec("ABD", 5), chosen, marking) == Mark(earned, out_of=4)


@pytest.mark.parametrize(("chosen", "earned"), [("ABD", 4), ("AB", 0), ("ABCD", 0), ("", 0)])
def test_all_or_nothing(chosen, earned):
    marking = rule(multiple_choice={"method": "all_or_nothing", "full": 4})
    assert marked(MANY, spec("ABD", 5), chosen, marking) == Mark(earned, out_of=4)


@pytest.mark.parametrize(
    ("table", "hits", "earned"),
    [
        ({"full": 4}, "100", 1),  # a third of 4, rounded down
        ({"full": 4}, "110", 2),
        ({"full": 4}, "111", 4),
        ({"full": 2}, "100", 0),  # fewer units than parts: what is not full is never full
        ({"full": 2}, "110", 1),
        ({"full": 4, "method": "per_part"}, "000", 0),
        ({"full": 4, "each": 1}, "110", 2),
        ({"full": 4, "each": 2}, "110", 2),  # no more than its share
        ({"full": 4, "each": 1}, "111", 4),  # everything earns everything
        ({"full": 4, "each": 0}, "110", 0),
        ({"full": 4, "method": "all_or_nothing"}, "110", 0),
        ({"full": 4, "method": "all_or_nothing"}, "111", 4),
    ],
)
def test_parts(table, hits, earned):
    found = _parts.mark_parts("cloze", [hit == "1" for hit in hits], Marking.read({"cloze": table}))
    assert found == Mark(earned, out_of=table["full"])


# --- oracles ---


@st.composite
def choices(draw):
    size = draw(st.integers(3, 6))
    key = draw(st.sets(st.sampled_from(LETTERS[:size]), min_size=2, max_size=size - 1))
    return size, "".join(sorted(key))


@given(choices(), st.integers(1, 60), st.sampled_from([1, 2, 3, 4, 6, 12, 60]), st.booleans())
def test_weights_as_an_oracle_with_fractions_adds_them_up(case, full, unit, deducts):
    size, key = case
    table = {"method": "weights", "full": full, "wrong": "deduct" if deducts else "none"}
    marking = rule(unit, multiple_choice=table)
    whole = True
    for chosen in answers(size):
        share = Fraction(0)
        for letter in chosen:
            if letter in key:
                share += Fraction(1, len(key))
            elif deducts:
                share -= Fraction(1, size - len(key))
        expected = max(Fraction(0), share) * full
        whole = whole and (expected.denominator == 1 or len(chosen) != 1)
        assert marked(MANY, spec(key, size), "".join(chosen), marking).earned == floor(expected)
    # a share of one wrong option shows in no answer by itself: it is never below 0
    whole = whole and (not deducts or full % (size - len(key)) == 0)
    assert comes_out(MANY, spec(key, size), marking) == whole
    sure = rule(unit, multiple_choice={**table, "round": "down"})
    assert comes_out(MANY, spec(key, size), sure)


@given(choices(), st.data())
def test_shares_that_an_author_gives(case, data):
    size, key = case
    parts = data.draw(st.lists(st.integers(1, 9), min_size=len(key), max_size=len(key)))
    of_right = iter([Fraction(part, sum(parts)) for part in parts])
    shares = {
        letter: next(of_right) if letter in key else -data.draw(st.fractions(0, 1, max_denominator=99))
        for letter in LETTERS[:size]
    }  # fmt: skip
    full = data.draw(st.integers(1, 50))
    asked = spec(key, size, weights=[str(share) for share in shares.values()])
    marking = rule(12, multiple_choice={"method": "weights", "wrong": "none", "full": full})
    for chosen in answers(size):
        expected = max(Fraction(0), sum((shares[letter] for letter in chosen), Fraction(0)) * full)
        assert marked(MANY, asked, "".join(chosen), marking).earned == floor(expected)
    assert comes_out(MANY, asked, marking) == all((s * full).denominator == 1 for s in shares.values())  # fmt: skip


@given(choices(), st.integers(1, 20), st.data())
def test_negative_as_an_oracle_takes_it_away(case, full, data):
    size, key = case
    penalty, each = data.draw(st.integers(1, full)), data.draw(st.integers(0, full))
    table = {"method": "negative", "full": full, "penalty": penalty, "each": each}
    for chosen in answers(size):
        wrong = sum(1 for letter in chosen if letter not in key)
        if wrong:
            expected = -penalty
        elif "".join(chosen) == key:
            expected = full
        else:
            expected = min(full, each * len(chosen))
        found = marked(MANY, spec(key, size), "".join(chosen), rule(multiple_choice=table))
        assert found == Mark(expected, out_of=full)


@given(choices(), st.integers(1, 20))
def test_all_or_nothing_is_the_official_method_without_parts(case, full):
    size, key = case
    strict = rule(multiple_choice={"method": "all_or_nothing", "full": full})
    official = rule(multiple_choice={"full": full, "each": 0})
    for chosen in map("".join, answers(size)):
        asked = spec(key, size)
        assert marked(MANY, asked, chosen, strict) == marked(MANY, asked, chosen, official)


@given(st.lists(st.booleans(), min_size=1, max_size=10), st.integers(1, 40), st.data())
def test_parts_as_an_oracle_counts_them(hits, full, data):
    each = data.draw(st.none() | st.integers(0, full))
    table = {"full": full} if each is None else {"full": full, "each": each}
    share = max(n for n in range(full + 1) if Fraction(n, full) <= Fraction(sum(hits), len(hits)))
    expected = share
    if each is not None and not all(hits):
        expected = min(sum(each for hit in hits if hit), share)
    found = _parts.mark_parts("cloze", hits, Marking.read({"cloze": table}))
    assert found == Mark(expected, out_of=full)
    assert found.is_full == all(hits)
    strict = Marking.read({"cloze": {"method": "all_or_nothing", "full": full}})
    assert _parts.mark_parts("cloze", hits, strict).earned == (full if all(hits) else 0)


@given(choices(), st.integers(1, 10), st.sampled_from([2, 4, 6, 12, 60]))
def test_a_finer_unit_changes_no_official_mark(case, points, unit):
    """The same rule in half points and in a finer unit: the same points."""
    size, key = case
    times = unit // 2
    halves = rule(2, multiple_choice={"full": 2 * points, "each": 1})
    finer = rule(unit, multiple_choice={"full": 2 * points * times, "each": times})
    for chosen in map("".join, answers(size)):
        one, other = (marked(MANY, spec(key, size), chosen, m) for m in (halves, finer))
        assert Fraction(one.earned, 2) == Fraction(other.earned, unit)


# --- what all of them promise ---

TABLES = {
    (Family.ONE, "official"): {"full": 6},
    (Family.ONE, "all_or_nothing"): {"full": 6},
    (Family.ONE, "weights"): {"full": 6, "wrong": "deduct"},
    (Family.ONE, "negative"): {"full": 6, "penalty": 2},
    (Family.MANY, "official"): {"full": 12, "each": 3},
    (Family.MANY, "all_or_nothing"): {"full": 12},
    (Family.MANY, "weights"): {"full": 12, "wrong": "deduct", "round": "down"},
    (Family.MANY, "negative"): {"full": 12, "penalty": 6, "each": 3},
    (Family.PARTS, "per_part"): {"full": 12, "each": 2},
    (Family.PARTS, "all_or_nothing"): {"full": 12},
}
"""Numbers for every method. A new one needs a row here, and a table of cases above."""


def test_every_method_is_tried():
    known = {(family, name) for family in Family for name in methods_of(family)}
    assert known == set(TABLES)


@pytest.mark.parametrize(("family", "name"), TABLES)
def test_a_method_keeps_its_promises(family, name):
    table = {"method": name, **TABLES[family, name]}
    full = table["full"]
    if family is Family.PARTS:
        for hits in product([True, False], repeat=3):
            found = _parts.mark_parts("cloze", hits, rule(6, cloze=table))
            assert 0 <= found.earned <= found.out_of == full
            assert found.is_full == all(hits)
    else:
        kind, key, size = (ONE, "B", 4) if family is Family.ONE else (MANY, "ABD", 5)
        method = methods_of(family)[name]
        for chosen in answers(size)[1:]:
            if family is Family.ONE and len(chosen) > 1:
                continue
            found = marked(kind, spec(key, size), "".join(chosen), rule(6, **{kind: table}))
            assert (found.earned == full) == ("".join(chosen) == key)
            assert found.earned >= 0 or method.takes_away
            assert found.out_of == full


@pytest.mark.parametrize(("family", "name"), TABLES)
def test_a_method_refuses_numbers_it_does_not_read(family, name):
    table = {"method": name, **TABLES[family, name]}
    with pytest.raises(Invalid) as refusal:
        read_table({**table, "bonus": 1}, family, unit=6)
    assert (refusal.value.code, refusal.value.where) == ("unknown_key", "bonus")
    for key in table:
        for nonsense in (None, 3.5, True, [], {}, "", "x", -1, 10**9):
            with pytest.raises(Invalid) as refusal:
                read_table({**table, key: nonsense}, family, unit=6)
            assert refusal.value.where == key


@pytest.mark.parametrize(("family", "name"), TABLES)
def test_a_method_says_itself_in_words(family, name):
    table = read_table({"method": name, **TABLES[family, name]}, family, unit=6)
    said = list(table.method.say(table.numbers, family, unit=6))
    assert said
    words = "".join(one.message % one.params for one in said)
    assert ("2 分" if family is not Family.ONE else "1 分") in words


def test_a_family_without_methods_reads_its_full_mark_alone():
    assert read_table({"full": 4}, Family.WHOLE, unit=2).full == 4
    with pytest.raises(Invalid) as refusal:
        read_table({"full": 4, "method": "official"}, Family.WHOLE, unit=2)
    assert refusal.value.where == "method"


# --- the rules that ship ---

SHIPPED = {
    file.rule.key: Marking.read(file.rule.body)
    for file in read_all(shipped("question_bank"), Faults())
    if file.rule.kind.endswith("marking")
}


def test_what_ships():
    assert set(SHIPPED) == {
        "marking-official",
        "marking-all-or-nothing",
        "marking-moodle-weights",
        "marking-negative",
    }


@pytest.mark.parametrize("key", SHIPPED)
def test_examples_hold_under_every_rule_that_ships(key):
    """The key earns everything, the wrong specimen nothing or less, and nobody more than all."""
    marking = SHIPPED[key]
    tried = 0
    for kind in all_kinds().values():
        for example in kind.examples() if kind.name in marking.tables else ():
            read = kind.read_spec(example.spec)
            specimens = kind.specimens(read)
            full = kind.out_of(read, marking)
            assert kind.mark(read, specimens.right, marking) == Mark(full, out_of=full)
            assert kind.mark(read, specimens.wrong, marking).earned <= 0
            assert mark(kind.name, example.spec, "", marking) == Mark(0, out_of=full)
            tried += 1
    assert tried


def test_a_rule_is_said_in_words():
    said = say_marking(SHIPPED["marking-official"], [ONE, MANY])
    words = [(label, "；".join(s.message % s.params for s in listed)) for label, listed in said]
    assert words == [
        ("单项选择题", "选对得 1 分，选错、不选不得分"),
        ("多项选择题", "全部选对得 2 分；选错不得分；少选，每选对一项得 0.5 分"),
    ]


def test_what_a_rule_takes_away_is_said_with_its_floor():
    body = {"single_choice": {"method": "negative", "full": 6, "penalty": 2}, "unit": 6}
    for floor_, words in ((True, "按 0 分计"), (False, "可以低于 0 分")):
        said = say_marking(Marking.read({**body, "floor": floor_}), [ONE])
        assert "选错倒扣 1/3 分" in said[0][1][1].message % said[0][1][1].params
        assert said[-1][0] == "" and words in said[-1][1][0].message


def test_a_kind_of_which_a_rule_says_nothing_is_not_spoken_of():
    assert say_marking(rule(single_choice={"full": 2}), [MANY]) == []


# --- units and shares ---


@pytest.mark.parametrize("unit", [0, -2, 11, 5041, 10080, 2.0, True, "2", None])
def test_a_unit_that_cannot_be_added_up_is_refused(unit):
    with pytest.raises(Invalid) as refusal:
        Marking.read({"unit": unit})
    assert refusal.value.where == "unit"


def test_half_points_are_the_unit_where_nothing_is_said():
    marking = Marking.read({"single_choice": {"full": 2}})
    assert (marking.unit, marking.floor) == (2, True)
    assert [Marking.read({"unit": unit}).in_units(3) for unit in (1, 2, 12)] == [1, 3, 18]


@pytest.mark.parametrize(
    ("kind", "key", "weights"),
    [
        (ONE, "B", ["0", "1", "0"]),  # one is missing
        (ONE, "B", ["0", "1", "0", "0", "0"]),
        (ONE, "B", "0100"),
        (ONE, "B", [0, 1, 0, 0]),  # numbers would be floats for some
        (ONE, "B", ["0", "0.9", "0", "0"]),  # the key would not earn everything
        (ONE, "B", ["1", "1", "0", "0"]),  # a wrong one as good as the key
        (ONE, "B", ["0.5", "1", "0.5", "0.5"]),  # no answer would be wrong
        (ONE, "B", ["-2", "1", "0", "0"]),
        (ONE, "B", ["1e9", "1", "0", "0"]),
        (ONE, "B", ["1/0", "1", "0", "0"]),
        (ONE, "B", ["²", "1", "0", "0"]),
        (ONE, "B", ["nan", "1", "0", "0"]),
        (ONE, "B", [None, "1", "0", "0"]),
        (MANY, "AB", ["1/2", "1/3", "0", "0"]),  # 5/6
        (MANY, "AB", ["1", "0", "0", "0"]),  # a right one worth nothing
        (MANY, "AB", ["3/2", "-1/2", "0", "0"]),
        (MANY, "AB", ["1/2", "1/2", "1/4", "0"]),  # a wrong one worth something
    ],
)
def test_shares_that_would_not_mark_fairly_are_refused(kind, key, weights):
    with pytest.raises(Invalid) as refusal:
        kind_named(kind).read_spec(spec(key, 4, weights=weights))
    assert refusal.value.where == "weights"


def test_shares_matter_under_weights_alone():
    asked = spec("ABD", 5, weights=["1/2", "1/4", "-1", "1/4", "-1"])
    official = SHIPPED["marking-official"]
    assert marked(MANY, asked, "AB", official) == marked(MANY, spec("ABD", 5), "AB", official)
    assert marked(MANY, asked, "AB", SHIPPED["marking-moodle-weights"]) == Mark(18, out_of=24)


def test_a_rule_reads_a_table_once(monkeypatch):
    marking = rule(multiple_choice={"full": 4, "each": 1})
    asked = spec("ABD", 5)
    assert marked(MANY, asked, "AB", marking).earned == 2
    monkeypatch.setattr(Marking, "table", None)
    assert marked(MANY, asked, "A", marking).earned == 1
