from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.models import Attempt, Response
from lms.exams.operations import judging, papers
from lms.exams.operations.drawing import draw_slots
from lms.exams.operations.stuck import guarded
from lms.exams.types import (
    Answer,
    Brief,
    Desk,
    Kept,
    PaperText,
    Result,
    Saved,
    Sent,
    Sitting,
    Slot,
    State,
    Taken,
    Watched,
)
from lms.exams.types.seats import Seat
from lms.kernel import reading
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.points import HALF
from lms.kernel.selecting import put
from lms.people.operations import lock_learner
from lms.question_bank.rules import mark, shown, taken
from lms.question_bank.types import Mark, Marking
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.regulations import queries as regulations
from lms.regulations.rules import marking_rule, pass_line
from lms.regulations.types import MARKING, PRACTICE_MARKING

MEMORY = 10
"""How many attempts back a learner's earlier questions are remembered when a paper is drawn."""

_attempts, _responses = cast(sa.Table, Attempt.__table__), cast(sa.Table, Response.__table__)
_ONE = sa.update(_attempts).where(
    _attempts.c.learner_id == sa.bindparam("of_learner"),
    _attempts.c.number == sa.bindparam("which"),
)
_KEPT = ("answers", "watched", "saved_at")
_SAVE = _ONE.values({column: sa.bindparam(f"new_{column}") for column in _KEPT})
_ABANDON = _ONE.values(state=State.ABANDONED)
_CLOSE = _ONE.values(
    state=sa.bindparam("new_state"),
    submitted_at=sa.bindparam("ended_at"),
    earned=sa.bindparam("marks"),
    out_of=sa.bindparam("most"),
    passed=sa.bindparam("is_passed"),
)


def start(
    session: Session,
    *,
    learner_id: int,
    paper_key: str,
    seed: int,
    now: datetime,
    seat: Seat | None = None,
) -> int:
    """Draw a paper, open an attempt and return its number.

    Safe to repeat: while an attempt on the paper is open and in time, its number is returned.
    Attempts whose time is up are handed in first.

    :param seat: in an exam session, which has judged who may start, and how often.
    :raises NotFound: ``no_paper``, or ``no_rule`` for the marking or the line of the day.
    :raises Conflict: ``not_sittable``, ``paper_held``, ``no_tries_left``,
        ``not_enough_questions`` or ``questions_gone``.
    """
    lock_learner(session, learner_id)
    if seat is not None:
        return _begin(session, seat.paper, learner_id, seed=seed, now=now, seat=seat)
    whole, written = rules.split_key(paper_key)
    paper = _sittable(session, whole, now)
    if written:  # a part of it once more, from its result
        part = rules.part_at(paper.blueprint, written)
        paper = papers.publish_part(session, paper, part, actor_id=learner_id, now=now)
    return _begin(session, paper, learner_id, seed=seed, now=now)


def start_part(
    session: Session,
    *,
    learner_id: int,
    paper_key: str,
    section: int | None,
    first: str,
    last: str,
    seed: int,
    now: datetime,
) -> int:
    """Draw a part of a paper, open an attempt and return its number. Otherwise as :func:`start`.

    :param section: which section alone, from 0; none: all of them.
    :param first: the first chapter; empty: from the beginning. ``last`` likewise.
    :raises Invalid: ``no_such_part``.
    :raises Conflict: also ``fixed_section`` or ``empty_part``.
    """
    lock_learner(session, learner_id)
    paper = _sittable(session, paper_key, now)
    part = rules.read_part(paper.blueprint, section=section, first=first, last=last)
    paper = papers.publish_part(session, paper, part, actor_id=learner_id, now=now)
    return _begin(session, paper, learner_id, seed=seed, now=now)


def _sittable(session: Session, key: str, now: datetime) -> PaperText:
    paper = queries.paper(session, key)
    rules.check_held(paper.held_until_at, now)
    if not paper.sittable:
        raise Conflict("not_sittable", N_("这份试卷只供查阅结构，不能在这里考"))
    return paper


