from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.publishing import RETIRED, publish_all
from lms.people.operations import lock_learner
from lms.programs.content import ProgramFile
from lms.programs.models import Program, ProgramMember, ProgramVersion
from lms.programs.rules import is_open
from lms.requirements import operations as requirements

_CURRENT = sa.and_(
    ProgramVersion.program_id == Program.id, ProgramVersion.number == Program.current_number
)


def load(session: Session, files: Iterable[ProgramFile], *, now: datetime) -> Tally:
    """Publish programs that are new or changed; retire those whose file is gone.

    Members keep the version of the day they joined.
    """
    rows = session.execute(sa.select(Program, ProgramVersion.digest).join(ProgramVersion, _CURRENT))
    return publish_all(
        session,
        {found.key: (found, digest) for found, digest in rows},
        files,
        identity=Program,
        publish=lambda found, file: _publish(session, found, file, now=now),
        note_state=lambda found: _note_state(session, found, now=now),
    )


def join(
    session: Session, *, program_key: str, learner_id: int, actor_id: int | None, now: datetime
) -> None:
    """Let a learner take part from today on, under the current version. Again changes nothing.

    Who left may join again: deadlines count from the new day, what was done still counts.

    :raises NotFound: ``no_program``, ``no_person``.
    :raises Conflict: ``not_open``: not begun, over, or retired.
    """
    lock_learner(session, learner_id)
    found, version, member = _program(session, program_key, learner_id)
    if member is not None and member.left_on is None:
        return
    on = day_of(now)
    if not is_open(state=found.state, starts_on=version.starts_on, ends_on=version.ends_on, on=on):
        raise Conflict("not_open", N_("这个项目现在不能报名"))
    if member is None:
        member = ProgramMember(learner_id=learner_id, program_id=found.id)
        session.add(member)
    member.program_version_id = version.id
    member.goal_id = version.goal_id
    member.joined_on = on
    member.actor_id = actor_id
    member.left_on = None
    session.flush()
    requirements.pursue(
        session, learner_id=learner_id, goal_id=version.goal_id, started_on=on, now=now
    )
    audit.record(
        session,
        verb="programs.program_joined",
        subject=f"program_member:{learner_id}/{program_key}",
        actor_id=actor_id,
        now=now,
        number=version.number,
    )


def leave(
    session: Session, *, program_key: str, learner_id: int, actor_id: int | None, now: datetime
) -> None:
    """Let a learner take part no longer. Records and credentials stay. Again changes nothing.

    :raises NotFound: ``no_program``, ``no_person``.
    """
    lock_learner(session, learner_id)
    _found, _version, member = _program(session, program_key, learner_id)
    if member is None or member.left_on is not None:
        return
    member.left_on = day_of(now)
    session.flush()
    requirements.abandon(session, learner_id=learner_id, goal_id=member.goal_id)
    audit.record(
        session,
        verb="programs.program_left",
        subject=f"program_member:{learner_id}/{program_key}",
        actor_id=actor_id,
        now=now,
    )


def _program(
    session: Session, key: str, learner_id: int
) -> tuple[Program, ProgramVersion, ProgramMember | None]:
    row = session.execute(
        sa.select(Program, ProgramVersion, ProgramMember)
        .join(ProgramVersion, _CURRENT)
        .outerjoin(
            ProgramMember,
            sa.and_(ProgramMember.program_id == Program.id, ProgramMember.learner_id == learner_id),
        )
        .where(Program.key == key)
    ).one_or_none()
    if row is None:
        raise NotFound("no_program", N_("没有这个项目"))
    found, version, member = row
    return found, version, member


def _publish(session: Session, found: Program, file: ProgramFile, *, now: datetime) -> None:
    goal_id = requirements.publish_goal(
        session,
        kind="program",
        key=file.key,
        number=found.current_number,
        title=file.title,
        title_en=file.title_en,
        requirement=file.goal_requirement,
        now=now,
    )
    session.add(
        ProgramVersion(
            program_id=found.id,
            number=found.current_number,
            digest=file.digest,
            goal_id=goal_id,
            title=file.title,
            title_en=file.title_en,
            summary=file.summary,
            summary_en=file.summary_en,
            sponsor=file.sponsor,
            certainty=file.certainty,
            source=file.source,
            starts_on=file.starts_on,
            ends_on=file.ends_on,
            requirement=dict(file.requirement),
            grants=sa.null() if file.grants is None else dict(file.grants),
            published_at=now,
        )
    )
    audit.record(
        session,
        verb="programs.program_published",
        subject=f"program:{file.key}",
        actor_id=None,
        now=now,
        number=found.current_number,
        digest=file.digest,
    )


def _note_state(session: Session, found: Program, *, now: datetime) -> None:
    verb = "programs.program_retired" if found.state == RETIRED else "programs.program_restored"
    audit.record(session, verb=verb, subject=f"program:{found.key}", actor_id=None, now=now)
