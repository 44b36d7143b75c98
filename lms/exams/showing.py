"""How an attempt turned out, as its page and its printed report show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from lms.exams import queries, rules
from lms.exams.types import Area, Marked, OwnAttempt, Result, Section, Share, Sitting
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, NotAllowed
from lms.question_bank.rules import is_judged, mark
from lms.question_bank.types import Mark, Marking
from lms.regulations import queries as regulations
from lms.regulations.rules import is_in_force
from lms.regulations.types import RuleText
from lms.syllabus.queries import node_titles

REVIEW_SIZE = 40
"""Explained questions on one page of a review: half of a national paper, some 15 kB sent."""

SLOWEST = 5
"""Questions that are named as those that took longest."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The separate line of the key counties, as far as it concerns somebody."""

    rule: RuleText
    area: Area
    county: str
    """Where they work; empty unless they surely work in a key county."""
    is_in_force: bool
    """Whether it was published for the day of the paper; else it is one of an earlier year."""
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A result with everything that stands beside it: nothing of any key."""

    sitting: Sitting
    result: Result
    on: date
    line: int
    """Units of the marking rule that pass."""
    beside: Beside | None
    whole: Share
    kinds: Sequence[tuple[Section, Share]]
    chapters: Sequence[Share]
    titles: Mapping[str, tuple[str, str]]
    attempts: Sequence[OwnAttempt]
    """On this paper, newest first."""
    regrades: Sequence[rules.Told]
    """What regrades did to it, the oldest first."""
    minutes: int | None
    """From the start to handing in, without pauses; none for a sitting on paper."""
    late_minutes: int
    """How late it was handed in, where its paper counts late answers."""
    is_released: bool
    """Whether keys and explanations may be seen."""
    slowest: Sequence[Marked]
    """The questions that were in view longest, the longest first; empty if nobody measured."""
    is_judged: bool
    """Whether people marked an answer of it."""


def report(session: Session, found: Sitting, result: Result, *, now: datetime) -> Report:
    """Return how an attempt turned out, by today's marks.

    Five statements, however long the paper; one more if it was marked anew.
    """
    marked = queries.marked_now(session, found)
    chapters = rules.shares((each.chapter_key, each.mark) for each in marked)
    worked = rules.net_seconds(
        found.started_at,
        result.submitted_at,
        paused_seconds=found.paused_seconds,
        pause_ends_at=found.pause_ends_at,
    )
    late = rules.late_minutes(found.deadline_at, result.submitted_at, found.blueprint.late)
    return Report(
        sitting=found,
        result=result,
        on=day_of(result.submitted_at),
        line=rules.needed(result.out_of, found.line),
        beside=_beside(session, found, result),
        whole=rules.total(each.mark for each in marked),
        kinds=[
            (section, rules.total(each.mark for each in marked if each.kind in section.kinds))
            for section in found.blueprint.sections
        ],
        chapters=chapters,
        titles=node_titles(session, [share.key for share in chapters]),
        attempts=queries.done_attempts(session, found.learner_id, paper_id=found.paper_id),
        regrades=story(session, found),
        minutes=None if found.sat_on else worked // 60,
        late_minutes=0 if found.sat_on else late,
        is_released=rules.is_released(found.blueprint, now=now),
        slowest=sorted(
            (each for each in marked if each.seconds),
            key=lambda each: (-(each.seconds or 0), each.slot),
        )[:SLOWEST],
        is_judged=any(is_judged(each.kind) and each.chosen for each in marked),
    )


@dataclass(frozen=True, slots=True)
class Waits:
    """What is known of an attempt that people have not marked yet: no total, no pass."""

    sections: Sequence[tuple[Section, Share, int]]
    """Each with what marks itself, and how many answers people mark."""
    all: int
    """Answers that people mark."""
    settled: int
    """How many of them are settled; what they earned is told with the result."""


def waits(session: Session, found: Sitting) -> Waits:
    """Return what is marked and what waits of an attempt that was handed in. Two statements."""
    answers = queries.judged_answers(session, found.learner_id, found.number)
    briefs = queries.briefs(session, [slot.version_id for slot in found.slots])
    marking = Marking.read(found.marking)
    marks: dict[int, list[Mark]] = {}
    waiting: dict[int, int] = {}
    for number, slot in enumerate(found.slots, start=1):
        brief = briefs[slot.version_id]
        if number in answers:
            waiting[slot.section] = waiting.get(slot.section, 0) + 1
            continue
        chosen = found.answer(number).chosen
        marks.setdefault(slot.section, []).append(mark(brief.kind, brief.spec, chosen, marking))
    return Waits(
        sections=[
            (section, rules.total(marks.get(at, [])), waiting.get(at, 0))
            for at, section in enumerate(found.blueprint.sections)
        ],
        all=len(answers),
        settled=sum(one.settled_at is not None for one in answers.values()),
    )


def story(session: Session, found: Sitting) -> list[rules.Told]:
    """Return what regrades did to an attempt; asks only about one that has seen any."""
    return queries.story(session, found.learner_id, found.number) if found.revision else []


def _beside(session: Session, found: Sitting, result: Result) -> Beside | None:
    """Return the separate line; none for who surely works outside of the key counties."""
    on = day_of(result.submitted_at)
    lines = regulations.rules_of_kind(session, "pass_line")
    rule = rules.separate_line(lines, level=found.blueprint.level, on=on)
    places = queries.areas_of(session, found.learner_id, on=on)
    area = rules.area(is_key for _county, is_key in places)
    if rule is None or area is Area.OTHER:
        return None
    names = sorted({county for county, _is_key in places})
    return Beside(
        rule=rule,
        area=area,
        county="、".join(names) if area is Area.KEY_COUNTY else "",
        is_in_force=is_in_force(rule, on),
        is_reached=rules.is_passed(result.earned, result.out_of, rule.body),
    )


def check_released(found: Sitting, *, now: datetime) -> None:
    """Refuse keys and explanations before the paper's policy lets them out.

    :raises NotAllowed: ``not_released``.
    """
    if rules.is_released(found.blueprint, now=now):
        return
    closes_on = found.blueprint.closes_on
    if closes_on is not None and found.blueprint.release == "after_close":
        raise NotAllowed(
            "not_released",
            N_("这份卷考到 %(day)s 为止，答案和解析第二天公布"),
            day=closes_on.isoformat(),
        )
    raise NotAllowed("not_released", N_("这份卷只公布分数，不公布答案和解析"))
