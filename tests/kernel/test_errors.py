import pytest

from lms.kernel.errors import N_, Conflict, DomainError, Invalid, NotAllowed, NotFound


def test_a_refusal_says_its_values():
    refusal = Conflict("full", N_("名额已满（%(n)s 人）"), n=30)
    assert str(refusal) == "名额已满（30 人）"
    assert (refusal.code, refusal.message, refusal.params) == (
        "full",
        "名额已满（%(n)s 人）",  # as the catalogue knows it
        {"n": 30},
    )


def test_a_sentence_without_values_may_hold_a_per_cent_sign():
    assert str(Conflict("low", "不到 60%")) == "不到 60%"


def test_a_fault_says_where_it_is():
    assert str(Invalid("blank", "不能为空", where="title")) == "title: 不能为空"
    assert str(Invalid("blank", "不能为空")) == "不能为空"


def test_where_is_no_value_of_the_sentence():
    fault = Invalid("wrong_count", "要有 %(low)s 项", where="options", low=4)
    assert fault.where == "options"
    assert fault.params == {"low": 4}


@pytest.mark.parametrize("kind", [NotFound, NotAllowed, Conflict, Invalid])
def test_every_refusal_is_a_domain_error(kind):
    assert issubclass(kind, DomainError)


def test_marking_a_sentence_changes_nothing():
    assert N_("已交卷") == "已交卷"
