from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.exams import rules
from lms.exams.models import Attempt, Paper, PaperEntry, PaperVersion, RegradeResult, Response
from lms.exams.queries.published import FILE
from lms.exams.types import (
    Answer,
    Brief,
    Desk,
    Home,
    Marked,
    OwnAttempt,
    Result,
    Sitting,
    Slip,
    Standing,
    Standings,
    State,
)
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, NotFound
from lms.kernel.keeping import Kept
from lms.kernel.selecting import fetch
from lms.people.queries import people_within
from lms.question_bank.models import QuestionVersion
from lms.question_bank.types import Mark
from lms.regulations.models import RuleVersion

_newer = aliased(RegradeResult)
IS_NEWEST = sa.and_(
    RegradeResult.learner_id == Attempt.learner_id,
    RegradeResult.attempt_number == Attempt.number,
    RegradeResult.revision
    == sa.select(sa.func.max(_newer.revision))
    .where(_newer.learner_id == Attempt.learner_id, _newer.attempt_number == Attempt.number)
    .correlate(Attempt)
    .scalar_subquery(),
)
"""What an attempt counts as since it was regraded; an outer join, for few ever are."""

_RESULT = (
    Attempt.number,
    Attempt.state,
    Attempt.submitted_at,
    Attempt.earned,
    Attempt.out_of,
    Attempt.passed,
    Attempt.unit,
    RegradeResult.revision,
    RegradeResult.standing_id,
    RegradeResult.earned.label("now_earned"),
    RegradeResult.out_of.label("now_out_of"),
    RegradeResult.passed.label("now_passed"),
    RegradeResult.unit.label("now_unit"),
)
_WITH_PAPER = (PaperVersion.id == Attempt.paper_version_id, Paper.id == PaperVersion.paper_id)
_IS_ASKED = (
    Attempt.learner_id == sa.bindparam("learner_id"),
    Attempt.number == sa.bindparam("number"),
)
_MARKING, _LINE = aliased(RuleVersion), aliased(RuleVersion)
_SITTING = (
    sa.select(
        Attempt.learner_id,
        *_RESULT,
        Paper.id.label("paper_id"),
        Paper.key.label("paper_key"),
        PaperVersion.title,
        PaperVersion.title_en,
        PaperVersion.subject,
        PaperVersion.minutes,
        PaperVersion.blueprint,
        _MARKING.body.label("marking"),
        _LINE.body.label("line"),
        Attempt.slots,
        Attempt.answers,
        Attempt.watched,
        Attempt.saved_at,
        Attempt.started_at,
        Attempt.deadline_at,
        Attempt.late_seconds,
        Attempt.extra_minutes,
        Attempt.pauses,
        Attempt.paused_seconds,
        Attempt.pause_ends_at,
        Attempt.latest_end_at,
        RegradeResult.slots.label("slips"),
        PaperEntry.sat_on,
    )
    .select_from(Attempt)
    .outerjoin(RegradeResult, IS_NEWEST)
    .join(PaperVersion, _WITH_PAPER[0])
    .join(Paper, _WITH_PAPER[1])
    .join(
        _MARKING,
        _MARKING.id == sa.func.coalesce(RegradeResult.marking_rule_id, Attempt.marking_rule_id),
    )
    .outerjoin(
        PaperEntry,
        sa.and_(
            PaperEntry.learner_id == Attempt.learner_id,
            PaperEntry.attempt_number == Attempt.number,
        ),
    )
    .join(_LINE, _LINE.id == Attempt.pass_line_id)
    .where(*_IS_ASKED)
)
_SITTING_LOCKED = _SITTING.with_for_update(of=Attempt)
_DESK_LOOK = sa.select(
    Attempt.state,
    Attempt.deadline_at,
    Attempt.slots,
    Attempt.answers,
    Attempt.saved_at,
    Attempt.started_at,
    Attempt.late_seconds,
    Attempt.pause_ends_at,
    Attempt.watched,
).where(*_IS_ASKED)
_DESK = _DESK_LOOK.with_for_update()

