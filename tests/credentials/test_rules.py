from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.credentials.rules import (
    ANSWERS,
    disclosed,
    judge,
    last_day,
    new_code,
    standing,
    standing_since,
)
from lms.credentials.types import Event, EventKind, Issued, Standing, Validity

REVOKED, SUSPENDED, REINSTATED = EventKind.REVOKED, EventKind.SUSPENDED, EventKind.REINSTATED
YEAR = Validity(issued_on=date(2026, 1, 1), expires_on=date(2026, 12, 31))
FOR_EVER = Validity(issued_on=date(2026, 1, 1), expires_on=None)


def told(*events):
    """Events numbered as they are told; days are (month, day) of 2026."""
    return tuple(
        Event(number, kind, date(2026, *on)) for number, (kind, on) in enumerate(events, 1)
    )


SUSPENDED_IN_JUNE = told((SUSPENDED, (6, 1)), (REINSTATED, (6, 15)))
REVOKED_IN_JUNE = told((REVOKED, (6, 1)))
UNDONE = told((REVOKED, (6, 1)), (REINSTATED, (7, 1)))
BOTH = told((SUSPENDED, (5, 1)), (REVOKED, (6, 1)))


@pytest.mark.parametrize(
    ("validity", "events", "on", "expected"),
    [
        (YEAR, (), date(2025, 12, 31), Standing.UNKNOWN),  # the eve of its issue
        (YEAR, (), date(2026, 1, 1), Standing.VALID),  # the first day
        (YEAR, (), date(2026, 12, 31), Standing.VALID),  # the last day counts
        (YEAR, (), date(2027, 1, 1), Standing.EXPIRED),
        (FOR_EVER, (), date(2126, 1, 1), Standing.VALID),
        (None, (), date(2026, 1, 1), Standing.UNKNOWN),
        # suspended from its day until the eve of the reinstatement
        (YEAR, SUSPENDED_IN_JUNE, date(2026, 5, 31), Standing.VALID),
        (YEAR, SUSPENDED_IN_JUNE, date(2026, 6, 1), Standing.SUSPENDED),
        (YEAR, SUSPENDED_IN_JUNE, date(2026, 6, 14), Standing.SUSPENDED),
        (YEAR, SUSPENDED_IN_JUNE, date(2026, 6, 15), Standing.VALID),
        (YEAR, SUSPENDED_IN_JUNE, date(2027, 1, 1), Standing.EXPIRED),
        # revoked
        (YEAR, REVOKED_IN_JUNE, date(2026, 5, 31), Standing.VALID),
        (YEAR, REVOKED_IN_JUNE, date(2026, 6, 1), Standing.REVOKED),
        (YEAR, REVOKED_IN_JUNE, date(2027, 6, 1), Standing.REVOKED),  # outranks expiry
        (YEAR, REVOKED_IN_JUNE, date(2025, 12, 31), Standing.UNKNOWN),  # not issued yet
        (YEAR, told((REVOKED, (1, 1))), date(2026, 1, 1), Standing.REVOKED),  # void from the start
        # a revocation that is undone
        (YEAR, UNDONE, date(2026, 6, 30), Standing.REVOKED),
        (YEAR, UNDONE, date(2026, 7, 1), Standing.VALID),
        # suspension, then revocation: each outranks what it should
        (YEAR, BOTH, date(2026, 5, 31), Standing.SUSPENDED),
        (YEAR, BOTH, date(2026, 6, 1), Standing.REVOKED),
        (YEAR, told((SUSPENDED, (12, 1))), date(2027, 1, 1), Standing.SUSPENDED),  # over expiry
        (YEAR, told((REVOKED, (6, 1)), (SUSPENDED, (6, 2))), date(2026, 6, 3), Standing.REVOKED),
        # one reinstatement ends both
        (YEAR, (*BOTH, Event(3, REINSTATED, date(2026, 6, 9))), date(2026, 6, 9), Standing.VALID),
        # after a reinstatement everything can happen again
        (YEAR, (*UNDONE, Event(3, SUSPENDED, date(2026, 8, 1))), date(2026, 8, 1), Standing.SUSPENDED),
        # two on one day: the later told holds
        (YEAR, told((REVOKED, (6, 1)), (REINSTATED, (6, 1))), date(2026, 6, 1), Standing.VALID),
        (YEAR, told((REINSTATED, (6, 1)), (REVOKED, (6, 1))), date(2026, 6, 1), Standing.REVOKED),
    ],
)  # fmt: skip
def test_standing(validity, events, on, expected):
    assert standing(validity, events, on=on) is expected


events_told = st.lists(
    st.tuples(st.sampled_from(list(EventKind)), st.integers(0, 20)), max_size=8
).map(
    lambda raw: tuple(
        Event(number, kind, date(2026, 1, 1) + timedelta(days=day))
        for number, (kind, day) in enumerate(sorted(raw, key=lambda e: e[1]), 1)
    )
)


