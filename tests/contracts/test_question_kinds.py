"""What every kind of question promises. A new kind is tested here without a new test."""

import tomllib

import pytest

from lms.kernel.errors import Invalid
from lms.kernel.places import shipped
from lms.question_bank.rules import all_kinds, mark, options_shown
from lms.question_bank.types import Marking, QuestionKind

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


@each_example
def test_marks_its_examples(kind, example, marking):
    if example.earned is None:
        with pytest.raises(Invalid) as refusal:
            mark(kind.name, example.spec, example.submitted, marking)
        assert refusal.value.code in {"foreign_option", "too_many"}
    else:
        found = mark(kind.name, example.spec, example.submitted, marking)
        spec = kind.read_spec(example.spec)
        assert (found.earned, found.out_of) == (example.earned, kind.out_of(spec, marking))


@each_example
def test_a_stored_spec_reads_as_when_it_was_checked(kind, example):
    assert kind.read_stored(example.spec) == kind.read_spec(example.spec)


@each_example
def test_the_right_answer_earns_everything(kind, example, marking):
    right = kind.right_answer(kind.read_spec(example.spec))
    assert mark(kind.name, example.spec, right, marking).is_full


@each_example
def test_what_is_stored_reads_back_as_the_same_answer(kind, example):
    spec = kind.read_spec(example.spec)
    if example.earned is not None and example.submitted:
        answer = kind.read_answer(spec, example.submitted)
        assert kind.read_answer(spec, kind.encode(answer)) == answer


@each_example
def test_what_is_shown_before_answering_says_nothing_of_the_key(kind, example):
    public = kind.public_view(kind.read_spec(example.spec))
    assert "answer" not in public
    turned = {**example.spec, "answer": "".join(sorted(_other_key(kind, example.spec)))}
    assert kind.public_view(kind.read_spec(turned)) == public


@each_kind
@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"options": 3},
        {"options": [], "answer": "A"},
        {"options": ["甲", "乙", "丙", "丁"]},
        {"options": ["甲", "乙", "丙", "丁"], "answer": 1},
        {"options": ["甲", "乙", "丙", "丁"], "answer": "Z"},
        {"options": ["甲", 2, None, "丁"], "answer": "A"},
    ],
)
def test_refuses_nonsense_and_names_the_key(kind, raw):
    with pytest.raises(Invalid) as refusal:
        kind.read_spec(raw)
    assert refusal.value.where in {"options", "answer"}


@each_kind
def test_a_rule_that_says_nothing_about_the_kind_is_refused(kind):
    spec = kind.read_spec(next(iter(kind.examples())).spec)
    with pytest.raises(Invalid) as refusal:
        kind.out_of(spec, Marking.read({}))
    assert refusal.value.code == "no_marking"


def _other_key(kind, spec):
    """Another key of the same length: every letter one further, round the end."""
    letters = [letter for letter, _ in options_shown(kind.name, spec)]
    return {letters[(letters.index(x) + 1) % len(letters)] for x in spec["answer"]}
