from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.content import PaperFile
from lms.exams.models import Attempt, Paper, PaperVersion, Response
from lms.exams.operations import papers
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
from lms.kernel import reading
from lms.kernel.authoring import Tally
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.points import HALF
from lms.kernel.publishing import RETIRED, publish_all
from lms.kernel.selecting import put
from lms.people.operations import lock_learner
from lms.question_bank import queries as bank
from lms.question_bank.rules import mark, places, shown, taken
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
_EXTEND = _ONE.values(deadline_at=sa.bindparam("new_deadline"))
_CLOSE = _ONE.values(
    state=sa.bindparam("new_state"),
    submitted_at=sa.bindparam("ended_at"),
    earned=sa.bindparam("marks"),
    out_of=sa.bindparam("most"),
    passed=sa.bindparam("is_passed"),
)


def start(session: Session, *, learner_id: int, paper_key: str, seed: int, now: datetime) -> int:
    """Draw a paper, open an attempt and return its number.

    Safe to repeat: while an attempt on the paper is open and in time, its number is returned.
    Attempts whose time is up are handed in first.

    :raises NotFound: ``no_paper``, or ``no_rule`` for the marking or the line of the day.
    :raises Conflict: ``not_sittable``, ``no_tries_left``, ``not_enough_questions`` or
        ``questions_gone``.
    """
    lock_learner(session, learner_id)
    whole, written = rules.split_key(paper_key)
    paper = _sittable(session, whole)
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
    paper = _sittable(session, paper_key)
    part = rules.read_part(paper.blueprint, section=section, first=first, last=last)
    paper = papers.publish_part(session, paper, part, actor_id=learner_id, now=now)
    return _begin(session, paper, learner_id, seed=seed, now=now)


def _sittable(session: Session, key: str) -> PaperText:
    paper = queries.paper(session, key)
    if not paper.sittable:
        raise Conflict("not_sittable", N_("这份试卷只供查阅结构，不能在这里考"))
    return paper


def _begin(session: Session, paper: PaperText, learner_id: int, *, seed: int, now: datetime) -> int:
    standing = queries.standing(session, learner_id)
    running = None
    for number, paper_id, deadline_at in standing.open:
        if rules.is_over(deadline_at, now):
            late = queries.sitting(session, learner_id=learner_id, number=number, lock=True)
            _hand_in(session, late, actor_id=None, now=now)
        elif paper_id == paper.paper_id:
            running = number
    if running is not None:
        return running
    if paper.attempts_allowed is not None:
        tries = queries.tries(session, learner_id, paper.paper_id)
        rules.check_tries(tries, paper.attempts_allowed)
    return _open(session, paper, learner_id, standing.latest + 1, seed=seed, now=now)


def _open(
    session: Session, paper: PaperText, learner_id: int, number: int, *, seed: int, now: datetime
) -> int:
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING, "pass_line")
    marking = marking_rule(in_use, on=day_of(now), key=paper.blueprint.marking)
    line = pass_line(in_use, level=paper.blueprint.level, on=day_of(now))
    met = queries.met(session, learner_id, since=number - MEMORY)
    drawn = draw_slots(session, paper, seed=seed, met=met)
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
            "deadline_at": rules.deadline(now, paper.minutes),
        },
    )
    audit.record(
        session,
        verb="exams.attempt_started",
        subject=f"attempt:{learner_id}/{number}",
        actor_id=learner_id,
        now=now,
        paper=paper.key,
        paper_version=paper.version_id,
        seed=seed,
    )
    session.flush()
    return number


