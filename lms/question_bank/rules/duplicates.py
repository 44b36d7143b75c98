"""Texts that say nearly the same: every pair above a threshold, none forgotten. Pure.

Two texts are as alike as their sets of three-character pieces (Jaccard: pieces in both over pieces
in either). All pairs are found exactly, without comparing all with all: pieces are put in order,
the rarest first, and two texts above the threshold must share one of their first few (prefix
filter: Chaudhuri, Ganti, Kaushik, ICDE 2006; Bayardo, Ma, Srikant, WWW 2007), at places that leave
enough of both behind (positional filter: Xiao and others, WWW 2008). Why not MinHash: decision
0019.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lms.kernel.errors import N_, Invalid
from lms.kernel.searching import normal

GRAM = 3
"""Characters in a piece."""
THRESHOLD = 0.6
"""How alike two stems are that somebody should look at: a name and a number changed, say."""
MOST = 100_000
"""Pairs that are kept; a bank with more has one text copied over and over."""

_SILENT = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Alike:
    """Two texts that say nearly the same, by their places in the list; ``first < second``."""

    first: int
    second: int
    similarity: float
    """0..1; 1 is the same but for punctuation, width and case."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All the pairs that were found, in order."""

    pairs: tuple[Alike, ...]
    is_complete: bool
    """False if there are more pairs than ``most``: the search stopped there."""


def pieces_of(text: str) -> frozenset[str]:
    """Return the three-character pieces of a text; a shorter text is one piece.

    Punctuation, spaces, width and case do not count.
    """
    bare = _SILENT.sub("", normal(text))
    if not bare:
        return frozenset()
    return frozenset(bare[at : at + GRAM] for at in range(max(len(bare) - GRAM + 1, 1)))


def similarity(one: str, other: str) -> float:
    """Return how alike two texts are, 0..1. Texts without letters are like nothing."""
    a, b = pieces_of(one), pieces_of(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def near_duplicates(
    texts: Sequence[str], threshold: float = THRESHOLD, *, most: int = MOST
) -> Duplicates:
    """Return every pair of texts that are at least so alike.

    :param threshold: above 0, at most 1.
    :raises Invalid: ``bad_threshold``.
    """
    if not 0 < threshold <= 1:
        raise Invalid("bad_threshold", N_("相似度要大于 0，不大于 1"), where="threshold")
    found: list[Alike] = []
    for pair in _pairs(_records(texts), Fraction(str(threshold))):
        if len(found) == most:
            return Duplicates(_in_order(found), is_complete=False)
        found.append(pair)
    return Duplicates(_in_order(found), is_complete=True)


def alike_among(
    texts: Sequence[str], known: Sequence[str], threshold: float = THRESHOLD
) -> dict[int, list[int]]:
    """Return for each text those of the known ones that are at least so alike, by their places.

    Texts that are like none are left out. Exact, as :func:`near_duplicates` is.

    :param threshold: above 0, at most 1.
    :raises Invalid: ``bad_threshold``.
    """
    if not 0 < threshold <= 1:
        raise Invalid("bad_threshold", N_("相似度要大于 0，不大于 1"), where="threshold")
    limit = Fraction(str(threshold))
    records = _records([*texts, *known])
    asked, kept = records[: len(texts)], records[len(texts) :]
    wanted = {piece for record in asked for piece in _prefix(record, limit)}
    index: dict[int, list[tuple[int, int]]] = {piece: [] for piece in wanted}
    for at, record in enumerate(kept):
        for place, piece in enumerate(_prefix(record, limit)):
            if piece in wanted:
                index[piece].append((at, place))
    found = ((this, sorted(_like(record, kept, index, limit))) for this, record in enumerate(asked))
    return {this: near for this, near in found if near}


def _like(
    record: Sequence[int],
    kept: Sequence[Sequence[int]],
    index: Mapping[int, Sequence[tuple[int, int]]],
    limit: Fraction,
) -> Iterator[int]:
    """Yield the places of the kept texts that are so alike to one that is not among them."""
    over, under = limit.numerator, limit.denominator
    size, own, seen = len(record), frozenset(record), set[int]()
    shortest, longest = over * size, under * size
    for at, piece in enumerate(_prefix(record, limit)):
        left = size - at
        for other, there in index[piece]:
            if other in seen:
                continue
            seen.add(other)
            length = len(kept[other])
            if length * under < shortest or length * over > longest:
                continue
            needed = -(-over * (size + length) // (over + under))
            if min(left, length - there) < needed:
                continue
            if len(own.intersection(kept[other])) >= needed:
                yield other


def _prefix(record: Sequence[int], limit: Fraction) -> Sequence[int]:
    """Return the rarest pieces of a text, of which every text so alike shares one."""
    size = len(record)
    return record[: size - -(-limit.numerator * size // limit.denominator) + 1] if size else ()


def _in_order(pairs: list[Alike]) -> tuple[Alike, ...]:
    return tuple(sorted(pairs, key=lambda pair: (pair.first, pair.second)))


def _records(texts: Sequence[str]) -> list[list[int]]:
    """Return the pieces of each text as numbers, the rarest first."""
    numbers: dict[str, int] = {}
    raw = [[numbers.setdefault(p, len(numbers)) for p in pieces_of(text)] for text in texts]
    occurs = Counter(number for record in raw for number in record)
    # pieces are numbered as they come, and sets have no order: equal rarity is settled by the piece
    by_rarity = sorted(numbers, key=lambda piece: (occurs[numbers[piece]], piece))
    place = {numbers[piece]: at for at, piece in enumerate(by_rarity)}
    return [sorted(map(place.__getitem__, record)) for record in raw]


def _pairs(records: Sequence[Sequence[int]], threshold: Fraction) -> Iterator[Alike]:
    """Go from the shortest text to the longest, and look for each among those before it."""
    over, under = threshold.numerator, threshold.denominator
    index: dict[int, list[tuple[int, int]]] = {}
    """Piece -> texts that have it among their first few, with its place there."""
    for this in sorted(range(len(records)), key=lambda at: len(records[at])):
        record = records[this]
        size = len(record)
        shortest = -(-over * size // under)
        own = frozenset(record)
        seen: set[int] = set()
        for at, piece in enumerate(record[: size - shortest + 1]):
            for other, there in index.get(piece, ()):
                if other in seen:
                    continue
                seen.add(other)
                length = len(records[other])
                needed = -(-over * (size + length) // (over + under))
                if length < shortest or min(size - at, length - there) < needed:
                    continue
                shared = len(own.intersection(records[other]))
                if shared >= needed:
                    first, second = sorted((this, other))
                    yield Alike(first, second, shared / (size + length - shared))
        for at in range(size + (-2 * over * size // (over + under)) + 1 if size else 0):
            index.setdefault(record[at], []).append((this, at))
