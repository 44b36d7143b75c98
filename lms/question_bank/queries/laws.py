"""Editions of laws that are no longer in force, and the questions that rest on them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.question_bank.models import LawEdition, Question, QuestionSearch
from lms.question_bank.types import EndedLaw

_TITLED = sa.literal("《").concat(LawEdition.title).concat("》")
NAMES_EDITION = sa.and_(
    QuestionSearch.law.in_([LawEdition.title, _TITLED]),
    QuestionSearch.edition == LawEdition.name,
)
"""Joins a question's search row to the edition that it names, with or without 《》."""

_ENDED = (
    sa.select(
        LawEdition.id,
        LawEdition.title,
        LawEdition.name,
        LawEdition.effective_to,
        LawEdition.replaced_by,
        sa.func.count(),
    )
    .join(QuestionSearch, NAMES_EDITION)
    .join(Question, Question.id == QuestionSearch.question_id)
    .where(LawEdition.effective_to < sa.bindparam("on", type_=sa.Date), Question.state == "ready")
    .group_by(LawEdition.id)
    .order_by(LawEdition.effective_to.desc(), LawEdition.id)
)


def ended_laws(session: Session, *, on: date) -> list[EndedLaw]:
    """Return editions that ended before a day and that ready questions rest on, the last first.

    One statement.
    """
    rows: Sequence[Any] = session.execute(_ENDED, {"on": on}).all()
    return [EndedLaw(*row) for row in rows]


def ended_law(session: Session, edition_id: int, *, on: date) -> EndedLaw:
    """Return one edition that ended and that ready questions rest on. One statement.

    :raises NotFound: ``no_edition``.
    """
    statement = _ENDED.where(LawEdition.id == edition_id)
    row: Any = session.execute(statement, {"on": on}).one_or_none()
    if row is None:
        raise NotFound("no_edition", N_("没有试题依据这一版"))
    return EndedLaw(*row)