def draw_slots(
    session: Session, paper: PaperText, *, seed: int, met: Mapping[int, int] | None = None
) -> list[Slot]:
    """Draw a paper with the order of its options.

    :raises Conflict: ``not_enough_questions`` or ``questions_gone``.
    """
    look = bank.drawable_in_detail if paper.blueprint.needs_detail else bank.drawable
    picks = rules.draw(paper.blueprint, look(session, paper.subject), seed=seed, met=met)
    drawn = queries.briefs(session, [pick.version_id for pick in picks])
    counts = {id_: places(brief.kind, brief.spec) for id_, brief in drawn.items()}
    return rules.order_options(picks, counts, seed=seed)


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
    :raises Conflict: ``already_handed_in`` or ``too_late``; what was saved stays as it was.
    :raises Invalid: ``foreign_slot``, ``repeated_slot``, ``bad_counter``, ``counter_ahead``, or as
        the kind refuses an answer (``foreign_option``, ``too_many`` …); then nothing of what was
        sent is stored.
    """
    found = queries.desk(session, learner_id=learner_id, number=number)
    rules.check_open(found.state, found.deadline_at, now=now)
    furthest = rules.furthest_counter(found.answers, found.started_at, now=now)
    for each in answers:
        with reading.within("answers", each.slot):
            rules.check_counter(each.counter, furthest=furthest)
    asked = _asked(session, found, answers)
    merged, stale = rules.merge(found.answers, _taken(found, asked, answers))
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
        states={s.slot: _kept(found, asked, s.slot, merged[s.slot]) for s in answers},
        stale=stale,
        deadline_at=found.deadline_at,
    )


def _asked(session: Session, found: Desk, answers: Sequence[Sent]) -> dict[int, Brief]:
    """Return the questions of the slots that were sent.

    :raises Invalid: ``foreign_slot`` or ``repeated_slot``.
    """
    slots: dict[int, Slot] = {}
    for each in answers:
        where = f"answers.{each.slot}"
        if not 1 <= each.slot <= len(found.slots):
            raise Invalid("foreign_slot", N_("卷上没有这道题"), where=where)
        if each.slot in slots:
            raise Invalid("repeated_slot", N_("同一道题一次只能交一个答案"), where=where)
        slots[each.slot] = found.slots[each.slot - 1]
    briefs = queries.briefs(session, {slot.version_id for slot in slots.values()})
    return {number: briefs[slot.version_id] for number, slot in slots.items()}


def _taken(found: Desk, asked: Mapping[int, Brief], answers: Sequence[Sent]) -> list[Taken]:
    """Check what was sent against what was shown, and return it in the author's order."""
    checked: list[Taken] = []
    for each in answers:
        brief, order = asked[each.slot], found.slots[each.slot - 1].order
        with reading.within("answers", each.slot):
            chosen = taken(brief.kind, brief.spec, each.parts, order)
        checked.append(Taken(each.slot, chosen, each.counter, each.flagged, each.device))
    return checked


def _kept(found: Desk, asked: Mapping[int, Brief], slot: int, answer: Answer) -> Kept:
    """Return a stored answer as its page shows it."""
    brief, order = asked[slot], found.slots[slot - 1].order
    parts = shown(brief.kind, brief.spec, answer.chosen, order)
    return Kept(parts, answer.counter, answer.flagged)


def submit(
    session: Session, *, learner_id: int, number: int, now: datetime, actor_id: int | None = None
) -> Result:
    """Hand in an attempt: mark every slot, keep the result, append it to the learning record.

    Safe to repeat: the stored result is returned and nothing is written. After the deadline it
    is handed in with what had been saved, as of the deadline. What is blank earns nothing.

    :param actor_id: who handed it in; none for the platform itself.
    :raises NotFound: ``no_attempt``.
    """
    lock_learner(session, learner_id)
    found = queries.sitting(session, learner_id=learner_id, number=number, lock=True)
    return found.result or _hand_in(session, found, actor_id=actor_id, now=now)


