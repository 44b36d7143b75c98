"""Marking papers anew: what a regrade does to a result, and whether what was tried still holds.

A regrade is decided from rows alone. What an attempt counts as before may itself come from a
regrade: every slot that one looked at says by which keys it counts (its *slip*), so that a new
key stays in force when the paper gets another rule later, and the other way round. Pure.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from math import lcm
from typing import Any, NamedTuple

from lms.exams.rules.results import is_passed
from lms.exams.types import Cause, Policy, Slip, Standings
from lms.kernel.errors import N_, Invalid
from lms.kernel.points import HALF
from lms.kernel.reading import Raw
from lms.question_bank.types import Mark, Marking

Remark = Callable[[int, str, int], Mark | None]
"""Marks an answer: question version, what was chosen, marking rule; in units of that rule. None:
people mark it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be marked anew, and how."""

    cause: Cause
    policy: Policy
    paper_version_id: int | None
    from_version_id: int | None
    to_version_id: int | None
    marking_rule_id: int | None
    card: "Card | None" = field(default=None, repr=False)
    """What an answer card says; only where one is corrected. Digests of others leave it out."""


@dataclass(frozen=True, slots=True)
class Card:
    """Cells of an answer card that had been typed in wrongly."""

    learner_id: int
    number: int
    """Which attempt of theirs."""
    cells: Mapping[int, str]
    """Slot -> the answer as its kind stores it."""
    spoilt: Mapping[int, str] = field(default_factory=dict)
    """Slot -> the letters, where more are marked than may be; the cell is empty then."""
    was: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Slot -> answer, and letters where more were marked than may be, as it counted before."""


@dataclass(frozen=True, slots=True)
class Sat:
    """An attempt that was handed in, as it counts today."""

    learner_id: int
    number: int
    paper_key: str
    marking_rule_id: int
    """By which it is marked today."""
    line: Raw
    standings: Standings
    revision: int = 0
    """How many regrades and undoings it has seen."""
    standing_id: int | None = None
    own_rule: bool = True
    """Whether ``marking_rule_id`` is the rule under which it began."""
    lifted: int = 0
    """By how much it counts more than its questions come to: a rule's floor."""
    slips: Mapping[int, Slip] = field(default_factory=dict)
    """By slot."""
    answers: tuple[tuple[int, int, str, Mark], ...] = ()
    """What is looked at: slot, question version, what was chosen, the mark it has today, in units
    of ``standings``."""


@dataclass(frozen=True, slots=True)
class Change:
    """What marking anew does to an attempt."""

    sat: Sat
    after: Standings
    slips: Mapping[int, Slip]
    """As they will be, by slot, in units of ``after``."""
    marking_rule_id: int
    moved: tuple[tuple[int, Mark, Mark], ...]
    """The slots that were looked at: before and after, in units of ``after``."""

    @property
    def before(self) -> Standings:
        """What it counts as today."""
        return self.sat.standings

    @property
    def is_change(self) -> bool:
        """Say whether the result moves."""
        return not self.before.is_same(self.after)

    @property
    def is_flip(self) -> bool:
        """Say whether somebody passes who did not, or the other way round."""
        return self.before.passed != self.after.passed


class Figures(NamedTuple):
    """What a trial found, counted."""

    attempts: int
    """Looked at."""
    raised: int
    lowered: int
    now_passed: int
    now_failed: int

    @property
    def changed(self) -> int:
        """Results that move."""
        return self.raised + self.lowered


@dataclass(frozen=True, slots=True)
class Told:
    """One regrade, or its undoing, in the story of an attempt."""

    regrade_id: int
    cause: Cause
    policy: Policy
    reason: str
    undo_reason: str
    is_undo: bool
    to_version_id: int | None
    standings: Standings
    recorded_at: datetime


POLICIES: Mapping[Cause, tuple[Policy, ...]] = {
    Cause.KEY_CORRECTED: (
        Policy.CURRENT_KEY,
        Policy.BEST_OF_BOTH,
        Policy.FULL_CREDIT,
        Policy.NONE,
    ),
    Cause.QUESTION_STRUCK: (Policy.FULL_CREDIT, Policy.NONE),
    Cause.RULE_CHANGED: (Policy.CURRENT_KEY, Policy.BEST_OF_BOTH, Policy.NONE),
    Cause.CARD_CORRECTED: (Policy.CURRENT_KEY,),
}
"""What can be done about what: a struck question has no key to mark by, and a rule is about the
whole paper, which nobody gets for nothing."""


