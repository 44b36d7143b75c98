import pytest

from lms.kernel.errors import Invalid
from lms.question_bank.rules import explain, key, kind_named, mark, mark_judged, points, taken, view
from lms.question_bank.types import Input, Marking

KIND = kind_named("essay")
RULE = Marking.read({})
SPEC = {
    "points": [
        {"text": "及时处理", "marks": 4, "synonyms": ["尽快介入"]},
        {"text": "限定目标", "marks": 4},
        {"text": "输入希望", "marks": 4},
    ],
    "most": 8,
    "least_chars": 100,
    "most_chars": 200,
}


@pytest.mark.parametrize(
    ("answer", "marks"),
    [
        ("及时处理", 4),
        ("尽快介入，限定目标", 8),
        ("及时处理，限定目标，输入希望", 8),  # any two are enough
        ("以上都对", 0),
        ("  及时处理\r\n ", 4),
    ],
)
def test_suggests(answer, marks):
    stored = taken("essay", SPEC, [answer])
    assert mark("essay", SPEC, stored, RULE).earned == marks


@pytest.mark.parametrize("answer", ["", " ", "\r\n\r\n", "\t"])
def test_white_space_is_a_blank(answer):
    assert taken("essay", SPEC, [answer]) == ""


def test_lines_end_alike_whoever_sent_them():
    assert taken("essay", SPEC, ["一\r\n二\r三\n"]) == "一\n二\n三"


def test_what_no_database_keeps_is_dropped():
    assert taken("essay", SPEC, ["\x00及时\x00处理\x1b\t好\x7f"]) == "及时处理\t好"
    assert taken("essay", SPEC, ["\x00 \x00"]) == ""


def test_length_counts_what_is_kept():
    assert taken("essay", SPEC, ["长" * 200 + "\n\n"]) == "长" * 200
    with pytest.raises(Invalid) as refusal:
        taken("essay", SPEC, ["长" * 201])
    assert refusal.value.code == "too_long"


def test_a_short_answer_is_taken_and_the_page_says_what_is_asked():
    (field,) = view("essay", SPEC).fields
    assert (field.input, field.longest, field.label) == (Input.LONG, 200, "不少于 100 字")
    assert view("essay", {**SPEC, "least_chars": 0}).fields[0].label == ""
    assert taken("essay", SPEC, ["短"]) == "短"


def test_the_right_answer_is_the_model_where_that_says_every_point():
    assert key("essay", SPEC) == "及时处理\n限定目标\n输入希望"
    model = "一要及时处理，二要限定目标，三要输入希望。"
    assert key("essay", {**SPEC, "model": model}) == model
    assert key("essay", {**SPEC, "model": "及时处理就好。"}) == key("essay", SPEC)
    (told,) = explain("essay", {**SPEC, "model": "及时处理就好。"}, "", RULE)
    assert told.right == "及时处理就好。"


def test_a_persons_ticks_overrule_the_words():
    assert [point.text for (own,) in [points("essay", SPEC)] for point in own][:1] == ["及时处理"]
    ticks = [[False, True, True]]
    assert mark_judged("essay", SPEC, "及时处理", ticks, RULE).earned == 8
    assert mark_judged("essay", SPEC, "及时处理", [[False] * 3], RULE).earned == 0
    assert mark_judged("essay", SPEC, "", [[True] * 3], RULE).earned == 8


@pytest.mark.parametrize(
    ("spoilt", "where"),
    [
        ({"least_chars": 201}, "least_chars"),
        ({"least_chars": -1}, "least_chars"),
        ({"most": 13}, "most"),
        ({"points": []}, "points"),
    ],
)
def test_a_faulty_spec_names_its_key(spoilt, where):
    with pytest.raises(Invalid) as refusal:
        KIND.read_spec({**SPEC, **spoilt})
    assert refusal.value.where == where


def test_only_judged_kinds_have_points():
    with pytest.raises(Invalid) as refusal:
        points("single_choice", {"options": ["甲", "乙"], "answer": "A"})
    assert refusal.value.code == "not_judged"
