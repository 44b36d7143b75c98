"""What a result stands beside: what others chose, and where somebody works."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.exams import rules
from lms.exams.models import Attempt, PaperVersion, Response
from lms.exams.types import Spread
from lms.kernel.selecting import fetch
from lms.organizations.models import Closure, Organization
from lms.organizations.types import OrganizationKind
from lms.people.models import Post

MOST_SPREAD = 400
"""So many of the newest papers of a version say what others chose."""

_NEWEST = aliased(Attempt)
_THIS = aliased(Attempt)
_newest = (
    sa.select(_NEWEST.learner_id, _NEWEST.number)
    .where(
        _NEWEST.paper_version_id
        == sa.select(_THIS.paper_version_id)
        .where(
            _THIS.learner_id == sa.bindparam("learner_id"), _THIS.number == sa.bindparam("number")
        )
        .scalar_subquery(),
        _NEWEST.earned.is_not(None),
    )
    .order_by(_NEWEST.submitted_at.desc())
    .limit(MOST_SPREAD)
    .subquery()
)
_SPREADS = (
    sa.select(Response.question_version_id, Response.chosen, sa.func.count())
    .join(
        _newest,
        sa.and_(
            Response.learner_id == _newest.c.learner_id,
            Response.attempt_number == _newest.c.number,
        ),
    )
    .where(Response.question_version_id.in_(sa.bindparam("ids", expanding=True)))
    .group_by(Response.question_version_id, Response.chosen)
)
_PACES = (
    sa.select(Response.question_version_id, Response.seconds, sa.func.count())
    .join(
        _newest,
        sa.and_(
            Response.learner_id == _newest.c.learner_id,
            Response.attempt_number == _newest.c.number,
        ),
    )
    .where(
        Response.question_version_id.in_(sa.bindparam("ids", expanding=True)),
        Response.seconds.is_not(None),
        Response.learner_id != sa.bindparam("learner_id"),
    )
    .group_by(Response.question_version_id, Response.seconds)
)
_UP, _COUNTY = aliased(Closure), aliased(Organization)
_AREAS = (
    sa.select(sa.func.max(_COUNTY.name), sa.func.max(sa.cast(_COUNTY.key_county, sa.Integer)))
    .select_from(Post)
    .join(_UP, _UP.descendant_id == Post.organization_id)
    .outerjoin(
        _COUNTY,
        sa.and_(_COUNTY.id == _UP.ancestor_id, _COUNTY.kind == OrganizationKind.COUNTY),
    )
    .where(
        Post.person_id == sa.bindparam("id"),
        Post.started_on <= sa.bindparam("on", type_=sa.Date()),
        sa.or_(Post.ended_on.is_(None), Post.ended_on >= sa.bindparam("on", type_=sa.Date())),
    )
    .group_by(Post.id)
    .order_by(Post.id)
)


def spreads(
    session: Session, question_version_ids: Collection[int], *, learner_id: int, number: int
) -> dict[int, Spread]:
    """Return what people chose at questions, on the newest papers of an attempt's paper version.

    One statement. It looks at a fixed number of papers however many there are: their responses are
    neighbours, and nothing has to be counted up when somebody hands in.
    """
    found: dict[int, dict[str, int]] = defaultdict(dict)
    values = {"ids": list(question_version_ids), "learner_id": learner_id, "number": number}
    for version_id, chosen, n in fetch(session, _SPREADS, values):
        found[version_id][chosen] = n
    return {id_: Spread(sum(counts.values()), counts) for id_, counts in found.items()}


def paces(
    session: Session, question_version_ids: Collection[int], *, learner_id: int, number: int
) -> dict[int, dict[int, int]]:
    """Return how many other people had a question in view for how many seconds, by question.

    Of the same papers as :func:`spreads`. One statement.
    """
    found: dict[int, dict[int, int]] = defaultdict(dict)
    values = {"ids": list(question_version_ids), "learner_id": learner_id, "number": number}
    for version_id, seconds, n in fetch(session, _PACES, values):
        found[version_id][seconds] = n
    return found


def areas_of(session: Session, learner_id: int, *, on: date) -> list[tuple[str, bool | None]]:
    """Return the county of each post that somebody holds on a day, and whether it is a key one.

    None of a unit that lies in no county. One statement.
    """
    rows = fetch(session, _AREAS, {"id": learner_id, "on": on})
    return [(name or "", None if key is None else bool(key)) for name, key in rows]


def unreleased(
    session: Session, learner_ids: Collection[int], *, now: datetime
) -> set[tuple[int, int]]:
    """Return the attempts (learner, number) of people whose keys may not be told yet.

    Two statements, however many attempts.
    """
    rows = fetch(
        session,
        sa.select(Attempt.learner_id, Attempt.number, Attempt.paper_version_id).where(
            Attempt.learner_id.in_(learner_ids)
        ),
    ).all()
    blueprints = fetch(
        session,
        sa.select(PaperVersion.id, PaperVersion.blueprint).where(
            PaperVersion.id.in_({row.paper_version_id for row in rows})
        ),
    )
    secret = {
        id_
        for id_, blueprint in blueprints
        if not rules.is_released(rules.read_blueprint(blueprint, sittable=True), now=now)
    }
    return {(row.learner_id, row.number) for row in rows if row.paper_version_id in secret}
