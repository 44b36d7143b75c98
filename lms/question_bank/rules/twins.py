"""Questions that must not meet on one paper because they say nearly the same. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from lms.question_bank.rules.checks import bare
from lms.question_bank.rules.duplicates import THRESHOLD, near_duplicates
from lms.question_bank.rules.parts import texts_in

ENOUGH = 20
"""Characters from which a stem says by itself what is asked. A shorter one (which of these is
right?) is compared together with what else the question says."""


def twin_text(stem: str, spec: Mapping[str, Any]) -> str:
    """Return what of a question is compared: its stem, and all it says where that is little."""
    if len(bare(stem)) >= ENOUGH:
        return stem
    return "\n".join([stem, *texts_in(spec)])


def twin_groups(texts: Sequence[str], threshold: float = THRESHOLD) -> list[int]:
    """Return the group of each text: the place of its first member from 1; 0 stands alone.

    What is like a member belongs to the group, so that no two from different groups are alike.
    If there are too many pairs to find them all, those that were found count.
    """
    leader = list(range(len(texts)))

    def first(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for pair in near_duplicates(texts, threshold).pairs:
        one, other = sorted((first(pair.first), first(pair.second)))
        leader[other] = one
    firsts = [first(at) for at in range(len(texts))]
    sizes = [0] * len(texts)
    for at in firsts:
        sizes[at] += 1
    return [at + 1 if sizes[at] > 1 else 0 for at in firsts]
