"""Correcting an answer card that was typed in wrongly: proposed, approved by another, taken back.

It is a regrade of one attempt. What had been typed in stays; what the card says is appended, and
result, record, progress and trail follow as they do when papers are marked anew.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.models import CardCorrection, Regrade
from lms.exams.operations.regrading import (
    apply,
    ask_back,
    drop_asking,
    locked,
    propose_regrade,
    take_back,
    withdraw,
    words,
)
from lms.exams.rules import Card, Terms
from lms.exams.types import Cause, Policy
from lms.exams.types.on_paper import AnswerCard, Printed
from lms.kernel.errors import N_, Conflict, Invalid, NotAllowed
from lms.people.operations import lock_learner


def propose_correction(
    session: Session,
    printed: Printed,
    card: AnswerCard,
    *,
    reason: str,
    actor_id: int,
    now: datetime,
) -> int:
    """Say what a card says that was typed in, try what comes of it, and return its number.

    :param reason: in words that the learner reads.
    :raises NotFound: ``no_card``.
    :raises Invalid: ``nothing_to_correct``, ``blank``, ``too_long``.
    :raises NotAllowed: ``own_card``.
    :raises Conflict: ``correction_waits``: another one of this card is not decided yet.
    """
    _refuse_learner(card.learner_id, actor_id)
    lock_learner(session, card.learner_id)
    number, known = queries.card_now(session, printed, card.learner_id)
    for deed in queries.card_deeds(session, printed.id):
        about = deed.terms.card
        if deed.state == "proposed" and about and about.learner_id == card.learner_id:
            raise Conflict("correction_waits", N_("这份答题卡有一次更正还没有批，先批准或撤回"))
    slots = range(1, len(printed.slots) + 1)
    new = {n: (card.chosen.get(n, ""), card.spoilt.get(n, "")) for n in slots}
    old = {n: (known.chosen.get(n, ""), known.spoilt.get(n, "")) for n in slots}
    changed = [n for n in slots if new[n] != old[n]]
    if not changed:
        raise Invalid("nothing_to_correct", N_("和现在录的一样，没有要更正的"), where="cards")
    cells = {n: new[n][0] for n in changed}
    spoilt = {n: new[n][1] for n in changed if new[n][1]}
    terms = Terms(
        cause=Cause.CARD_CORRECTED,
        policy=Policy.CURRENT_KEY,
        paper_version_id=printed.paper_version_id,
        from_version_id=None,
        to_version_id=None,
        marking_rule_id=None,
        card=Card(card.learner_id, number, cells, spoilt, {n: old[n] for n in changed}),
    )
    made = propose_regrade(session, terms=terms, reason=reason, actor_id=actor_id, now=now)
    session.add(
        CardCorrection(
            learner_id=card.learner_id,
            regrade_id=made,
            print_id=printed.id,
            attempt_number=number,
            cells={str(n): said for n, said in cells.items()},
            spoilt={str(n): said for n, said in spoilt.items()},
            was={str(n): list(old[n]) for n in changed},
        )
    )
    session.flush()
    return made


def approve_correction(session: Session, *, regrade_id: int, actor_id: int, now: datetime) -> None:
    """Approve a correction, or that it is taken back if somebody has asked for that.

    Done already, nothing changes.

    :raises NotFound: ``no_regrade``.
    :raises NotAllowed: ``own_regrade``, ``own_card``, ``own_result``.
    :raises Conflict: ``withdrawn_regrade``, ``stale_regrade``, ``regraded_since``.
    """
    made, terms = _held(session, regrade_id)
    _refuse_learner(terms.card.learner_id if terms.card else None, actor_id)
    if made.undo_asked_at is not None:
        take_back(session, made, terms, actor_id=actor_id, now=now)
    else:
        apply(session, made, terms, actor_id=actor_id, now=now)


def drop_correction(session: Session, *, regrade_id: int, actor_id: int, now: datetime) -> None:
    """Drop a correction that is proposed, or that one is to be taken back.

    :raises NotFound: ``no_regrade``.
    :raises Conflict: ``already_undone``.
    """
    made, _terms = _held(session, regrade_id)
    if made.applied_at is None:
        withdraw(session, made, actor_id=actor_id, now=now)
    else:
        drop_asking(session, made, actor_id=actor_id, now=now)


def ask_undo_correction(
    session: Session, *, regrade_id: int, reason: str, actor_id: int, now: datetime
) -> None:
    """Propose to take an approved correction back; proposed already, nothing changes.

    :raises NotFound: ``no_regrade``.
    :raises Invalid: ``blank``, ``too_long``.
    :raises NotAllowed: ``own_card``.
    :raises Conflict: ``not_applied``, ``already_undone``.
    """
    made, terms = _held(session, regrade_id)
    _refuse_learner(terms.card.learner_id if terms.card else None, actor_id)
    ask_back(session, made, reason=words(reason), actor_id=actor_id, now=now)


def _held(session: Session, regrade_id: int) -> tuple[Regrade, Terms]:
    made = locked(session, regrade_id, of_card=True)
    return made, queries.terms_of(made, queries.card_of(session, regrade_id))


def _refuse_learner(learner_id: int | None, actor_id: int) -> None:
    if learner_id == actor_id:
        raise NotAllowed("own_card", N_("自己的答题卡要由别人更正"))
