import pytest

from lms.question_bank.showing import MOST_FIELDS, sent, show


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"a3": ["A"]}, ["A"]),
        ({"a3": ["A", "C"]}, ["AC"]),
        ({"a3": [""]}, [""]),
        ({}, []),
        ({"a3-1": ["甲"], "a3-2": ["乙"]}, ["甲", "乙"]),
        ({"a3-2": ["乙"]}, ["", "乙"]),  # a field that nothing was picked in is not sent
        ({"a3-1": ["A", "B"]}, ["AB"]),
        ({"a33-1": ["B"], "b3": ["C"]}, []),  # another question's
        ({"a3-x": ["A"], "a3-": ["B"], "a3-٣": ["C"]}, []),
        ({"a3-999": ["A"]}, [""] * MOST_FIELDS),
        ({"a3-1000": ["A"]}, []),
    ],
)
def test_what_a_page_sends_becomes_a_text_for_each_field(values, parts):
    assert sent(values, "a3") == parts


def test_a_question_is_shown_without_its_key_and_with_its_markdown():
    spec = {"options": ["*甲*", "<script>乙</script>", "丙"], "answer": "A"}
    shown = show("single_choice", "选**一个**", spec, [2, 0, 1])
    assert shown.is_choice and not shown.is_inline
    assert "<strong>一个</strong>" in shown.stem
    assert [letter for letter, _words in shown.options] == ["A", "B", "C"]
    assert [str(words) for _letter, words in shown.options] == ["丙", "<em>甲</em>", ""]
    assert shown.pieces == [shown.stem]
