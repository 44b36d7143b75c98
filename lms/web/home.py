"""The learner's first page: what is due, what to do next, days to the exam."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.courses import queries as courses
from lms.credentials import queries as credentials
from lms.exam_sessions import queries as exam_sessions
from lms.exams import queries as exams
from lms.http.access import signed_in
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.practice import queries as practice
from lms.question_bank import queries as bank
from lms.regulations import queries as regulations
from lms.regulations.types import RuleText
from lms.requirements import queries as requirements
from lms.requirements.rules import deadline_words, spoken
from lms.requirements.types import GoalProgress
from lms.web.landing import landing
from lms.web.next_step import Standing, next_step

bp = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Countdown:
    """The next national examination."""

    year: int
    first_day: date
    days: int
    announced: bool
    """Whether the authority has published the day; else it is projected."""


@bp.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Show a learner what is due and what to do next; send staff to their own first page."""
    if not current_user.may("learning.use"):
        return redirect(landing(current_user), code=303)
    session, now = reading(), utc_now()
    today, learner_id = day_of(now), current_user.id
    goals = requirements.progress_of(session, learner_id)
    lists = [goal for goal in goals if goal.kind == "required_list"]
    course = courses.continue_learning(session, learner_id)
    drills = practice.summary(session, learner_id, since=now - timedelta(days=7))
    papers = exams.home(session, learner_id)
    programs = [goal for goal in goals if goal.kind == "program"]
    is_any_met = any(goal.satisfied for goal in programs)  # else nothing can be claimed
    claims = credentials.claimable(session, learner_id) if is_any_met else []
    standing = Standing(
        has_open_attempt=papers.open is not None,
        can_claim=bool(claims),
        next_due_on=min((g.next_due_on for g in lists if g.next_due_on), default=None),
        has_unmet_list=any(not goal.satisfied for goal in lists),
        has_course_begun=course is not None,
        wrong_book=drills.in_wrong_book,
        has_passed_mock=papers.best is not None
        and papers.best.result is not None
        and papers.best.result.passed,
    )
    return render_template(
        "home/home.html",
        today=today,
        countdown=countdown(regulations.rules_of_kind(session, "exam_calendar"), on=today),
        lists=sorted(lists, key=_by_urgency),
        programs=programs,
        course=course,
        drills=drills,
        papers=papers,
        sessions=exam_sessions.own_seats(session, learner_id, now=now),
        now=now,
        claims=claims,
        answers=bank.unseen_answers(session, learner_id),
        step=next_step(standing, on=today),
        due_words=_due_words,
    )


def countdown(calendars: list[RuleText], *, on: date) -> Countdown | None:
    """Return the first examination that is not over on a day, or none if no calendar knows one."""
    coming = [
        Countdown(
            year=rule.body["year"],
            first_day=min(days),
            days=max((min(days) - on).days, 0),
            announced=rule.body["announced"],
        )
        for rule in calendars
        if max(days := [date.fromisoformat(text) for text in rule.body["days"]]) >= on
    ]
    return min(coming, key=lambda found: found.first_day, default=None)


def _due_words(due_on: date, today: date) -> str:
    return spoken(deadline_words(due_on, on=today), translate=_)


def _by_urgency(goal: GoalProgress) -> tuple[bool, date]:
    return goal.satisfied, goal.next_due_on or date.max
