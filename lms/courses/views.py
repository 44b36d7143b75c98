"""Pages of learners and instructors."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from lms.courses import operations, queries, rules
from lms.courses.forms import CheckForm
from lms.courses.types import Answer, Changes, Check, Edition, LessonText, State
from lms.http.access import needs, signed_in
from lms.http.errors import status_of
from lms.http.markdown import render
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, DomainError, Invalid
from lms.people.queries import current_post_kinds
from lms.question_bank.rules import explain, shown
from lms.question_bank.showing import ShownQuestion, sent
from lms.question_bank.showing import show as show_question
from lms.question_bank.types import Marking

bp = Blueprint("courses", __name__)


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A self-check question on a lesson's page."""

    number: int
    key: str
    question: ShownQuestion
    answer: Answer | None
    parts: tuple[str, ...]
    """The newest try as the page shows it."""
    right: tuple[str, ...]
    """What would be right, field by field."""
    explanation: Markup
    fault: DomainError | None


@bp.get("/courses")
@signed_in
def catalogue() -> ResponseReturnValue:
    """Show one's own courses with their progress, then the others, those for one's post first."""
    session = reading()
    rows = queries.catalogue(session, current_user.id)
    posts = current_post_kinds(session, current_user.id, on=day_of(utc_now()))
    own = [row for row in rows if row.state is not State.NOT_STARTED]
    others = [row for row in rows if row.state is State.NOT_STARTED]
    fitting = {row.key for row in others if posts.intersection(row.audience)}
    return render_template(
        "courses/catalogue.html",
        own=sorted(own, key=lambda row: row.state is State.MET),
        others=sorted(others, key=lambda row: row.key not in fitting),
        fitting=fitting,
        percent=rules.percent,
    )


@bp.get("/courses/<course_key>")
@signed_in
def show(course_key: str) -> ResponseReturnValue:
    """Show a course: its outline, how far one is, what comes next."""
    session = reading()
    course = queries.course(session, current_user.id, course_key)
    places = queries.places(session, current_user.id, course.version_id)
    done = sum(place.state is State.MET for place in places)
    return render_template(
        "courses/show.html",
        course=course,
        modules=rules.by_module(places),
        following=rules.next_place(places),
        lessons=len(places),
        done=done,
        percent=rules.percent(done, len(places)),
        minutes=sum(place.minutes for place in places),
    )


@bp.get("/courses/<course_key>/lessons/<lesson_key>")
@signed_in
def lesson(course_key: str, lesson_key: str) -> ResponseReturnValue:
    """Show a lesson and its self-check questions."""
    return _lesson_page(course_key, lesson_key)


@bp.post("/courses/<course_key>/enroll")
@needs("learning.use")
def enroll(course_key: str) -> ResponseReturnValue:
    """Begin a course, and open the lesson that comes next."""
    learner_id = current_user.id
    with writing() as session:
        operations.enroll(session, learner_id=learner_id, course_key=course_key, now=utc_now())
    course = queries.course(reading(), learner_id, course_key)
    following = rules.next_place(queries.places(reading(), learner_id, course.version_id))
    return _on_to(course_key, following.key if following else None)


@bp.post("/courses/<course_key>/lessons/<lesson_key>/checks/<check_id>")
@needs("learning.use")
def answer_check(course_key: str, lesson_key: str, check_id: str) -> ResponseReturnValue:
    """Take one try at a self-check question."""
    form = CheckForm(prefix=check_id)
    try:
        if not form.validate():
            raise Invalid("broken_page", N_("页面内容不完整，请重新打开这一课"))
        with writing() as session:
            operations.answer_check(
                session,
                learner_id=current_user.id,
                course_key=course_key,
                lesson_key=lesson_key,
                check_key=check_id,
                chosen=sent(request.form.to_dict(flat=False), f"{check_id}-choice"),
                lesson_version_id=form.version.data,
                now=utc_now(),
            )
    except (Invalid, Conflict) as refusal:
        return _lesson_page(course_key, lesson_key, refusal=refusal, check_key=check_id)
    here = url_for(".lesson", course_key=course_key, lesson_key=lesson_key)
    return redirect(f"{here}#check-{check_id}", code=303)


