"""Windows, codes, deadlines: every edge on paper."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.exam_sessions import rules
from lms.exam_sessions.types import Phase, SessionText, Where, Window
from lms.kernel.errors import Conflict, DomainError, Invalid, NotAllowed

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPENS = NOW + 60 * MINUTE
WINDOW = Window(OPENS, OPENS + 30 * MINUTE, OPENS + 120 * MINUTE)


def text(**values) -> SessionText:
    values = {
        "id": 1,
        "title": "场次",
        "paper_id": 1,
        "paper_version_id": 1,
        "paper_title": "卷",
        "paper_title_en": "Paper",
        "minutes": 120,
        "organization_id": 1,
        "unit": "县",
        "window": WINDOW,
        "code": "",
        "anybody": False,
        "cut": True,
        "open_outside": True,
        "pool": 0,
        "revision": 1,
        "prepared_for": "",
        "created_at": NOW,
        "cancelled_at": None,
    } | values
    return SessionText(**values)


def test_one_spelling_of_a_code():
    for said in ("ab12", " \uff21\uff22\uff11\uff12 ", "a b 1 2", "\uff41\uff4212\n", "AB\u300012"):
        assert rules.normal_code(said) == "AB12"
    assert rules.normal_code("  ") == ""
    for said in ("abc", "x" * 21, "ab-12", "ab12!"):
        with pytest.raises(Invalid, match="入场码"):
            rules.normal_code(said)
    assert rules.is_code("\uff41b12", "AB12")
    assert not rules.is_code("", "")
    assert not rules.is_code("?", "AB12")


@given(st.text(max_size=30))
def test_a_code_in_one_spelling_stays_as_it_is(said):
    try:
        code = rules.normal_code(said)
    except Invalid:
        return
    assert rules.normal_code(code) == code


def test_windows_that_cannot_be():
    rules.check_window(WINDOW, minutes=120, now=NOW)
    for changed, code in (
        ({"opens_at": NOW}, "opens_past"),
        ({"last_start_at": OPENS - MINUTE}, "last_start_first"),
        ({"last_start_at": OPENS + 32 * 24 * 60 * MINUTE}, "long_window"),
        ({"closes_at": OPENS + 119 * MINUTE}, "closes_early"),
        ({"closes_at": OPENS + 33 * 24 * 60 * MINUTE}, "long_window"),
        ({"last_start_at": OPENS + 121 * MINUTE}, "closes_early"),
    ):
        with pytest.raises(Invalid) as refusal:
            rules.check_window(WINDOW._replace(**changed), minutes=120, now=NOW)
        assert refusal.value.code == code


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (OPENS - timedelta(microseconds=1), "too_early"),
        (OPENS, None),
        (WINDOW.last_start_at, None),  # both ends count
        (WINDOW.last_start_at + timedelta(microseconds=1), "came_too_late"),
    ],
)
def test_who_may_begin_when(at, refused):
    try:
        rules.check_startable(text(), at)
        code = None
    except Conflict as refusal:
        code = refusal.code
    assert code == refused
    with pytest.raises(Conflict, match="取消"):
        rules.check_startable(text(cancelled_at=NOW), at)


def test_who_is_let_in():
    def code_of(found, **said):
        said = {"has_seat": True, "is_admitted": False, "said": ""} | said
        try:
            rules.check_admitted(found, **said)
        except (Invalid, NotAllowed) as refusal:
            return refusal.code
        return None

    assert code_of(text()) is None
    assert code_of(text(), has_seat=False) == "not_invited"
    assert code_of(text(code="AB12")) == "wrong_code"
    assert code_of(text(code="AB12"), said="ab 12") is None
    assert code_of(text(code="AB12"), is_admitted=True) is None
    assert code_of(text(code="AB12"), has_seat=False, said="AB12") == "not_invited"
    assert code_of(text(code="AB12", anybody=True), has_seat=False, said="\uff21\uff2212") is None
    assert code_of(text(code="AB12", anybody=True), has_seat=False, said="AB13") == "wrong_code"


@given(
    began=st.integers(0, 30),
    minutes=st.integers(1, 240),
    extra=st.integers(0, 60),
    more=st.integers(1, 240),
)
def test_a_longer_window_gives_back_what_it_cut_and_takes_nothing(began, minutes, extra, more):
    full = OPENS + (began + minutes) * MINUTE
    before = min(full, WINDOW.closes_at) + extra * MINUTE  # somebody was given more beside it
    closes_at = WINDOW.closes_at + more * MINUTE
    after = rules.later_deadline(before, full, closes_at=closes_at)
    assert after >= before
    assert after == max(before, min(full, closes_at))
    if full <= WINDOW.closes_at:  # nothing was cut
        assert after == before


def test_where_somebody_is():
    for state, last, where in (
        (None, None, Where.NOT_STARTED),
        ("open", NOW - 5 * MINUTE, Where.WRITING),
        ("open", NOW - 5 * MINUTE - timedelta(seconds=1), Where.SILENT),
        ("submitted", NOW - 50 * MINUTE, Where.HANDED_IN),
        ("expired", NOW - 50 * MINUTE, Where.EXPIRED),
        ("abandoned", NOW - 50 * MINUTE, Where.ABANDONED),
    ):
        assert rules.where_is(state, last, NOW, silent_minutes=5) is where
    for ends_at, where in ((NOW + MINUTE, Where.PAUSED), (NOW, Where.SILENT)):
        stands = {"silent_minutes": 5, "pause_ends_at": ends_at}
        assert rules.where_is("open", NOW - 9 * MINUTE, NOW, **stands) is where


def test_phases():
    found = text()
    for at, phase in (
        (OPENS - MINUTE, Phase.PLANNED),
        (OPENS, Phase.OPEN),
        (WINDOW.last_start_at, Phase.OPEN),
        (WINDOW.closes_at, Phase.RUNNING),
        (WINDOW.closes_at + MINUTE, Phase.OVER),
    ):
        assert found.phase(at) is phase
    assert text(cancelled_at=NOW).phase(OPENS) is Phase.CANCELLED


def test_extensions_need_minutes_and_a_reason():
    assert rules.extended(WINDOW, 10, "停电").closes_at == WINDOW.closes_at + 10 * MINUTE
    for minutes, reason, code in (
        (0, "停电", "bad_minutes"),
        (241, "停电", "bad_minutes"),
        (1, "  ", "no_reason"),
    ):
        with pytest.raises(Invalid) as refusal:
            rules.extended(WINDOW, minutes, reason)
        assert refusal.value.code == code


def test_the_stamp_follows_paper_and_questions():
    stamp = rules.bank_stamp(1, [3, 2])
    assert stamp == rules.bank_stamp(1, [2, 3])
    assert len({stamp, rules.bank_stamp(2, [2, 3]), rules.bank_stamp(1, [2])}) == 3


def test_lists():
    assert rules.listed([["姓名"], ["张三", "x"], [""], ["", "p2"]]) == [(2, "张三"), (4, "p2")]
    assert rules.listed([["p1"], ["姓名"]]) == [(1, "p1"), (2, "姓名")]
    for table, code in (([[" "]], "no_rows"), ([["x"]] * 5001, "too_many_rows")):
        with pytest.raises(Invalid) as refusal:
            rules.listed(table)
        assert refusal.value.code == code


def test_audiences():
    for values, code in (
        ({"anybody": True, "code": "", "pool": 0}, "no_code"),
        ({"anybody": True, "code": "AB12", "pool": -1}, "bad_pool"),
        ({"anybody": True, "code": "AB12", "pool": 10_001}, "bad_pool"),
    ):
        with pytest.raises(DomainError) as refusal:
            rules.check_audience(**values)
        assert refusal.value.code == code