@given(events_told, st.integers(-2, 25), st.integers(0, 20) | st.none())
def test_standing_agrees_with_walking_day_by_day(events, day, length):
    """The oracle keeps a switch for each and throws them in the order of the telling."""
    issued = date(2026, 1, 1)
    expires = None if length is None else issued + timedelta(days=length)
    on = issued + timedelta(days=day)
    revoked = suspended = False
    for event in events:
        if event.on <= on:
            revoked = event.kind is REVOKED or (revoked and event.kind is not REINSTATED)
            suspended = event.kind is SUSPENDED or (suspended and event.kind is not REINSTATED)
    if on < issued:
        expected = Standing.UNKNOWN
    elif revoked:
        expected = Standing.REVOKED
    elif suspended:
        expected = Standing.SUSPENDED
    else:
        expected = Standing.EXPIRED if expires and on > expires else Standing.VALID
    assert standing(Validity(issued, expires), events, on=on) is expected


@pytest.mark.parametrize(
    ("events", "on", "expected"),
    [
        ((), date(2026, 12, 31), None),
        ((), date(2027, 1, 1), date(2027, 1, 1)),  # the day after the last
        (SUSPENDED_IN_JUNE, date(2026, 6, 10), date(2026, 6, 1)),
        (SUSPENDED_IN_JUNE, date(2026, 6, 15), None),
        (BOTH, date(2026, 6, 2), date(2026, 6, 1)),  # since the revocation, not the suspension
        (REVOKED_IN_JUNE, date(2027, 6, 1), date(2026, 6, 1)),
    ],
)
def test_since_when_it_stands_so(events, on, expected):
    assert standing_since(YEAR, events, on=on) == expected


@pytest.mark.parametrize(
    ("issued_on", "years", "expected"),
    [
        (date(2026, 5, 24), None, None),
        (date(2026, 5, 24), 1, date(2027, 5, 23)),  # the eve of the anniversary
        (date(2026, 5, 24), 3, date(2029, 5, 23)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),  # no 29 February: the whole of February
        (date(2028, 2, 29), 4, date(2032, 2, 28)),  # a 29 February: its eve
        (date(2096, 2, 29), 4, date(2100, 2, 28)),  # 2100 is no leap year
        (date(2027, 3, 1), 1, date(2028, 2, 29)),  # the eve of 1 March in a leap year
        (date(2027, 2, 28), 1, date(2028, 2, 27)),
    ],
)
def test_last_day(issued_on, years, expected):
    assert last_day(issued_on, years) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(1, 50))
def test_a_credential_is_valid_for_whole_years(issued_on, years):
    end = last_day(issued_on, years)
    assert abs((end - issued_on).days + 1 - 365.25 * years) < 2


def issued(**values):
    return Issued(
        **{
            "id": 1,
            "code": new_code(bytes(32)).code,
            "learner_id": 1,
            "program_key": "p",
            "holder_name": "王小明",
            "title": "证书",
            "title_en": "Certificate",
            "program_title": "项目",
            "program_title_en": "Program",
            "issuer": "某站",
            "hours": 40,
            "issued_on": date(2026, 1, 1),
            "expires_on": date(2026, 12, 31),
            "events": (),
        }
        | values
    )


def test_a_credential_before_its_day_is_not_shown():
    found = issued()
    verdict = judge(found.shown, found.parts, found, on=date(2025, 12, 31))
    assert (verdict.standing, verdict.credential) == (Standing.UNKNOWN, None)


def test_a_stranger_is_told_no_full_name_no_reason_and_no_learner():
    found = issued(events=(Event(1, REVOKED, date(2026, 6, 1), "内部原因", "某文件"),))
    told_ = disclosed(judge(found.shown, found.parts, found, on=date(2026, 7, 1)))
    assert told_["standing"] == "revoked" and told_["since"] == "2026-06-01"
    assert told_["credential"]["holder"] == "王*明"
    assert "内部原因" not in str(told_) and "王小明" not in str(told_)
    assert "learner_id" not in told_["credential"]


def test_what_is_repeated_of_a_mistyped_number_is_short():
    assert judge("x" * 300, None, None, on=date(2026, 1, 1)).shown == "x" * 64


def test_every_standing_has_an_answer_of_its_own():
    assert set(ANSWERS) == set(Standing)
    for tell in (lambda a: a.heading, lambda a: a.advice, lambda a: a.sign):
        assert len({tell(answer) for answer in ANSWERS.values()}) == len(ANSWERS)
    assert {s for s, answer in ANSWERS.items() if answer.tone == "good"} == {Standing.VALID}
