"""Correction requests: one's own, and those that wait for a clerk."""

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.vault import Vault
from lms.organizations.models import Organization
from lms.people.models import Person, Post
from lms.privacy.models import CorrectionRequest
from lms.privacy.queries.people import in_scope
from lms.privacy.types import Correction, CorrectionField, Outcome, Wish

PAGE = 50
"""Requests on one page of a clerk's queue."""

_NO_REQUEST = N_("没有这份申请")


def owner_of(learner_id: int, number: int) -> str:
    """Return for whom the words of a request are sealed."""
    return f"person:{learner_id}/correction:{number}"


def own_corrections(session: Session, learner_id: int, *, vault: Vault) -> list[Correction]:
    """Return what somebody asked for, the newest first. One statement."""
    rows = session.execute(
        _select()
        .where(CorrectionRequest.learner_id == learner_id)
        .order_by(CorrectionRequest.number.desc())
    )
    return [_correction(row, vault) for row in rows]


def own_correction(session: Session, learner_id: int, number: int, *, vault: Vault) -> Correction:
    """Return one of somebody's requests.

    :raises NotFound: ``no_request``.
    """
    row = session.execute(
        _select().where(
            CorrectionRequest.learner_id == learner_id, CorrectionRequest.number == number
        )
    ).one_or_none()
    if row is None:
        raise NotFound("no_request", _NO_REQUEST)
    return _correction(row, vault)


def correction_in_scope(
    session: Session,
    learner_id: int,
    number: int,
    *,
    scope: Collection[int],
    on: date,
    vault: Vault,
) -> Correction:
    """Return the request of somebody whom a clerk answers for. One statement.

    :raises NotFound: ``no_request``: there is none, or somebody else's clerk answers it.
    """
    row = session.execute(
        _select(on).where(
            CorrectionRequest.learner_id == learner_id,
            CorrectionRequest.number == number,
            in_scope(CorrectionRequest.learner_id, scope=scope, on=on),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("no_request", _NO_REQUEST)
    return _correction(row, vault)


def queue(
    session: Session,
    *,
    scope: Collection[int],
    on: date,
    answered: bool = False,
    after: tuple[datetime, int, int] | None = None,
) -> list[Correction]:
    """Return a page of the requests of a scope's people, what is due first. One statement.

    What was written is not opened here.

    :param answered: those that were answered, the latest first, instead of those that wait.
    :param after: due instant, learner and number of the last row of the page before.
    :return: ``PAGE`` rows and one more if there is a next page.
    """
    key = sa.tuple_(
        CorrectionRequest.due_at, CorrectionRequest.learner_id, CorrectionRequest.number
    )
    statement = _select(on).where(in_scope(CorrectionRequest.learner_id, scope=scope, on=on))
    if answered:
        statement = statement.where(CorrectionRequest.outcome.is_not(None)).order_by(
            CorrectionRequest.answered_at.desc()
        )
    else:
        statement = statement.where(CorrectionRequest.outcome.is_(None)).order_by(
            CorrectionRequest.due_at, CorrectionRequest.learner_id, CorrectionRequest.number
        )
    if after is not None:
        statement = statement.where(key > after)
    return [_correction(row, None) for row in session.execute(statement.limit(PAGE + 1))]


def has_answered_before(session: Session, before: datetime) -> bool:
    """Say whether something is still to be read in a request answered before an instant."""
    old = sa.exists().where(
        CorrectionRequest.outcome.is_not(None),
        CorrectionRequest.answered_at < before,
        CorrectionRequest.sealed.is_not(None),
    )
    return bool(session.scalar(sa.select(old)))


def _select(on: date | None = None) -> sa.Select[CorrectionRequest, str, str, str]:
    unit: sa.ColumnElement[str] = sa.literal("")
    if on is not None:
        unit = (
            sa.select(Organization.name)
            .join(Post, Post.organization_id == Organization.id)
            .where(
                Post.person_id == CorrectionRequest.learner_id,
                Post.started_on <= on,
                sa.or_(Post.ended_on.is_(None), Post.ended_on >= on),
            )
            .order_by(Post.id)
            .limit(1)
            .correlate(CorrectionRequest)
            .scalar_subquery()
        )
    return sa.select(
        CorrectionRequest, Person.name, Person.user_name, sa.func.coalesce(unit, "").label("unit")
    ).join(Person, Person.id == CorrectionRequest.learner_id)


def _correction(row: Any, vault: Vault | None) -> Correction:
    request: CorrectionRequest = row[0]
    return Correction(
        learner_id=request.learner_id,
        number=request.number,
        name=row.name,
        user_name=row.user_name,
        field=CorrectionField(request.field),
        wish=read_wish(request, vault) if vault is not None else None,
        asked_at=request.asked_at,
        due_at=request.due_at,
        outcome=Outcome(request.outcome) if request.outcome else None,
        answer=request.answer,
        answered_at=request.answered_at,
        unit=row.unit,
    )


def read_wish(request: CorrectionRequest, vault: Vault) -> Wish | None:
    """Open what somebody wrote; none if it was erased."""
    if request.sealed is None:
        return None
    owner = owner_of(request.learner_id, request.number)
    return Wish(**json.loads(vault.open(request.sealed, owner=owner)))
