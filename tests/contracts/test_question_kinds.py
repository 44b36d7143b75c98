"""What every kind of question promises. A new kind is tested here without a new test."""

import tomllib
from random import Random

import pytest

from lms.kernel.errors import Invalid
from lms.kernel.places import shipped
from lms.question_bank.rules import (
    all_kinds,
    explain,
    key,
    mark,
    places,
    shown,
    taken,
    view,
    wrong,
)
from lms.question_bank.types import Input, Marking, QuestionKind

KINDS = sorted(all_kinds().values(), key=lambda kind: kind.name)
EXAMPLES = [
    pytest.param(kind, example, id=f"{kind.name}-{number}")
    for kind in KINDS
    for number, example in enumerate(kind.examples())
]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
each_example = pytest.mark.parametrize(("kind", "example"), EXAMPLES)


@pytest.fixture(scope="module")
def marking():
    """The rule that ships: examples hold under what learners are marked by."""
    text = (shipped("question_bank") / "rules" / "marking-official.toml").read_text("utf-8")
    return Marking.read(tomllib.loads(text)["body"])


@each_kind
def test_is_complete(kind):
    assert isinstance(kind, QuestionKind)
    assert kind.label and kind.spec_keys
    marks = [example.earned for example in kind.examples()]
    assert 0 in marks and max(m for m in marks if m is not None) > 0, "a right and a wrong one"
    assert None in marks, "give a specimen that is refused"
    assert any(not any(e.submitted) for e in kind.examples()), "give a blank specimen"


@each_kind
def test_has_a_widget(kind):
    assert (shipped("templates") / "question_bank" / "kinds" / f"{kind.name}.html").is_file()


REFUSED = {"foreign_option", "too_many", "too_many_parts", "too_long", "not_a_number"}


@each_example
def test_marks_its_examples(kind, example, marking):
    if example.earned is None:
        with pytest.raises(Invalid) as refusal:
            taken(kind.name, example.spec, example.submitted)
        assert refusal.value.code in REFUSED
    else:
        stored = taken(kind.name, example.spec, example.submitted)
        found = mark(kind.name, example.spec, stored, marking)
        spec = kind.read_spec(example.spec)
        assert (found.earned, found.out_of) == (example.earned, kind.out_of(spec, marking))
        assert (stored == "") == (not any(part.strip() for part in example.submitted))


@each_example
def test_a_stored_spec_reads_as_when_it_was_checked(kind, example):
    assert kind.read_stored(example.spec) == kind.read_spec(example.spec)


@each_example
def test_the_right_specimen_earns_everything_and_the_wrong_one_nothing(kind, example, marking):
    right, wrong_ = key(kind.name, example.spec), wrong(kind.name, example.spec)
    assert mark(kind.name, example.spec, right, marking).is_full
    assert mark(kind.name, example.spec, wrong_, marking).earned <= 0
    assert mark(kind.name, example.spec, "", marking).earned == 0


@each_example
def test_an_answer_comes_back_in_whatever_order_it_was_shown(kind, example):
    for seed in range(5):
        order = list(range(places(kind.name, example.spec)))
        Random(seed).shuffle(order)
        for stored in (key(kind.name, example.spec), wrong(kind.name, example.spec)):
            parts = shown(kind.name, example.spec, stored, order)
            assert len(parts) == len(view(kind.name, example.spec, order).fields)
            assert taken(kind.name, example.spec, parts, order) == stored


@each_example
def test_what_is_stored_reads_back_as_the_same_answer(kind, example):
    spec = kind.read_spec(example.spec)
    if example.earned is not None:
        order = range(kind.places(spec))
        answer = kind.read_answer(spec, example.submitted, order)
        assert answer is None or kind.decode(spec, kind.encode(answer)) == answer


@each_example
def test_an_explanation_has_a_line_for_each_field(kind, example, marking):
    fields = view(kind.name, example.spec).fields
    for stored in ("", key(kind.name, example.spec), wrong(kind.name, example.spec)):
        told = explain(kind.name, example.spec, stored, marking)
        assert len(told) == len(fields)
        assert all(one.right for one in told)
        assert any(one.given for one in told) == bool(stored)
        marks = [one.mark for one in told if one.mark is not None]
        if len(marks) == len(told):
            whole = mark(kind.name, example.spec, stored, marking)
            assert sum(m.out_of for m in marks) == whole.out_of


@each_example
def test_what_is_sent_is_one_of_the_choices_where_there_are_choices(kind, example):
    for field in view(kind.name, example.spec).fields:
        values = [value for value, _words in field.choices]
        assert len(set(values)) == len(values)
        assert bool(values) == (field.input in {Input.ONE, Input.MANY, Input.PICK})
        assert (field.longest > 0) == (field.input in {Input.TEXT, Input.NUMBER, Input.LONG})


@each_kind
def test_what_is_shown_before_answering_says_nothing_of_the_key(kind):
    """Two questions that differ only in their key look the same."""
    one, other = kind.twins()
    assert one != other
    assert view(kind.name, one) == view(kind.name, other)


@each_kind
@pytest.mark.parametrize(
    "raw", [{}, {"options": 3}, {"options": [], "answer": "A"}, {"answer": 1}, {"parts": "A"}]
)
def test_refuses_nonsense_and_names_the_key(kind, raw):
    with pytest.raises(Invalid) as refusal:
        kind.read_spec(raw)
    assert refusal.value.where.split(".")[0] in kind.spec_keys


@each_kind
def test_refuses_a_spec_with_a_key_spoilt(kind):
    """Whatever is put in the place of one of its values: refused by name, or it makes no difference."""
    spec = next(iter(kind.examples())).spec
    for name in spec:
        for nonsense in (None, 3.5, [], {}, [None], [{}], "", " "):
            try:
                kind.read_spec({**spec, name: nonsense})
            except Invalid as refusal:
                assert refusal.where.split(".")[0] in kind.spec_keys, (name, nonsense)


@each_kind
def test_a_rule_that_says_nothing_about_the_kind_is_refused(kind):
    spec = kind.read_spec(next(iter(kind.examples())).spec)
    with pytest.raises(Invalid) as refusal:
        kind.out_of(spec, Marking.read({}))
    assert refusal.value.code == "no_marking"
