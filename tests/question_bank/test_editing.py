"""What is typed into the editor and read back: nothing is lost on the way, whatever it is."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.rules import (
    KEY_LETTERS,
    fits_fields,
    form_of,
    from_toml,
    has_options,
    new_key,
    option_rows,
    read_form,
    to_toml,
)
from tests.question_bank.builders import draft

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(-(2**53), 2**53), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_a_table_is_read_back_as_it_was_written(table):
    assert from_toml(to_toml(table)) == table


@pytest.mark.parametrize("text", ["options = [", "a = 1\na = 2", "= 1", "甲 = 1"])
def test_a_table_that_is_none_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        from_toml(text)
    assert refusal.value.code == "not_toml"


LINES = TEXTS.map(lambda text: text.replace("\r", "").strip())
DRAFTS = st.builds(
    lambda **values: draft("k", **values),
    stem=LINES,
    explanation=LINES,
    difficulty=st.sampled_from([1, 2, 3]),
    valid_on=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    spec=st.fixed_dictionaries(
        {
            "options": st.lists(LINES.filter(bool), max_size=8),
            "answer": st.just(""),
        }
    ),
    tags=st.just(("法规", "难点")),
)


@given(DRAFTS, st.sets(st.sampled_from("ABCDEFGH")))
def test_a_draft_goes_through_the_form_unchanged(text, right):
    options = text.spec["options"]
    answer = "".join(sorted(right & set("ABCDEFGH"[: len(options)])))
    text = replace(text, spec={"options": options, "answer": answer})
    rows = option_rows(text)
    letters = "".join(letter for letter, _words, is_right in rows if is_right)
    assert letters == answer
    read = read_form(form_of(text), [words for _letter, words, _right in rows], letters, "k")
    assert read == text


def test_the_kinds_with_fields_are_those_with_options():
    assert has_options("single_choice") and has_options("multiple_choice")
    assert not any(has_options(name) for name in ("true_false", "cloze", "essay"))


def test_what_the_fields_have_no_room_for_is_written_as_a_table():
    spec = {"options": ["甲", "乙", "丙"], "answer": "AB", "weights": ["1/2", "1/2", "-1"]}
    text = draft("k", kind="multiple_choice", spec=spec)
    assert not fits_fields(text)
    assert fits_fields(
        draft("k", kind="multiple_choice", spec={"options": spec["options"], "answer": "AB"})
    )
    assert read_form(form_of(text), [], "", text.key).spec == spec


@given(st.binary(min_size=1, max_size=40))
def test_a_key_is_the_same_for_a_seed_and_readable(seed):
    key = new_key(seed)
    assert key == new_key(seed)
    assert key.startswith("b-") and set(key[2:]) <= set(KEY_LETTERS) and len(key) == 12
