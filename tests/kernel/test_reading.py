"""Values out of parsed tables: a checked value, or which key is at fault."""

from datetime import UTC, date, datetime

import pytest

from lms.kernel import reading
from lms.kernel.errors import Invalid


def refused(read, *args, **options):
    with pytest.raises(Invalid) as refusal:
        read(*args, **options)
    return refusal.value.code, refusal.value.where


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "not_text"),
        (7, "not_text"),
        (["a"], "not_text"),
        (True, "not_text"),
        ("", "blank"),
        ("  \n", "blank"),
        ("　", "blank"),  # the ideographic space
        ("x" * 11, "too_long"),
    ],
)
def test_a_text_is_a_text_that_says_something(value, code):
    assert refused(reading.text, {"title": value}, "title", at_most=10) == (code, "title")


def test_a_text_is_returned_as_it_was_written():
    assert reading.text({"title": " 低保 "}, "title") == " 低保 "
    assert reading.text({"title": "x" * 10}, "title", at_most=10) == "x" * 10


def test_a_default_stands_for_an_absent_text_and_may_be_blank():
    assert reading.text({}, "title_en", default="") == ""
    assert reading.text({"title_en": ""}, "title_en", default="") == ""


@pytest.mark.parametrize(
    "read",
    [
        reading.text,
        reading.identifier,
        reading.flag,
        reading.day,
        reading.table,
        lambda raw, key: reading.whole(raw, key, low=0, high=1),
        lambda raw, key: reading.choice(raw, key, ("a",)),
    ],
)
def test_what_is_missing_is_told(read):
    assert refused(read, {}, "x") == ("missing", "x")


@pytest.mark.parametrize("value", ["a", "jc06-s01", "J-COMP", "2025", "a.b_c", "x" * 64])
def test_an_identifier_is_plain(value):
    assert reading.identifier({"id": value}) == value


@pytest.mark.parametrize("value", ["-a", ".a", "a b", "低保", "a/b", "x" * 65, "a\n"])
def test_an_identifier_has_no_strange_signs(value):
    assert refused(reading.identifier, {"id": value}) == ("bad_id", "id")


@pytest.mark.parametrize("value", [1, 5, 10])
def test_a_whole_number_includes_its_bounds(value):
    assert reading.whole({"n": value}, "n", low=1, high=10) == value


@pytest.mark.parametrize("value", [0, 11, 5.0, "5", True, None, [5]])
def test_a_whole_number_is_whole_and_within_its_bounds(value):
    assert refused(reading.whole, {"n": value}, "n", low=1, high=10) == ("not_whole", "n")


def test_a_flag_is_true_or_false():
    assert reading.flag({"on": False}, "on") is False
    assert reading.flag({}, "on", default=True) is True
    assert refused(reading.flag, {"on": 1}, "on") == ("not_flag", "on")


@pytest.mark.parametrize("value", [date(2028, 2, 29), "2028-02-29"])
def test_a_day_is_a_date_or_its_iso_text(value):
    assert reading.day({"on": value}, "on") == date(2028, 2, 29)


@pytest.mark.parametrize(
    "value",
    ["2027-02-29", "29.2.2028", "", 20280229, datetime(2028, 2, 29, 8, 0, tzinfo=UTC), None],
)
def test_what_is_no_day_is_refused(value):
    assert refused(reading.day, {"on": value}, "on") == ("not_date", "on")


def test_a_day_may_be_absent_where_it_is_optional():
    assert reading.optional_day({}, "on") is None
    assert reading.optional_day({"on": None}, "on") is None
    assert reading.optional_day({"on": "2026-03-02"}, "on") == date(2026, 3, 2)
    assert refused(reading.optional_day, {"on": "x"}, "on") == ("not_date", "on")


@pytest.mark.parametrize(
    "allowed", [("a", "b"), ["a", "b"], {"a", "b"}, frozenset({"a", "b"}), {"a": 1, "b": 2}]
)
@pytest.mark.parametrize("value", ["c", "", None, 1, ["a"], {"a": 1}, "A"])
def test_a_choice_is_one_of_the_allowed_words(allowed, value):
    assert reading.choice({"kind": "a"}, "kind", allowed) == "a"
    assert refused(reading.choice, {"kind": value}, "kind", allowed) == ("not_allowed", "kind")


def test_a_refused_choice_says_what_there_is():
    with pytest.raises(Invalid, match="kind: 只能是：a、b"):
        reading.choice({"kind": "c"}, "kind", {"b", "a"})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("abc", "not_texts"),
        (["a", 1], "not_texts"),
        ([["a"]], "not_texts"),
        ({"a": 1}, "not_texts"),
        (["a"], "wrong_count"),
        (["a", "b", "c", "d"], "wrong_count"),
        (["a", " "], "blank"),
        (["a", "a "], "alike"),  # white space does not tell two options apart
    ],
)
def test_a_list_of_texts_is_checked(value, code):
    assert refused(reading.texts, {"o": value}, "o", at_least=2, at_most=3) == (code, "o")


def test_a_list_of_texts_is_returned_in_its_order():
    assert reading.texts({"o": ["b", "a"]}, "o") == ("b", "a")
    assert reading.texts({}, "o") == ()
    assert refused(reading.texts, {}, "o", at_least=1) == ("wrong_count", "o")


def test_a_list_of_tables_is_checked():
    assert reading.tables({"q": [{"a": 1}]}, "q") == ({"a": 1},)
    assert reading.tables({}, "q") == ()
    assert refused(reading.tables, {"q": {"a": 1}}, "q") == ("not_tables", "q")
    assert refused(reading.tables, {"q": [{"a": 1}, 2]}, "q") == ("not_tables", "q")
    assert refused(reading.tables, {}, "q", at_least=1) == ("too_few", "q")


def test_a_table_is_a_table():
    assert reading.table({"body": {}}, "body") == {}
    assert refused(reading.table, {"body": []}, "body") == ("not_table", "body")


def test_a_key_that_nobody_reads_is_refused():
    reading.only({"id": 1}, ("id", "title"))
    assert refused(reading.only, {"id": 1, "titel": 2}, ("id", "title")) == ("unknown_key", "titel")


def test_the_outer_keys_are_put_before_the_fault():
    with pytest.raises(Invalid) as refusal, reading.within("question", 3), reading.within("spec"):
        reading.text({}, "stem")
    assert refusal.value.where == "question.3.spec.stem"
    assert refusal.value.code == "missing"


def test_a_fault_without_a_key_lies_in_what_is_around_it():
    with pytest.raises(Invalid, match="question: 不对"), reading.within("question"):
        raise Invalid("wrong", "不对")
