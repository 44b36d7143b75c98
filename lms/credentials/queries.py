from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.credentials.models import Credential, CredentialEvent
from lms.credentials.rules import judge, read_code
from lms.credentials.types import Claim, Claimable, Event, EventKind, Issued, Verdict
from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.organizations.models import Closure, Organization
from lms.people.models import Person, Post
from lms.privacy import queries as privacy
from lms.privacy.types import Purpose
from lms.programs.models import Program, ProgramMember, ProgramVersion
from lms.requirements.models import Goal, Progress
from lms.requirements.types import State

_ISSUED = (
    Credential.id,
    Credential.code,
    Credential.learner_id,
    Goal.key,
    Credential.holder_name,
    Credential.title,
    Credential.title_en,
    Credential.program_title,
    Credential.program_title_en,
    Credential.issuer,
    Credential.hours,
    Credential.issued_on,
    Credential.expires_on,
    privacy.consent_given(Credential.learner_id, Purpose.PUBLIC_NAME).label("name_is_public"),
)
"""The columns of an :class:`Issued`, in its order; the last one comes after the events."""

_EVENT = (
    CredentialEvent.number,
    CredentialEvent.kind,
    CredentialEvent.on,
    CredentialEvent.reason,
    CredentialEvent.authority,
)
_WITH_EVENTS = (
    sa.select(*_ISSUED, *_EVENT)
    .join(Goal, Goal.id == Credential.goal_id)
    .outerjoin(CredentialEvent, CredentialEvent.credential_id == Credential.id)
    .order_by(Credential.issued_on.desc(), Credential.id.desc(), CredentialEvent.number)
)
_BY_CODE = _WITH_EVENTS.where(Credential.code == sa.bindparam("code"))
_DUPLICATE = aliased(Person)


def _holders() -> sa.Select[tuple[int]]:
    """Return the ids of the learner asked about and of duplicates that were merged into them.

    Listed, and not as an ``OR`` of two conditions: for that a database reads every credential.
    """
    learner_id = sa.bindparam("learner_id", type_=sa.BigInteger)
    merged = sa.select(_DUPLICATE.id).where(_DUPLICATE.merged_into_id == learner_id)
    ids = sa.union_all(sa.select(learner_id.label("id")), merged).subquery()
    return sa.select(ids.c.id)


_OF_ONE = _WITH_EVENTS.where(Credential.learner_id.in_(_holders()))
"""What was issued to somebody, or to a duplicate of theirs that was merged into them."""

_CLAIM = (
    sa.select(
        ProgramMember.goal_id,
        Person.name,
        sa.select(Credential.code)
        .where(
            Credential.learner_id.in_(_holders()),
            Credential.goal_id == ProgramMember.goal_id,
            Credential.renewal == 0,
        )
        .order_by(Credential.id)
        .limit(1)
        .scalar_subquery(),
    )
    .join(Program, Program.id == ProgramMember.program_id)
    .join(Person, Person.id == ProgramMember.learner_id)
    .where(
        ProgramMember.learner_id == sa.bindparam("learner_id"),
        Program.key == sa.bindparam("program_key"),
    )
)

_CLAIMABLE = (
    sa.select(Program.key, ProgramVersion.title, ProgramVersion.title_en, ProgramVersion.grants)
    .select_from(Progress)
    .join(
        ProgramMember,
        sa.and_(
            ProgramMember.learner_id == Progress.learner_id,
            ProgramMember.goal_id == Progress.goal_id,
        ),
    )
    .join(Program, Program.id == ProgramMember.program_id)
    .join(ProgramVersion, ProgramVersion.id == ProgramMember.program_version_id)
    .where(
        Progress.learner_id == sa.bindparam("learner_id"),
        Progress.state == State.MET,
        # two questions, each answered by an index: a list of holders SQLite believes to be long
        ~sa.exists().where(
            Credential.learner_id == Progress.learner_id, Credential.goal_id == Progress.goal_id
        ),
        ~sa.exists().where(
            _DUPLICATE.merged_into_id == Progress.learner_id,
            sa.exists().where(
                Credential.learner_id == _DUPLICATE.id, Credential.goal_id == Progress.goal_id
            ),
        ),
    )
    .order_by(Program.key)
)


