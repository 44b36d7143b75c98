"""What kinds marked by scoring points (采分点) share: reading, finding, adding up. Pure.

A scoring point is worth some half points. What is found here is a *suggestion*: whether an answer
really says a point is decided by a person, who sees the words that were found.

How words are found: width and case do not count, nor do blanks inside a line. Nothing
else is forgiven: no similar characters, no words across a punctuation mark or a line's end.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.types import (
    Field,
    Input,
    Mark,
    Marking,
    Outcome,
    PointHit,
    ScoringPoint,
)

MOST_POINTS = 30
MOST_WAYS = 30
MOST_WORDS = 6
MOST_MARKS = 200
"""Half points of one scoring point: a whole paper of 100."""
USUAL_CHARS = 3000
"""Characters that may be written where the author says nothing."""
MOST_CHARS = 10_000
MOST_TOGETHER = 40_000
"""Characters of all answers to one question: a page that sends them stays below 512 KiB."""
SHORTEST_WORD = 2
"""A single character is in every answer and says nothing."""

WRITTEN_KEYS = ("points", "most", "model", "most_chars")
"""The author's keys of one written answer."""

NOTHING_SAID = "—"
"""An answer that says no point: one character, and every word of a point has two or more."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of one answer that is written: its points and its model answer."""

    points: tuple[ScoringPoint, ...]
    most: int
    """Half points for everything together; may be less than the points add up to."""
    model: str
    """Plain text; may be empty."""
    longest: int
    """Characters."""

    @property
    def right(self) -> str:
        """What would be right: the model answer, or else the points one below the other."""
        return self.model or self.listed

    @property
    def listed(self) -> str:
        """Every point in its own words."""
        return "\n".join(point.text for point in self.points)


def read_written(raw: Raw) -> Written:
    """Read ``points``, ``most``, ``model`` and ``most_chars``.

    :raises Invalid: naming the faulty key.
    """
    points = tuple(
        _point(table, place)
        for place, table in enumerate(reading.tables(raw, "points", at_least=1))
    )
    if len(points) > MOST_POINTS:
        raise Invalid("too_many", N_("采分点最多 %(n)s 个"), where="points", n=MOST_POINTS)
    if len({point.text.strip() for point in points}) < len(points):
        raise Invalid("alike", N_("有两项相同"), where="points")
    total = sum(point.worth for point in points)
    written = Written(
        points,
        reading.whole(raw, "most", low=1, high=total, default=total),
        reading.text(raw, "model", default="").strip(),
        reading.whole(raw, "most_chars", low=20, high=MOST_CHARS, default=USUAL_CHARS),
    )
    if max(len(written.listed), len(written.model)) > written.longest:
        raise Invalid("too_tight", N_("参考答案和采分点本身就超过了字数上限"), where="most_chars")
    return written


def check_together(written: Iterable[Written], where: str) -> None:
    """Refuse a question whose answers together are too long for one page.

    :raises Invalid: ``too_long``.
    """
    if sum(one.longest for one in written) > MOST_TOGETHER:
        raise Invalid(
            "too_long",
            N_("各部分的字数上限加起来不能超过 %(n)s"),
            where=where,
            n=MOST_TOGETHER,
        )


def _point(raw: Raw, place: int) -> ScoringPoint:
    with reading.within("points", place):
        reading.only(raw, ("text", "marks", "synonyms"))
        text = reading.text(raw, "text", at_most=500).strip()
        worth = reading.whole(raw, "marks", low=1, high=MOST_MARKS)
        ways = tuple(dict.fromkeys(((text,), *_ways(raw))))
        if any(len(normalised(word)) < SHORTEST_WORD for way in ways for word in way):
            raise Invalid("too_short", N_("采分点的词语至少两个字"), where="synonyms")
        return ScoringPoint(text, worth, ways)


