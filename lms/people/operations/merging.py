"""Two files of one person become one, and two again if that was a mistake.

The survivor gets what the duplicate has: facts of learning, posts, classes, numbers and roles that
it lacks, and the duplicate's name as a former one. Nothing is deleted: what both have stays where
it was, and each merge keeps what it moved. What happened to it since stays as it is on the way
back.

What the learning record holds is carried by functions that the entry point hands in: records know
people, not the other way round.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, NotAllowed, NotFound
from lms.kernel.vault import Vault
from lms.people import queries
from lms.people.models import (
    IdentityDocument,
    Person,
    PersonMerge,
)
from lms.people.operations.carrying import carry_file, give_back
from lms.people.operations.numbers import check_reason
from lms.people.types import Actor, Carried, DocumentKind

ABOVE = "lms_people_above"
"""The name under which an application keeps its :class:`Above`, for its pages and commands."""


class CarryOver(Protocol):
    """Append the facts in force of one learner to another's record; return their numbers."""

    def __call__(
        self, session: Session, *, from_id: int, to_id: int, actor_id: int | None, now: datetime
    ) -> list[int]: ...


class Retract(Protocol):
    """Let facts of a learner that were carried over count no longer."""

    def __call__(
        self,
        session: Session,
        *,
        learner_id: int,
        numbers: tuple[int, ...],
        actor_id: int | None,
        now: datetime,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Above:
    """What rooms above people do in a merge."""

    refuse_busy: Callable[[Session, int], None]
    """Raises a ``Conflict`` if somebody is in the middle of something, as an open exam."""
    carry_over: CarryOver
    retract: Retract


def merge(
    session: Session,
    *,
    survivor_id: int,
    duplicate_id: int,
    reason: str,
    vault: Vault,
    above: Above,
    actor: Actor | None,
    now: datetime,
    different_confirmed: bool = False,
) -> int:
    """Merge a duplicate into the person it is, and return the number of the merge.

    Merged already into the same person, nothing changes.

    :param actor: none for a command at the machine.
    :param different_confirmed: an administrator says that two resident identity numbers are one
        person's all the same.
    :raises NotFound: ``no_person``: one of them is not there, closed or merged into another.
    :raises NotAllowed: ``oneself``.
    :raises Conflict: ``same_person``, ``different_documents``; whatever ``above`` refuses.
    :raises Invalid: ``bad_reason``.
    """
    reason = check_reason(reason)
    _refuse_self(survivor_id, duplicate_id, actor)
    known = _done_before(session, survivor_id, duplicate_id)
    if known is not None:
        return known
    survivor, duplicate = _locked_pair(session, survivor_id, duplicate_id)
    for person_id in (survivor_id, duplicate_id):
        above.refuse_busy(session, person_id)
    if not different_confirmed and have_different_ids(session, survivor_id, duplicate_id):
        raise Conflict(
            "different_documents",
            N_("两份档案的身份证号不同，多半是两个人；确实是同一个人的，由平台管理员确认后合并"),
        )
    carried = carry_file(session, survivor, duplicate, vault=vault, actor=actor, now=now)
    actor_id = actor.id if actor is not None else None
    numbers = above.carry_over(
        session, from_id=duplicate_id, to_id=survivor_id, actor_id=actor_id, now=now
    )
    done = PersonMerge(
        survivor_id=survivor_id,
        duplicate_id=duplicate_id,
        carried=asdict(replace(carried, records=tuple(numbers))),
        reason=reason,
        merged_at=now,
        merged_by=actor_id,
    )
    _note(session, survivor, duplicate, done)
    return done.id


def _refuse_self(survivor_id: int, duplicate_id: int, actor: Actor | None) -> None:
    if survivor_id == duplicate_id:
        raise Conflict("same_person", N_("这是同一份档案，不能和自己合并"))
    if actor is not None and actor.id in {survivor_id, duplicate_id}:
        raise NotAllowed("oneself", N_("不能合并自己的档案，请找另一位有权限的人"))


def _note(session: Session, survivor: Person, duplicate: Person, done: PersonMerge) -> None:
    """Lead the duplicate to the survivor, end its sessions, and keep what was moved."""
    duplicate.merged_into_id = survivor.id
    duplicate.session_epoch += 1
    duplicate.revision += 1
    survivor.revision += 1
    session.add(done)
    session.flush()
    _tell(session, done)


def have_different_ids(session: Session, one_id: int, other_id: int) -> bool:
    """Say whether two people have resident identity numbers: theirs cannot be the same."""
    kinds = session.scalars(
        sa.select(IdentityDocument.person_id).where(
            IdentityDocument.person_id.in_([one_id, other_id]),
            IdentityDocument.kind == DocumentKind.RESIDENT_ID,
        )
    )
    return len(set(kinds)) > 1


def _done_before(session: Session, survivor_id: int, duplicate_id: int) -> int | None:
    duplicate = queries.person(session, duplicate_id)
    if duplicate.merged_into_id != survivor_id:
        return None
    return session.scalar(
        sa.select(sa.func.max(PersonMerge.id)).where(
            PersonMerge.survivor_id == survivor_id,
            PersonMerge.duplicate_id == duplicate_id,
            PersonMerge.undone_at.is_(None),
        )
    )


def _locked_pair(session: Session, one_id: int, other_id: int) -> tuple[Person, Person]:
    found = {
        person.id: person
        for person in session.scalars(
            sa.select(Person)
            .where(
                Person.id.in_([one_id, other_id]),
                Person.closed_at.is_(None),
                Person.merged_into_id.is_(None),
            )
            .order_by(Person.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    if len(found) < 2:
        raise NotFound("no_person", N_("没有这个人"))
    return found[one_id], found[other_id]


def _tell(session: Session, done: PersonMerge) -> None:
    counts = _counts(Carried.read(done.carried))
    for verb, subject, other in (
        ("people.duplicate_merged", done.survivor_id, {"duplicate": done.duplicate_id}),
        ("people.merged_away", done.duplicate_id, {"survivor": done.survivor_id}),
    ):
        audit.record(
            session,
            verb=verb,
            subject=f"person:{subject}",
            actor_id=done.merged_by,
            now=done.merged_at,
            merge=done.id,
            reason=done.reason,
            **other,
            **counts,
        )


def _counts(carried: Carried) -> dict[str, int]:
    return {
        "posts": len(carried.posts),
        "records": len(carried.records),
        "roles": len(carried.grants),
    }


def undo_merge(
    session: Session,
    *,
    merge_id: int,
    vault: Vault,
    above: Above,
    actor: Actor | None,
    now: datetime,
) -> None:
    """Take a merge back; taken back already, nothing changes.

    What the merge moved goes back as it is today; what was entered for the survivor since stays.

    :raises NotFound: ``no_merge``, ``no_person``.
    :raises NotAllowed: ``oneself``.
    :raises Conflict: ``merged_again``: the survivor was itself merged since: undo that first.
    """
    done = queries.merge_of(session, merge_id)
    if done.undone_at is not None:
        return
    _refuse_self(done.survivor_id, done.duplicate_id, actor)
    survivor, duplicate = _locked_for_undo(session, done)
    above.refuse_busy(session, survivor.id)
    carried = Carried.read(done.carried)
    actor_id = actor.id if actor is not None else None
    above.retract(
        session, learner_id=survivor.id, numbers=carried.records, actor_id=actor_id, now=now
    )
    give_back(session, survivor, duplicate, carried, vault)
    duplicate.merged_into_id = None
    duplicate.revision += 1
    survivor.revision += 1
    done.undone_at, done.undone_by = now, actor_id
    session.flush()
    for subject in (survivor.id, duplicate.id):
        audit.record(
            session,
            verb="people.merge_undone",
            subject=f"person:{subject}",
            actor_id=actor_id,
            now=now,
            merge=merge_id,
            **_counts(carried),
        )


def _locked_for_undo(session: Session, done: PersonMerge) -> tuple[Person, Person]:
    people = {
        person.id: person
        for person in session.scalars(
            sa.select(Person)
            .where(Person.id.in_([done.survivor_id, done.duplicate_id]))
            .order_by(Person.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    session.refresh(done)
    survivor, duplicate = people[done.survivor_id], people[done.duplicate_id]
    if survivor.merged_into_id is not None or duplicate.merged_into_id != survivor.id:
        raise Conflict("merged_again", N_("这份档案后来又合并过，先撤销后面的那次合并"))
    return survivor, duplicate