_OWN = (
    sa.select(
        *_RESULT,
        Paper.key,
        PaperVersion.title,
        PaperVersion.title_en,
        Attempt.started_at,
        Attempt.deadline_at,
        Attempt.late_seconds,
        Attempt.pause_ends_at,
        Paper.origin,
    )
    .select_from(Attempt)
    .outerjoin(RegradeResult, IS_NEWEST)
    .join(PaperVersion, _WITH_PAPER[0])
    .join(Paper, _WITH_PAPER[1])
    .where(Attempt.learner_id == sa.bindparam("learner_id"))
    .order_by(Attempt.number.desc())
)
_OWN_PAGE = _OWN.where(Attempt.number < sa.bindparam("before")).limit(sa.bindparam("at_most"))
_OWN_OF_PAPER = _OWN.where(Paper.id == sa.bindparam("paper_id"), Attempt.earned.is_not(None)).limit(
    sa.bindparam("at_most")
)
_OTHER = aliased(Attempt)
_LATEST = (
    sa.select(sa.func.max(_OTHER.number))
    .where(_OTHER.learner_id == sa.bindparam("learner_id"))
    .scalar_subquery()
)
_STANDING = (
    sa.select(
        Attempt.number,
        Attempt.state,
        Attempt.deadline_at,
        Attempt.late_seconds,
        PaperVersion.paper_id,
    )
    .join(PaperVersion, _WITH_PAPER[0])
    .where(
        Attempt.learner_id == sa.bindparam("learner_id"),
        sa.or_(Attempt.state == State.OPEN, Attempt.number == _LATEST),
    )
    .order_by(Attempt.number)
)
_BEGUN = (
    sa.select(Attempt.number, Paper.key)
    .join(PaperVersion, _WITH_PAPER[0])
    .join(Paper, _WITH_PAPER[1])
    .where(Attempt.learner_id == sa.bindparam("learner_id"), Attempt.seed == sa.bindparam("seed"))
    .order_by(Attempt.number)
    .limit(1)
)
_MET = (
    sa.select(QuestionVersion.question_id, sa.func.count())
    .join(Response, Response.question_version_id == QuestionVersion.id)
    .where(
        Response.learner_id == sa.bindparam("learner_id"),
        Response.attempt_number >= sa.bindparam("since"),
    )
    .group_by(QuestionVersion.question_id)
)
_BRIEFS = sa.select(
    QuestionVersion.id,
    QuestionVersion.kind,
    QuestionVersion.stem,
    QuestionVersion.spec,
    QuestionVersion.chapter_key,
).where(QuestionVersion.id.in_(sa.bindparam("ids", expanding=True)))
_kept_briefs: Kept[Brief] = Kept(at_most=4096)
_MARKED = (
    sa.select(
        Response.slot,
        Response.question_version_id,
        QuestionVersion.kind,
        QuestionVersion.chapter_key,
        Response.chosen,
        Response.earned,
        Response.out_of,
        Response.seconds,
    )
    .join(QuestionVersion, QuestionVersion.id == Response.question_version_id)
    .where(
        Response.learner_id == sa.bindparam("learner_id"),
        Response.attempt_number == sa.bindparam("number"),
    )
    .order_by(Response.slot)
)
_RUNNING = (
    sa.select(Attempt.learner_id, Attempt.number, Attempt.deadline_at, Attempt.late_seconds)
    .join(PaperVersion, _WITH_PAPER[0])
    .where(PaperVersion.paper_id == sa.bindparam("paper_id"), Attempt.state == State.OPEN)
    .order_by(Attempt.learner_id, Attempt.number)
    .with_for_update(of=Attempt)
)
_RUNNING_OF_ONE = _RUNNING.where(Attempt.learner_id == sa.bindparam("learner_id"))


def sitting(session: Session, *, learner_id: int, number: int, lock: bool = False) -> Sitting:
    """Return one of a learner's own attempts. One statement.

    :param lock: hold the row until the transaction ends; for operations that change it.
    :raises NotFound: ``no_attempt``; somebody else's number is simply not this learner's.
    """
    row = _asked(session, _SITTING_LOCKED if lock else _SITTING, learner_id, number)
    slips = rules.read_slips(row.slips)
    return Sitting(
        learner_id=row.learner_id,
        number=row.number,
        state=State(row.state),
        paper_id=row.paper_id,
        paper_key=row.paper_key,
        title=row.title,
        title_en=row.title_en,
        subject=row.subject,
        minutes=row.minutes,
        blueprint=rules.read_blueprint(row.blueprint, sittable=True),
        marking=row.marking,
        line=row.line,
        slots=rules.read_slots(row.slots),
        answers=_corrected(rules.read_answers(row.answers), slips),
        saved_at=row.saved_at,
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        result=_result(row),
        slips=slips,
        revision=row.revision or 0,
        unit=row.unit,
        sat_on=row.sat_on,
        late_seconds=row.late_seconds,
        extra_minutes=row.extra_minutes,
        pauses=row.pauses,
        paused_seconds=row.paused_seconds,
        pause_ends_at=row.pause_ends_at,
        latest_end_at=row.latest_end_at,
        watched=row.watched,
        handed_in_at=row.submitted_at,
    )