def extend(
    session: Session,
    *,
    paper_key: str,
    minutes: int,
    reason: str,
    actor_id: int | None,
    now: datetime,
    learner_id: int | None = None,
) -> int:
    """Give whoever is sitting a paper more time and return how many attempts that are.

    Attempts that are handed in or whose time is up stay as they are. Open pages learn of it with
    their next save, or when they are looked at again.

    :param learner_id: only this learner; none: everybody.
    :raises NotFound: ``no_paper``.
    :raises Invalid: ``bad_minutes`` or ``no_reason``.
    """
    rules.extended(now, minutes, reason)
    paper = queries.paper(session, paper_key)
    found = queries.running(session, paper_id=paper.paper_id, learner_id=learner_id, now=now)
    later = {(who, n): rules.extended(ends_at, minutes, reason) for who, n, ends_at in found}
    if later:
        rows = [
            {"of_learner": who, "which": n, "new_deadline": ends_at}
            for (who, n), ends_at in later.items()
        ]
        put(session, _EXTEND, rows)
    audit.record_many(
        session,
        verb="exams.attempt_extended",
        actor_id=actor_id,
        now=now,
        facts_of={
            f"attempt:{who}/{n}": {
                "paper": paper_key,
                "minutes": minutes,
                "reason": reason.strip(),
                "deadline_at": ends_at.isoformat(),
            }
            for (who, n), ends_at in later.items()
        },
    )
    return len(later)


def hand_in_expired(session: Session, *, now: datetime, at_most: int = 50) -> int:
    """Hand in open attempts whose time is up and return how many were; call again until 0.

    Learners are locked in the order of their ids, as everybody does who locks many.
    """
    overdue = queries.expired(session, now=now, at_most=at_most)
    for learner_id, number in sorted(overdue):
        submit(session, learner_id=learner_id, number=number, now=now)
    return len(overdue)


def _hand_in(session: Session, found: Sitting, *, actor_id: int | None, now: datetime) -> Result:
    state, ended_at = rules.closing(found.deadline_at, now=now)
    result = mark_and_keep(session, found, state, ended_at)
    append_record(session, found, result, now=now)
    _note(session, found, result, actor_id=actor_id, now=now)
    return result


def mark_and_keep(session: Session, found: Sitting, state: State, ended_at: datetime) -> Result:
    """Mark every slot and keep the result."""
    briefs = queries.briefs(session, [slot.version_id for slot in found.slots])
    marking = Marking.read(found.marking)
    marks = _mark(found, briefs, marking)
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


def _mark(found: Sitting, briefs: dict[int, Brief], marking: Marking) -> list[Mark]:
    marks: list[Mark] = []
    for number, slot in enumerate(found.slots, start=1):
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


def _note(
    session: Session, found: Sitting, result: Result, *, actor_id: int | None, now: datetime
) -> None:
    audit.record(
        session,
        verb=f"exams.attempt_{result.state}",
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


def load(session: Session, files: Iterable[PaperFile], *, now: datetime) -> Tally:
    """Publish papers that are new or changed, retire those whose file is gone.

    Nothing is deleted: attempts keep the version they were drawn from. Papers that were made on a
    page are not looked at; no file can have their keys.
    """
    rows = session.execute(
        sa.select(Paper, PaperVersion.digest)
        .join(PaperVersion, queries.IS_CURRENT)
        .where(Paper.origin == queries.FILE)
    )
    return publish_all(
        session,
        {paper.key: (paper, digest) for paper, digest in rows},
        files,
        identity=Paper,
        publish=lambda paper, file: _publish(session, paper, file, now=now),
        note_state=lambda paper: _note_state(session, paper, now=now),
    )


def _publish(session: Session, paper: Paper, file: PaperFile, *, now: datetime) -> None:
    session.add(
        PaperVersion(
            paper_id=paper.id,
            number=paper.current_number,
            digest=file.digest,
            title=file.title,
            title_en=file.title_en,
            subject=file.subject,
            minutes=file.minutes,
            sittable=file.sittable,
            certainty=file.certainty,
            source=file.source,
            blueprint=dict(file.table),
            published_at=now,
        )
    )
    audit.record(
        session,
        verb="exams.paper_published",
        subject=f"paper:{file.key}",
        actor_id=None,
        now=now,
        number=paper.current_number,
        digest=file.digest,
    )


def _note_state(session: Session, paper: Paper, *, now: datetime) -> None:
    verb = "exams.paper_retired" if paper.state == RETIRED else "exams.paper_restored"
    audit.record(session, verb=verb, subject=f"paper:{paper.key}", actor_id=None, now=now)
