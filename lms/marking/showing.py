"""An answer beside its scoring points, as those who mark it and those who wrote it see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup
from sqlalchemy.orm import Session

from lms.exams import queries as attempts
from lms.exams.types import Sitting, Waiting
from lms.http.markdown import render, render_inline
from lms.kernel.points import HALF, points
from lms.kernel.reading import Raw
from lms.marking.types import Halves
from lms.question_bank.rules import explain, view
from lms.question_bank.rules import points as scoring_points
from lms.question_bank.showing import pieces
from lms.question_bank.types import Input, Marking


@dataclass(frozen=True, slots=True)
class Point:
    """One scoring point."""

    text: str
    worth: int
    """Half points."""
    given: tuple[int | None, ...]
    """What each mark gave it, in half points; none while nothing is said."""

    @property
    def mean(self) -> str:
        """What the marks gave it on the average, in points."""
        known = [one for one in self.given if one is not None]
        whole = Fraction(sum(known), len(known) * HALF) if known else Fraction(0)
        return points(whole.numerator, whole.denominator)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a question that people mark: what was asked and written, and its points."""

    label: Markup
    pieces: list[tuple[str, bool]]
    """What was written, with whether words of a scoring point were found there."""
    chars: int
    right: str
    points: tuple[Point, ...]
    """Empty: the field marks itself."""
    most: str
    """Points for the whole field."""
    itself: str
    """What a field that marks itself earns, in points."""
    is_capped: bool
    """Whether its points together are worth more than the field."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer that people mark, without a word of who wrote it."""

    kind: str
    stem: Markup
    parts: list[Part]
    explanation: Markup
    out_of: int
    unit: int


def worths(session: Session, version_id: int) -> list[list[int]]:
    """Return what every scoring point of a question is worth, in half points, by field."""
    brief = attempts.briefs(session, [version_id])[version_id]
    return [[one.worth for one in own] for own in scoring_points(brief.kind, brief.spec)]


def sheet(
    session: Session, found: Sitting, answer: Waiting, given: Sequence[Halves], explanation: str
) -> Sheet:
    """Return an answer beside its points.

    :param given: what one mark, or two, gave the points.
    """
    brief = attempts.briefs(session, [answer.question_version_id])[answer.question_version_id]
    marking = Marking.read(found.marking)
    outcomes = explain(brief.kind, brief.spec, answer.chosen, marking)
    marks = [one.mark for one in outcomes if one.mark is not None]
    return Sheet(
        kind=brief.kind,
        stem=render(brief.stem),
        parts=_parts(brief.kind, brief.spec, answer.chosen, given, marking),
        explanation=render(explanation),
        out_of=sum(mark.out_of for mark in marks),
        unit=marking.unit,
    )


def _parts(
    kind: str, spec: Raw, chosen: str, given: Sequence[Halves], marking: Marking
) -> list[Part]:
    fields = view(kind, spec).fields
    parts: list[Part] = []
    asked = scoring_points(kind, spec)
    for number, outcome in enumerate(explain(kind, spec, chosen, marking)):
        listed = tuple(
            Point(one.text, one.worth, tuple(each[number][at] for each in given))
            for at, one in enumerate(asked[number])
        )
        out_of = outcome.mark.out_of if outcome.mark is not None else 0
        itself = fields[number].input is not Input.LONG and outcome.mark is not None
        earned = outcome.mark.earned if itself and outcome.mark is not None else 0
        parts.append(
            Part(
                label=render_inline(fields[number].label) if fields[number].label else Markup(),
                pieces=pieces(outcome.given, outcome.points),
                chars=len("".join(outcome.given.split())),
                right=outcome.right,
                points=listed,
                most=points(out_of, marking.unit),
                itself=points(earned, marking.unit) if itself else "",
                is_capped=sum(marking.in_units(one.worth) for one in listed) > out_of,
            )
        )
    return parts