def _begin(
    session: Session,
    paper: PaperText,
    learner_id: int,
    *,
    seed: int,
    now: datetime,
    seat: Seat | None = None,
) -> int:
    standing = queries.standing(session, learner_id)
    running = None
    for number, paper_id, closes_at in standing.open:
        if now > closes_at:
            deed = partial(submit, session, learner_id=learner_id, number=number, now=now)
            guarded(session, deed, learner_id=learner_id, number=number, now=now)
        elif paper_id == paper.paper_id:
            running = number
    if running is not None and seat is None:
        return running
    if paper.attempts_allowed is not None and seat is None:
        tries = queries.tries(session, learner_id, paper.paper_id)
        rules.check_tries(tries, paper.attempts_allowed)
    return _open(session, paper, learner_id, standing.latest + 1, seed=seed, now=now, seat=seat)


def _open(
    session: Session,
    paper: PaperText,
    learner_id: int,
    number: int,
    *,
    seed: int,
    now: datetime,
    seat: Seat | None = None,
) -> int:
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING, "pass_line")
    marking = marking_rule(in_use, on=day_of(now), key=paper.blueprint.marking)
    line = pass_line(in_use, level=paper.blueprint.level, on=day_of(now))
    granted = queries.granted(session, learner_id)
    extra = rules.extra_minutes(paper.minutes, granted, on=day_of(now))
    if seat is not None and seat.slots:
        drawn = seat.slots
    else:
        met = queries.met(session, learner_id, since=number - MEMORY)
        drawn = draw_slots(session, paper, seed=seed, met=met)
    full = rules.deadline(now, paper.minutes + extra)
    put(
        session,
        sa.insert(_attempts),
        {
            "learner_id": learner_id,
            "number": number,
            "paper_version_id": paper.version_id,
            "marking_rule_id": marking.version_id,
            "pass_line_id": line.version_id,
            "unit": Marking.read(marking.body).unit,
            "state": State.OPEN,
            "seed": seed,
            "slots": rules.write_slots(drawn),
            "answers": {},
            "started_at": now,
            "deadline_at": full if seat is None else seat.deadline(full, extra),
            "latest_end_at": None if seat is None else seat.latest_end(extra),
            "late_seconds": paper.blueprint.late.seconds,
            "extra_minutes": extra,
        },
    )
    if seat is not None:
        seat.taken(number)
    audit.record(
        session,
        verb="exams.attempt_started",
        subject=f"attempt:{learner_id}/{number}",
        actor_id=learner_id,
        now=now,
        paper=paper.key,
        paper_version=paper.version_id,
        seed=seed,
        **({"extra_minutes": extra} if extra else {}),
        **dict(seat.facts if seat else ()),
    )
    session.flush()
    return number


def save_answers(
    session: Session,
    *,
    learner_id: int,
    number: int,
    answers: Sequence[Sent],
    now: datetime,
    watched: Watched | None = None,
) -> Saved:
    """Keep answers of an open attempt and say what is stored now.

    Safe to repeat and to arrive out of order: in every slot the highest counter counts. One row
    is written, or none if nothing is new.

    :param watched: for how long questions were in view; kept as far as it can be true.
    :raises NotFound: ``no_attempt``.
    :raises Conflict: ``already_handed_in``, ``abandoned``, ``paused`` or ``too_late``; what was
        saved stays as it was.
    :raises Invalid: ``foreign_slot``, ``repeated_slot``, ``bad_counter``, ``counter_ahead``, or as
        the kind refuses an answer (``foreign_option``, ``too_many`` …); then nothing of what was
        sent is stored.
    """
    found = queries.desk(session, learner_id=learner_id, number=number)
    rules.check_open(
        found.state,
        found.deadline_at,
        now=now,
        late_seconds=found.late_seconds,
        pause_ends_at=found.pause_ends_at,
    )
    furthest = rules.furthest_counter(found.answers, found.started_at, now=now)
    asked = _asked(session, found, answers)
    merged, stale = rules.merge(found.answers, _taken(asked, answers, furthest=furthest))
    seen = rules.watch(found, watched, now=now)
    saved_at = found.saved_at or now
    if merged != found.answers or seen is not found.watched:
        saved_at = now
        kept = (rules.write_answers(merged), seen, now)
        new = {f"new_{column}": value for column, value in zip(_KEPT, kept, strict=True)}
        put(session, _SAVE, {"of_learner": learner_id, "which": number, **new})
    return Saved(
        saved_at=saved_at,
        counter=max((answer.counter for answer in merged.values()), default=0),
        states={s.slot: _kept(*asked[s.slot], merged[s.slot]) for s in answers},
        stale=stale,
        deadline_at=found.deadline_at,
    )