def _corrected(answers: dict[int, Answer], slips: Mapping[int, Slip]) -> dict[int, Answer]:
    """Put what a corrected answer card says in place of what was typed in."""
    said = {n: slip.chosen for n, slip in slips.items() if slip.chosen is not None}
    return answers | {n: answers.get(n, Answer())._replace(chosen=s) for n, s in said.items()}


def desk(session: Session, *, learner_id: int, number: int, lock: bool = True) -> Desk:
    """Return what saving must know of a learner's own attempt. One statement.

    :param lock: hold the row until the transaction ends.
    :raises NotFound: ``no_attempt``.
    """
    row = _asked(session, _DESK if lock else _DESK_LOOK, learner_id, number)
    return Desk(
        state=State(row.state),
        deadline_at=row.deadline_at,
        paper=row.slots,
        answers=rules.read_answers(row.answers),
        saved_at=row.saved_at,
        started_at=row.started_at,
        late_seconds=row.late_seconds,
        pause_ends_at=row.pause_ends_at,
        watched=row.watched,
    )


def _asked(session: Session, statement: sa.Executable, learner_id: int, number: int) -> Any:
    row = fetch(session, statement, {"learner_id": learner_id, "number": number}).one_or_none()
    if row is None:
        raise NotFound("no_attempt", N_("没有这次考试"))
    return row


def own_attempts(
    session: Session, learner_id: int, *, before: int | None = None, at_most: int = 20
) -> list[OwnAttempt]:
    """Return a learner's attempts, newest first, below a number. One statement."""
    values = {"learner_id": learner_id, "before": before or 2**31 - 1, "at_most": at_most}
    return [_own(row) for row in fetch(session, _OWN_PAGE, values)]


def refuse_open_attempt(session: Session, learner_id: int) -> None:
    """Refuse somebody who is sitting a paper, for deeds that must not happen meanwhile.

    :raises Conflict: ``attempt_open``.
    """
    found = session.scalar(
        sa.select(Attempt.number)
        .where(Attempt.learner_id == learner_id, Attempt.state == "open")
        .limit(1)
    )
    if found is not None:
        raise Conflict("attempt_open", N_("有一份档案正在考试，交卷以后再来"))


def done_attempts(
    session: Session, learner_id: int, *, paper_id: int, at_most: int = 20
) -> list[OwnAttempt]:
    """Return a learner's attempts on a paper that have a result, newest first. One statement."""
    values = {"learner_id": learner_id, "paper_id": paper_id, "at_most": at_most}
    return [_own(row) for row in fetch(session, _OWN_OF_PAPER, values)]


def home(session: Session, learner_id: int) -> Home:
    """Return the open attempt, the last result and the best one. One statement.

    Results of practice papers and of parts of a paper say little about the examination, so they
    are left out.

    It walks over all of a learner's attempts: they are neighbours, and the best is no other way
    to be found.
    """
    rows = fetch(session, _OWN, {"learner_id": learner_id}).all()
    done = [row for row in rows if row.earned is not None and row.origin == FILE]
    best = max(done, key=lambda row: (_share(row), row.number), default=None)
    running = next((row for row in rows if row.state == State.OPEN), None)
    return Home(
        open=_own(running) if running else None,
        last=_own(done[0]) if done else None,
        best=_own(best) if best else None,
    )


def _share(row: Any) -> float:
    """Return the share of the full mark, for choosing what is shown."""
    if row.revision is None:
        return float(row.earned / row.out_of)
    return float(row.now_earned / row.now_out_of)


def standing(session: Session, learner_id: int) -> Standing:
    """Return what starting must know of a learner's other attempts. One statement."""
    rows = fetch(session, _STANDING, {"learner_id": learner_id}).all()
    return Standing(
        latest=max((row.number for row in rows), default=0),
        open=tuple(
            (r.number, r.paper_id, r.deadline_at + timedelta(seconds=r.late_seconds))
            for r in rows
            if r.state == State.OPEN
        ),
    )


