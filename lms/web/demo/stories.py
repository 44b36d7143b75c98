"""What an invented learner has done, as the rows it leaves. Pure.

A story is told once for all learners with the same outline and post: rows without a
``learner_id``. They are what the real deeds would have left on those days; a test replays some
through the operations and compares.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from lms.courses.types import MINUTES_AN_HOUR, Answer
from lms.exams.rules import is_passed
from lms.kernel.clock import day_of
from lms.people.types import PostKind
from lms.practice.rules import after_answer
from lms.practice.types import Standing
from lms.records.types import Fact, RecordKind
from lms.requirements.rules import judge, last_due_on, next_due_on, part_of
from lms.requirements.types import Evidence, Requirement
from lms.web.demo.material import CourseMatter, LessonMatter, Material, ProgramMatter
from lms.web.demo.types import STAGES, Outline

Row = Mapping[str, Any]

MORNING = time(1, 0)
"""Nine o'clock in China, in UTC: when the first thing of a day is done."""
STEP = timedelta(minutes=35)
"""From one thing done to the next on the same day."""

EXAM_DAYS = (
    date(2022, 6, 19),
    date(2023, 6, 11),
    date(2024, 6, 16),
    date(2025, 5, 25),
    date(2026, 5, 24),
)
"""The last days of the national examinations; certificates carry them as the day of approval."""
RESULTS_AFTER = timedelta(days=90)
"""Results are out, and known here, so long after an examination."""
SUBJECTS = {
    "junior": ("J-COMP", "J-PRAC"),
    "intermediate": ("M-COMP", "M-LAW", "M-PRAC"),
    "senior": ("S-PRAC",),
}
SITTINGS = (0, 1, 0, 2, 1, 3, 0, 2)
"""Mock papers sat, by variant."""
CLASS_HOURS = {1: 6, 4: 8, 6: 4}
"""Credit hours of a class on site, by variant."""
PRACTISING = {2: 30, 5: 18}
"""Drill answers given, by variant."""
ON_WORD_OF = "演示数据"
"""The authority of what did not happen on the platform."""


@dataclass(frozen=True, slots=True)
class Story:
    """The rows of one learner, table by table: columns without ``learner_id``."""

    assignments: Sequence[Row]
    members: Sequence[Row]
    enrollments: Sequence[Row]
    lessons: Sequence[Row]
    first_answers: Sequence[Row]
    records: Sequence[Row]
    progress: Sequence[Row]
    answers: Sequence[Row]
    cards: Sequence[Row]


@dataclass(slots=True)
class _Telling:
    """A story while it is told."""

    outline: Outline
    post: PostKind
    material: Material
    today: date
    enrollments: list[Row] = field(default_factory=list)
    lessons: list[Row] = field(default_factory=list)
    first_answers: list[Row] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    @property
    def assigned_on(self) -> date:
        return self.today - timedelta(days=self.outline.assigned_days_ago)

    @property
    def last_day(self) -> date:
        """The last day on which anything was done: nothing lies in the future of ``now``."""
        return self.today - timedelta(days=2)

    def note(self, kind: RecordKind, subject: str, at: datetime, **values: Any) -> None:
        """Add a record; what is not said is as :func:`lms.records.operations.append` has it."""
        self.records.append(
            {
                "kind": str(kind),
                "subject": subject,
                "happened_on": day_of(at),
                "quantity": None,
                "unit": "",
                "scheme": "",
                "category": "",
                "detail": {},
                "dedupe_key": f"{kind}:{subject.partition(':')[2]}",
                "corrects": None,
                "recorded_at": at,
                "actor_id": None,
                "authority": "platform",
            }
            | values
        )


