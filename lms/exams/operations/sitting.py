from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.content import PaperFile
from lms.exams.models import Attempt, Paper, PaperVersion, Response
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
)
from lms.kernel import reading
from lms.kernel.authoring import Tally
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.publishing import RETIRED, publish_all
from lms.kernel.selecting import put
from lms.people.operations import lock_learner
from lms.question_bank import queries as bank
from lms.question_bank.rules import mark, places, shown, taken
from lms.question_bank.types import Mark, Marking
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.regulations import queries as regulations
from lms.regulations.rules import in_force, pass_line

MEMORY = 10
"""How many attempts back a learner's earlier questions are remembered when a paper is drawn."""

_attempts, _responses = cast(sa.Table, Attempt.__table__), cast(sa.Table, Response.__table__)
_ONE = sa.update(_attempts).where(
    _attempts.c.learner_id == sa.bindparam("of_learner"),
    _attempts.c.number == sa.bindparam("which"),
)
_SAVE = _ONE.values(answers=sa.bindparam("new_answers"), saved_at=sa.bindparam("saved_on"))
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
    :raises Conflict: ``not_sittable``, or ``not_enough_questions``.
    """
    lock_learner(session, learner_id)
    paper = queries.paper(session, paper_key)
    if not paper.sittable:
        raise Conflict("not_sittable", N_("这份试卷只供查阅结构，不能在这里考"))
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
    return _open(session, paper, learner_id, standing.latest + 1, seed=seed, now=now)


def _open(
    session: Session, paper: PaperText, learner_id: int, number: int, *, seed: int, now: datetime
) -> int:
    in_use = regulations.rules_of_kind(session, "marking", "pass_line")
    marking = in_force([rule for rule in in_use if rule.kind == "marking"], day_of(now))
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

    :raises Conflict: ``not_enough_questions``.
    """
    candidates = bank.drawable(session, paper.subject)
    picks = rules.draw(paper.blueprint, candidates, seed=seed, met=met)
    drawn = queries.briefs(session, [pick.version_id for pick in picks])
    counts = {id_: places(brief.kind, brief.spec) for id_, brief in drawn.items()}
    return rules.order_options(picks, counts, seed=seed)


def save_answers(
    session: Session, *, learner_id: int, number: int, answers: Sequence[Sent], now: datetime
) -> Saved:
    """Keep answers of an open attempt and say what is stored now.

    Safe to repeat and to arrive out of order: in every slot the highest counter counts. One row
    is written, or none if nothing is new.

    :raises NotFound: ``no_attempt``.
    :raises Conflict: ``already_handed_in`` or ``too_late``; what was saved stays as it was.
    :raises Invalid: ``foreign_slot``, ``bad_counter``, or as the kind refuses an answer
        (``foreign_option``, ``too_many`` …); then nothing of what was sent is stored.
    """
    found = queries.desk(session, learner_id=learner_id, number=number)
    rules.check_open(found.state, found.deadline_at, now=now)
    asked = _asked(session, found, answers)
    merged, stale = rules.merge(found.answers, _taken(found, asked, answers))
    saved_at = found.saved_at or now
    if merged != found.answers:
        saved_at = now
        new = {"new_answers": rules.write_answers(merged), "saved_on": now}
        put(session, _SAVE, {"of_learner": learner_id, "which": number, **new})
    return Saved(
        saved_at=saved_at,
        counter=max((answer.counter for answer in merged.values()), default=0),
        states={s.slot: _kept(found, asked, s.slot, merged[s.slot]) for s in answers},
        stale=stale,
    )


def _asked(session: Session, found: Desk, answers: Sequence[Sent]) -> dict[int, Brief]:
    """Return the questions of the slots that were sent.

    :raises Invalid: ``foreign_slot``.
    """
    for each in answers:
        if not 1 <= each.slot <= len(found.slots):
            raise Invalid("foreign_slot", N_("卷上没有这道题"), where=f"answers.{each.slot}")
    slots = {each.slot: found.slots[each.slot - 1] for each in answers}
    briefs = queries.briefs(session, {slot.version_id for slot in slots.values()})
    return {number: briefs[slot.version_id] for number, slot in slots.items()}


def _taken(found: Desk, asked: Mapping[int, Brief], answers: Sequence[Sent]) -> list[Taken]:
    """Check what was sent against what was shown, and return it in the author's order."""
    checked: list[Taken] = []
    for each in answers:
        brief, order = asked[each.slot], found.slots[each.slot - 1].order
        with reading.within("answers", each.slot):
            rules.check_counter(each.counter)
            chosen = taken(brief.kind, brief.spec, each.parts, order)
        checked.append(Taken(each.slot, chosen, each.counter, each.flagged))
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
    marks = _mark(found, briefs, Marking.read(found.marking))
    whole = rules.total(marks)
    result = Result(
        number=found.number,
        state=state,
        submitted_at=ended_at,
        earned=whole.earned,
        out_of=whole.out_of,
        passed=rules.is_passed(whole.earned, whole.out_of, found.line),
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
    return [
        {
            "learner_id": found.learner_id,
            "attempt_number": found.number,
            "slot": number,
            "question_version_id": slot.version_id,
            "chosen": found.answer(number).chosen,
            "earned": each.earned,
            "out_of": each.out_of,
        }
        for number, (slot, each) in enumerate(zip(found.slots, marks, strict=True), start=1)
    ]


def append_record(session: Session, found: Sitting, result: Result, *, now: datetime) -> None:
    """Tell the learning record how an attempt ended."""
    records.append(
        session,
        learner_id=found.learner_id,
        kind=RecordKind.PAPER_SAT,
        subject=f"paper:{found.paper_key}",
        on=day_of(result.submitted_at),
        now=now,
        dedupe_key=f"paper_sat:{found.paper_key}:{found.number}",
        quantity=result.earned,
        detail={"out_of": result.out_of, "passed": result.passed, "attempt": found.number},
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
    )


def load(session: Session, files: Iterable[PaperFile], *, now: datetime) -> Tally:
    """Publish papers that are new or changed, retire those whose file is gone.

    Nothing is deleted: attempts keep the version they were drawn from.
    """
    rows = session.execute(
        sa.select(Paper, PaperVersion.digest).join(PaperVersion, queries.IS_CURRENT)
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