def begun_with(session: Session, learner_id: int, *, seed: int) -> tuple[int, str] | None:
    """Return the number of a learner's attempt that began with a seed, and its paper's key.

    One statement.
    """
    row = fetch(session, _BEGUN, {"learner_id": learner_id, "seed": seed}).one_or_none()
    return (row.number, row.key) if row is not None else None


def met(session: Session, learner_id: int, *, since: int) -> dict[int, int]:
    """Return how often a learner met each question, from one attempt on. One statement."""
    rows = fetch(session, _MET, {"learner_id": learner_id, "since": since})
    return {row[0]: row[1] for row in rows}


def briefs(session: Session, ids: Collection[int]) -> dict[int, Brief]:
    """Return what a paper needs of question versions, by id. One statement, or none.

    A version never changes, so those that were read before stay in the process.
    """

    def read(missing: list[int]) -> dict[int, Brief]:
        return {row[0]: Brief(*row) for row in fetch(session, _BRIEFS, {"ids": missing})}

    return _kept_briefs.look_up(session, ids, read)


def marked(
    session: Session,
    *,
    learner_id: int,
    number: int,
    slips: Mapping[int, Slip] | None = None,
    finer: int = 1,
) -> list[Marked]:
    """Return the marked answers of an attempt, by slot. One statement.

    :param slips: of its :class:`Sitting`: where a regrade looked, what it left counts.
    :param finer: of its :class:`Sitting`: marks are told in the unit of its result.
    """
    rows = fetch(session, _MARKED, {"learner_id": learner_id, "number": number})
    found = []
    for slot, version_id, kind, chapter_key, chosen, earned, out_of, seconds in rows:
        mark, slip = Mark(earned * finer, out_of * finer), (slips or {}).get(slot)
        now, first = (slip.mark, mark) if slip is not None else (mark, None)
        said = slip.chosen if slip is not None and slip.chosen is not None else chosen
        found.append(Marked(slot, version_id, kind, chapter_key, said, now, first, seconds))
    return found


def marked_now(session: Session, found: Sitting) -> list[Marked]:
    """Return the answers of an attempt as they are marked today, in the unit of its result.

    One statement.
    """
    return marked(
        session,
        learner_id=found.learner_id,
        number=found.number,
        slips=found.slips,
        finer=found.finer,
    )


def running(
    session: Session,
    *,
    paper_id: int,
    learner_id: int | None,
    now: datetime,
    scope: Collection[int] | None = None,
) -> list[tuple[int, int, datetime]]:
    """Return attempts on a paper that are open and in time, locked: learner, number, deadline.

    One statement.

    :param learner_id: only of this learner; none: of everybody.
    :param scope: only of people of these units' subtrees; none: of all.
    """
    values = {"paper_id": paper_id}
    one = {} if learner_id is None else {"learner_id": learner_id}
    statement = _RUNNING_OF_ONE if one else _RUNNING
    if scope is not None:
        own = people_within(scope, day_of(now))
        statement = statement.where(Attempt.learner_id.in_(own))
    rows = fetch(session, statement, values | one)
    return [
        (row.learner_id, row.number, row.deadline_at)
        for row in rows
        if not rules.is_over(row.deadline_at, now, row.late_seconds)
    ]


def _own(row: Any) -> OwnAttempt:
    return OwnAttempt(
        number=row.number,
        state=State(row.state),
        paper_key=row.key,
        title=row.title,
        title_en=row.title_en,
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        result=_result(row),
        late_seconds=row.late_seconds,
        pause_ends_at=row.pause_ends_at,
    )


def _result(row: Any) -> Result | None:
    if row.earned is None:  # open, or people have not marked all of it
        return None
    first, now = standings_of(row)
    return Result(
        number=row.number,
        state=State(row.state),
        submitted_at=row.submitted_at,
        earned=now.earned,
        out_of=now.out_of,
        passed=now.passed,
        unit=now.unit,
        first=first if row.standing_id is not None else None,
    )


def standings_of(row: Any) -> tuple[Standings, Standings]:
    """Return from a row what an attempt counted as when it was handed in, and what it does now."""
    first = Standings(row.earned, row.out_of, row.passed, row.unit)
    if row.revision is None:
        return first, first
    return first, Standings(row.now_earned, row.now_out_of, row.now_passed, row.now_unit)
