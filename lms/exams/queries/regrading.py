"""Regrades that were proposed, and what they have left."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.exams import rules
from lms.exams.models import (
    Attempt,
    CardCorrection,
    Paper,
    PaperVersion,
    Regrade,
    RegradeResult,
)
from lms.exams.queries.attempts import standings_of
from lms.exams.queries.trying import compare, sheaves
from lms.exams.rules import Card, Deed, Figures, Sat, Terms, Told
from lms.exams.types import Cause, Policy, Standings
from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.people.models import Person
from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.rules import view
from lms.question_bank.types import View
from lms.regulations.models import Rule, RuleVersion
from lms.regulations.types import MARKING, PRACTICE_MARKING

_proposer, _approver = aliased(Person), aliased(Person)
_undo_asker, _undo_approver = aliased(Person), aliased(Person)
_from, _to = aliased(QuestionVersion), aliased(QuestionVersion)
_DEEDS = (
    sa.select(
        Regrade,
        Paper.key.label("paper_key"),
        PaperVersion.title.label("paper_title"),
        PaperVersion.title_en.label("paper_title_en"),
        PaperVersion.number.label("paper_number"),
        Question.key.label("question_key"),
        _from.number.label("from_number"),
        _to.number.label("to_number"),
        RuleVersion.title.label("rule_title"),
        RuleVersion.title_en.label("rule_title_en"),
        _proposer.name.label("proposer"),
        _approver.name.label("approver"),
        _undo_asker.name.label("undo_asker"),
        _undo_approver.name.label("undo_approver"),
    )
    .outerjoin(PaperVersion, PaperVersion.id == Regrade.paper_version_id)
    .outerjoin(Paper, Paper.id == PaperVersion.paper_id)
    .outerjoin(_from, _from.id == Regrade.from_version_id)
    .outerjoin(_to, _to.id == Regrade.to_version_id)
    .outerjoin(Question, Question.id == _from.question_id)
    .outerjoin(RuleVersion, RuleVersion.id == Regrade.marking_rule_id)
    .join(_proposer, _proposer.id == Regrade.proposed_by)
    .outerjoin(_approver, _approver.id == Regrade.applied_by)
    .outerjoin(_undo_asker, _undo_asker.id == Regrade.undo_asked_by)
    .outerjoin(_undo_approver, _undo_approver.id == Regrade.undone_by)
)
_IS_OF_MANY = Regrade.cause != Cause.CARD_CORRECTED
_STORY = (
    sa.select(
        Regrade.id,
        Regrade.cause,
        Regrade.policy,
        Regrade.reason,
        Regrade.undo_reason,
        Regrade.to_version_id,
        RegradeResult.regrade_id,
        RegradeResult.revision,
        RegradeResult.earned,
        RegradeResult.out_of,
        RegradeResult.passed,
        RegradeResult.unit,
        RegradeResult.recorded_at,
    )
    .join(Regrade, Regrade.id == RegradeResult.regrade_id)
    .where(
        RegradeResult.learner_id == sa.bindparam("learner_id"),
        RegradeResult.attempt_number == sa.bindparam("number"),
    )
    .order_by(RegradeResult.revision)
)


_before_it = aliased(RegradeResult)
_DONE = (
    sa.select(
        Attempt.learner_id,
        Attempt.number,
        Paper.key,
        Attempt.marking_rule_id,
        Attempt.earned,
        Attempt.out_of,
        Attempt.passed,
        Attempt.unit,
        _before_it.revision,
        _before_it.standing_id,
        _before_it.marking_rule_id.label("now_rule_id"),
        _before_it.earned.label("now_earned"),
        _before_it.out_of.label("now_out_of"),
        _before_it.passed.label("now_passed"),
        _before_it.unit.label("now_unit"),
        _before_it.slots.label("slips"),
        RegradeResult.earned.label("then_earned"),
        RegradeResult.out_of.label("then_out_of"),
        RegradeResult.passed.label("then_passed"),
        RegradeResult.unit.label("then_unit"),
    )
    .select_from(RegradeResult)
    .join(
        Attempt,
        sa.and_(
            Attempt.learner_id == RegradeResult.learner_id,
            Attempt.number == RegradeResult.attempt_number,
        ),
    )
    .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
    .join(Paper, Paper.id == PaperVersion.paper_id)
    .outerjoin(
        _before_it,
        sa.and_(
            _before_it.learner_id == RegradeResult.learner_id,
            _before_it.attempt_number == RegradeResult.attempt_number,
            _before_it.revision == RegradeResult.revision - 1,
        ),
    )
    .order_by(Attempt.learner_id, Attempt.number, RegradeResult.revision)
)


def regrade(session: Session, regrade_id: int) -> Deed:
    """Return a regrade that is no correction of one answer card. One statement.

    :raises NotFound: ``no_regrade``.
    """
    row = session.execute(_DEEDS.where(Regrade.id == regrade_id, _IS_OF_MANY)).one_or_none()
    if row is None:
        raise NotFound("no_regrade", N_("没有这次改分"))
    return _deed(row)


def list_regrades(session: Session, *, before: int | None = None, at_most: int = 20) -> list[Deed]:
    """Return regrades, newest first, below a number; no corrections of cards. One statement."""
    statement = _DEEDS.where(_IS_OF_MANY).order_by(Regrade.id.desc()).limit(at_most)
    if before is not None:
        statement = statement.where(Regrade.id < before)
    return [_deed(row) for row in session.execute(statement)]


def card_deeds(session: Session, print_id: int, *, regrade_id: int | None = None) -> list[Deed]:
    """Return the corrections of cards of a print, newest first; or one of them. One statement."""
    statement = (
        _DEEDS.add_columns(CardCorrection)
        .join(CardCorrection, CardCorrection.regrade_id == Regrade.id)
        .where(CardCorrection.print_id == print_id)
        .order_by(Regrade.id.desc())
    )
    if regrade_id is not None:
        statement = statement.where(Regrade.id == regrade_id)
    return [_deed(row, _card(row.CardCorrection)) for row in session.execute(statement)]


def card_of(session: Session, regrade_id: int) -> Card:
    """Return what a card says that a regrade corrects. One statement.

    :raises NotFound: ``no_regrade``.
    """
    found = session.scalar(sa.select(CardCorrection).where(CardCorrection.regrade_id == regrade_id))
    if found is None:
        raise NotFound("no_regrade", N_("没有这次改分"))
    return _card(found)


def _card(made: CardCorrection) -> Card:
    return Card(
        learner_id=made.learner_id,
        number=made.attempt_number,
        cells={int(slot): said for slot, said in made.cells.items()},
        spoilt={int(slot): said for slot, said in made.spoilt.items()},
        was={int(slot): (said, spoilt) for slot, (said, spoilt) in made.was.items()},
    )


def _deed(row: Any, card: Card | None = None) -> Deed:
    made: Regrade = row.Regrade
    return Deed(
        id=made.id,
        terms=terms_of(made, card),
        reason=made.reason,
        looked_at=made.looked_at,
        digest=made.digest,
        figures=Figures(**made.figures),
        paper_key=row.paper_key,
        paper_title=row.paper_title,
        paper_title_en=row.paper_title_en,
        paper_number=row.paper_number,
        question_key=row.question_key,
        from_number=row.from_number,
        to_number=row.to_number,
        rule_title=row.rule_title,
        rule_title_en=row.rule_title_en,
        proposed_at=made.proposed_at,
        proposed_by=made.proposed_by,
        proposer=row.proposer,
        withdrawn_at=made.withdrawn_at,
        applied_at=made.applied_at,
        approver=row.approver,
        undo_asked_at=made.undo_asked_at,
        undo_asked_by=made.undo_asked_by,
        undo_asker=row.undo_asker,
        undo_reason=made.undo_reason,
        undone_at=made.undone_at,
        undo_approver=row.undo_approver,
    )


def terms_of(made: Regrade, card: Card | None = None) -> Terms:
    """Return what a stored regrade does.

    :param card: of one that corrects an answer card.
    """
    return Terms(
        cause=Cause(made.cause),
        policy=Policy(made.policy),
        paper_version_id=made.paper_version_id,
        from_version_id=made.from_version_id,
        to_version_id=made.to_version_id,
        marking_rule_id=made.marking_rule_id,
        card=card,
    )


def done(
    session: Session, regrade_id: int, *, among: Collection[int] | None = None
) -> list[tuple[Sat, Standings]]:
    """Return what an applied regrade did: each attempt as it was before, and what it became.

    One statement; what was looked at slot by slot is left out, and ``line`` is empty.

    :param among: of these learners only; none: of everybody.
    """
    statement = _DONE.where(
        RegradeResult.regrade_id == regrade_id, RegradeResult.standing_id == regrade_id
    )
    if among is not None:
        statement = statement.where(RegradeResult.learner_id.in_(among))
    rows = fetch(session, statement)
    return [
        (
            _before(row),
            Standings(row.then_earned, row.then_out_of, row.then_passed, row.then_unit),
        )
        for row in rows
    ]


def _before(row: Any) -> Sat:
    _first, standings = standings_of(row)
    return Sat(
        learner_id=row.learner_id,
        number=row.number,
        paper_key=row.key,
        marking_rule_id=row.now_rule_id or row.marking_rule_id,
        line={},
        standings=standings,
        revision=row.revision or 0,
        standing_id=row.standing_id,
        own_rule=row.now_rule_id is None,
        slips=rules.read_slips(row.slips),
    )


def newest(session: Session, regrade_id: int) -> dict[tuple[int, int], tuple[int, int | None]]:
    """Return the newest revision of every attempt that a regrade moved, and what it rests on.

    One statement; by learner and number.
    """
    mine, later = aliased(RegradeResult), aliased(RegradeResult)
    top = (
        sa.select(sa.func.max(later.revision))
        .where(
            later.learner_id == RegradeResult.learner_id,
            later.attempt_number == RegradeResult.attempt_number,
        )
        .correlate(RegradeResult)
        .scalar_subquery()
    )
    rows = fetch(
        session,
        sa.select(
            RegradeResult.learner_id,
            RegradeResult.attempt_number,
            RegradeResult.revision,
            RegradeResult.standing_id,
        )
        .join(
            mine,
            sa.and_(
                mine.learner_id == RegradeResult.learner_id,
                mine.attempt_number == RegradeResult.attempt_number,
            ),
        )
        .where(mine.regrade_id == regrade_id, RegradeResult.revision == top)
        .distinct(),
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def story(session: Session, learner_id: int, number: int) -> list[Told]:
    """Return what regrades did to an attempt, oldest first. One statement."""
    rows = fetch(session, _STORY, {"learner_id": learner_id, "number": number})
    told: list[Told] = []
    seen: set[int] = set()
    for row in rows:
        told.append(
            Told(
                regrade_id=row.id,
                cause=Cause(row.cause),
                policy=Policy(row.policy),
                reason=row.reason,
                undo_reason=row.undo_reason,
                is_undo=row.id in seen,
                to_version_id=row.to_version_id,
                standings=Standings(row.earned, row.out_of, row.passed, row.unit),
                recorded_at=row.recorded_at,
            )
        )
        seen.add(row.id)
    return told


def _named_question(session: Session, key: str, number: int | None) -> int:
    """Return the id of a version of a question; the newest if none is named. One statement.

    :raises NotFound: ``no_question_version``.
    """
    statement = (
        sa.select(QuestionVersion.id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.key == key)
        .order_by(QuestionVersion.number.desc())
        .limit(1)
    )
    if number is not None:
        statement = statement.where(QuestionVersion.number == number)
    found = fetch(session, statement).scalar_one_or_none()
    if found is None:
        raise NotFound("no_question_version", N_("没有这道题，或没有这一版"))
    return int(found)


def named_terms(
    session: Session,
    *,
    cause: Cause,
    policy: Policy,
    question: str = "",
    from_number: int | None = None,
    to_number: int | None = None,
    paper: str = "",
    paper_number: int | None = None,
    rule: str = "",
) -> Terms:
    """Look up what people name by keys and numbers. What does not belong to the cause is ignored.

    :raises NotFound: ``no_question_version``, ``no_paper``, ``no_rule``.
    """
    is_rule = cause is Cause.RULE_CHANGED
    asked = is_corrected = None
    if question and not is_rule:
        asked = _named_question(session, question, from_number)
        if cause is Cause.KEY_CORRECTED:
            is_corrected = _named_question(session, question, to_number)
    return Terms(
        cause=cause,
        policy=policy,
        paper_version_id=_named_paper(session, paper, paper_number) if paper else None,
        from_version_id=asked,
        to_version_id=is_corrected,
        marking_rule_id=_named_rule(session, rule) if is_rule and rule else None,
    )


def look_of(session: Session, version_ids: Collection[int]) -> dict[int, tuple[int, str, View]]:
    """Return whose version it is, its kind and what it shows before it is answered. One statement.

    Versions of one question that look the same differ in their key alone.
    """
    rows = fetch(
        session,
        sa.select(
            QuestionVersion.id,
            QuestionVersion.question_id,
            QuestionVersion.kind,
            QuestionVersion.spec,
        ).where(QuestionVersion.id.in_(version_ids)),
    )
    return {row[0]: (row[1], row[2], view(row[2], row[3])) for row in rows}


def _named_paper(session: Session, key: str, number: int | None) -> int:
    """Return the id of a version of a paper; the current one if none is named. One statement.

    :raises NotFound: ``no_paper``.
    """
    wanted = Paper.current_number if number is None else number
    found = fetch(
        session,
        sa.select(PaperVersion.id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(Paper.key == key, PaperVersion.number == wanted),
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("no_paper", N_("没有这份试卷"))
    return int(found)


def _named_rule(session: Session, key: str) -> int:
    """Return the id of the current version of a rule for marking. One statement.

    :raises NotFound: ``no_rule``.
    """
    found = fetch(
        session,
        sa.select(RuleVersion.id)
        .join(Rule, Rule.id == RuleVersion.rule_id)
        .where(
            Rule.key == key,
            Rule.kind.in_([MARKING, PRACTICE_MARKING]),
            RuleVersion.number == Rule.current_number,
        ),
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("no_rule", N_("没有这条规则"))
    return int(found)


def names_a_rule(session: Session, paper_version_id: int) -> bool:
    """Say whether a paper names the rule it is marked by, so is not the official one's.

    One statement.
    """
    asked = sa.select(PaperVersion.blueprint).where(PaperVersion.id == paper_version_id)
    return bool(fetch(session, asked).scalar_one().get("marking"))


def moves_own(
    session: Session, regrade_id: int, terms: Terms, person_id: int, *, since: datetime | None
) -> bool:
    """Say whether a regrade moves, or taking it back would move, a result of somebody's own.

    Results of whoever was merged into them are their own too. A handful of statements, however
    many papers the regrade is about.

    :param since: when a proposal was tried; none of one that is applied.
    """
    own = merged_from(session, person_id)
    if since is not None:
        found = compare(session, terms, looked_at=since, among=own)
        return any(each.is_change for each in found)
    return any(not sat.standings.is_same(new) for sat, new in done(session, regrade_id, among=own))


def merged_from(session: Session, person_id: int) -> set[int]:
    """Return somebody with everybody who was merged into them. One statement for each step."""
    found = {person_id}
    waiting = {person_id}
    while waiting:
        rows = fetch(session, sa.select(Person.id).where(Person.merged_into_id.in_(waiting)))
        waiting = {row[0] for row in rows} - found
        found |= waiting
    return found


def merged_into(session: Session, learner_ids: Collection[int]) -> dict[int, int]:
    """Return into whom learners were merged, and those again. One statement for each step."""
    found: dict[int, int] = {}
    waiting = set(learner_ids)
    while waiting:
        step: dict[int, int] = {}
        for some in sheaves(sorted(waiting)):
            rows = fetch(
                session,
                sa.select(Person.id, Person.merged_into_id).where(
                    Person.id.in_(some), Person.merged_into_id.is_not(None)
                ),
            )
            step.update((row[0], row[1]) for row in rows)
        waiting = set(step.values()) - set(found)
        found |= step
    return found