def _asked(
    session: Session, found: Desk, answers: Sequence[Sent]
) -> dict[int, tuple[Brief, tuple[int, ...]]]:
    """Return the questions of the slots that were sent, each with the order of its options.

    :raises Invalid: ``foreign_slot`` or ``repeated_slot``.
    """
    slots: dict[int, Slot] = {}
    for each in answers:
        if not 1 <= each.slot <= len(found.paper):
            where = f"answers.{each.slot}"
            raise Invalid("foreign_slot", N_("卷上没有这道题"), where=where)
        if each.slot in slots:
            where = f"answers.{each.slot}"
            raise Invalid("repeated_slot", N_("同一道题一次只能交一个答案"), where=where)
        slots[each.slot] = found.slot(each.slot)
    briefs = queries.briefs(session, {slot.version_id for slot in slots.values()})
    return {number: (briefs[slot.version_id], slot.order) for number, slot in slots.items()}


def _taken(
    asked: Mapping[int, tuple[Brief, tuple[int, ...]]], answers: Sequence[Sent], *, furthest: int
) -> list[Taken]:
    """Check what was sent against what was shown, and return it in the author's order."""
    checked: list[Taken] = []
    for each in answers:
        brief, order = asked[each.slot]
        with reading.within("answers", each.slot):
            rules.check_counter(each.counter, furthest=furthest)
            chosen = taken(brief.kind, brief.spec, each.parts, order)
        checked.append(Taken(each.slot, chosen, each.counter, each.flagged, each.device))
    return checked


def _kept(brief: Brief, order: tuple[int, ...], answer: Answer) -> Kept:
    """Return a stored answer as its page shows it."""
    parts = shown(brief.kind, brief.spec, answer.chosen, order)
    return Kept(parts, answer.counter, answer.flagged)


def submit(
    session: Session, *, learner_id: int, number: int, now: datetime, actor_id: int | None = None
) -> Result | None:
    """Hand in an attempt: mark every slot, keep the result, append it to the learning record.

    Safe to repeat: the stored result is returned and nothing is written. After the deadline it
    is handed in with what had been saved, as of the deadline. What is blank earns nothing. Without
    a single answer it is abandoned after the deadline, and has no result; in time, whoever hands
    in a blank paper gets the marks of one. With answers that people mark it waits for them and has
    no result yet: none is returned.

    :param actor_id: who handed it in; none for the platform itself.
    :raises NotFound: ``no_attempt``.
    """
    lock_learner(session, learner_id)
    found = queries.sitting(session, learner_id=learner_id, number=number, lock=True)
    if not found.is_open:
        return found.result
    return _hand_in(session, found, actor_id=actor_id, now=now)


