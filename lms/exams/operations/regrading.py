"""Marking papers anew: proposed by one person, approved by another, and taken back likewise.

Neither attempts nor responses change. What an attempt counts as from now on is appended beside
it, the learning record gets a correction that names the old fact, and the before-commit steps
bring progress in line. Certificates stay as they are: whether one is revoked is decided by who
answers for them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.models import Regrade, RegradeResult
from lms.exams.rules import Change, Sat, Terms
from lms.exams.types import Cause, Policy, Slip, Standings
from lms.kernel.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from lms.kernel.selecting import put
from lms.people.operations import lock_learners
from lms.question_bank.rules import is_judged
from lms.records import operations as records
from lms.records import queries as record_queries
from lms.records.types import Correction, RecordKind
from lms.regulations import queries as regulations
from lms.regulations.types import PRACTICE_MARKING

LONGEST_REASON = 300

_INSERT = sa.insert(cast(sa.Table, RegradeResult.__table__))


def propose_regrade(
    session: Session, *, terms: Terms, reason: str, actor_id: int, now: datetime
) -> int:
    """Try a regrade on everything handed in so far, keep what came of it, and return its number.

    Nothing of the results changes before another person approves it.

    :param reason: in words that learners read.
    :raises Invalid: as :func:`lms.exams.rules.check_terms` says, ``blank``, ``too_long``,
        ``another_question``, ``looks_different``, ``judged``, ``official_paper``,
        ``odd_shares``, ``no_marking``.
    :raises NotFound: ``no_question_version``, ``no_rule``.
    :raises Conflict: ``nothing_to_regrade``.
    """
    reason = words(reason)
    rules.check_terms(terms)
    _check_question(session, terms)
    _check_rule(session, terms)
    found = queries.compare(session, terms, looked_at=now)
    if not found:
        raise Conflict("nothing_to_regrade", N_("没有要改的卷子：还没有人交过，或者都不会变"))
    figures = rules.figures(found)
    made = Regrade(
        cause=terms.cause,
        policy=terms.policy,
        reason=reason,
        paper_version_id=terms.paper_version_id,
        from_version_id=terms.from_version_id,
        to_version_id=terms.to_version_id,
        marking_rule_id=terms.marking_rule_id,
        looked_at=now,
        digest=rules.digest(terms, found),
        figures=figures._asdict(),
        proposed_at=now,
        proposed_by=actor_id,
    )
    session.add(made)
    session.flush()
    facts = figures._asdict() | _facts_of(terms)
    _note(session, "exams.regrade_proposed", made, actor_id, now, **facts)
    return made.id


def _facts_of(terms: Terms) -> dict[str, Any]:
    """Return what the trail tells of an answer card that is corrected."""
    if terms.card is None:
        return {}
    said = {str(slot): letters for slot, letters in terms.card.cells.items()}
    spoilt = {str(slot): letters for slot, letters in terms.card.spoilt.items()}
    attempt = f"attempt:{terms.card.learner_id}/{terms.card.number}"
    return {"attempt": attempt, "cells": said, "spoilt": spoilt}


def words(text: str) -> str:
    """Return a reason in words that learners read.

    :raises Invalid: ``blank``, ``too_long``.
    """
    text = text.strip()
    if not text:
        raise Invalid("blank", N_("请写明理由，学员会看到"), where="reason")
    if len(text) > LONGEST_REASON:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where="reason", n=LONGEST_REASON)
    return text


def _check_question(session: Session, terms: Terms) -> None:
    """Refuse a key that cannot mark the answers given to another version."""
    if terms.from_version_id is None:
        return
    asked = {each for each in (terms.from_version_id, terms.to_version_id) if each is not None}
    looks = queries.look_of(session, asked)
    if set(looks) != asked:
        raise NotFound("no_question_version", N_("没有这道题，或没有这一版"))
    if terms.to_version_id is None:
        return
    was, is_now = looks[terms.from_version_id], looks[terms.to_version_id]
    if was[0] != is_now[0]:
        raise Invalid("another_question", N_("两版不是同一道题"), where="to_version")
    if is_judged(was[1]) and terms.policy in {Policy.CURRENT_KEY, Policy.BEST_OF_BOTH}:
        raise Invalid("judged", N_("主观题由人评分，不能按答案改分"), where="policy")
    if was[1:] != is_now[1:]:
        raise Invalid(
            "looks_different",
            N_("两版的选项不一样，旧卷的作答不能用新答案判；可以改为“此题作废”"),
            where="to_version",
        )


def _check_rule(session: Session, terms: Terms) -> None:
    """Keep rules that are ours, for practice, away from papers that are marked as the exam is."""
    if terms.marking_rule_id is None or terms.paper_version_id is None:
        return
    rule = regulations.rule_version(session, terms.marking_rule_id)
    if rule.kind != PRACTICE_MARKING or queries.names_a_rule(session, terms.paper_version_id):
        return
    raise Invalid(
        "official_paper", N_("这份卷按国家考试的规则评分，不能换成练习用的规则"), where="rule"
    )


def withdraw_regrade(session: Session, *, regrade_id: int, actor_id: int, now: datetime) -> None:
    """Drop a proposal; dropped already, nothing changes.

    :raises NotFound: ``no_regrade``.
    :raises Conflict: ``already_applied``.
    """
    withdraw(session, locked(session, regrade_id), actor_id=actor_id, now=now)


def withdraw(session: Session, made: Regrade, *, actor_id: int, now: datetime) -> None:
    """Drop a proposal that is held."""
    if made.withdrawn_at is not None:
        return
    if made.applied_at is not None:
        raise Conflict("already_applied", N_("已经改过分了，只能申请撤销"))
    made.withdrawn_at, made.withdrawn_by = now, actor_id
    _note(session, "exams.regrade_withdrawn", made, actor_id, now)


def apply_regrade(session: Session, *, regrade_id: int, actor_id: int, now: datetime) -> None:
    """Approve a proposal: change every result it is about, in this transaction.

    Applied already, nothing changes. It holds for exactly what was tried: if an attempt that it
    looked at counts differently now, or one more has come to light, it is refused.

    :raises NotFound: ``no_regrade``.
    :raises NotAllowed: ``own_regrade``, ``own_result``.
    :raises Conflict: ``withdrawn_regrade``, ``stale_regrade``.
    """
    made = locked(session, regrade_id)
    apply(session, made, queries.terms_of(made), actor_id=actor_id, now=now)


def apply(session: Session, made: Regrade, terms: Terms, *, actor_id: int, now: datetime) -> None:
    """Approve a proposal that is held."""
    if made.applied_at is not None:
        return
    _check_approver(session, made, terms, actor_id)
    found = _compared(session, made, terms)
    if rules.digest(terms, found) != made.digest:
        raise Conflict("stale_regrade", N_("试算以后情况变了，请重新试算"))
    made.applied_at, made.applied_by = now, actor_id
    _note(session, "exams.regrade_applied", made, actor_id, now, **made.figures)
    put(session, _INSERT, [_row(made.id, each, now) for each in found])
    moves = [(each.sat, each.after) for each in found]
    _tell(session, "exams.attempt_regraded", made.id, moves, actor_id=actor_id, now=now)
    _correct(session, f"#{made.id}", made.id, moves, actor_id=actor_id, now=now)


def check_approver(session: Session, *, regrade_id: int, actor_id: int) -> None:
    """Refuse who must not approve a proposal, or one that nobody can.

    :raises NotFound: ``no_regrade``.
    :raises NotAllowed: ``own_regrade``, ``own_result``.
    :raises Conflict: ``withdrawn_regrade``.
    """
    made = locked(session, regrade_id)
    _check_approver(session, made, queries.terms_of(made), actor_id)


def _check_approver(session: Session, made: Regrade, terms: Terms, actor_id: int) -> None:
    if made.withdrawn_at is not None:
        raise Conflict("withdrawn_regrade", N_("这次改分已经撤回"))
    _refuse_same(made.proposed_by, actor_id)
    _refuse_own(session, made, terms, actor_id)


def _refuse_own(session: Session, made: Regrade, terms: Terms, actor_id: int) -> None:
    """Refuse whoever would move a result of their own."""
    since = made.looked_at if made.applied_at is None else None
    if queries.moves_own(session, made.id, terms, actor_id, since=since):
        raise NotAllowed("own_result", N_("这次改分会动到您自己的成绩，请别人来批"))


def _compared(session: Session, made: Regrade, terms: Terms) -> list[Change]:
    """Compare with everybody held off who may be in it, in the order of their ids."""
    _hold_off(session, queries.learners_in(session, terms, made.looked_at))
    return queries.compare(session, terms, looked_at=made.looked_at, regrade_id=made.id)


def _hold_off(session: Session, learner_ids: Collection[int]) -> None:
    """Lock learners and those they were merged into."""
    merged = queries.merged_into(session, learner_ids)
    lock_learners(session, {*learner_ids, *merged.values()})


def _row(regrade_id: int, found: Change, now: datetime) -> dict[str, Any]:
    return _result(
        found.sat,
        revision=found.sat.revision + 1,
        regrade_id=regrade_id,
        standing_id=regrade_id,
        rule_id=None
        if found.sat.own_rule and found.marking_rule_id == found.sat.marking_rule_id
        else found.marking_rule_id,
        standings=found.after,
        slips=found.slips,
        now=now,
    )


def _result(
    sat: Sat,
    *,
    revision: int,
    regrade_id: int,
    standing_id: int | None,
    rule_id: int | None,
    standings: Standings,
    slips: Mapping[int, Slip],
    now: datetime,
) -> dict[str, Any]:
    return {
        "learner_id": sat.learner_id,
        "attempt_number": sat.number,
        "revision": revision,
        "regrade_id": regrade_id,
        "standing_id": standing_id,
        "marking_rule_id": rule_id,
        "unit": standings.unit,
        "earned": standings.earned,
        "out_of": standings.out_of,
        "passed": standings.passed,
        "slots": rules.write_slips(slips),
        "recorded_at": now,
    }


def ask_undo(
    session: Session, *, regrade_id: int, reason: str, actor_id: int, now: datetime
) -> None:
    """Propose to take an applied regrade back; proposed already, nothing changes.

    :raises NotFound: ``no_regrade``.
    :raises Invalid: ``blank``, ``too_long``.
    :raises Conflict: ``not_applied``, ``already_undone``.
    """
    reason = words(reason)
    ask_back(session, locked(session, regrade_id), reason=reason, actor_id=actor_id, now=now)


def ask_back(session: Session, made: Regrade, *, reason: str, actor_id: int, now: datetime) -> None:
    """Propose to take back what is held."""
    if made.applied_at is None:
        raise Conflict("not_applied", N_("还没有改过分，不用撤销"))
    if made.undone_at is not None:
        raise Conflict("already_undone", N_("这次改分已经撤销"))
    if made.undo_asked_at is not None:
        return
    made.undo_asked_at, made.undo_asked_by, made.undo_reason = now, actor_id, reason
    _note(session, "exams.regrade_undo_asked", made, actor_id, now, undo_reason=reason)


def drop_undo(session: Session, *, regrade_id: int, actor_id: int, now: datetime) -> None:
    """Leave an applied regrade as it is after all; not asked for, nothing changes.

    :raises NotFound: ``no_regrade``.
    :raises Conflict: ``already_undone``.
    """
    drop_asking(session, locked(session, regrade_id), actor_id=actor_id, now=now)


def drop_asking(session: Session, made: Regrade, *, actor_id: int, now: datetime) -> None:
    """Leave what is held as it is."""
    if made.undone_at is not None:
        raise Conflict("already_undone", N_("这次改分已经撤销"))
    if made.undo_asked_at is None:
        return
    made.undo_asked_at, made.undo_asked_by, made.undo_reason = None, None, ""
    _note(session, "exams.regrade_undo_dropped", made, actor_id, now)


def approve_undo(session: Session, *, regrade_id: int, actor_id: int, now: datetime) -> None:
    """Take a regrade back: every result reads again as it did before. Done already: nothing.

    What was appended stays; what stood before is appended after it.

    :raises NotFound: ``no_regrade``.
    :raises NotAllowed: ``own_regrade``, ``own_result``.
    :raises Conflict: ``undo_not_asked``; ``regraded_since``: take the later one back first.
    """
    made = locked(session, regrade_id)
    take_back(session, made, queries.terms_of(made), actor_id=actor_id, now=now)


def take_back(
    session: Session, made: Regrade, terms: Terms, *, actor_id: int, now: datetime
) -> None:
    """Take back what is held."""
    if made.undone_at is not None:
        return
    if made.undo_asked_at is None or made.undo_asked_by is None:
        raise Conflict("undo_not_asked", N_("还没有人申请撤销"))
    _refuse_same(made.undo_asked_by, actor_id)
    _refuse_own(session, made, terms, actor_id)
    _hold_off(session, {sat.learner_id for sat, _became in queries.done(session, made.id)})
    newest = queries.newest(session, made.id)
    if any(standing_id != made.id for _revision, standing_id in newest.values()):
        raise Conflict("regraded_since", N_("有的卷子后来又改过分，先撤销后面的那次"))
    done = [sat for sat, _became in queries.done(session, made.id)]
    made.undone_at, made.undone_by = now, actor_id
    _note(session, "exams.regrade_undone", made, actor_id, now, undo_reason=made.undo_reason)
    put(
        session,
        _INSERT,
        [
            _result(
                sat,
                revision=newest[sat.learner_id, sat.number][0] + 1,
                regrade_id=made.id,
                standing_id=sat.standing_id,
                rule_id=None if sat.own_rule else sat.marking_rule_id,
                standings=sat.standings,
                slips=sat.slips,
                now=now,
            )
            for sat in done
        ],
    )
    moves = [(sat, sat.standings) for sat in done]
    _tell(session, "exams.attempt_regrade_undone", made.id, moves, actor_id=actor_id, now=now)
    _correct(session, f"#{made.id}u", made.id, moves, actor_id=actor_id, now=now)


def locked(session: Session, regrade_id: int, *, of_card: bool = False) -> Regrade:
    """Return a regrade and hold it; one that corrects an answer card only where that is meant.

    :raises NotFound: ``no_regrade``.
    """
    found = session.scalar(
        sa.select(Regrade)
        .where(Regrade.id == regrade_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None or (found.cause == Cause.CARD_CORRECTED) is not of_card:
        raise NotFound("no_regrade", N_("没有这次改分"))
    return found


def _refuse_same(author_id: int, actor_id: int) -> None:
    if author_id == actor_id:
        raise NotAllowed("own_regrade", N_("不能批准自己提出的，请另一位有权限的人来批"))


def _correct(
    session: Session,
    suffix: str,
    regrade_id: int,
    moves: Iterable[tuple[Sat, Standings]],
    *,
    actor_id: int,
    now: datetime,
) -> None:
    """Append corrections to the learning records whose marks are not what they should be.

    Also to a record that was carried to whom the learner was merged into.
    """
    become = {
        (sat.learner_id, f"paper_sat:{sat.paper_key}:{sat.number}"): after for sat, after in moves
    }
    learner_ids = {learner_id for learner_id, _sitting in become}
    everybody = sorted(learner_ids | set(queries.merged_into(session, learner_ids).values()))
    subjects = {f"paper:{sitting.split(':')[1]}" for _learner_id, sitting in become}
    corrections = []
    for start in range(0, len(everybody), queries.SHEAF):
        for learner_id, deed, fact in record_queries.standing_about(
            session,
            everybody[start : start + queries.SHEAF],
            kind=RecordKind.PAPER_SAT,
            subjects=subjects,
        ):
            after = become.get(rules.sitting_of(learner_id, deed))
            if after is None or rules.marks_told(fact.quantity, fact.detail).is_same(after):
                continue
            detail = rules.told_anew(fact.detail, after)
            corrections.append(
                Correction(
                    learner_id=learner_id,
                    fact=fact,
                    quantity=after.earned,
                    detail={**detail, "regrade": regrade_id},
                    dedupe_key=deed + suffix,
                )
            )
    records.correct_many(session, corrections, actor_id=actor_id, now=now)


def _tell(
    session: Session,
    verb: str,
    regrade_id: int,
    moves: Sequence[tuple[Sat, Standings]],
    *,
    actor_id: int,
    now: datetime,
) -> None:
    """Write one line for each attempt."""
    audit.record_many(
        session,
        verb=verb,
        actor_id=actor_id,
        now=now,
        facts_of={
            f"attempt:{sat.learner_id}/{sat.number}": {
                "regrade": regrade_id,
                "earned": after.earned,
                **after.detail,
            }
            for sat, after in moves
        },
    )


def _note(
    session: Session, verb: str, made: Regrade, actor_id: int, now: datetime, **facts: Any
) -> None:
    session.flush()
    audit.record(
        session,
        verb=verb,
        subject=f"regrade:{made.id}",
        actor_id=actor_id,
        now=now,
        cause=str(Cause(made.cause)),
        policy=str(Policy(made.policy)),
        reason=made.reason,
        question_version=made.from_version_id,
        new_version=made.to_version_id,
        paper_version=made.paper_version_id,
        marking_rule=made.marking_rule_id,
        **facts,
    )
