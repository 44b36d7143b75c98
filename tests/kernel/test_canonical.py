import json

from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.canonical import to_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_is_written_the_same_way_every_time(value):
    text = to_json(value)
    assert json.loads(text) == value
    assert to_json(json.loads(text)) == text


def test_equal_tables_are_one_text_whatever_their_order():
    assert to_json({"b": 1, "a": [1, 2]}) == to_json({"a": [1, 2], "b": 1}) == '{"a":[1,2],"b":1}'


def test_chinese_stays_readable():
    assert to_json({"姓名": "杨孃孃"}) == '{"姓名":"杨孃孃"}'
