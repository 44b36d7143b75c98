"""Working texts of questions: one, a list, and what they are checked against."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.kernel.errors import N_, NotFound
from lms.people.models import Person
from lms.question_bank.models import LawEdition, MistakeReport, Question, QuestionDraft
from lms.question_bank.rules import by_title
from lms.question_bank.types import (
    Draft,
    DraftFilters,
    DraftLine,
    DraftState,
    Law,
    Outline,
    Waiting,
    WorkingText,
)
from lms.question_bank.types import (
    LawEdition as Edition,
)
from lms.syllabus import queries as syllabus

PAGE = 100
"""Working texts on one page of a list."""

_REVIEWER = aliased(Person)
_TEXTS = (
    sa.select(
        QuestionDraft,
        Question.id.label("existing_id"),
        Question.current_number,
        Person.name.label("author"),
        _REVIEWER.name.label("reviewer"),
    )
    .join(Person, Person.id == QuestionDraft.author_id)
    .outerjoin(_REVIEWER, _REVIEWER.id == QuestionDraft.reviewer_id)
    # by key: a file may have brought a question under the key of a new one
    .outerjoin(Question, Question.key == QuestionDraft.key)
    .where(QuestionDraft.key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(QuestionDraft.id)
    .execution_options(populate_existing=True)
)
_LINES = sa.select(
    QuestionDraft.id,
    QuestionDraft.key,
    QuestionDraft.revision,
    QuestionDraft.kind,
    QuestionDraft.stem,
    QuestionDraft.chapter_key,
    QuestionDraft.difficulty,
    QuestionDraft.state,
    QuestionDraft.origin,
    QuestionDraft.batch,
    QuestionDraft.author_id,
    Person.name,
    QuestionDraft.question_id.is_(None),
    QuestionDraft.changed_at,
).join(Person, Person.id == QuestionDraft.author_id)
_COUNTS = sa.select(QuestionDraft.state, sa.func.count()).group_by(QuestionDraft.state)
_WAITING = sa.select(
    sa.select(sa.func.count())
    .select_from(QuestionDraft)
    .where(QuestionDraft.state == DraftState.IN_REVIEW)
    .scalar_subquery(),
    sa.select(sa.func.count())
    .select_from(MistakeReport)
    .where(MistakeReport.answered_at.is_(None))
    .scalar_subquery(),
)
_EDITIONS = sa.select(
    LawEdition.title,
    LawEdition.name,
    LawEdition.effective_from,
    LawEdition.effective_to,
    LawEdition.replaced_by,
).order_by(LawEdition.title, LawEdition.effective_from)


def working_texts(session: Session, keys: Collection[str]) -> list[WorkingText]:
    """Return working texts by key, those that are there. One statement."""
    return [_working_text(row) for row in session.execute(_TEXTS, {"keys": list(keys)})]


def working_text(session: Session, key: str) -> WorkingText:
    """Return a working text. One statement.

    :raises NotFound: ``no_draft``.
    """
    found = working_texts(session, [key])
    if not found:
        raise NotFound("no_draft", N_("没有这份草稿：%(key)s"), key=key)
    return found[0]


def draft_lines(
    session: Session, filters: DraftFilters, *, after: int = 0, at_most: int = PAGE + 1
) -> list[DraftLine]:
    """Return working texts, in the order in which they were begun. One statement.

    :param after: the id of the last one of the page before (keyset paging).
    """
    wanted = [
        (QuestionDraft.state == filters.state, filters.state),
        (QuestionDraft.author_id == filters.author_id, filters.author_id),
        (QuestionDraft.batch == filters.batch, filters.batch),
        (QuestionDraft.subject == filters.subject, filters.subject),
        (QuestionDraft.kind == filters.kind, filters.kind),
        (QuestionDraft.stem.contains(filters.words, autoescape=True), filters.words),
        (
            sa.or_(
                QuestionDraft.point_key == filters.node,
                QuestionDraft.chapter_key == filters.node,
                QuestionDraft.point_key.startswith(f"{filters.node}/", autoescape=True),
            ),
            filters.node,
        ),
    ]
    conditions = [condition for condition, value in wanted if value]
    statement = (
        _LINES.where(*conditions, QuestionDraft.id > after)
        .order_by(QuestionDraft.id)
        .limit(at_most)
    )
    rows: Sequence[Any] = session.execute(statement).all()
    return [DraftLine(*row) for row in rows]


def draft_counts(session: Session) -> dict[str, int]:
    """Return how many working texts there are of each state. One statement."""
    return {row[0]: row[1] for row in session.execute(_COUNTS)}


def waiting(session: Session) -> Waiting:
    """Return how much waits for somebody: texts to read, reports to answer. One statement."""
    return Waiting(*session.execute(_WAITING).one())


def outline(session: Session, *, on: date) -> Outline:
    """Return what working texts are checked against on a day. Two statements."""
    laws: dict[str, list[Edition]] = {}
    for row in session.execute(_EDITIONS):
        edition = Edition(row.name, row.effective_from, row.effective_to, row.replaced_by)
        laws.setdefault(row.title, []).append(edition)
    listed = [Law(title, tuple(editions), "", "") for title, editions in laws.items()]
    return Outline(
        nodes=frozenset(node.key for node in syllabus.nodes(session)),
        laws=by_title(listed),
        on=on,
    )


def _working_text(row: Any) -> WorkingText:
    stored: QuestionDraft = row.QuestionDraft
    return WorkingText(
        id=stored.id,
        draft=Draft(
            key=stored.key,
            subject=stored.subject,
            chapter_key=stored.chapter_key,
            point_key=stored.point_key,
            kind=stored.kind,
            stem=stored.stem,
            spec=stored.spec,
            explanation=stored.explanation,
            difficulty=stored.difficulty,
            source=stored.source,
            valid_on=stored.valid_on,
            tags=tuple(stored.tags),
        ),
        digest=stored.digest,
        question_id=row.existing_id,
        base_number=stored.base_number,
        current_number=row.current_number,
        state=DraftState(stored.state),
        origin=stored.origin,
        batch=stored.batch,
        note=stored.note,
        answer=stored.answer,
        author_id=stored.author_id,
        author=row.author,
        authors=tuple(stored.authors),
        reviewer=row.reviewer,
        revision=stored.revision,
        changed_at=stored.changed_at,
        submitted_at=stored.submitted_at,
    )
