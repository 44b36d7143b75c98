"""Pairs of characters: what is kept of a text, and what a query asks for."""

import pytest

from lms.kernel.errors import Invalid
from lms.kernel.searching import fts5_query, fts5_text, phrases_of, tsquery, tsvector, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("网络安全", ["网络", "络安", "安全", "全"]),
        ("证", ["证"]),
        ("", []),
        ("，。！ --", []),
        ("CVE-2024-0007", ["cve", "2024", "0007"]),
        ("\uff21\uff22\uff23\uff11\uff12", ["abc12"]),  # width does not count
        ("AI技术", ["ai", "技术", "术"]),
        ("第二〇二五条", ["第二", "二〇", "〇二", "二五", "五条", "条"]),
        ("𠮷祥", ["𠮷祥", "祥"]),  # beyond the basic plane
        ("a_b", ["a", "b"]),
        ("x" * 100, ["x" * 64]),
        ("贵州\n毕节", ["贵州", "州", "毕节", "节"]),  # no pair spans two lines
    ],
)
def test_words_of_a_text(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ("个人信息", [("个人", "人信", "信息")]),
        ("证", [("证*",)]),
        ("贵州 毕节", [("贵州",), ("毕节",)]),
        ("贵州　毕节", [("贵州",), ("毕节",)]),  # a wide space
        ("AI技", [("ai", "技*")]),
        ("技术AI", [("技术", "术", "ai")]),
        ("CVE-2024-0007", [("cve", "2024", "0007")]),
        ("' -- 慈善", [("慈善",)]),
        ("--", []),
        ("", []),
    ],
)
def test_a_query_asks_for_phrases(query, phrases):
    assert phrases_of(query) == phrases


def test_each_database_gets_its_spelling():
    assert fts5_text("慈善A") == "慈善 善 a"
    assert tsvector("慈善A") == "'慈善':1 '善':2 'a':3"
    assert fts5_query("个人信 证") == '"个人 人信" "证"*'
    assert tsquery("个人信 证") == "('个人' <-> '人信') & ('证':*)"
    assert fts5_query("'--") == tsquery("'--") == ""


def test_places_that_a_tsvector_cannot_tell_apart_are_its_last():
    assert tsvector("字" * 20_000).endswith("'字':16383")


def test_a_query_has_an_end():
    with pytest.raises(Invalid) as refused:
        phrases_of("字" * 201)
    assert refused.value.code == "long_query"