def claimable(session: Session, learner_id: int) -> list[Claimable]:
    """Return the met programs whose credential waits to be claimed. One statement.

    Read from stored progress: claiming asks the engine again.
    """
    rows = fetch(session, _CLAIMABLE, {"learner_id": learner_id})
    return [Claimable(row.key, row.title, row.title_en) for row in rows if row.grants is not None]


def look_up(session: Session, typed: str, *, on: date) -> Verdict:
    """Answer somebody who typed a number. One statement; none if it is mistyped."""
    parts = read_code(typed)
    found = find_by_code(session, parts.code) if parts else None
    return judge(typed, parts, found, on=on)


def find_by_code(session: Session, code: str) -> Issued | None:
    """Return the credential with a code, whoever holds it and however it stands. One statement."""
    return next(iter(_gathered(fetch(session, _BY_CODE, {"code": code}))), None)


def by_code(session: Session, typed: str) -> Issued:
    """Return the credential with a number as people write it. One statement.

    :raises NotFound: ``no_credential``.
    """
    parts = read_code(typed)
    found = find_by_code(session, parts.code) if parts else None
    if found is None:
        raise NotFound("no_credential", N_("没有这张证书"))
    return found


def own(session: Session, learner_id: int) -> list[Issued]:
    """Return what a learner holds or held, the newest first. One statement."""
    return _gathered(fetch(session, _OF_ONE, {"learner_id": learner_id}))


def own_credential(session: Session, learner_id: int, typed: str) -> Issued:
    """Return one of a learner's own credentials. One statement; two if a duplicate held it.

    :raises NotFound: ``no_credential``: there is none, or somebody else holds it.
    """
    found = by_code(session, typed)
    if learner_id != found.learner_id and learner_id != _survivor(session, found.learner_id):
        raise NotFound("no_credential", N_("没有这张证书"))
    return found


def _survivor(session: Session, learner_id: int) -> int | None:
    """Return whom a duplicate was merged into, if it was. One statement."""
    return session.scalar(sa.select(Person.merged_into_id).where(Person.id == learner_id))


def find_claim(session: Session, *, learner_id: int, program_key: str) -> Claim | None:
    """Return what is known of a learner in a program; none if they never took part."""
    row = fetch(
        session, _CLAIM, {"learner_id": learner_id, "program_key": program_key}
    ).one_or_none()
    return Claim(*row) if row else None


def is_in_scope(session: Session, learner_id: int, *, scope: Collection[int], on: date) -> bool:
    """Say whether a holder belongs to one of the subtrees of ``scope``. One statement.

    Where they work on the day decides; who works nowhere belongs to the top of any tree. A
    duplicate belongs where the person does into whom it was merged.
    """
    whose = sa.select(sa.func.coalesce(Person.merged_into_id, Person.id))
    posts = sa.select(Post.organization_id).where(
        Post.person_id == whose.where(Person.id == learner_id).scalar_subquery(),
        Post.started_on <= on,
        sa.or_(Post.ended_on.is_(None), Post.ended_on >= on),
    )
    below = sa.exists().where(Closure.descendant_id.in_(posts), Closure.ancestor_id.in_(scope))
    top = sa.exists().where(Organization.id.in_(scope), Organization.parent_id.is_(None))
    return bool(session.scalar(sa.select(sa.or_(below, sa.and_(top, ~posts.exists())))))


def _gathered(rows: Iterable[sa.Row[Any]]) -> list[Issued]:
    """Put credentials together that come as one row for each event."""
    found: dict[int, tuple[tuple[Any, ...], list[Event]]] = {}
    for row in rows:
        columns, (number, kind, *rest) = row[: len(_ISSUED)], row[len(_ISSUED) :]
        events = found.setdefault(row.id, (columns, []))[1]
        if number is not None:
            events.append(Event(number, EventKind(kind), *rest))
    return [
        Issued(*[*columns[:-1], tuple(events), columns[-1]]) for columns, events in found.values()
    ]
