from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.searching import fts5_query, tsquery
from lms.kernel.selecting import fetch
from lms.question_bank.models import Question, QuestionSearch, QuestionVersion
from lms.question_bank.types import Candidate, Filters, FoundQuestion, QuestionText, Snapshot

PAGE = 50
"""Questions on one page of a list."""

IS_CURRENT = sa.and_(
    QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.current_number
)
"""Joins a question to the version that new papers and drills show."""

_DRAWABLE = (
    sa.select(
        QuestionVersion.id,
        Question.id,
        Question.kind,
        QuestionVersion.chapter_key,
        QuestionVersion.difficulty,
        Question.twin_group,
        Question.times_used,
        Question.key,
    )
    .join(QuestionVersion, IS_CURRENT)
    .where(Question.subject == sa.bindparam("subject"), Question.state == "ready")
)
_DRAWABLE_IN_DETAIL = _DRAWABLE.add_columns(QuestionVersion.point_key, QuestionVersion.tags)
_TEXT = (
    QuestionVersion.id,
    Question.id,
    Question.key,
    QuestionVersion.kind,
    QuestionVersion.stem,
    QuestionVersion.spec,
    QuestionVersion.explanation,
    QuestionVersion.chapter_key,
    QuestionVersion.point_key,
    QuestionVersion.difficulty,
    QuestionVersion.source,
    QuestionVersion.valid_on,
)
_VERSIONS = (
    sa.select(*_TEXT)
    .join(Question, Question.id == QuestionVersion.question_id)
    .where(QuestionVersion.id.in_(sa.bindparam("ids", expanding=True)))
)
_HISTORY = (
    sa.select(
        *_TEXT,
        QuestionVersion.number,
        QuestionVersion.published_at,
        QuestionVersion.subject,
        QuestionVersion.tags,
        Question.state,
    )
    .join(Question, Question.id == QuestionVersion.question_id)
    .where(Question.key == sa.bindparam("key"))
    .order_by(QuestionVersion.number.desc())
    .limit(sa.bindparam("at_most"))
)
_FOUND = (
    sa.select(
        Question.id,
        Question.key,
        Question.kind,
        Question.state,
        QuestionVersion.stem,
        QuestionVersion.chapter_key,
        QuestionVersion.point_key,
        QuestionVersion.difficulty,
        QuestionSearch.law,
    )
    .join(QuestionVersion, IS_CURRENT)
    .join(QuestionSearch, QuestionSearch.question_id == Question.id)
)
_POINT_COUNTS = (
    sa.select(QuestionVersion.point_key, sa.func.count())
    .join(Question, IS_CURRENT)
    .where(Question.state == "ready")
    .group_by(QuestionVersion.point_key)
)
_LAWS = (
    sa.select(QuestionSearch.law, sa.func.count().label("questions"))
    .join(Question, Question.id == QuestionSearch.question_id)
    .where(Question.state == "ready", QuestionSearch.law != "")
    .group_by(QuestionSearch.law)
    .order_by(sa.desc("questions"), QuestionSearch.law)
    .limit(sa.bindparam("at_most"))
)
_CHAPTER_COUNTS = (
    sa.select(QuestionVersion.chapter_key, sa.func.count().label("questions"))
    .join(Question, IS_CURRENT)
    .where(Question.subject == sa.bindparam("subject"), Question.state == "ready")
    .group_by(QuestionVersion.chapter_key)
    .order_by(QuestionVersion.chapter_key)
)


def drawable(session: Session, subject: str) -> list[Candidate]:
    """Return the questions of a subject that may be drawn, by the author's id. One statement.

    They are put in order here and not by the database, whose order of texts depends on its
    locale: a seed must draw the same paper everywhere.
    """
    rows = sorted(fetch(session, _DRAWABLE, {"subject": subject}), key=lambda row: row.key)
    return [Candidate(*row[:-1]) for row in rows]


def drawable_in_detail(session: Session, subject: str) -> list[Candidate]:
    """Return the same as :func:`drawable` with points, tags and ids. One statement.

    For papers that ask for them; reading the tags takes as long as all the rest.
    """
    rows = fetch(session, _DRAWABLE_IN_DETAIL, {"subject": subject})
    return [
        Candidate(*row[:-3])._replace(point_key=row.point_key, tags=tuple(row.tags), key=row.key)
        for row in sorted(rows, key=lambda row: row.key)
    ]