def _ways(raw: Raw) -> Iterator[tuple[str, ...]]:
    """Yield the ways to say a point besides its own text: a word, or words that belong together."""
    listed = raw.get("synonyms", [])
    fault = Invalid(
        "bad_synonyms",
        N_(
            "要写成词语的列表；须同时出现的几个词再写成一个列表，"
            "最多 %(ways)s 项、每项 %(words)s 个词"
        ),
        where="synonyms",
        ways=MOST_WAYS,
        words=MOST_WORDS,
    )
    if not isinstance(listed, list | tuple) or len(listed) > MOST_WAYS:
        raise fault
    for item in listed:
        words = (item,) if isinstance(item, str) else item
        if not isinstance(words, list | tuple) or not 1 <= len(words) <= MOST_WORDS:
            raise fault
        if not all(isinstance(word, str) for word in words):
            raise fault
        yield tuple(word.strip() for word in words)


def field_of(written: Written, label: str = "") -> Field:
    """Return how a written answer is filled in."""
    return Field(Input.LONG, label=label, longest=written.longest)


def read_text(written: Written, sent: str) -> str:
    """Return what was written, without blank edges and control characters, lines ended alike.

    :raises Invalid: ``too_long``.
    """
    lines = sent.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) != "Cc").strip()
    if len(text) > written.longest:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where="choice", n=written.longest)
    return text


def perfect(written: Written) -> str:
    """Return an answer that says every point: the model answer, if it does."""
    model = indexed(written.model)
    return written.model if all(_spans(model, p) for p in written.points) else written.listed


def find_points(
    answer: str, points: Sequence[ScoringPoint], marking: Marking
) -> tuple[PointHit, ...]:
    """Say of each point, in the author's order, whether and where an answer seems to say it.

    Each is told once, however often it is said: the first place of each word of the first way
    that is all there.
    """
    text = indexed(answer)
    return tuple(
        PointHit(point.text, marking.in_units(point.worth), _spans(text, point)) for point in points
    )


def ticked(hits: Sequence[PointHit]) -> tuple[bool, ...]:
    """Return the ticks that are suggested: the points that were found."""
    return tuple(bool(hit.spans) for hit in hits)


def mark_of(written: Written, ticks: Sequence[bool], marking: Marking) -> Mark:
    """Return what ticked points earn together, never more than the whole is worth."""
    found = sum(point.worth for point, tick in zip(written.points, ticks, strict=True) if tick)
    return Mark(marking.in_units(min(found, written.most)), out_of=marking.in_units(written.most))


def mark_of_given(written: Written, given: Sequence[int], marking: Marking) -> Mark:
    """Return what some half points come to together, never more than the whole is worth."""
    earned = min(sum(given), written.most)
    return Mark(marking.in_units(earned), out_of=marking.in_units(written.most))


def suggested(written: Written, answer: str, marking: Marking) -> Mark:
    """Mark an answer by the words that are found in it."""
    return mark_of(written, ticked(find_points(answer, written.points, marking)), marking)


def outcome(written: Written, answer: str, marking: Marking, label: str = "") -> Outcome:
    """Say how a written answer turned out, by what is suggested."""
    hits = find_points(answer, written.points, marking)
    return Outcome(answer, written.right, mark_of(written, ticked(hits), marking), label, hits)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A text as it is compared, and where each of its characters comes from."""

    compared: str
    places: tuple[tuple[int, int], ...]
    """For each character of ``compared``: from and to in the text as it was written."""


def indexed(text: str) -> Indexed:
    """Return a text as it is compared, with its way back.

    A character may become several (``㎞`` is ``km``), several may become one (a letter and its
    accent), a blank none: so places cannot be counted, they are kept.
    """
    compared: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        for character in _plain(text[start:end]):
            compared.append(character)
            places.append((start, end))
    return Indexed("".join(compared), tuple(places))


def normalised(text: str) -> str:
    """Return a text as it is compared."""
    return indexed(text).compared


def _plain(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    return "".join(c for c in folded if c == "\n" or not (c.isspace() or c == "\u200b"))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the characters of a text, each with the marks that combine with it."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not unicodedata.combining(text[place]):
            yield start, place
            start = place


def _spans(text: Indexed, point: ScoringPoint) -> tuple[tuple[int, int], ...]:
    for way in point.ways:
        found = [_span(text, normalised(word)) for word in way]
        spans = [span for span in found if span is not None]
        if len(spans) == len(found):
            return tuple(sorted(set(spans)))
    return ()


def _span(text: Indexed, word: str) -> tuple[int, int] | None:
    at = text.compared.find(word)
    if at < 0:
        return None
    return text.places[at][0], text.places[at + len(word) - 1][1]
