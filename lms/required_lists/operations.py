from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.publishing import RETIRED, publish_all
from lms.people.operations import lock_learner
from lms.required_lists import queries
from lms.required_lists.content import ListFile
from lms.required_lists.models import Assignment, RequiredList, RequiredListVersion
from lms.requirements import operations as requirements

_CURRENT = sa.and_(
    RequiredListVersion.list_id == RequiredList.id,
    RequiredListVersion.number == RequiredList.current_number,
)


def load(session: Session, files: Iterable[ListFile], *, now: datetime) -> Tally:
    """Publish lists that are new or changed; retire those whose file is gone.

    Who has been assigned a list keeps the version of that day.
    """
    rows = session.execute(
        sa.select(RequiredList, RequiredListVersion.digest).join(RequiredListVersion, _CURRENT)
    )
    return publish_all(
        session,
        {found.key: (found, digest) for found, digest in rows},
        files,
        identity=RequiredList,
        publish=lambda found, file: _publish(session, found, file, now=now),
        note_state=lambda found: _note_state(session, found, now=now),
    )


def assign(
    session: Session,
    *,
    list_key: str,
    learner_ids: Collection[int],
    on: date,
    actor_id: int | None,
    now: datetime,
) -> int:
    """Assign a list's current version to learners and return how many did not have it yet.

    Who has the list keeps it as it is, in whatever version; from whom it was withdrawn gets it
    anew. Deadlines count from ``on``. Two who assign the same list wait for each other.

    :param actor_id: none when the list's audience decides.
    :raises NotFound: ``no_list``, ``no_person``.
    :raises Conflict: ``list_retired``.
    """
    found, version = _current(session, list_key)
    cycles = _next_cycles(session, found.id, sorted(set(learner_ids)))
    for cycle, pairs in groupby(sorted(cycles.items(), key=_cycle_of), key=_cycle_of):
        new = [learner_id for learner_id, _cycle in pairs]
        requirements.pursue_many(
            session,
            learner_ids=new,
            goal_id=version.goal_id,
            started_on=on,
            cycle=cycle,
            now=now,
        )
        rows = [
            {
                "learner_id": learner_id,
                "list_id": found.id,
                "cycle": cycle,
                "goal_id": version.goal_id,
                "assigned_on": on,
                "assigned_at": now,
                "actor_id": actor_id,
            }
            for learner_id in new
        ]
        session.execute(sa.insert(Assignment), rows)
    if cycles:
        audit.record(
            session,
            verb="required_lists.list_assigned",
            subject=f"required_list:{list_key}",
            actor_id=actor_id,
            now=now,
            number=version.number,
            learners=len(cycles),
            on=on.isoformat(),
        )
    return len(cycles)


def assign_by_audience(
    session: Session, *, list_key: str, on: date, now: datetime, actor_id: int | None = None
) -> int:
    """Assign a list to everybody whose post on a day is of its audience.

    Repeat it to reach those who have come since. Returns how many did not have it yet.

    :raises NotFound: ``no_list``.
    :raises Conflict: ``list_retired``.
    """
    _found, version = _current(session, list_key)
    learner_ids = queries.audience(session, version.audience["post_kinds"], on=on)
    return assign(
        session, list_key=list_key, learner_ids=learner_ids, on=on, actor_id=actor_id, now=now
    )


def withdraw(
    session: Session, *, list_key: str, learner_id: int, actor_id: int | None, now: datetime
) -> None:
    """Take a list back from a learner. What they did for it stays on record.

    Taking it back again changes nothing.

    :raises NotFound: ``no_person``.
    """
    lock_learner(session, learner_id)
    held = session.scalar(
        sa.select(Assignment)
        .join(RequiredList, RequiredList.id == Assignment.list_id)
        .where(
            Assignment.learner_id == learner_id,
            RequiredList.key == list_key,
            Assignment.withdrawn_at.is_(None),
        )
    )
    if held is None:
        return
    held.withdrawn_at = now
    requirements.abandon(session, learner_id=learner_id, goal_id=held.goal_id)
    audit.record(
        session,
        verb="required_lists.list_withdrawn",
        subject=f"assignment:{learner_id}/{list_key}/{held.cycle}",
        actor_id=actor_id,
        now=now,
    )


def _cycle_of(pair: tuple[int, int]) -> int:
    return pair[1]


def _current(session: Session, key: str) -> tuple[RequiredList, RequiredListVersion]:
    """Return a list with its current version, and hold it until the transaction ends."""
    row = session.execute(
        sa.select(RequiredList, RequiredListVersion)
        .join(RequiredListVersion, _CURRENT)
        .where(RequiredList.key == key)
        .with_for_update(key_share=True, of=RequiredList)
    ).one_or_none()
    if row is None:
        raise NotFound("no_list", N_("没有这份必学清单"))
    found, version = row
    if found.state == RETIRED:
        raise Conflict("list_retired", N_("这份必学清单已停用"))
    return found, version


def _next_cycles(session: Session, list_id: int, learner_ids: Sequence[int]) -> dict[int, int]:
    """Return the cycle for each learner who does not have the list now."""
    cycles = dict.fromkeys(learner_ids, 1)
    for start in range(0, len(learner_ids), requirements.BATCH):
        rows = session.execute(
            sa.select(
                Assignment.learner_id,
                sa.func.max(Assignment.cycle),
                sa.func.count() - sa.func.count(Assignment.withdrawn_at),
            )
            .where(
                Assignment.list_id == list_id,
                Assignment.learner_id.in_(learner_ids[start : start + requirements.BATCH]),
            )
            .group_by(Assignment.learner_id)
        )
        for learner_id, last, held in rows:
            if held:
                del cycles[learner_id]
            else:
                cycles[learner_id] = last + 1
    return cycles


def _publish(session: Session, found: RequiredList, file: ListFile, *, now: datetime) -> None:
    goal_id = requirements.publish_goal(
        session,
        kind="required_list",
        key=file.key,
        number=found.current_number,
        title=file.title,
        title_en=file.title_en,
        requirement=file.requirement,
        now=now,
    )
    session.add(
        RequiredListVersion(
            list_id=found.id,
            number=found.current_number,
            digest=file.digest,
            goal_id=goal_id,
            title=file.title,
            title_en=file.title_en,
            issuer=file.issuer,
            certainty=file.certainty,
            source=file.source,
            effective_from=file.effective_from,
            audience={"post_kinds": list(file.post_kinds)},
            items=list(file.items),
            published_at=now,
        )
    )
    audit.record(
        session,
        verb="required_lists.list_published",
        subject=f"required_list:{file.key}",
        actor_id=None,
        now=now,
        number=found.current_number,
        digest=file.digest,
    )


def _note_state(session: Session, found: RequiredList, *, now: datetime) -> None:
    verb = (
        "required_lists.list_retired" if found.state == RETIRED else "required_lists.list_restored"
    )
    audit.record(session, verb=verb, subject=f"required_list:{found.key}", actor_id=None, now=now)