def tell(outline: Outline, post: PostKind, material: Material, *, today: date) -> Story:
    """Return the rows that a learner with an outline and a post has on a day."""
    telling = _Telling(outline, post, material, today)
    _study(telling)
    _sit_mocks(telling)
    _attend_class(telling)
    _pass_subjects(telling)
    records = _numbered(telling.records)
    lists = material.lists_for(post, telling.assigned_on)
    programs = _programs(telling)
    evidence = Evidence.of(map(fact_of, records), on=today)
    judged = partial(_progress, material.goals, evidence)
    answers, cards = _practise(telling)
    return Story(
        assignments=[_assignment(one.id, one.goal_id, telling.assigned_on) for one in lists],
        members=[_member(one, on) for one, on in programs],
        enrollments=telling.enrollments,
        lessons=telling.lessons,
        first_answers=telling.first_answers,
        records=records,
        progress=[
            *(judged(one.goal_id, telling.assigned_on) for one in lists),
            *(judged(one.goal_id, on) for one, on in programs),
        ],
        answers=answers,
        cards=cards,
    )


def fact_of(record: Row) -> Fact:
    """Return a record's row as rules see it."""
    return Fact(
        number=record["number"],
        kind=record["kind"],
        subject=record["subject"],
        on=record["happened_on"],
        quantity=record["quantity"],
        unit=record["unit"],
        scheme=record["scheme"],
        category=record["category"],
        detail=record["detail"],
        corrects=record["corrects"],
    )


def at(day: date, place: int = 0) -> datetime:
    """Return when the ``place``-th thing of a day was done, from 0."""
    return datetime.combine(day, MORNING, UTC) + place * STEP


