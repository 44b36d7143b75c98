"""Who learned with questions whose law has changed. One statement for each question asked."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams.models import Attempt, Response
from lms.kernel.errors import N_, NotFound
from lms.organizations.models import Closure, Organization
from lms.people.models import Person, Post
from lms.practice.models import DrillAnswer
from lms.question_bank.models import LawEdition, Question, QuestionSearch, QuestionVersion
from lms.question_bank.queries.laws import NAMES_EDITION
from lms.reports.types import LearnedWith

MOST_NAMES = 5000
"""People of one list; a county has fewer."""


def _affected() -> sa.Select[int, int]:
    """Select every version of the ready questions that rest on an edition, with the edition."""
    return (
        sa.select(LawEdition.id.label("edition_id"), QuestionVersion.id.label("version_id"))
        .join(QuestionSearch, NAMES_EDITION)
        .join(Question, Question.id == QuestionSearch.question_id)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(
            Question.state == "ready", LawEdition.effective_to < sa.bindparam("on", type_=sa.Date)
        )
    )


def _met() -> sa.Subquery:
    """Select who has answered such a version, in a drill or in a paper that was handed in."""
    affected = _affected().cte("affected")
    drilled = sa.select(
        affected.c.edition_id,
        DrillAnswer.learner_id,
        DrillAnswer.answered_at.label("at"),
    ).join(affected, affected.c.version_id == DrillAnswer.question_version_id)
    examined = (
        sa.select(
            affected.c.edition_id,
            Response.learner_id,
            Attempt.submitted_at.label("at"),
        )
        .join(affected, affected.c.version_id == Response.question_version_id)
        .join(
            Attempt,
            sa.and_(
                Attempt.learner_id == Response.learner_id,
                Attempt.number == Response.attempt_number,
            ),
        )
        .where(Response.chosen != "")
    )
    return sa.union_all(drilled, examined).subquery("met")


def learners_by_edition(session: Session, *, on: date) -> dict[int, int]:
    """Return how many learners answered questions of each ended edition. One statement."""
    met = _met()
    learners = sa.func.count(met.c.learner_id.distinct())
    rows = session.execute(
        sa.select(met.c.edition_id, learners).group_by(met.c.edition_id), {"on": on}
    )
    return {row[0]: row[1] for row in rows}


def learned_with(
    session: Session, edition_id: int, *, unit_id: int, on: date
) -> Sequence[LearnedWith]:
    """Return who of a unit's subtree answered questions of an ended edition, by unit.

    One statement. At most ``MOST_NAMES``.
    """
    met = _met()
    figures = (
        sa.select(
            met.c.learner_id,
            sa.func.count().label("answers"),
            sa.func.max(met.c.at).label("last_at"),
        )
        .where(met.c.edition_id == edition_id)
        .group_by(met.c.learner_id)
        .subquery("figures")
    )
    current = sa.and_(Post.started_on <= on, sa.or_(Post.ended_on.is_(None), Post.ended_on >= on))
    rows: Sequence[Any] = session.execute(
        sa.select(Person.id, Person.name, Organization.name, figures.c.answers, figures.c.last_at)
        .join(figures, figures.c.learner_id == Person.id)
        .join(Post, sa.and_(Post.person_id == Person.id, current))
        .join(Organization, Organization.id == Post.organization_id)
        .join(Closure, Closure.descendant_id == Organization.id)
        .where(Closure.ancestor_id == unit_id)
        .order_by(Organization.code, Person.id)
        .limit(MOST_NAMES),
        {"on": on},
    ).all()
    return [LearnedWith(*row) for row in rows]


def met_version(session: Session, learner_id: int, version_id: int) -> str:
    """Return the stem of a version that a learner has answered and seen the solution of.

    One statement.

    :raises NotFound: ``no_question``: they have not.
    """
    drilled = sa.select(DrillAnswer.number).where(
        DrillAnswer.learner_id == learner_id, DrillAnswer.question_version_id == version_id
    )
    examined = sa.select(Response.slot).where(
        Response.learner_id == learner_id, Response.question_version_id == version_id
    )
    stem = session.scalar(
        sa.select(QuestionVersion.stem).where(
            QuestionVersion.id == version_id, sa.or_(drilled.exists(), examined.exists())
        )
    )
    if stem is None:
        raise NotFound("no_question", N_("您还没有做过这道题"))
    return stem
