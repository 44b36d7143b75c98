"""Decisions about lessons, checks and versions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from lms.courses.types import (
    Answer,
    Changes,
    Check,
    CheckCount,
    CheckStanding,
    Edition,
    LessonCount,
    LessonStanding,
    Module,
    Place,
    Waiting,
)
from lms.kernel.errors import N_, Conflict, NotFound

IDLE_DAYS = 14
"""After so many days without a step in a course, a learner has come to rest (our own rule)."""


def percent(done: int, total: int) -> int:
    """Return whole percent, rounded down: 100 only when everything is done."""
    return 100 * done // total if total else 0


def next_place(places: Iterable[Place]) -> Place | None:
    """Return the first lesson that is not completed; none if all are."""
    return next((place for place in places if place.completed_at is None), None)


def place_of(places: Sequence[Place], lesson_key: str) -> int:
    """Return the index of a lesson in an outline.

    :raises NotFound: ``no_lesson``.
    """
    for index, place in enumerate(places):
        if place.key == lesson_key:
            return index
    raise NotFound("no_lesson", N_("这门课程里没有这一课"))


def check_of(checks: Iterable[Check], check_key: str) -> Check:
    """Return a check of a lesson.

    :raises NotFound: ``no_check``.
    """
    for check in checks:
        if check.key == check_key:
            return check
    raise NotFound("no_check", N_("这一课里没有这道自测题"))


def by_module(places: Iterable[Place]) -> list[tuple[Module, list[Place]]]:
    """Return an outline module by module, in its order."""
    grouped = groupby(places, key=lambda place: place.module)
    return [(module, list(inside)) for module, inside in grouped]


def take_answer(before: Answer | None, *, chosen: str, right: bool) -> Answer:
    """Return how a learner stands with a check after a try.

    A check answered rightly is settled. The same answer again is the same try: a phone on a
    weak network sends twice.
    """
    if before is None:
        return Answer(chosen, right, tries=1)
    if before.right or before.chosen == chosen:
        return before
    return Answer(chosen, right, tries=before.tries + 1)


def open_checks(checks: Sequence[Check], answers: Mapping[str, Answer]) -> list[int]:
    """Return the numbers, counted from 1, of the checks that are not answered rightly."""
    return [
        number
        for number, check in enumerate(checks, start=1)
        if check.key not in answers or not answers[check.key].right
    ]


def refuse_open(checks: Sequence[Check], answers: Mapping[str, Answer]) -> None:
    """Hold a lesson open until every check was answered rightly, in however many tries.

    :raises Conflict: ``checks_open``, naming them.
    """
    numbers = open_checks(checks, answers)
    if numbers:
        raise Conflict(
            "checks_open",
            N_("还有自测题没有答对：第 %(numbers)s 题。答对后再来完成这一课。"),
            numbers="、".join(str(number) for number in numbers),
        )


def compare(before: Edition, after: Edition) -> Changes:
    """Say what is different in a version, compared with the one before it."""
    old = {place.lesson_id: place for place in before.places}
    new = {place.lesson_id: place for place in after.places}
    kept = [place for place in after.places if place.lesson_id in old]
    return Changes(
        added=tuple(place for place in after.places if place.lesson_id not in old),
        removed=tuple(place for place in before.places if place.lesson_id not in new),
        changed=tuple(
            place
            for place in kept
            if place.lesson_version_id != old[place.lesson_id].lesson_version_id
        ),
        description=before.description != after.description,
        order=[(place.lesson_id, place.module) for place in kept]
        != [(place.lesson_id, place.module) for place in before.places if place.lesson_id in new],
    )


def standings(
    places: Iterable[Place],
    *,
    counts: Mapping[int, LessonCount],
    waiting: Mapping[int, Waiting],
    checks: Mapping[int, Mapping[int, tuple[Check, ...]]],
    tries: Sequence[CheckCount],
) -> list[LessonStanding]:
    """Put together how learners do, lesson by lesson.

    :param counts: by lesson; ``waiting`` likewise.
    :param checks: lesson -> version of it -> its checks.
    """
    listed = list(places)
    resting = {place.lesson_id: waiting.get(place.lesson_id, Waiting()) for place in listed}
    most = max((found.idle for found in resting.values()), default=0)
    return [
        LessonStanding(
            place,
            counts.get(place.lesson_id, LessonCount()),
            resting[place.lesson_id],
            tuple(
                _first_tries(check, checks[place.lesson_id], tries)
                for check in checks[place.lesson_id][place.lesson_version_id]
            ),
            is_stall=0 < most == resting[place.lesson_id].idle,
        )
        for place in listed
    ]


def _first_tries(
    check: Check, versions: Mapping[int, tuple[Check, ...]], tries: Iterable[CheckCount]
) -> CheckStanding:
    """Count the first tries at a check, in every version of the lesson that has it unchanged."""
    alike = {version_id for version_id, checks in versions.items() if check in checks}
    counted = [c for c in tries if c.lesson_version_id in alike and c.check_key == check.key]
    return CheckStanding(
        check,
        tried=sum(count.tried for count in counted),
        right=sum(count.right for count in counted),
    )
