"""Adding up and comparing with the line. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from lms.exams.types import Area, Blueprint, Release, Share, Spread
from lms.kernel.clock import end_of
from lms.kernel.reading import Raw
from lms.question_bank.types import Mark, Marking
from lms.regulations.types import RuleText


def is_passed(earned: int, out_of: int, line: Raw) -> bool:
    """Compare with a pass line. Exactly on the line passes; a hair below does not.

    :param line: the body of a rule of the kind ``pass_line``. A paper with another full mark
        than the line's, or counted in another unit, is compared in proportion, in whole numbers.
    """
    return earned * int(line["out_of"]) >= int(line["pass"]) * out_of


def needed(out_of: int, line: Raw) -> int:
    """Return the fewest units that reach a pass line on a paper with a full mark in units."""
    return -(-int(line["pass"]) * out_of // int(line["out_of"]))


def separate_line(rules: Iterable[RuleText], *, level: str, on: date) -> RuleText | None:
    """Return the newest separate line of the key counties that had taken effect by a day, or none.

    Shown beside a result as information: it may be one of an earlier year and no longer hold.
    """
    known = [
        rule
        for rule in rules
        if rule.kind == "pass_line"
        and rule.body["level"] == level
        and rule.body["area"] == "key_counties"
        and rule.effective_from <= on
    ]
    return max(known, key=lambda rule: (rule.effective_from, rule.key), default=None)


def paper_total(marks: Iterable[Mark], marking: Marking) -> Share:
    """Add the marks of a paper up; below 0 they count as 0, unless the rule has no floor."""
    whole = total(marks)
    return replace(whole, earned=max(whole.earned, 0)) if marking.floor else whole


def total(marks: Iterable[Mark], *, key: str = "") -> Share:
    """Add marks up. The score is out of all of them: what is blank earns nothing."""
    marks = list(marks)
    return Share(
        key=key,
        earned=sum(mark.earned for mark in marks),
        out_of=sum(mark.out_of for mark in marks),
        right=sum(mark.is_full for mark in marks),
        questions=len(marks),
    )


def shares(marks: Iterable[tuple[str, Mark]]) -> list[Share]:
    """Add marks up by key (chapter, kind), in the order of the keys."""
    groups: dict[str, list[Mark]] = {}
    for key, mark in marks:
        groups.setdefault(key, []).append(mark)
    return [total(group, key=key) for key, group in sorted(groups.items())]


LETTERED = frozenset({"single_choice", "multiple_choice"})
"""Kinds whose stored answer is letters, in the order of the author's options."""

LEAST_SHARED = 30
"""Of fewer answers nobody is told what others chose: it would say more of people than of the
question."""


def area(key_counties: Iterable[bool | None]) -> Area:
    """Say in which area somebody works.

    :param key_counties: of each of their units, whether its county is a key county; none for a
        unit that lies in no county.
    """
    found = set(key_counties)
    if found == {True}:
        return Area.KEY_COUNTY
    return Area.OTHER if found == {False} else Area.UNSURE


def is_released(blueprint: Blueprint, *, now: datetime) -> bool:
    """Say whether keys, explanations and what others chose may be shown after handing in."""
    match blueprint.release:
        case Release.AT_ONCE:
            return True
        case Release.AFTER_CLOSE:
            return blueprint.closes_on is not None and now >= end_of(blueprint.closes_on)
        case Release.MARKS_ONLY:
            return False


def option_shares(spread: Spread | None, letters: Iterable[str]) -> Mapping[str, int] | None:
    """Return the percentage that took each of the author's letters; none where too few answered.

    Rounded half up. Of several letters in one answer each counts, so they add up to more than 100.
    """
    if spread is None or spread.n < LEAST_SHARED:
        return None
    took = {
        letter: sum(n for chosen, n in spread.by_answer.items() if letter in chosen)
        for letter in letters
    }
    return {letter: (200 * n + spread.n) // (2 * spread.n) for letter, n in took.items()}