def versions(session: Session, ids: Collection[int]) -> dict[int, QuestionText]:
    """Return question versions by id; ids that nobody has are left out. One statement."""
    rows = fetch(session, _VERSIONS, {"ids": list(ids)})
    return {row[0]: QuestionText(*row) for row in rows}


def chapter_counts(session: Session, subject: str) -> dict[str, int]:
    """Return how many questions may be drawn from each chapter of a subject. One statement."""
    rows = fetch(session, _CHAPTER_COUNTS, {"subject": subject})
    return {row.chapter_key: row.questions for row in rows}


def found(session: Session, filters: Filters, *, after: int = 0) -> list[FoundQuestion]:
    """Return a page of the questions somebody looks for, in the order they came into the bank.

    One statement: ``PAGE`` questions, and one more if there is a next page.

    :param after: the id of the last question of the page before (keyset paging).
    :raises Invalid: ``long_query``.
    """
    statement = (
        _FOUND.where(*_asked(session, filters), Question.id > after)
        .order_by(Question.id)
        .limit(PAGE + 1)
    )
    return [FoundQuestion(*row) for row in session.execute(statement)]


def how_many(session: Session, filters: Filters) -> int:
    """Return how many questions there are of what somebody looks for. One statement.

    :raises Invalid: ``long_query``.
    """
    statement = _FOUND.with_only_columns(sa.func.count()).where(*_asked(session, filters))
    return session.scalar(statement) or 0


def point_counts(session: Session) -> dict[str, int]:
    """Return how many questions that may be drawn belong to each place of the outline itself.

    One statement, whatever the size of the bank; ``rules.counts_below`` adds them up.
    """
    return {row[0]: row[1] for row in session.execute(_POINT_COUNTS)}


def laws(session: Session, *, at_most: int = 100) -> list[tuple[str, int]]:
    """Return the laws and policies that questions rest on, the most used first. One statement."""
    return [(title, number) for title, number in session.execute(_LAWS, {"at_most": at_most})]


def history(session: Session, key: str, *, at_most: int = 30) -> tuple[str, list[Snapshot]]:
    """Return the state of a question and its versions, newest first. One statement.

    :raises NotFound: ``no_question``.
    """
    rows = session.execute(_HISTORY, {"key": key, "at_most": at_most}).all()
    if not rows:
        raise NotFound("no_question", N_("没有这道试题"))
    return rows[0].state, [_snapshot(row) for row in rows]


def _snapshot(row: Any) -> Snapshot:
    return Snapshot(
        version_id=row[0],
        number=row.number,
        published_at=row.published_at,
        subject=row.subject,
        text=QuestionText(*row[: len(_TEXT)]),
        tags=tuple(row.tags),
    )


def _asked(session: Session, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of what somebody looks for."""
    wanted = [
        (Question.subject == filters.subject, filters.subject),
        (Question.kind == filters.kind, filters.kind),
        (Question.state == filters.state, filters.state),
        (QuestionVersion.difficulty == filters.difficulty, filters.difficulty),
        (QuestionSearch.law == filters.law, filters.law),
    ]
    conditions = [condition for condition, value in wanted if value]
    if filters.node:
        point = QuestionVersion.point_key
        below = point.startswith(f"{filters.node}/", autoescape=True)
        conditions.append(sa.or_(point == filters.node, below))
    if filters.words:
        conditions.append(_says(session, filters.words))
    return conditions


def _says(session: Session, query: str) -> sa.ColumnElement[bool]:
    """Return the condition that a question says something, in the words of the database."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    words = tsquery(query) if is_postgresql else fts5_query(query)
    if not words:
        return sa.false()  # nothing in it can be looked for
    if is_postgresql:
        return QuestionSearch.words.bool_op("@@")(sa.cast(sa.literal(words, sa.Text), TSQUERY))
    index = sa.table("fts_question", sa.column("rowid"))
    matches = sa.text("fts_question MATCH :words").bindparams(words=words)
    return Question.id.in_(sa.select(index.c.rowid).where(matches))
