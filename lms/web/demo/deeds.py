"""What the demo accounts that learn have done: every deed through its own operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from lms.courses import operations as courses
from lms.exams import operations as exams
from lms.exams import queries as exam_queries
from lms.exams.types import Sent
from lms.kernel.clock import day_of
from lms.people.types import PostKind
from lms.practice import operations as practice
from lms.practice.rules import option_order
from lms.programs import operations as programs
from lms.question_bank import queries as bank
from lms.question_bank.rules import key, shown, wrong
from lms.required_lists import operations as lists
from lms.web.demo.material import CourseMatter, Material

PAGE = 20
"""Questions on one page of a paper."""
EVENING = time(12, 0)
"""Eight o'clock in the evening in China, in UTC."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """One learner, and when each thing was done: days before ``now``."""

    session: Session
    learner_id: int
    post: PostKind
    material: Material
    manager_id: int
    now: datetime

    def ago(self, days: int, minutes: int = 0) -> datetime:
        """Return an instant: in the evening of an earlier day, or now."""
        if not days:
            return self.now
        day = day_of(self.now) - timedelta(days=days)
        return datetime.combine(day, EVENING, UTC) + timedelta(minutes=minutes)

    def be_assigned(self, days_ago: int) -> None:
        """Get every list that is for the post."""
        when = self.ago(days_ago)
        for one in self.material.lists_for(self.post, day_of(when)):
            lists.assign(
                self.session,
                list_key=one.key,
                learner_ids=[self.learner_id],
                on=day_of(when),
                actor_id=self.manager_id,
                now=when,
            )

    def join_programs(self, days_ago: int, *, exam_too: bool = False) -> None:
        """Join the programs that are made of the post's courses."""
        when = self.ago(days_ago)
        open_ = self.material.programs_for(self.post, day_of(when))
        if exam_too:
            open_ += self.material.exam_programs(day_of(when))
        for one in open_:
            programs.join(
                self.session,
                program_key=one.key,
                learner_id=self.learner_id,
                actor_id=self.learner_id,
                now=when,
            )

    def study(self, course: CourseMatter, *, lessons: int, first: int, last: int) -> None:
        """Complete the first lessons of a course, from ``first`` days ago to ``last`` days ago."""
        for place, lesson in enumerate(course.lessons[:lessons]):
            days = first - (first - last) * place // max(1, lessons - 1)
            for minute, (check, (right, off)) in enumerate(lesson.checks.items()):
                tries = [off, right] if (place + minute) % 3 == 0 else [right]
                for one in tries:
                    self._try(course, lesson.key, check, one.parts, self.ago(days, minute))
            courses.complete_lesson(
                self.session,
                learner_id=self.learner_id,
                course_key=course.key,
                lesson_key=lesson.key,
                now=self.ago(days, 20),
            )

    def break_off(self, course: CourseMatter, *, lesson: int, days_ago: int) -> None:
        """Answer the first check of a lesson wrongly and go away."""
        matter = course.lessons[lesson]
        for check, (_right, off) in [*matter.checks.items()][:1]:
            self._try(course, matter.key, check, off.parts, self.ago(days_ago))

    def _try(
        self,
        course: CourseMatter,
        lesson: str,
        check: str,
        parts: Sequence[str],
        when: datetime,
    ) -> None:
        courses.answer_check(
            self.session,
            learner_id=self.learner_id,
            course_key=course.key,
            lesson_key=lesson,
            check_key=check,
            chosen=parts,
            now=when,
        )

    def sit(self, *, percent: int, days_ago: int, seed: int) -> None:
        """Sit the mock paper and answer so much of it rightly, evenly spread."""
        began = self.ago(days_ago)
        number = exams.start(
            self.session,
            learner_id=self.learner_id,
            paper_key=self.material.paper.key,
            seed=seed,
            now=began,
        )
        answers = self._answers(number, percent)
        for page in range(0, len(answers), PAGE):
            exams.save_answers(
                self.session,
                learner_id=self.learner_id,
                number=number,
                answers=answers[page : page + PAGE],
                now=began + timedelta(minutes=2 + page),
            )
        exams.submit(
            self.session,
            learner_id=self.learner_id,
            number=number,
            now=began + timedelta(minutes=5 + len(answers)),
            actor_id=self.learner_id,
        )

    def _answers(self, number: int, percent: int) -> list[Sent]:
        sitting = exam_queries.sitting(self.session, learner_id=self.learner_id, number=number)
        briefs = exam_queries.briefs(self.session, [slot.version_id for slot in sitting.slots])
        found = []
        for place, slot in enumerate(sitting.slots, start=1):
            brief = briefs[slot.version_id]
            is_right = place * percent // 100 > (place - 1) * percent // 100
            chosen = (key if is_right else wrong)(brief.kind, brief.spec)
            parts = shown(brief.kind, brief.spec, chosen, slot.order)
            found.append(Sent(place, parts, counter=place))
        return found

    def drill(self, *, answers: int, first: int) -> None:
        """Practise: about two in three rightly, some questions twice."""
        questions = self.material.questions
        pool = questions[: max(1, answers * 3 // 4)]
        texts = bank.versions(self.session, [question.version_id for question in pool])
        for place in range(answers if pool else 0):
            question = pool[place * 5 % len(pool)]
            token = f"demo-{place + 1}"
            text = texts[question.version_id]
            chosen = question.wrong if place % 3 == 1 else question.right
            practice.answer(
                self.session,
                learner_id=self.learner_id,
                version_id=question.version_id,
                shown=shown(text.kind, text.spec, chosen, option_order(token, text)),
                token=token,
                now=self.ago(first - first * place // answers, place),
            )


def half_way(deeds: Deeds) -> None:
    """Do what ``learner1`` has done: one course, the next begun and left, mocks below the line."""
    first, second = _two(deeds)
    deeds.be_assigned(40)
    deeds.join_programs(38, exam_too=True)
    deeds.study(first, lessons=len(first.lessons), first=37, last=14)
    deeds.sit(percent=48, days_ago=20, seed=11)
    deeds.study(second, lessons=1, first=11, last=11)
    deeds.sit(percent=53, days_ago=9, seed=12)
    deeds.drill(answers=24, first=8)
    deeds.sit(percent=57, days_ago=3, seed=13)
    deeds.break_off(second, lesson=min(1, len(second.lessons) - 1), days_ago=2)


def all_done(deeds: Deeds) -> None:
    """Do what ``learner2`` has done: everything that the list and the program ask for."""
    deeds.be_assigned(75)
    deeds.join_programs(73)
    for place, course in enumerate(deeds.material.courses_for(deeds.post)):
        start = 70 - 25 * place
        last = max(start - 22, 7)
        deeds.study(course, lessons=len(course.lessons), first=max(start, 8), last=last)
    deeds.drill(answers=12, first=6)
    deeds.sit(percent=71, days_ago=5, seed=21)


def just_begun(deeds: Deeds) -> None:
    """Do what ``learner3`` has done: nothing yet; the list was assigned today."""
    deeds.be_assigned(0)


def in_class(deeds: Deeds) -> None:
    """Do what ``cadre`` has done: half of the course of their class."""
    deeds.be_assigned(30)
    deeds.join_programs(30)
    course = deeds.material.courses_for(deeds.post)[0]
    deeds.study(course, lessons=max(1, len(course.lessons) // 2), first=26, last=6)


def _two(deeds: Deeds) -> Sequence[CourseMatter]:
    own = deeds.material.courses_for(deeds.post)
    return own[0], own[min(1, len(own) - 1)]


ACCOUNTS = {
    "learner1": (PostKind.STATION_WORKER, half_way),
    "learner2": (PostKind.STATION_WORKER, all_done),
    "learner3": (PostKind.COMMUNITY_WORKER, just_begun),
    "cadre": (PostKind.CADRE, in_class),
}
"""As what each learns, and what they have done."""
