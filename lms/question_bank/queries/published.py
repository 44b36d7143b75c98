"""Questions that are published: what may be drawn, what is found, one with its history."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, aliased

from lms.kernel.errors import N_, NotFound
from lms.kernel.keeping import Kept
from lms.kernel.searching import fts5_query, tsquery
from lms.kernel.selecting import fetch
from lms.people.models import Person
from lms.question_bank.models import (
    MistakeReport,
    Question,
    QuestionDraft,
    QuestionSearch,
    QuestionVersion,
)
from lms.question_bank.types import (
    Candidate,
    Draft,
    Filters,
    FoundQuestion,
    QuestionText,
    Snapshot,
    Standing,
)

PAGE = 50
"""Questions on one page of a list."""

IS_CURRENT = sa.and_(
    QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.current_number
)
"""Joins a question to the version that new papers and drills show."""

IS_DRAWN = sa.and_(Question.state == "ready", Question.is_fresh)
"""Which questions new papers and drills may show: ready, and what they rest on is in force."""

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
    .where(Question.subject == sa.bindparam("subject"), IS_DRAWN)
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
_kept_versions: Kept[QuestionText] = Kept(at_most=4096)
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
        Question.is_fresh,
    )
    .join(QuestionVersion, IS_CURRENT)
    .join(QuestionSearch, QuestionSearch.question_id == Question.id)
)
STALE = "stale"
"""The state to look for what rests on a law that is no longer in force."""

_AUTHOR, _READER = aliased(Person), aliased(Person)
_STANDING = (
    sa.select(
        Question.state,
        Question.origin,
        Question.is_fresh,
        Question.reason,
        _AUTHOR.name,
        _READER.name,
        QuestionVersion.reviewed_at,
        sa.select(sa.func.count())
        .select_from(MistakeReport)
        .where(MistakeReport.question_id == Question.id, MistakeReport.answered_at.is_(None))
        .scalar_subquery(),
        QuestionDraft.state,
    )
    .join(QuestionVersion, IS_CURRENT)
    .outerjoin(_AUTHOR, _AUTHOR.id == QuestionVersion.author_id)
    .outerjoin(_READER, _READER.id == QuestionVersion.reviewer_id)
    .outerjoin(QuestionDraft, QuestionDraft.key == Question.key)
    .where(Question.key == sa.bindparam("key"))
)
_POINT_COUNTS = (
    sa.select(QuestionVersion.point_key, sa.func.count())
    .join(Question, IS_CURRENT)
    .where(IS_DRAWN)
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
    .where(Question.subject == sa.bindparam("subject"), IS_DRAWN)
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
    """Return question versions by id; ids that nobody has are left out. One statement, or none.

    A version never changes, so those that were read before stay in the process.
    """

    def read(missing: list[int]) -> dict[int, QuestionText]:
        return {row[0]: QuestionText(*row) for row in fetch(session, _VERSIONS, {"ids": missing})}

    return _kept_versions.look_up(session, ids, read)


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
        _FOUND.where(*conditions(session, filters), Question.id > after)
        .order_by(Question.id)
        .limit(PAGE + 1)
    )
    rows: Sequence[Any] = session.execute(statement).all()
    return [FoundQuestion(*row) for row in rows]


def how_many(session: Session, filters: Filters) -> int:
    """Return how many questions there are of what somebody looks for. One statement.

    :raises Invalid: ``long_query``.
    """
    statement = _FOUND.with_only_columns(sa.func.count()).where(*conditions(session, filters))
    return session.scalar(statement) or 0


def found_ids(session: Session, filters: Filters, *, at_most: int) -> list[int]:
    """Return the ids of everything that somebody looks for, in order. One statement.

    :raises Invalid: ``long_query``.
    """
    statement = _FOUND.with_only_columns(Question.id).where(*conditions(session, filters))
    return list(session.scalars(statement.order_by(Question.id).limit(at_most)))


def ids_of(session: Session, keys: Collection[str]) -> list[int]:
    """Return the ids of questions by key, in order. One statement.

    :raises NotFound: ``no_question``.
    """
    statement = sa.select(Question.id, Question.key).where(Question.key.in_(keys))
    rows = session.execute(statement.order_by(Question.id)).all()
    missing = sorted(set(keys) - {row.key for row in rows})
    if missing:
        raise NotFound("no_question", N_("没有试题 %(key)s"), key=missing[0])
    return [row.id for row in rows]


def standing(session: Session, key: str) -> Standing:
    """Return how a question stands: who keeps it, why it was retired, who read it. One statement.

    :raises NotFound: ``no_question``.
    """
    row = session.execute(_STANDING, {"key": key}).one_or_none()
    if row is None:
        raise NotFound("no_question", N_("没有这道试题"))
    return Standing(*row)


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


def published(session: Session, key: str) -> Draft:
    """Return the current version of a question as a text to work on. One statement.

    :raises NotFound: ``no_question``.
    """
    _state, (newest, *_older) = history(session, key, at_most=1)
    text = newest.text
    return Draft(
        key=key,
        subject=newest.subject,
        chapter_key=text.chapter_key,
        point_key=text.point_key,
        kind=text.kind,
        stem=text.stem,
        spec=text.spec,
        explanation=text.explanation,
        difficulty=text.difficulty,
        source=text.source,
        valid_on=text.valid_on,
        tags=newest.tags,
    )


def _snapshot(row: Any) -> Snapshot:
    return Snapshot(
        version_id=row[0],
        number=row.number,
        published_at=row.published_at,
        subject=row.subject,
        text=QuestionText(*row[: len(_TEXT)]),
        tags=tuple(row.tags),
    )


def conditions(session: Session, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of what somebody looks for."""
    wanted = [
        (Question.subject == filters.subject, filters.subject),
        (Question.kind == filters.kind, filters.kind),
        (Question.state == filters.state, filters.state != STALE and filters.state),
        (QuestionVersion.difficulty == filters.difficulty, filters.difficulty),
        (QuestionSearch.law == filters.law, filters.law),
    ]
    found = [condition for condition, value in wanted if value]
    if filters.node:
        point = QuestionVersion.point_key
        below = point.startswith(f"{filters.node}/", autoescape=True)
        found.append(sa.or_(point == filters.node, below))
    if filters.edition:
        found.append(QuestionSearch.edition == filters.edition)
    if filters.state == STALE:
        found += [Question.state == "ready", ~Question.is_fresh]
    if filters.words:
        found.append(_says(session, filters.words))
    return found


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
