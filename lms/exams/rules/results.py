"""Adding up and comparing with the line. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from lms.exams.types import Share
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