def check_terms(terms: Terms) -> None:
    """Refuse a regrade that says too little, or what cannot be.

    :raises Invalid: ``bad_policy``, ``no_question``, ``no_new_version``, ``no_new_rule`` or
        ``no_paper_named``.
    """
    if terms.policy not in POLICIES[terms.cause]:
        raise Invalid("bad_policy", N_("这种情况不能用这种处理办法"), where="policy")
    if terms.cause is Cause.CARD_CORRECTED:
        if terms.card is None or not terms.card.cells:
            raise Invalid("nothing_to_correct", N_("和现在录的一样，没有要更正的"), where="cards")
    elif terms.cause is Cause.RULE_CHANGED:
        if terms.marking_rule_id is None:
            raise Invalid("no_new_rule", N_("请选新的评分规则"), where="rule")
        if terms.paper_version_id is None:
            raise Invalid("no_paper_named", N_("换评分规则要指明试卷"), where="paper")
    elif terms.from_version_id is None:
        raise Invalid("no_question", N_("请写明是哪道题"), where="question")
    if terms.cause is Cause.KEY_CORRECTED and terms.to_version_id in {None, terms.from_version_id}:
        raise Invalid("no_new_version", N_("请写明答案正确的是哪一版"), where="to_version")


def rule_of(sat: Sat, terms: Terms) -> int:
    """Return by which rule an attempt is marked under the terms of a regrade."""
    is_new = terms.cause is Cause.RULE_CHANGED and terms.policy is not Policy.NONE
    return (terms.marking_rule_id if is_new else None) or sat.marking_rule_id


