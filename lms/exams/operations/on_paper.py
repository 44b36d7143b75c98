"""Papers that are sat on paper: drawn and kept, answer cards made into attempts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.models import Attempt, PaperEntry, PaperPrint
from lms.exams.operations.drawing import draw_slots
from lms.exams.operations.sitting import append_record, finer, mark_and_keep
from lms.exams.types import Answer, State
from lms.exams.types.on_paper import AnswerCard, Entered, Printed
from lms.kernel.clock import day_of, end_of
from lms.kernel.errors import N_, Conflict
from lms.kernel.selecting import put
from lms.people.operations import lock_learner
from lms.question_bank.types import Marking
from lms.regulations import queries as regulations
from lms.regulations.rules import marking_rule, pass_line
from lms.regulations.types import MARKING, PRACTICE_MARKING

_attempts = cast(sa.Table, Attempt.__table__)


def print_paper(
    session: Session,
    *,
    paper_key: str,
    seed: int,
    note: str,
    organization_id: int,
    actor_id: int,
    now: datetime,
) -> int:
    """Draw a paper to be sat on paper and return the number of the print.

    Safe to repeat: the same seed for the same unit and note is one print.

    :raises NotFound: ``no_paper``, or ``no_rule`` for the marking of the day.
    :raises Conflict: ``not_sittable``, ``not_enough_questions``, ``questions_gone``, or
        ``not_for_paper``: it asks questions that are not answered with letters.
    """
    lock_learner(session, actor_id)  # a form that is sent twice at once waits for itself
    paper = queries.paper(session, paper_key)
    if not paper.sittable:
        raise Conflict("not_sittable", N_("这份试卷只供查阅结构，不能在这里考"))
    same = session.scalar(
        sa.select(PaperPrint.id).where(
            PaperPrint.paper_version_id == paper.version_id,
            PaperPrint.seed == seed,
            PaperPrint.organization_id == organization_id,
            PaperPrint.note == note,
        )
    )
    if same is not None:
        return same
    rules.check_for_paper(paper.blueprint)
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING)
    marking = marking_rule(in_use, on=day_of(now), key=paper.blueprint.marking)
    made = PaperPrint(
        paper_version_id=paper.version_id,
        marking_rule_id=marking.version_id,
        seed=seed,
        slots=rules.write_slots(draw_slots(session, paper, seed=seed)),
        note=note,
        organization_id=organization_id,
        printed_by_id=actor_id,
        printed_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        verb="exams.paper_printed",
        subject=f"print:{made.id}",
        actor_id=actor_id,
        now=now,
        paper=paper.key,
        paper_version=paper.version_id,
        seed=seed,
        organization=organization_id,
        note=note,
    )
    return made.id


def enter_cards(
    session: Session,
    printed: Printed,
    cards: Sequence[AnswerCard],
    *,
    on: date,
    actor_id: int,
    now: datetime,
) -> list[Entered]:
    """Make the answer cards of a sitting on paper into attempts that are handed in and marked.

    Safe to repeat: one learner has one attempt on a print. A second card of theirs changes
    nothing, and what it says is compared. All cards or, on a refusal, none. Whether whoever types
    them in may do so for these people is the caller's business.

    :param on: the day of the sitting; the pass line is that day's.
    :raises NotFound: ``no_rule`` for the line of the day.
    """
    lines = regulations.rules_of_kind(session, "pass_line")
    line = pass_line(lines, level=printed.blueprint.level, on=on)
    entered = []
    for card in sorted(cards, key=lambda card: card.learner_id):
        lock_learner(session, card.learner_id)
        known = session.get(PaperEntry, (card.learner_id, printed.id))
        if known is not None:
            before, said = queries.card_now(session, printed, card.learner_id)
            is_same = said.chosen == _filled(card.chosen) and said.spoilt == card.spoilt
            entered.append(Entered(card.learner_id, before, is_new=False, is_same=is_same))
            continue
        number = _open_card(session, printed, card, line.version_id, on=on)
        _enter_card(session, printed, card, number, on=on, actor_id=actor_id, now=now)
        entered.append(Entered(card.learner_id, number, is_new=True, is_same=True))
    return entered


def _filled(chosen: Mapping[int, str]) -> dict[int, str]:
    return {slot: letters for slot, letters in sorted(chosen.items()) if letters}


def _open_card(
    session: Session, printed: Printed, card: AnswerCard, line_id: int, *, on: date
) -> int:
    """Write an attempt as it stands before it is marked. Its times are known to the day."""
    number = queries.standing(session, card.learner_id).latest + 1
    began = end_of(on - timedelta(days=1))
    answers = {slot: Answer(chosen, 1) for slot, chosen in _filled(card.chosen).items()}
    put(
        session,
        sa.insert(_attempts),
        {
            "learner_id": card.learner_id,
            "number": number,
            "paper_version_id": printed.paper_version_id,
            "marking_rule_id": printed.marking_rule_id,
            "pass_line_id": line_id,
            "unit": Marking.read(printed.marking).unit,
            "state": State.OPEN,
            "seed": printed.seed,
            "slots": rules.write_slots(printed.slots),
            "answers": rules.write_answers(answers),
            "started_at": began,
            "deadline_at": rules.deadline(began, printed.minutes),
        },
    )
    return number


def _enter_card(
    session: Session,
    printed: Printed,
    card: AnswerCard,
    number: int,
    *,
    on: date,
    actor_id: int,
    now: datetime,
) -> None:
    found = queries.sitting(session, learner_id=card.learner_id, number=number)
    result = mark_and_keep(session, found, State.SUBMITTED, found.started_at)
    session.add(
        PaperEntry(
            learner_id=card.learner_id,
            print_id=printed.id,
            attempt_number=number,
            sat_on=on,
            spoilt={str(slot): letters for slot, letters in card.spoilt.items()},
            entered_by_id=actor_id,
            entered_at=now,
        )
    )
    append_record(session, found, result, now=now)
    audit.record(
        session,
        verb="exams.attempt_entered",
        subject=f"attempt:{card.learner_id}/{number}",
        actor_id=actor_id,
        now=now,
        paper=printed.paper_key,
        paper_print=printed.id,
        sat_on=on.isoformat(),
        earned=result.earned,
        out_of=result.out_of,
        passed=result.passed,
        answered=len(found.slots) - len(found.blank),
        spoilt={str(slot): letters for slot, letters in card.spoilt.items()},
        **finer(result),
    )
