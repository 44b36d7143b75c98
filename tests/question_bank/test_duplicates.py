"""Near-duplicates: every pair, against comparing all with all."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.rules.duplicates import alike_among, near_duplicates, pieces_of, similarity

STEM = "社区工作者入户走访时发现独居老人王某行动不便，首先应当采取的做法是（ ）。"
FILLER = "春眠不觉晓处闻啼鸟夜来风雨声花落知多少白日依山尽黄河入海流欲穷千里目更上一层楼"


def brute(texts, threshold):
    return [
        (a, b)
        for a in range(len(texts))
        for b in range(a + 1, len(texts))
        if pieces_of(texts[a]) and similarity(texts[a], texts[b]) >= threshold
    ]


def pairs(found):
    return [(pair.first, pair.second) for pair in found.pairs]


@given(
    st.lists(st.text(alphabet="甲乙丙 ，A", max_size=12), max_size=12),
    st.sampled_from([0.1, 0.3, 0.5, 0.6, 0.75, 0.8, 0.9, 1.0]),
)
def test_finds_what_comparing_all_with_all_finds(texts, threshold):
    found = near_duplicates(texts, threshold)
    assert pairs(found) == brute(texts, threshold)
    assert all(
        pair.similarity == similarity(texts[pair.first], texts[pair.second]) for pair in found.pairs
    )


@given(
    st.lists(st.text(alphabet="甲乙丙 ，A", max_size=12), max_size=6),
    st.lists(st.text(alphabet="甲乙丙 ，A", max_size=12), max_size=10),
    st.sampled_from([0.1, 0.3, 0.5, 0.6, 0.75, 0.8, 0.9, 1.0]),
)
def test_finds_among_the_known_what_comparing_with_each_finds(texts, known, threshold):
    found = alike_among(texts, known, threshold)
    assert found == {
        at: near
        for at, text in enumerate(texts)
        if (near := [n for n, other in enumerate(known) if similarity(text, other) >= threshold])
    }


def planted(seed, changes):
    """300 stems of invented words, and a copy of each with so many characters changed."""
    dice = random.Random(seed)
    texts = ["".join(dice.choice(FILLER) for _ in range(50)) for _ in range(300)]
    copies = []
    for text in texts:
        letters = list(text)
        for at in dice.sample(range(len(letters)), changes):
            letters[at] = dice.choice(STEM)
        copies.append("".join(letters))
    return texts + copies


@pytest.mark.parametrize("changes", [0, 1, 3, 6, 10])
@pytest.mark.parametrize("threshold", [0.4, 0.6, 0.8])
def test_recall_is_one_at_every_similarity(changes, threshold):
    texts = planted(changes, changes)
    wanted = {(a, a + 300) for a in range(300) if similarity(texts[a], texts[a + 300]) >= threshold}
    assert wanted <= set(pairs(near_duplicates(texts, threshold)))
    if changes == 1:
        assert len(wanted) == 300  # about 0.88: every copy is planted above each threshold


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (STEM, STEM, 1.0),
        ("\uff21\uff22\uff23，是什么？", "abc是什么", 1.0),  # width, case, punctuation
        ("甲乙", "甲乙", 1.0),
        ("甲乙", "甲丙", 0.0),
        ("", "", 0.0),  # nothing is like nothing
        ("甲乙丙丁", "甲乙丙戊", 1 / 3),
    ],
)
def test_how_alike(one, other, alike):
    assert similarity(one, other) == alike


def test_a_text_copied_over_and_over_stops_the_search():
    found = near_duplicates([STEM] * 100, most=10)
    assert len(found.pairs) == 10 and not found.is_complete
    assert near_duplicates([STEM] * 5).is_complete


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_a_threshold_is_a_share(threshold):
    with pytest.raises(Invalid) as refusal:
        alike_among(["甲"], ["乙"], threshold)
    assert refusal.value.code == "bad_threshold"
    with pytest.raises(Invalid):
        near_duplicates([STEM], threshold)
