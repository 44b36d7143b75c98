"""Scoring points: what is found in an answer, where, and what it earns."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.kinds import _points
from lms.question_bank.kinds._points import find_points, mark_of, normalised, read_written
from lms.question_bank.showing import pieces
from lms.question_bank.types import Marking, PointHit

RULE = Marking.read({})
GRINNING = "\U0001f600"


def points(*synonyms, text="没有人这样写"):
    return read_written({"points": [{"text": text, "marks": 2, "synonyms": list(synonyms)}]}).points


def spans(answer, *synonyms):
    (hit,) = find_points(answer, points(*synonyms), RULE)
    return [answer[start:end] for start, end in hit.spans]


@pytest.mark.parametrize(
    ("answer", "synonyms", "found"),
    [
        ("先做危机介入。", ["危机介入"], ["危机介入"]),
        ("没有人这样写", [], ["没有人这样写"]),  # a point's own words say it
        ("危机 介\t入", ["危机介入"], ["危机 介\t入"]),  # blanks do not count
        ("危机\n介入", ["危机介入"], []),  # a line's end does
        ("危机、介入", ["危机介入"], []),  # and so does a mark
        ("危机，干预", ["危机介入"], []),  # no similar words
        ("用ＳＭＡＲＴ原则", ["smart原则"], ["ＳＭＡＲＴ原则"]),
        ("走了３㎞路", ["3km"], ["３㎞"]),  # noqa: RUF001 - one character becomes two
        ("㈱字在前", ["(株)"], ["㈱"]),  # one becomes three
        ("cafe\u0301社", ["café社"], ["cafe\u0301社"]),  # two become one
        (GRINNING + "社会支持" + GRINNING, ["社会支持"], ["社会支持"]),  # beyond the first plane
        ("妻子很累，要有人分担", [["妻子", "分担"]], ["妻子", "分担"]),
        ("妻子很累", [["妻子", "分担"]], []),  # words of one way must all be there
        ("要有人分担，妻子", [["妻子", "分担"]], ["分担", "妻子"]),  # in whatever order
        ("分担分担", ["分担"], ["分担"]),  # told once, at its first place
        ("乙法", ["甲法", "乙法"], ["乙法"]),
        ("先甲法，后乙法", ["乙法", "甲法"], ["乙法"]),  # the first way that is there
        ("", ["甲法"], []),
    ],
)
def test_finds_words_where_they_stand(answer, synonyms, found):
    assert spans(answer, *synonyms) == found


def test_a_point_is_found_once_however_often_it_is_said():
    written = read_written(
        {"points": [{"text": "倾听", "marks": 3}, {"text": "同理心", "marks": 2}]}
    )
    assert _points.suggested(written, "倾听倾听倾听", RULE).earned == 3


@pytest.mark.parametrize(
    ("ticks", "most", "earned"),
    [
        ((1, 1, 1), None, 9),
        ((1, 1, 1), 6, 6),  # any two of three
        ((1, 1, 0), 6, 6),
        ((1, 0, 0), 6, 3),
        ((0, 0, 0), 6, 0),
        ((1, 1, 0), 5, 5),
    ],
)
def test_together_points_earn_no_more_than_the_whole(ticks, most, earned):
    raw = {"points": [{"text": f"要点{n}", "marks": 3} for n in range(3)]}
    written = read_written(raw if most is None else {**raw, "most": most})
    mark = mark_of(written, [bool(tick) for tick in ticks], RULE)
    assert (mark.earned, mark.out_of) == (earned, most or 9)


def test_ticks_for_other_points_than_there_are_do_not_pass():
    written = read_written({"points": [{"text": "要点", "marks": 3}]})
    with pytest.raises(ValueError, match="zip"):
        mark_of(written, [True, True], RULE)


ONE = {"text": "要点", "marks": 2}


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ({}, "points"),
        ({"points": []}, "points"),
        ({"points": "要点"}, "points"),
        ({"points": [ONE, {**ONE, "text": "要点 "}]}, "points"),  # the same twice
        ({"points": [{"text": f"要点{n}", "marks": 1} for n in range(31)]}, "points"),
        ({"points": [{**ONE, "marks": 0}]}, "points.0.marks"),
        ({"points": [{**ONE, "marks": 0.5}]}, "points.0.marks"),  # half points are whole
        ({"points": [{**ONE, "marks": True}]}, "points.0.marks"),
        ({"points": [{**ONE, "marks": 201}]}, "points.0.marks"),
        ({"points": [{"marks": 2}]}, "points.0.text"),
        ({"points": [{**ONE, "text": "要"}]}, "points.0.synonyms"),  # is in every answer
        ({"points": [{**ONE, "synonyms": ["点"]}]}, "points.0.synonyms"),
        ({"points": [{**ONE, "synonyms": [" "]}]}, "points.0.synonyms"),
        ({"points": [{**ONE, "synonyms": [["要点", "，"]]}]}, "points.0.synonyms"),
        ({"points": [{**ONE, "synonyms": [[]]}]}, "points.0.synonyms"),
        ({"points": [{**ONE, "synonyms": [[["要点"]]]}]}, "points.0.synonyms"),
        ({"points": [{**ONE, "synonyms": "要点"}]}, "points.0.synonyms"),
        ({"points": [{**ONE, "synonyms": [f"词语{n}" for n in range(31)]}]}, "points.0.synonyms"),
        ({"points": [{**ONE, "synonym": ["要点"]}]}, "points.0.synonym"),  # mistyped
        ({"points": [ONE], "most": 3}, "most"),  # more than there is to earn
        ({"points": [ONE], "most": 0}, "most"),
        ({"points": [ONE], "model": " "}, "model"),
        ({"points": [ONE], "most_chars": 19}, "most_chars"),
        ({"points": [ONE], "most_chars": 10_001}, "most_chars"),
        ({"points": [ONE], "most_chars": 20, "model": "长" * 21}, "most_chars"),
        ({"points": [{**ONE, "text": "长" * 21}], "most_chars": 20}, "most_chars"),
    ],
)
def test_a_faulty_spec_names_its_key(raw, where):
    with pytest.raises(Invalid) as refusal:
        read_written(raw)
    assert refusal.value.where == where


LETTERS = st.text("甲乙丙丁ＡａA㎞km１1é\u0301e，。 \n\t" + GRINNING, max_size=30)  # noqa: RUF001
WORDS = st.text("甲乙丙ＡａA㎞km１1é\u0301e" + GRINNING, min_size=1, max_size=4).filter(  # noqa: RUF001
    lambda word: word.strip() and len(normalised(word)) >= 2
)
WAYS = st.lists(st.lists(WORDS, min_size=1, max_size=3), max_size=4)


def is_said(answer, ways):
    """What is found, without any index: words in the whole answer, folded character by character."""
    folded = normalised(answer)
    return any(all(normalised(word) in folded for word in way) for way in ways)


@given(LETTERS, WAYS)
def test_found_is_what_an_oracle_finds_and_where_it_says(answer, ways):
    (hit,) = find_points(answer, points(*ways), RULE)
    assert bool(hit.spans) == is_said(answer, ways)
    if hit.spans:
        told = [normalised(answer[start:end]) for start, end in hit.spans]
        assert any(
            all(any(normalised(word) in piece for piece in told) for word in way) for way in ways
        )
        assert list(hit.spans) == sorted(set(hit.spans))
        assert all(0 <= start < end <= len(answer) for start, end in hit.spans)


@given(LETTERS, WAYS, st.randoms(use_true_random=False))
def test_whether_it_is_found_does_not_depend_on_the_order_of_ways(answer, ways, random):
    other = random.sample(ways, len(ways))
    (one,), (two,) = (find_points(answer, points(*each), RULE) for each in (ways, other))
    assert bool(one.spans) == bool(two.spans)


@given(st.text(max_size=40))
def test_every_character_that_is_compared_knows_where_it_stood(text):
    found = _points.indexed(text)
    assert len(found.compared) == len(found.places)
    assert all(0 <= start < end <= len(text) for start, end in found.places)
    starts = [start for start, _end in found.places]
    assert starts == sorted(starts)
    for character, (start, end) in zip(found.compared, found.places, strict=True):
        assert character in normalised(text[start:end])


@given(st.text("甲乙丙ＡａA１1。\n", max_size=40))  # noqa: RUF001 - nothing that combines
def test_folding_alone_changes_as_the_whole_text_would(text):
    whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    assert normalised(text) == whole


WORTHS = st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=8)


@given(WORTHS, st.data())
def test_ticks_earn_as_an_oracle_adds_them_up_in_whatever_order(listed, data):
    total = sum(worth for worth, _tick in listed)
    most = data.draw(st.integers(1, total))

    def earned(cases):
        raw = [{"text": f"要点{n}", "marks": worth} for n, (worth, _tick) in enumerate(cases)]
        written = read_written({"points": raw, "most": most})
        return mark_of(written, [tick for _worth, tick in cases], RULE)

    mark = earned(listed)
    assert (mark.earned, mark.out_of) == (min(most, sum(w for w, t in listed if t)), most)
    assert earned(data.draw(st.permutations(listed))) == mark


@given(st.text("甲乙丙", max_size=12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12))))
def test_pieces_are_the_answer_with_every_marked_character_marked(answer, ends):
    spans_ = tuple((a, b) for a, b in ends if a < b <= len(answer))
    found = pieces(answer, [PointHit("甲", 1, spans_)])
    assert "".join(text for text, _said in found) == answer
    flags = [said for text, said in found for _character in text]
    assert flags == [any(a <= at < b for a, b in spans_) for at in range(len(answer))]
    assert all(text for text, _said in found)
    assert all(a[1] != b[1] for a, b in pairwise(found))  # none in two