def _hand_in(
    session: Session, found: Sitting, *, actor_id: int | None, now: datetime
) -> Result | None:
    state, ended_at = rules.closing(
        found.deadline_at,
        now=now,
        answers=found.answers,
        saved_at=found.saved_at,
        late=found.blueprint.late,
    )
    if state is State.ABANDONED:
        put(session, _ABANDON, {"of_learner": found.learner_id, "which": found.number})
        audit.record(
            session,
            verb="exams.attempt_abandoned",
            subject=f"attempt:{found.learner_id}/{found.number}",
            actor_id=None,
            now=now,
            paper=found.paper_key,
            answered=0,
        )
        return None
    if waiting := judging.waiting_slots(session, found):
        judging.hold(session, found, waiting, state, ended_at, actor_id=actor_id, now=now)
        return None
    result = mark_and_keep(session, found, state, ended_at)
    append_record(session, found, result, now=now)
    verb = f"exams.attempt_{state}"
    note_result(session, found, result, verb=verb, actor_id=actor_id, now=now)
    return result


def mark_and_keep(
    session: Session,
    found: Sitting,
    state: State,
    ended_at: datetime,
    judged: Mapping[int, Mark] | None = None,
) -> Result:
    """Mark every slot and keep the result.

    :param judged: what people gave, by slot; every answer of their kinds that is not blank.
    """
    briefs = queries.briefs(session, [slot.version_id for slot in found.slots])
    marking = Marking.read(found.marking)
    marks = _mark(found, briefs, marking, judged or {})
    whole = rules.paper_total(marks, marking)
    result = Result(
        number=found.number,
        state=state,
        submitted_at=ended_at,
        earned=whole.earned,
        out_of=whole.out_of,
        passed=rules.is_passed(whole.earned, whole.out_of, found.line),
        unit=marking.unit,
    )
    put(session, sa.insert(_responses), _response_rows(found, marks))
    put(
        session,
        _CLOSE,
        {
            "of_learner": found.learner_id,
            "which": found.number,
            "new_state": state,
            "ended_at": ended_at,
            "marks": result.earned,
            "most": result.out_of,
            "is_passed": result.passed,
        },
    )
    return result


def _mark(
    found: Sitting, briefs: dict[int, Brief], marking: Marking, judged: Mapping[int, Mark]
) -> list[Mark]:
    marks: list[Mark] = []
    for number, slot in enumerate(found.slots, start=1):
        if number in judged:
            marks.append(judged[number])
            continue
        brief = briefs[slot.version_id]
        marks.append(mark(brief.kind, brief.spec, found.answer(number).chosen, marking))
    return marks


def _response_rows(found: Sitting, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    seconds = rules.in_view(found.watched)
    return [
        {
            "learner_id": found.learner_id,
            "attempt_number": found.number,
            "slot": number,
            "question_version_id": slot.version_id,
            "chosen": found.answer(number).chosen,
            "earned": each.earned,
            "out_of": each.out_of,
            "seconds": seconds.get(number),
        }
        for number, (slot, each) in enumerate(zip(found.slots, marks, strict=True), start=1)
    ]


def finer(result: Result) -> dict[str, int]:
    """Return the unit of marks as records and the trail tell it: half points go without saying."""
    return {} if result.unit == HALF else {"unit": result.unit}


def append_record(session: Session, found: Sitting, result: Result, *, now: datetime) -> None:
    """Tell the learning record how an attempt ended; without a unit, marks are half points."""
    records.append(
        session,
        learner_id=found.learner_id,
        kind=RecordKind.PAPER_SAT,
        subject=f"paper:{found.paper_key}",
        on=day_of(result.submitted_at),
        now=now,
        dedupe_key=f"paper_sat:{found.paper_key}:{found.number}",
        quantity=result.earned,
        detail={
            "out_of": result.out_of,
            "passed": result.passed,
            "attempt": found.number,
            **finer(result),
        },
    )


def note_result(
    session: Session,
    found: Sitting,
    result: Result,
    *,
    verb: str,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Write into the trail how an attempt ended."""
    audit.record(
        session,
        verb=verb,
        subject=f"attempt:{found.learner_id}/{found.number}",
        actor_id=actor_id,
        now=now,
        paper=found.paper_key,
        earned=result.earned,
        out_of=result.out_of,
        passed=result.passed,
        answered=len(found.slots) - len(found.blank),
        **finer(result),
    )