@bp.post("/courses/<course_key>/lessons/<lesson_key>/complete")
@needs("learning.use")
def complete_lesson(course_key: str, lesson_key: str) -> ResponseReturnValue:
    """Complete a lesson, and go on to the next one."""
    try:
        with writing() as session:
            following = operations.complete_lesson(
                session,
                learner_id=current_user.id,
                course_key=course_key,
                lesson_key=lesson_key,
                now=utc_now(),
            )
    except Conflict as refusal:
        return _lesson_page(course_key, lesson_key, refusal=refusal)
    flash(_("这一课学完了。") if following else _("这门课程全部学完，学时已经记入您的学习档案。"))
    return _on_to(course_key, following.key if following else None)


@bp.get("/teaching")
@needs("teaching.view")
def teaching() -> ResponseReturnValue:
    """Show every course with its version and its learners."""
    return render_template(
        "courses/teaching.html", courses=queries.taught_courses(reading()), percent=rules.percent
    )


@bp.get("/teaching/courses/<course_key>")
@needs("teaching.view")
def teaching_course(course_key: str) -> ResponseReturnValue:
    """Show the versions of a course, and how learners do in it, lesson by lesson."""
    session = reading()
    course = queries.taught_course(session, course_key)
    editions = queries.editions(session, course.id)
    since = utc_now() - timedelta(days=rules.IDLE_DAYS)
    standings = rules.standings(
        editions[-1].places,
        counts=queries.lesson_counts(session, course.id),
        waiting=queries.waiting(session, course.id, since=since),
        checks=queries.checks(session, course.id),
        tries=queries.first_tries(session, course.id),
    )
    return render_template(
        "courses/teaching_course.html",
        course=course,
        history=_history(editions),
        standings=standings,
        idle_days=rules.IDLE_DAYS,
        percent=rules.percent,
    )


def _history(editions: list[Edition]) -> list[tuple[Edition, Changes | None]]:
    """Return the versions, newest first, each with what changed; none for the first."""
    changes = [None, *(rules.compare(before, after) for before, after in pairwise(editions))]
    return list(zip(editions, changes, strict=True))[::-1]


def _on_to(course_key: str, lesson_key: str | None) -> ResponseReturnValue:
    """Go to the next lesson, or to the course when there is none left."""
    if lesson_key is None:
        return redirect(url_for(".show", course_key=course_key), code=303)
    return redirect(url_for(".lesson", course_key=course_key, lesson_key=lesson_key), code=303)


def _lesson_page(
    course_key: str,
    lesson_key: str,
    *,
    refusal: DomainError | None = None,
    check_key: str | None = None,
) -> ResponseReturnValue:
    """Return a lesson's page; with a refusal, the page that tells it.

    :param check_key: the question beside which it is told; none: at the end of the lesson.
    """
    session = reading()
    course = queries.course(session, current_user.id, course_key)
    places = queries.places(session, current_user.id, course.version_id)
    index = rules.place_of(places, lesson_key)
    place = places[index]
    text = queries.lesson_text(session, current_user.id, place.lesson_version_id)
    page = render_template(
        "courses/lesson.html",
        course=course,
        place=place,
        number=index + 1,
        lessons=len(places),
        html=Markup(text.html),  # noqa: S704 - cleaned when it was published
        checks=_shown(text, refusal, check_key),
        open_checks=rules.open_checks(text.checks, text.answers),
        refusal=refusal if check_key is None else None,
        before=places[index - 1] if index else None,
        after=places[index + 1] if index + 1 < len(places) else None,
        may_learn=current_user.may("learning.use"),
        may_see_keys=current_user.may("teaching.view"),
    )
    return page, status_of(refusal) if refusal else 200


def _shown(
    text: LessonText, refusal: DomainError | None, check_key: str | None
) -> list[ShownCheck]:
    return [
        ShownCheck(
            number,
            check.key,
            show_question(check.kind, check.stem, check.spec),
            text.answers.get(check.key),
            _parts(check, text.answers.get(check.key)),
            tuple(one.right for one in explain(check.kind, check.spec, "", Marking.whole())),
            render(check.explanation),
            refusal if check.key == check_key else None,
        )
        for number, check in enumerate(text.checks, start=1)
    ]


def _parts(check: Check, answer: Answer | None) -> tuple[str, ...]:
    return shown(check.kind, check.spec, answer.chosen) if answer else ()
