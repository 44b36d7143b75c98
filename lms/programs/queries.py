from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.programs.models import Program, ProgramMember, ProgramVersion
from lms.programs.rules import credential_code, is_open, read_grant
from lms.programs.types import ProgramDetail, ProgramLine
from lms.records.queries import facts_of
from lms.requirements.models import Goal, Progress
from lms.requirements.queries import goal_name, requirement_text
from lms.requirements.rules import evaluate, read_stored, standing
from lms.requirements.types import State

_MEMBERSHIP = sa.and_(
    ProgramMember.program_id == Program.id,
    ProgramMember.learner_id == sa.bindparam("learner_id"),
    ProgramMember.left_on.is_(None),
)
# A member sees the version of the day they joined, everybody else the current one.
_SHOWN_VERSION = sa.and_(
    ProgramVersion.program_id == Program.id,
    sa.or_(
        ProgramVersion.id == ProgramMember.program_version_id,
        sa.and_(
            ProgramMember.program_version_id.is_(None),
            ProgramVersion.number == Program.current_number,
        ),
    ),
)
_SHOWN = (
    ProgramVersion.title,
    ProgramVersion.title_en,
    ProgramVersion.summary,
    ProgramVersion.summary_en,
    ProgramVersion.sponsor,
    ProgramVersion.starts_on,
    ProgramVersion.ends_on,
    ProgramVersion.grants,
)
_ALL = (
    sa.select(
        Program.key,
        *_SHOWN,
        ProgramMember.joined_on,
        Progress.state,
        Progress.percent,
        Progress.next_due_on,
        Progress.expires_on,
    )
    .select_from(Program)
    .outerjoin(ProgramMember, _MEMBERSHIP)
    .join(ProgramVersion, _SHOWN_VERSION)
    .outerjoin(
        Progress,
        sa.and_(
            Progress.learner_id == ProgramMember.learner_id,
            Progress.goal_id == ProgramMember.goal_id,
        ),
    )
    .where(sa.or_(Program.state == "ready", ProgramMember.learner_id.is_not(None)))
    .order_by(Program.key)
)
_ONE = (
    sa.select(
        Program.key,
        Program.state,
        ProgramVersion.number,
        *_SHOWN,
        ProgramVersion.certainty,
        ProgramVersion.source,
        ProgramMember.joined_on,
        requirement_text.label("requirement"),
        goal_name.label("goal_name"),
    )
    .select_from(Program)
    .outerjoin(ProgramMember, _MEMBERSHIP)
    .join(ProgramVersion, _SHOWN_VERSION)
    .join(Goal, Goal.id == ProgramVersion.goal_id)
    .where(Program.key == sa.bindparam("key"))
)


def programs(session: Session, learner_id: int, *, on: date) -> list[ProgramLine]:
    """Return the programs that run and those joined, joined ones first. One statement."""
    rows = fetch(session, _ALL, {"learner_id": learner_id})
    lines = [
        ProgramLine(
            key=row.key,
            title=row.title,
            title_en=row.title_en,
            summary=row.summary,
            summary_en=row.summary_en,
            sponsor=row.sponsor,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            grant=read_grant(row.grants),
            joined_on=row.joined_on,
            state=row.state and standing(State(row.state), row.expires_on, on=on),
            percent=row.percent or 0,
            next_due_on=row.next_due_on,
        )
        for row in rows
    ]
    running = [line for line in lines if line.joined or line.ends_on is None or on <= line.ends_on]
    return sorted(running, key=lambda line: (not line.joined, line.key))


def program(session: Session, learner_id: int, key: str, *, on: date) -> ProgramDetail:
    """Return a program as a learner sees it, judged on a day. Two statements.

    :raises NotFound: ``no_program``: there is none, or it was retired and is not theirs.
    """
    row = fetch(session, _ONE, {"learner_id": learner_id, "key": key}).one_or_none()
    if row is None or (row.state != "ready" and row.joined_on is None):
        raise NotFound("no_program", N_("没有这个项目"))
    facts = facts_of(session, learner_id)
    return ProgramDetail(
        key=row.key,
        number=row.number,
        title=row.title,
        title_en=row.title_en,
        summary=row.summary,
        summary_en=row.summary_en,
        sponsor=row.sponsor,
        certainty=row.certainty,
        source=row.source,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        grant=read_grant(row.grants),
        open=is_open(state=row.state, starts_on=row.starts_on, ends_on=row.ends_on, on=on),
        joined_on=row.joined_on,
        progress=evaluate(
            read_stored(row.requirement, row.goal_name),
            facts,
            on=on,
            started_on=row.joined_on or on,
        ),
        credential_code=credential_code(facts, key),
    )