def _study(telling: _Telling) -> None:
    courses = telling.material.courses_for(telling.post)
    total = sum(len(course.lessons) for course in courses)
    stage, variant = telling.outline.stage, telling.outline.variant
    done = max(total * STAGES[stage] // 100, min(stage, 1))
    days = _days(telling, done)
    left = done
    for course in courses:
        finished = course.lessons[:left]
        times = [days[done - left + place] for place in range(len(finished))]
        for place, (lesson, when) in enumerate(zip(finished, times, strict=True)):
            _complete(telling, course, lesson, when, luck=variant + place)
        left -= len(finished)
        following = course.lessons[len(finished) :][:1] if not left else ()
        interrupted = bool(following) and bool(done) and variant % 2 == 1
        began = [when - STEP // 2 for when in times]
        if interrupted:
            began.append(at(telling.last_day))
            _begin(telling, course, course.lessons[len(finished)], began[-1])
        if began:
            is_done = len(finished) == len(course.lessons)
            _enroll(telling, course, began[0], times[-1] if is_done else None)
        if not left:
            return


def _days(telling: _Telling, done: int) -> list[datetime]:
    """Return when each lesson was completed: at a steady pace, some on the same day."""
    variant = telling.outline.variant
    first = min(telling.assigned_on + timedelta(days=1 + variant % 3), telling.last_day)
    span = min(done * (1 + variant % 4), (telling.last_day - first).days)
    found: list[datetime] = []
    for place in range(done):
        day = first + timedelta(days=place * span // done)
        before = sum(day_of(when) == day for when in found)
        found.append(at(day, before))
    return found


def _complete(
    telling: _Telling, course: CourseMatter, lesson: LessonMatter, when: datetime, *, luck: int
) -> None:
    started_at = when - STEP // 2
    checks = {}
    for place, (key, (right, _wrong)) in enumerate(lesson.checks.items()):
        slipped = (luck + place) % 4 == 0
        checks[key] = Answer(right.stored, right=True, tries=2 if slipped else 1).stored()
        _answer_first(telling, lesson, key, started_at, is_right=not slipped)
    telling.lessons.append(_lesson(course, lesson, checks, started_at, when))
    telling.note(
        RecordKind.LESSON_COMPLETED,
        f"lesson:{course.key}/{lesson.key}",
        when,
        detail={"course_version": course.number, "lessons": len(course.lessons)},
    )


def _begin(telling: _Telling, course: CourseMatter, lesson: LessonMatter, when: datetime) -> None:
    """Begin a lesson, slip at its first check and go away."""
    checks = {}
    for key, (_right, wrong) in [*lesson.checks.items()][:1]:
        checks[key] = Answer(wrong.stored, right=False, tries=1).stored()
        _answer_first(telling, lesson, key, when, is_right=False)
    telling.lessons.append(_lesson(course, lesson, checks, when, None))


def _answer_first(
    telling: _Telling, lesson: LessonMatter, check_key: str, when: datetime, *, is_right: bool
) -> None:
    telling.first_answers.append(
        {
            "lesson_id": lesson.id,
            "check_key": check_key,
            "lesson_version_id": lesson.version_id,
            "is_right": is_right,
            "answered_at": when,
        }
    )


def _enroll(
    telling: _Telling, course: CourseMatter, began: datetime, completed: datetime | None
) -> None:
    telling.enrollments.append(
        {
            "course_id": course.id,
            "course_version_id": course.version_id,
            "enrolled_at": began,
            "completed_at": completed,
        }
    )
    if completed is None:
        return
    subject = f"course:{course.key}"
    detail = {"course_version": course.number}
    telling.note(RecordKind.COURSE_COMPLETED, subject, completed, detail=detail)
    telling.note(
        RecordKind.HOURS_CREDITED,
        subject,
        completed,
        dedupe_key=f"hours:{subject}",
        quantity=course.credit_hours * MINUTES_AN_HOUR,
        unit="credit_hour",
        category=course.category,
        detail={**detail, "form": "online"},
    )


def _lesson(
    course: CourseMatter,
    lesson: LessonMatter,
    checks: Row,
    started_at: datetime,
    completed_at: datetime | None,
) -> Row:
    return {
        "lesson_id": lesson.id,
        "course_id": course.id,
        "lesson_version_id": lesson.version_id,
        "checks": checks,
        "started_at": started_at,
        "completed_at": completed_at,
    }


def _sit_mocks(telling: _Telling) -> None:
    """Sit mock papers with 50 to 75 of 100; who has finished everything passes one at last."""
    outline, paper = telling.outline, telling.material.paper
    finished = outline.stage == len(STAGES) - 1
    sittings = SITTINGS[outline.variant] if outline.stage > 1 else 0
    for place in range(sittings + finished):
        percent = 50 + (7 * outline.variant + 9 * place + 5 * outline.stage) % 26
        if finished and place == sittings:
            percent = max(percent, 60)
        elif outline.stage == len(STAGES) - 2:
            percent = min(percent, 59)
        earned = paper.out_of * percent // 100
        day = max(telling.last_day - timedelta(days=2 * (sittings - place)), telling.assigned_on)
        telling.note(
            RecordKind.PAPER_SAT,
            f"paper:{paper.key}",
            at(day, 16 + place),
            dedupe_key=f"paper_sat:{paper.key}:demo-{place + 1}",
            quantity=earned,
            detail={
                "out_of": paper.out_of,
                "passed": is_passed(earned, paper.out_of, paper.line),
            },
        )


def _attend_class(telling: _Telling) -> None:
    hours = CLASS_HOURS.get(telling.outline.variant)
    if hours is None or not telling.outline.stage:
        return
    when = at(telling.assigned_on + timedelta(days=6), 14)
    subject = f"class:station-{when:%Y-%m}"
    telling.note(RecordKind.CLASS_ATTENDED, subject, when, authority=ON_WORD_OF)
    telling.note(
        RecordKind.HOURS_CREDITED,
        subject,
        when,
        dedupe_key=f"hours:{subject}",
        quantity=hours * MINUTES_AN_HOUR,
        unit="credit_hour",
        category="professional",
        detail={"form": "classroom"},
        authority=ON_WORD_OF,
    )


def _pass_subjects(telling: _Telling) -> None:
    outline = telling.outline
    known = [day for day in EXAM_DAYS if day + RESULTS_AFTER <= telling.today]
    if not known:
        return
    if not outline.level:
        if outline.variant == 6 and outline.stage > 3:
            _pass(telling, SUBJECTS["junior"][:1], known[-1])
        return
    day = known[-1 - outline.years_held % len(known)]
    _pass(telling, SUBJECTS[outline.level], day)
    telling.note(
        RecordKind.QUALIFICATION_HELD,
        f"qualification:{outline.level}",
        at(day, 1),
        category=outline.level,
        authority=ON_WORD_OF,
    )


def _pass(telling: _Telling, subjects: Iterable[str], day: date) -> None:
    for subject in subjects:
        telling.note(
            RecordKind.SUBJECT_PASSED,
            f"subject:{subject}",
            at(day),
            dedupe_key=f"subject_passed:{subject}:{day.year}",
            detail={"exam_year": day.year, "basis": telling.outline.basis},
            authority=ON_WORD_OF,
        )


def _programs(telling: _Telling) -> list[tuple[ProgramMatter, date]]:
    """Return the programs that are taken part in, each with the day of joining."""
    outline, on = telling.outline, telling.assigned_on + timedelta(days=2)
    found = []
    if outline.stage > 1 and outline.variant in {0, 2, 4, 5, 7}:
        found += telling.material.programs_for(telling.post, on)
    if outline.level == "junior" or outline.variant in {3, 6}:
        found += telling.material.exam_programs(on)
    return [(one, on) for one in found]


def _practise(telling: _Telling) -> tuple[list[Row], list[Row]]:
    """Return drill answers and the review cards they leave."""
    outline, questions = telling.outline, telling.material.questions
    wanted = PRACTISING.get(outline.variant, 0) if outline.stage and questions else 0
    rng = Random(f"{telling.post}:{outline}")
    answers: list[Row] = []
    cards: dict[int, Standing] = {}
    chapters = {question.id: question.chapter_key for question in questions}
    pool = rng.sample(questions, min(len(questions), max(1, wanted * 2 // 3)))
    for number in range(1, wanted + 1):
        question = rng.choice(pool)
        is_right = rng.random() < 0.62
        when = at(telling.last_day - timedelta(days=(wanted - number) // 6), 20 + number % 6)
        answers.append(
            {
                "number": number,
                "question_id": question.id,
                "question_version_id": question.version_id,
                "token": f"demo-{number}",
                "chosen": question.right if is_right else question.wrong,
                "unit": question.unit,
                "earned": question.out_of if is_right else 0,
                "out_of": question.out_of,
                "answered_at": when,
            }
        )
        cards[question.id] = after_answer(cards.get(question.id), is_right=is_right, at=when)
    return answers, [
        {"question_id": key, "chapter_key": chapters[key], **asdict(card)}
        for key, card in sorted(cards.items())
    ]


def _numbered(records: Iterable[dict[str, Any]]) -> list[Row]:
    ordered = sorted(records, key=lambda record: record["recorded_at"])
    return [{"number": number, **record} for number, record in enumerate(ordered, start=1)]


def _assignment(list_id: int, goal_id: int, on: date) -> Row:
    return {
        "list_id": list_id,
        "cycle": 1,
        "goal_id": goal_id,
        "assigned_on": on,
        "assigned_at": at(on),
        "actor_id": None,
        "withdrawn_at": None,
    }


def _member(program: ProgramMatter, on: date) -> Row:
    return {
        "program_id": program.id,
        "program_version_id": program.version_id,
        "goal_id": program.goal_id,
        "joined_on": on,
        "actor_id": None,
        "left_on": None,
    }


def _progress(
    goals: Mapping[int, Requirement], evidence: Evidence, goal_id: int, started_on: date
) -> Row:
    """Return the row of progress that a rebuild would make."""
    found = judge(goals[goal_id], evidence, started_on=started_on)
    return {
        "goal_id": goal_id,
        "cycle": 1,
        "started_on": started_on,
        "state": str(found.state),
        "percent": found.percent,
        "due_on": last_due_on(found),
        "next_due_on": next_due_on(found),
        "met_on": found.met_on,
        "expires_on": found.expires_on,
        "parts": [part_of(child) for child in found.children],
    }
