from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import rules
from lms.exams.models import Attempt, Paper, PaperVersion
from lms.exams.types import MadePaper, PaperText
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.reading import Raw
from lms.kernel.selecting import fetch

FILE, PAGE, PART = "file", "page", "part"
"""Where a paper comes from."""

IS_CURRENT = sa.and_(PaperVersion.paper_id == Paper.id, PaperVersion.number == Paper.current_number)

_PAPERS = (
    sa.select(
        Paper.id.label("paper_id"),
        PaperVersion.id,
        Paper.key,
        PaperVersion.title,
        PaperVersion.title_en,
        PaperVersion.subject,
        PaperVersion.minutes,
        PaperVersion.sittable,
        PaperVersion.certainty,
        PaperVersion.source,
        PaperVersion.blueprint,
        Paper.origin,
        PaperVersion.attempts_allowed,
        Paper.held_until_at,
    )
    .join(PaperVersion, IS_CURRENT)
    .where(Paper.state == "ready")
    .order_by(Paper.key)
)
_OF_VERSION = (
    sa.select(*_PAPERS.selected_columns)
    .join(PaperVersion, PaperVersion.paper_id == Paper.id)
    .where(PaperVersion.id == sa.bindparam("version_id"))
)
_PAPER = _PAPERS.where(Paper.key == sa.bindparam("key"))
_WHOLE_PAPERS = _PAPERS.where(Paper.origin != PART)
_MADE_BY_HAND = (
    sa.select(*_PAPERS.selected_columns, Paper.state, PaperVersion.published_at)
    .join(PaperVersion, IS_CURRENT)
    .where(Paper.origin == PAGE)
    .order_by(Paper.state, PaperVersion.published_at.desc(), Paper.id.desc())
)
_TRIES = (
    sa.select(sa.func.count())
    .select_from(Attempt)
    .where(
        Attempt.learner_id == sa.bindparam("learner_id"),
        Attempt.paper_version_id.in_(
            sa.select(PaperVersion.id).where(PaperVersion.paper_id == sa.bindparam("paper_id"))
        ),
    )
)


def papers(session: Session) -> list[PaperText]:
    """Return every paper in its current version, without the parts of others. One statement."""
    return [_paper(row) for row in fetch(session, _WHOLE_PAPERS)]


def paper(session: Session, key: str, *, is_part: bool = False) -> PaperText:
    """Return the current version of a paper. One statement.

    :param is_part: whether a part of another paper is asked for, and not a paper.
    :raises NotFound: ``no_paper``.
    """
    row = fetch(session, _PAPER, {"key": key}).one_or_none()
    if row is None or (row.origin == PART) is not is_part:
        raise NotFound("no_paper", N_("没有这份试卷"))
    return _paper(row)


def paper_of_version(session: Session, version_id: int) -> PaperText:
    """Return a paper as a version of it was published, in use or not. One statement.

    :raises NotFound: ``no_paper``.
    """
    row = fetch(session, _OF_VERSION, {"version_id": version_id}).one_or_none()
    if row is None:
        raise NotFound("no_paper", N_("没有这份试卷"))
    return _paper(row)


def made_papers(session: Session) -> list[MadePaper]:
    """Return the papers that instructors have made, those in use first, newest first.

    One statement.
    """
    return [
        MadePaper(_paper(row), row.state, row.published_at)
        for row in session.execute(_MADE_BY_HAND)
    ]


def made_paper(session: Session, key: str) -> tuple[Paper, PaperVersion]:
    """Return a paper that an instructor has made, in use or not. One statement.

    :raises NotFound: ``no_paper``.
    :raises Conflict: ``of_a_file``: it is written in a file, and changed there.
    """
    row = session.execute(
        sa.select(Paper, PaperVersion).join(PaperVersion, IS_CURRENT).where(Paper.key == key)
    ).one_or_none()
    if row is None or row[0].origin == PART:
        raise NotFound("no_paper", N_("没有这份试卷"))
    if row[0].origin != PAGE:
        raise Conflict("of_a_file", N_("这份试卷写在内容文件里，要在文件里改"))
    return row[0], row[1]


def paper_table(session: Session, version_id: int) -> Raw:
    """Return how a version of a paper is made up, as it is stored. One statement."""
    found: Raw = session.execute(
        sa.select(PaperVersion.blueprint).where(PaperVersion.id == version_id)
    ).scalar_one()
    return found


def tries(session: Session, learner_id: int, paper_id: int) -> int:
    """Return how often a learner has begun a paper, in any version. One statement."""
    values = {"learner_id": learner_id, "paper_id": paper_id}
    return int(fetch(session, _TRIES, values).scalar_one())


def _paper(row: Any) -> PaperText:
    return PaperText(
        paper_id=row.paper_id,
        version_id=row.id,
        key=row.key,
        title=row.title,
        title_en=row.title_en,
        subject=row.subject,
        minutes=row.minutes,
        sittable=row.sittable,
        certainty=row.certainty,
        source=row.source,
        blueprint=rules.read_blueprint(row.blueprint, sittable=row.sittable),
        origin=row.origin,
        attempts_allowed=row.attempts_allowed,
        held_until_at=row.held_until_at,
    )
