"""What would come of marking papers anew. Sheaves of learners, never one by one."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import rules
from lms.exams.models import Attempt, Paper, PaperVersion, RegradeResult, Response
from lms.exams.queries.attempts import IS_NEWEST, briefs, standings_of
from lms.exams.rules import Change, Sat, Terms
from lms.exams.types import Brief, Slip
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.kernel.selecting import fetch
from lms.question_bank.rules import comes_out, is_judged, mark
from lms.question_bank.types import Mark, Marking
from lms.regulations.models import RuleVersion

SHEAF = 500
"""Learners looked at with one set of statements."""

_SAT = (
    Attempt.learner_id,
    Attempt.number,
    Paper.key,
    Attempt.marking_rule_id,
    Attempt.pass_line_id,
    Attempt.earned,
    Attempt.out_of,
    Attempt.passed,
    Attempt.unit,
    RegradeResult.revision,
    RegradeResult.standing_id,
    RegradeResult.marking_rule_id.label("now_rule_id"),
    RegradeResult.earned.label("now_earned"),
    RegradeResult.out_of.label("now_out_of"),
    RegradeResult.passed.label("now_passed"),
    RegradeResult.unit.label("now_unit"),
    RegradeResult.slots.label("slips"),
)
_ANSWER = (
    Response.slot,
    Response.question_version_id,
    Response.chosen,
    Response.earned.label("slot_earned"),
    Response.out_of.label("slot_out_of"),
)
_OF_ATTEMPT = sa.and_(
    Response.learner_id == Attempt.learner_id, Response.attempt_number == Attempt.number
)


def compare(
    session: Session,
    terms: Terms,
    *,
    looked_at: datetime,
    regrade_id: int = 0,
    among: Collection[int] | None = None,
    told: Callable[[int, int], None] | None = None,
) -> list[Change]:
    """Mark anew what was handed in up to an instant, and return what would come of each attempt.

    One statement finds the learners; for each 500 of them one reads the attempts with their
    answers, or two for a whole paper; one more, if some count as 0, reads whether they would be
    below. Equal answers are marked once.

    :param among: look at these learners only; none: at everybody.
    :param told: called with how many learners are done, and of how many.
    :raises Invalid: ``odd_shares``, or ``no_marking``: the new rule cannot mark the paper.
    """
    marker = _Marker(session, terms)
    changes: list[Change] = []
    everybody = learners_in(session, terms, looked_at, among=among)
    for done, learner_ids in enumerate(sheaves(everybody)):
        if told is not None:
            told(done * SHEAF, len(everybody))
        sheaf = list(_sheaf(session, terms, looked_at, learner_ids, marker))
        changes += [
            rules.change(
                sat,
                terms,
                marker.mark,
                marking=marker.marking(rules.rule_of(sat, terms)),
                regrade_id=regrade_id,
            )
            for sat in sheaf
        ]
    return [found for found in changes if rules.is_noted(found, terms)]


def sheaves(learner_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut learners into sheaves."""
    for start in range(0, len(learner_ids), SHEAF):
        yield learner_ids[start : start + SHEAF]


class _Marker:
    """Marks answers with the keys and rules that a comparison needs; each of them read once."""

    def __init__(self, session: Session, terms: Terms) -> None:
        self._session = session
        self._briefs: dict[int, Brief] = {}
        self._bodies: dict[int, Raw] = {}
        self._markings: dict[int, Marking] = {}
        self._marks: dict[tuple[int, str, int], Mark | None] = {}
        versions = (terms.from_version_id, terms.to_version_id)
        self._always = {each for each in versions if each is not None}
        self._rule = set() if terms.marking_rule_id is None else {terms.marking_rule_id}

    def prepare(self, versions: Collection[int], rule_ids: Collection[int]) -> None:
        """Read the questions and rules that are not known yet. Two statements, or fewer."""
        new = {each for each in {*versions, *self._always} if each not in self._briefs}
        if new:
            self._briefs |= briefs(self._session, new)
        wanted = {each for each in {*rule_ids, *self._rule} if each not in self._bodies}
        if wanted:
            rows = fetch(
                self._session,
                sa.select(RuleVersion.id, RuleVersion.body).where(RuleVersion.id.in_(wanted)),
            )
            self._bodies.update((row[0], row[1]) for row in rows)

    def body(self, rule_id: int) -> Raw:
        """Return the body of a rule."""
        return self._bodies[rule_id]

    def marking(self, rule_id: int) -> Marking:
        """Return a rule for marking."""
        if rule_id not in self._markings:
            self._markings[rule_id] = Marking.read(self._bodies[rule_id])
        return self._markings[rule_id]

    def mark(self, version_id: int, chosen: str, rule_id: int) -> Mark | None:
        """Mark an answer; none if people do."""
        asked = (version_id, chosen, rule_id)
        if asked not in self._marks:
            self._marks[asked] = self._new_mark(self._briefs[version_id], chosen, rule_id)
        return self._marks[asked]

    def _new_mark(self, brief: Brief, chosen: str, rule_id: int) -> Mark | None:
        if is_judged(brief.kind):
            return None
        marking = self.marking(rule_id)
        if rule_id in self._rule and not comes_out(brief.kind, brief.spec, marking):
            raise Invalid(
                "odd_shares", N_("按这条规则，有的题得分不是它所写单位的整数倍"), where="rule"
            )
        return mark(brief.kind, brief.spec, chosen, marking)


