"""What a regrade changes: in results, in records, in programs, in certificates; and for whom."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.credentials.models import Credential, CredentialEvent
from lms.exams import queries as exams
from lms.exams.rules import Deed, digest, sitting_of
from lms.kernel.selecting import fetch
from lms.people.models import Person
from lms.people.queries import people_within
from lms.records.queries import facts_of_many, standing_about
from lms.records.types import RecordKind
from lms.reports.rules import Effect, Move, Pursued, as_if, effects
from lms.requirements.models import Goal, Progress
from lms.requirements.queries import goal_name, requirement_text
from lms.requirements.rules import read_stored
from lms.requirements.types import Evidence

SHEAF = 500
"""Learners looked at with one set of statements."""


def moves(session: Session, deed: Deed) -> tuple[list[Move], bool]:
    """Return what a regrade does or did to each attempt, and whether its trial still holds.

    Of a proposal it is worked out anew; of an applied one it is read. Who no longer passes comes
    first.
    """
    if deed.applied_at is not None:
        done = exams.done(session, deed.id)
        found = [Move(s.learner_id, s.number, s.paper_key, s.standings, new) for s, new in done]
        return sorted(found, key=lambda move: move.rank), True
    changes = exams.compare(session, deed.terms, looked_at=deed.looked_at)
    found = [
        Move(c.sat.learner_id, c.sat.number, c.sat.paper_key, c.before, c.after) for c in changes
    ]
    holds = digest(deed.terms, changes) == deed.digest
    return sorted(found, key=lambda move: move.rank), holds


def consequences(session: Session, moved: Sequence[Move], *, on: date) -> list[Effect]:
    """Return how learners' programs and lists stand before and after, where that differs.

    Also of those into whom a learner was merged since. For each 500 people four statements.

    :param on: the day on which is judged.
    """
    changed = [move for move in moved if move.is_change]
    learner_ids = {move.learner_id for move in changed}
    everybody = sorted(learner_ids | set(exams.merged_into(session, learner_ids).values()))
    subjects = {f"paper:{move.paper_key}" for move in changed}
    before = {move.sitting: move.before for move in changed}
    after = {move.sitting: move.after for move in changed}
    found: list[Effect] = []
    for start in range(0, len(everybody), SHEAF):
        some = everybody[start : start + SHEAF]
        deeds: dict[int, dict[int, tuple[int, str]]] = {}
        for learner_id, deed, fact in standing_about(
            session, some, kind=RecordKind.PAPER_SAT, subjects=subjects
        ):
            deeds.setdefault(learner_id, {})[fact.number] = sitting_of(learner_id, deed)
        facts = dict(facts_of_many(session, some))
        sides = [
            {
                each: Evidence.of(as_if(facts.get(each, []), deeds.get(each, {}), side), on=on)
                for each in some
            }
            for side in (before, after)
        ]
        found += _with_codes(session, effects(_pursued(session, some), *sides))
    return found


def _pursued(session: Session, learner_ids: Collection[int]) -> list[Pursued]:
    rows = fetch(
        session,
        sa.select(
            Progress.learner_id,
            Progress.goal_id,
            Goal.kind,
            Goal.title,
            Goal.title_en,
            requirement_text,
            goal_name,
            Progress.started_on,
        )
        .join(Goal, Goal.id == Progress.goal_id)
        .where(Progress.learner_id.in_(learner_ids)),
    )
    return [
        Pursued(learner_id, goal_id, kind, title, title_en, read_stored(text, name), started_on)
        for learner_id, goal_id, kind, title, title_en, text, name, started_on in rows
    ]


def _with_codes(session: Session, found: Sequence[Effect]) -> list[Effect]:
    """Add the certificates in force that were issued for what is met no longer."""
    lost = {(one.learner_id, one.goal_id) for one in found if one.is_lost}
    codes = _codes(session, lost) if lost else {}
    return [replace(one, code=codes.get((one.learner_id, one.goal_id))) for one in found]


def _codes(session: Session, lost: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], str]:
    newest, other = aliased(CredentialEvent), aliased(CredentialEvent)
    top = (
        sa.select(sa.func.max(other.number))
        .where(other.credential_id == Credential.id)
        .correlate(Credential)
        .scalar_subquery()
    )
    rows = fetch(
        session,
        sa.select(Credential.learner_id, Credential.goal_id, Credential.code)
        .select_from(Credential)
        .outerjoin(newest, sa.and_(newest.credential_id == Credential.id, newest.number == top))
        .where(
            Credential.learner_id.in_({learner_id for learner_id, _goal_id in lost}),
            sa.or_(newest.kind.is_(None), newest.kind != "revoked"),
        )
        .order_by(Credential.renewal),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def names(
    session: Session, learner_ids: Collection[int], *, scope: Collection[int], on: date
) -> dict[int, str]:
    """Return the names of those learners who belong to subtrees of ``scope``. One statement."""
    rows = fetch(
        session,
        sa.select(Person.id, Person.name).where(
            Person.id.in_(learner_ids), Person.id.in_(people_within(scope, on))
        ),
    )
    return {row[0]: row[1] for row in rows}
