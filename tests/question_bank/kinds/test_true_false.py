import pytest

from lms.kernel.errors import Invalid
from lms.question_bank.rules import explain, is_right, kind_named, random_guess, taken, view
from lms.question_bank.types import Marking
from tests.question_bank.kinds.marked import earned


@pytest.mark.parametrize(
    ("answer", "part", "marks"),
    [(True, "T", 2), (True, "F", 0), (False, "F", 2), (False, "T", 0), (True, "", 0), (True, " T ", 2)],
)  # fmt: skip
def test_marks(answer, part, marks):
    assert earned("true_false", {"answer": answer}, part, full=2) == marks
    assert is_right("true_false", {"answer": answer}, part.strip()) == (marks == 2)


@pytest.mark.parametrize(
    ("part", "code"),
    [("t", "foreign_option"), ("正确", "foreign_option"), ("TF", "foreign_option"), ("A", "foreign_option")],
)  # fmt: skip
def test_refuses(part, code):
    with pytest.raises(Invalid) as refusal:
        taken("true_false", {"answer": True}, [part])
    assert refusal.value.code == code


@pytest.mark.parametrize("answer", ["T", 1, 0, None, "true", []])
def test_a_key_is_true_or_false_and_nothing_else(answer):
    with pytest.raises(Invalid) as refusal:
        kind_named("true_false").read_spec({"answer": answer})
    assert (refusal.value.code, refusal.value.where) == ("not_flag", "answer")


def test_is_read_as_right_or_wrong():
    (field,) = view("true_false", {"answer": True}).fields
    assert field.choices == (("T", "正确"), ("F", "错误"))
    (one,) = explain("true_false", {"answer": False}, "T", Marking.whole())
    assert (one.given, one.right) == ("T", "F")


def test_a_coin_earns_half():
    marking = Marking.read({"true_false": {"full": 2}})
    assert random_guess("true_false", {"answer": True}, marking) == 50
