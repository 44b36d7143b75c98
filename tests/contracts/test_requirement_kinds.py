"""What every kind of requirement promises, ours and those of others."""

import json
from datetime import date

import pytest

from lms.kernel.authoring import plain
from lms.kernel.errors import Invalid
from lms.requirements.rules import (
    COMMON_KEYS,
    all_kinds,
    evaluate,
    frozen,
    read_requirement,
    spoken,
)
from lms.requirements.types import RequirementKind

KINDS = sorted(all_kinds().values(), key=lambda kind: kind.name)
EXAMPLES = [
    pytest.param(kind, example, id=f"{kind.name}-{number}")
    for kind in KINDS
    for number, example in enumerate(kind.examples(), start=1)
]


def read(kind, example):
    return read_requirement({"kind": kind.name, **example.raw})


def judged(kind, example):
    return evaluate(
        read(kind, example), example.facts, on=example.on, started_on=example.started_on
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_is_complete(kind):
    assert isinstance(kind, RequirementKind)
    assert not kind.keys & COMMON_KEYS
    assert {example.state.satisfied for example in kind.examples()} == {True, False}


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_judges_its_examples(kind, example):
    progress = judged(kind, example)
    assert progress.state == example.state
    if example.percent is not None:
        assert progress.percent == example.percent
    assert (progress.met_on is not None) == progress.satisfied


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_says_in_words_what_it_asks_and_why(kind, example):
    progress = judged(kind, example)
    for sentence in (progress.what, *progress.says):
        assert "%(" not in spoken(sentence)
        assert spoken(sentence).strip()


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_reads_the_same_from_json_as_from_toml(kind, example):
    stored = json.loads(json.dumps(plain({"kind": kind.name, **example.raw})))
    assert read_requirement(stored) == read(kind, example)


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_its_verdict_can_be_kept_as_json(kind, example):
    kept = frozen(judged(kind, example))
    assert json.loads(json.dumps(kept)) == kept


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_refuses_a_key_that_nobody_reads(kind):
    raw = {"kind": kind.name, **next(iter(kind.examples())).raw}
    with pytest.raises(Invalid) as refused:
        read_requirement({**raw, "mistyped": 1})
    assert (refused.value.code, refused.value.where) == ("unknown_key", "mistyped")


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_forgets_every_fact_before_the_first(kind, example):
    progress = evaluate(
        read(kind, example), example.facts, on=date(1999, 1, 1), started_on=date(1999, 1, 1)
    )
    assert not progress.satisfied


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_a_hypothetical_order_of_facts_changes_nothing(kind, example):
    requirement = read(kind, example)
    forwards = evaluate(requirement, example.facts, on=example.on, started_on=example.started_on)
    backwards = evaluate(
        requirement, example.facts[::-1], on=example.on, started_on=example.started_on
    )
    assert forwards == backwards