def change(
    sat: Sat, terms: Terms, remark: Remark, *, marking: Marking, regrade_id: int = 0
) -> Change:
    """Decide what an attempt counts as under the terms of a regrade.

    The total moves by what the slots move; a floor of the rule holds for what they come to.
    ``best_of_both`` never lowers it, in proportion to its full mark. Whether it passes is asked
    anew only where the total moves. It is counted in the coarsest unit in which both what it
    counts as today and the rule come out: nothing is ever rounded.

    :param marking: the rule that :func:`rule_of` names.
    :param regrade_id: written on the slots that are looked at.
    """
    unit = lcm(sat.standings.unit, marking.unit)
    finer = unit // sat.standings.unit
    today = sat.standings.times(finer)
    moved, slips = _moved(sat, terms, remark, (finer, unit // marking.unit), regrade_id)
    earned = today.earned - sat.lifted * finer
    earned += sum(new.earned - old.earned for _slot, old, new in moved)
    earned = max(earned, 0) if marking.floor else earned
    out_of = today.out_of + sum(new.out_of - old.out_of for _slot, old, new in moved)
    if terms.policy is Policy.BEST_OF_BOTH and _is_less(earned, out_of, today):
        kept = tuple((slot, mark, mark) for slot, _version, _chosen, mark in sat.answers)
        return Change(sat, sat.standings, sat.slips, sat.marking_rule_id, kept)
    after = today
    if (earned, out_of) != after[:2]:
        after = Standings(earned, out_of, is_passed(earned, out_of, sat.line), unit)
    return Change(sat, after, slips, rule_of(sat, terms), tuple(moved))


def _moved(
    sat: Sat, terms: Terms, remark: Remark, finer: tuple[int, int], regrade_id: int
) -> tuple[list[tuple[int, Mark, Mark]], dict[int, Slip]]:
    """Return the slots that are looked at, before and after, and all slips as they will be.

    :param finer: by how much the unit is finer than today's, and than the rule's.
    """
    is_rule, rule_id = terms.cause is Cause.RULE_CHANGED, rule_of(sat, terms)
    slips = dict(sat.slips)
    if finer[0] > 1:
        slips = {slot: slip.times(finer[0]) for slot, slip in slips.items()}
    moved: list[tuple[int, Mark, Mark]] = []
    cells = terms.card.cells if terms.card is not None else None
    for slot, version_id, said, mark in sat.answers:
        if cells is not None and slot not in cells:
            continue
        slip = slips.get(slot)
        corrected = slip.chosen if slip is not None else None
        if cells is not None:
            corrected = cells[slot]
        chosen = said if corrected is None else corrected
        keys, old = _keys(terms, version_id, slip), _times(mark, finer[0])
        new: Mark | None = old
        if terms.policy is not Policy.NONE:
            own, *others = (remark(key, chosen, rule_id) for key in (version_id, *(keys or ())))
            new = _best(own, others, keys, old, finer[1])
        if new is None:
            continue
        moved.append((slot, old, new))
        if not is_rule or new != old:
            slips[slot] = Slip(slot, new.earned, new.out_of, regrade_id, keys, corrected)
    return moved, slips


def _times(mark: Mark, finer: int) -> Mark:
    return mark if finer == 1 else Mark(mark.earned * finer, mark.out_of * finer)


def _is_less(earned: int, out_of: int, than: Standings) -> bool:
    return earned * than.out_of < than.earned * out_of


def _keys(terms: Terms, version_id: int, slip: Slip | None) -> tuple[int, ...] | None:
    """Return the versions whose keys count for a slot from now on."""
    before = slip.keys if slip is not None else None
    kept = {Cause.RULE_CHANGED, Cause.CARD_CORRECTED}
    if terms.cause in kept or terms.policy is Policy.NONE:
        return before
    if terms.policy is Policy.FULL_CREDIT or terms.to_version_id is None:
        return ()
    if terms.policy is Policy.CURRENT_KEY:
        return (terms.to_version_id,)
    if before == ():
        return ()
    return tuple(dict.fromkeys([*(before or (version_id,)), terms.to_version_id]))


def _best(
    own: Mark | None,
    by_keys: Iterable[Mark | None],
    keys: tuple[int, ...] | None,
    today: Mark,
    finer: int,
) -> Mark | None:
    """Return the best mark by some keys; by none of them everybody gets the full mark.

    :param finer: how many units make one of those in which ``own`` and ``by_keys`` are told.
    """
    if keys == ():
        full = today.out_of if own is None else own.out_of * finer
        return Mark(full, full)
    marked = [mark for mark in ([own] if keys is None else by_keys) if mark is not None]
    best = max(marked, key=lambda mark: mark.earned, default=None)
    return best if best is None else _times(best, finer)


def is_noted(found: Change, terms: Terms) -> bool:
    """Say whether a regrade appends a result for an attempt.

    Whoever was asked a faulty question is told, also where nothing moves; a new rule is told
    where it moves something, or where it was decided that it moves nothing.
    """
    told = terms.cause is not Cause.RULE_CHANGED or terms.policy is Policy.NONE
    return told or found.is_change or any(old != new for _slot, old, new in found.moved)


def figures(changes: Iterable[Change]) -> Figures:
    """Count what a trial found."""
    listed = list(changes)
    before, after = [c.before for c in listed], [c.after for c in listed]
    pairs = list(zip(before, after, strict=True))
    return Figures(
        attempts=len(listed),
        raised=sum(_is_less(b.earned, b.out_of, a) for b, a in pairs),
        lowered=sum(_is_less(a.earned, a.out_of, b) for b, a in pairs),
        now_passed=sum(a.passed and not b.passed for b, a in pairs),
        now_failed=sum(b.passed and not a.passed for b, a in pairs),
    )


def digest(terms: Terms, changes: Iterable[Change]) -> str:
    """Return a digest of everything that a trial saw and found: equal, it still holds."""
    summed = sha256(repr(terms).encode())
    for found in changes:
        sat = found.sat
        row = [sat.learner_id, sat.number, sat.revision, *found.before, *found.after]
        for slot, old, new in found.moved:
            row += (slot, old.earned, old.out_of, new.earned, new.out_of)
        summed.update(repr(row).encode())
    return summed.hexdigest()


def read_slips(raw: Sequence[Sequence[Any]] | None) -> dict[int, Slip]:
    """Read stored slips, by slot."""
    return {
        slot: Slip(slot, earned, out_of, regrade_id, None if keys is None else tuple(keys), *more)
        for slot, earned, out_of, regrade_id, keys, *more in raw or ()
    }


def write_slips(slips: Mapping[int, Slip]) -> list[list[Any]]:
    """Return slips as they are stored."""
    return [
        [s.slot, s.earned, s.out_of, s.regrade_id, None if s.keys is None else list(s.keys)]
        + ([] if s.chosen is None else [s.chosen])
        for _slot, s in sorted(slips.items())
    ]


@dataclass(frozen=True, slots=True)
class Deed:
    """A regrade with the names of what it is about and of who did what."""

    id: int
    terms: Terms
    reason: str
    looked_at: datetime
    digest: str
    figures: Figures
    paper_key: str | None
    paper_title: str | None
    paper_title_en: str | None
    paper_number: int | None
    question_key: str | None
    from_number: int | None
    to_number: int | None
    rule_title: str | None
    rule_title_en: str | None
    proposed_at: datetime
    proposed_by: int
    proposer: str
    withdrawn_at: datetime | None
    applied_at: datetime | None
    approver: str | None
    undo_asked_at: datetime | None
    undo_asked_by: int | None
    undo_asker: str | None
    undo_reason: str
    undone_at: datetime | None
    undo_approver: str | None

    @property
    def state(self) -> str:
        """Where it is: ``proposed``, ``withdrawn``, ``applied``, ``undo_asked`` or ``undone``."""
        if self.undone_at is not None:
            return "undone"
        if self.undo_asked_at is not None:
            return "undo_asked"
        if self.applied_at is not None:
            return "applied"
        return "proposed" if self.withdrawn_at is None else "withdrawn"


def marks_told(quantity: int | None, detail: Mapping[str, Any]) -> Standings:
    """Return the marks that a record of a sitting tells of; without a unit they are half points."""
    out_of, passed = int(detail.get("out_of", 0)), bool(detail.get("passed"))
    return Standings(quantity or 0, out_of, passed, int(detail.get("unit", HALF)))


def told_anew(detail: Mapping[str, Any], marks: Standings) -> dict[str, Any]:
    """Return the detail of a record of a sitting with other marks in it."""
    others = {name: value for name, value in detail.items() if name != "unit"}
    return others | marks.detail


def sitting_of(learner_id: int, dedupe_key: str) -> tuple[int, str]:
    """Return whose sitting of a paper a record tells of, and the name of that sitting.

    A record may have been corrected (``#``), entered again (``~``) and carried to whom its learner
    was merged into (``@``): the first of them is who sat.
    """
    plain = re.sub(r"[#~][^@#~]*", "", dedupe_key)
    name, *owners = plain.split("@")
    return (int(owners[0]) if owners else learner_id), name