def _within(terms: Terms, looked_at: datetime) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on attempts that a regrade looks at."""
    found = [Attempt.earned.is_not(None), Attempt.submitted_at <= looked_at]
    if terms.paper_version_id is not None:
        found.append(Attempt.paper_version_id == terms.paper_version_id)
    if terms.card is not None:
        found += [Attempt.learner_id == terms.card.learner_id, Attempt.number == terms.card.number]
    return found


def learners_in(
    session: Session, terms: Terms, looked_at: datetime, *, among: Collection[int] | None = None
) -> list[int]:
    """Return who handed in what a regrade looks at, in the order of their ids. One statement."""
    statement = (
        sa.select(Attempt.learner_id)
        .where(*_within(terms, looked_at))
        .distinct()
        .order_by(Attempt.learner_id)
    )
    if terms.from_version_id is not None:
        statement = statement.join(Response, _OF_ATTEMPT).where(
            Response.question_version_id == terms.from_version_id
        )
    if among is not None:
        statement = statement.where(Attempt.learner_id.in_(among))
    return [row[0] for row in fetch(session, statement)]


def _sheaf(
    session: Session,
    terms: Terms,
    looked_at: datetime,
    learner_ids: Sequence[int],
    marker: _Marker,
) -> Iterator[Sat]:
    these = Attempt.learner_id.in_(learner_ids)
    statement: sa.Select[*tuple[Any, ...]] = (
        sa.select(*_SAT)
        .select_from(Attempt)
        .outerjoin(RegradeResult, IS_NEWEST)
        .join(PaperVersion, PaperVersion.id == Attempt.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(*_within(terms, looked_at), these)
        .order_by(Attempt.learner_id, Attempt.number)
    )
    if terms.from_version_id is not None:
        statement = statement.add_columns(*_ANSWER).join(Response, _OF_ATTEMPT)
        statement = statement.where(Response.question_version_id == terms.from_version_id)
        rows = fetch(session, statement).all()
        answers = {(row.learner_id, row.number): [row[len(_SAT) :]] for row in rows}
    else:
        rows = fetch(session, statement).all()
        answers = _answers(session, terms, looked_at, these)
    slips = {(row.learner_id, row.number): rules.read_slips(row.slips) for row in rows}
    keys = {key for some in slips.values() for slip in some.values() for key in slip.keys or ()}
    marker.prepare(
        {answer[1] for some in answers.values() for answer in some} | keys,
        {row.now_rule_id or row.marking_rule_id for row in rows}
        | {row.pass_line_id for row in rows},
    )
    whole = _whole(session, rows, {} if terms.from_version_id is not None else answers)
    for row in rows:
        which = (row.learner_id, row.number)
        yield _sat(row, answers.get(which, []), slips[which], marker, whole.get(which))


def _answers(
    session: Session, terms: Terms, looked_at: datetime, these: sa.ColumnElement[bool]
) -> dict[tuple[int, int], list[Any]]:
    """Return all answers of some learners on a paper, by attempt. One statement."""
    found: dict[tuple[int, int], list[Any]] = {}
    statement = (
        sa.select(Response.learner_id, Response.attempt_number, *_ANSWER)
        .join(Attempt, _OF_ATTEMPT)
        .where(*_within(terms, looked_at), these)
        .order_by(Response.learner_id, Response.attempt_number, Response.slot)
    )
    for learner_id, number, *answer in fetch(session, statement):
        found.setdefault((learner_id, number), []).append(answer)
    return found


_known = lru_cache(maxsize=1024)(Mark)
"""A mark, made once: a whole paper has eighty of a handful."""


def _whole(
    session: Session, rows: Sequence[Any], known: Mapping[tuple[int, int], list[Any]]
) -> Mapping[tuple[int, int], list[Any]]:
    """Return all answers of those attempts that count as 0: their sum may be lower.

    One statement, or none if there are none, or if the answers are known.
    """
    zero = {(r.learner_id, r.number) for r in rows if standings_of(r)[1].earned == 0}
    if known or not zero:
        return {which: known.get(which, []) for which in zero}
    found: dict[tuple[int, int], list[Any]] = {which: [] for which in zero}
    learner_ids = {learner_id for learner_id, _number in zero}
    statement = sa.select(Response.learner_id, Response.attempt_number, *_ANSWER).where(
        Response.learner_id.in_(learner_ids)
    )
    for learner_id, number, *answer in fetch(session, statement):
        if (learner_id, number) in found:
            found[learner_id, number].append(answer)
    return found


def _sat(
    row: Any,
    answers: Sequence[Any],
    slips: Mapping[int, Slip],
    marker: _Marker,
    whole: Sequence[Any] | None,
) -> Sat:
    """Put an attempt together, in the unit in which it counts today.

    :param whole: all its answers, where it counts as 0; none where what they come to is known.
    """
    _first, standings = standings_of(row)
    finer = standings.unit // row.unit

    def marks(listed: Sequence[Any]) -> Iterator[tuple[int, int, str, Mark]]:
        for slot, version_id, chosen, earned, out_of in listed:
            slip = slips.get(slot)
            today = slip.mark if slip is not None else _known(earned * finer, out_of * finer)
            yield slot, version_id, chosen, today

    total = standings.earned
    if whole is not None:
        total = sum(mark.earned for *_asked, mark in marks(whole))
    return Sat(
        learner_id=row.learner_id,
        number=row.number,
        paper_key=row.key,
        marking_rule_id=row.now_rule_id or row.marking_rule_id,
        line=marker.body(row.pass_line_id),
        standings=standings,
        revision=row.revision or 0,
        standing_id=row.standing_id,
        own_rule=row.now_rule_id is None,
        lifted=standings.earned - total,
        slips=slips,
        answers=tuple(marks(answers)),
    )
