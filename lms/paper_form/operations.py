"""Typing in answer cards. The cards themselves are kept by :mod:`lms.exams`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from lms.exams import operations as exams
from lms.exams import queries as papers
from lms.exams.types.on_paper import AnswerCard, Printed
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.vault import Vault
from lms.paper_form import queries, rules
from lms.paper_form.types import CardRow, Done, Letters, Reviewed


def review_cards(
    session: Session,
    printed: Printed,
    rows: Sequence[CardRow],
    *,
    vault: Vault,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> list[Reviewed]:
    """Say what would become of each card; nothing is written. Five statements."""
    specs = queries.specs(session, {slot.version_id for slot in printed.slots})
    return rules.review(
        rows,
        rules.slots_of(printed.slots, specs),
        queries.meant_by(session, rows, vault=vault, scope=scope, on=day_of(now)),
        known=queries.entered_before(session, printed.id),
        actor_id=actor_id,
    )


def enter(
    session: Session,
    print_id: int,
    cards: Mapping[int, Mapping[int, str]],
    *,
    on: date,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> Done:
    """Make answer cards into attempts, all of them or none. Safe to repeat.

    :param cards: person -> slot -> letters as printed. What a page has shown is checked again.
    :param on: the day of the sitting.
    :raises NotFound: ``no_print``, or ``no_person`` for somebody outside of ``scope``.
    :raises Invalid: ``bad_day``, ``no_rows``, ``too_many_rows``, ``foreign_slot``, or as a cell
        is refused.
    :raises Conflict: ``own_card``.
    """
    printed = papers.printed(session, print_id, scope=scope)
    check_day(printed, on, now=now)
    if not cards:
        raise Invalid("no_rows", N_("没有要录入的答题卡"), where="cards")
    if len(cards) > rules.MOST_ROWS:
        raise Invalid(
            "too_many_rows",
            N_("一次最多录入 %(n)s 份答题卡"),
            where="cards",
            n=rules.MOST_ROWS,
        )
    if actor_id in cards:
        raise Conflict("own_card", N_("自己的答题卡要由别人录入"))
    known = queries.within(session, cards.keys(), scope=scope, on=day_of(now))
    if known.keys() != cards.keys():
        raise NotFound("no_person", N_("没有这个人"))
    specs = queries.specs(session, {slot.version_id for slot in printed.slots})
    slots = rules.slots_of(printed.slots, specs)
    checked = []
    for person_id, cells in cards.items():
        if not cells.keys() <= slots.keys():
            raise Invalid("foreign_slot", N_("卷上没有这道题"), where="cards")
        letters = {slot: rules.read_cell(cell, slots[slot]) for slot, cell in cells.items()}
        checked.append(_card(printed, person_id, letters, specs))
    entered = exams.enter_cards(session, printed, checked, on=on, actor_id=actor_id, now=now)
    return Done(
        new=sum(one.is_new for one in entered),
        same=sum(not one.is_new and one.is_same for one in entered),
        other=sum(not one.is_same for one in entered),
    )


def correct(
    session: Session,
    print_id: int,
    person_id: int,
    cells: Mapping[int, str],
    *,
    reason: str,
    scope: Collection[int],
    actor_id: int,
    now: datetime,
) -> int:
    """Propose what somebody's card says that was typed in wrongly, and return its number.

    :param cells: slot -> letters as printed, of the whole card.
    :raises NotFound: ``no_print``, ``no_card``, or ``no_person`` for somebody outside of ``scope``.
    :raises Invalid: as a cell is refused, or ``exams.propose_correction`` refuses.
    :raises NotAllowed: ``own_card``.
    :raises Conflict: ``correction_waits``.
    """
    printed = papers.printed(session, print_id, scope=scope)
    queries.person(session, person_id, scope=scope, on=day_of(now))
    specs = queries.specs(session, {slot.version_id for slot in printed.slots})
    slots = rules.slots_of(printed.slots, specs)
    letters = {}
    for number, slot in slots.items():
        try:
            letters[number] = rules.read_cell(cells.get(number, ""), slot)
        except Invalid as fault:
            raise rules.named(fault, number) from fault
    card = _card(printed, person_id, letters, specs)
    return exams.propose_correction(
        session, printed, card, reason=reason, actor_id=actor_id, now=now
    )


def check_day(printed: Printed, on: date, *, now: datetime) -> None:
    """Refuse a day of a sitting before its paper was printed, or after today.

    :raises Invalid: ``bad_day``.
    """
    if not day_of(printed.printed_at) <= on <= day_of(now):
        raise Invalid("bad_day", N_("考试日期要在印卷那天以后、今天以前"), where="sat_on")


def _card(
    printed: Printed,
    person_id: int,
    letters: Mapping[int, Letters],
    specs: Mapping[int, tuple[str, Mapping[str, object]]],
) -> AnswerCard:
    spoilt = {slot: one.spoilt for slot, one in letters.items() if one.spoilt}
    return AnswerCard(person_id, rules.to_stored(printed.slots, letters, specs), spoilt)
