"""Whose answer counts when: tables, and a second-by-second walk along a time line as an oracle."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.exams import rules
from lms.exams.types import Answer, Late, LatePolicy, Pause, State
from lms.exams.types.timing import Clocks, Extra, Wanted
from lms.kernel.errors import Conflict, Invalid
from tests.builders import NOON
from tests.exams.builders import blueprint, section

COUNT = Late(LatePolicy.COUNT, grace=5, minutes=2)
STRICT = Late(grace=0)
PAUSE = Pause(times=2, minutes=1)


def seconds(n):
    return timedelta(seconds=n)


def clocks(deadline_at=NOON + timedelta(minutes=2), **values):
    return replace_clocks(Clocks(deadline_at, 0, 0, None), **values)


def replace_clocks(found, **values):
    return found._replace(**values)


def code_of(deed, *args, **kwargs):
    try:
        deed(*args, **kwargs)
    except (Conflict, Invalid) as refusal:
        return refusal.code
    return ""


# --- the matrix ---


@pytest.mark.parametrize(
    ("extra", "extended", "paused_for", "late"),
    [
        (0, 0, 0, Late()),
        (30, 0, 0, Late()),  # extra time alone
        (0, 10, 0, Late()),  # an extension alone
        (0, 0, 20, Late()),  # a pause that was ended
        (0, 0, 90, Late()),  # a pause that nobody ended: its longest minute counts
        (30, 10, 20, Late()),  # all of them
        (30, 10, 90, COUNT),
        (30, 10, 20, STRICT),
        (0, 0, 0, COUNT),
    ],
)
def test_the_deadline_matrix(extra, extended, paused_for, late):
    """t-1 s, t, t+grace, t+grace+1: with extra time, an extension and a pause, and none of them."""
    found = clocks(rules.deadline(NOON, 120 + extra))
    found = found._replace(deadline_at=found.deadline_at + timedelta(minutes=extended))
    if paused_for:
        began = NOON + timedelta(minutes=5)
        found = rules.paused(found, PAUSE, now=began)
        found = rules.resumed(found, now=began + seconds(paused_for))
    t = NOON + timedelta(minutes=120 + extra + extended) + seconds(min(paused_for, 60))
    assert found.deadline_at == t
    for after, accepted in (
        (-1, True),
        (0, True),
        (late.grace, True),
        (late.grace + late.minutes * 60, True),
        (late.grace + late.minutes * 60 + 1, False),
    ):
        refusal = code_of(
            rules.check_open,
            State.OPEN,
            found.deadline_at,
            now=t + seconds(after),
            late_seconds=late.seconds,
            pause_ends_at=found.pause_ends_at,
        )
        assert refusal == ("" if accepted else "too_late"), after


class Line:
    """The oracle: a clock that runs down second by second, and stands while it is paused."""

    def __init__(self, budget, late, pause):
        self.left, self.late, self.pause = budget, late, pause
        self.now, self.pauses, self.paused_for = 0, 0, None

    def walk_to(self, second):
        while self.now < second:
            self.now += 1
            if self.paused_for is None:
                self.left -= 1
                continue
            self.paused_for += 1
            if self.paused_for == self.pause.minutes * 60:
                self.paused_for = None

    def save(self):
        return self.paused_for is None and self.left >= -self.late

    def extend(self, minutes):
        if self.left >= -self.late:
            self.left += minutes * 60

    def begin_pause(self):
        if self.paused_for is None and self.pauses < self.pause.times and self.left > 0:
            self.pauses, self.paused_for = self.pauses + 1, 0

    def end_pause(self):
        self.paused_for = None


events = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.sampled_from(["save", "pause", "resume", "extend"]),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(
    events=events,
    extra=st.integers(0, 2),
    late=st.sampled_from([Late(), STRICT, COUNT]),
)
def test_what_counts_is_what_a_walk_along_the_time_line_says(events, extra, late):
    line = Line((2 + extra) * 60, late.seconds, PAUSE)
    plan = replace(blueprint(section()), pause=PAUSE, late=late)
    found = clocks(rules.deadline(NOON, 2 + extra))
    for second, what, minutes in [*sorted(events, key=lambda e: e[0]), (700, "save", 1)]:
        line.walk_to(second)
        now = NOON + seconds(second)
        if what == "save":
            refusal = code_of(
                rules.check_open,
                State.OPEN,
                found.deadline_at,
                now=now,
                late_seconds=late.seconds,
                pause_ends_at=found.pause_ends_at,
            )
            assert (refusal == "") is line.save(), (second, refusal)
        elif what == "extend":
            line.extend(minutes)
            if not rules.is_over(found.deadline_at, now, late.seconds):
                later = rules.extended(found.deadline_at, minutes, "停电")
                found = found._replace(deadline_at=later)
        elif what == "pause":
            line.begin_pause()
            if not found.is_paused(now) and not code_of(rules.check_pause, plan, found, now=now):
                found = rules.paused(found, PAUSE, now=now)
        else:
            line.end_pause()
            found = rules.resumed(found, now=now)
    assert found.pauses == line.pauses


# --- pauses ---


def test_a_begun_second_of_a_pause_is_the_learners():
    found = rules.paused(clocks(), PAUSE, now=NOON)
    found = rules.resumed(found, now=NOON + timedelta(seconds=20, microseconds=1))
    assert found.deadline_at == NOON + timedelta(minutes=2, seconds=21)
    assert found.paused_seconds == 21
    assert rules.resumed(found, now=NOON + seconds(30)) == found  # not twice


@pytest.mark.parametrize(
    ("pause", "values", "after", "code"),
    [
        (None, {}, 0, "no_pause"),
        (PAUSE, {"pauses": 2}, 0, "no_pauses_left"),
        (PAUSE, {}, 120, "too_late"),  # exactly at the deadline there is nothing left to save
        (PAUSE, {}, 119, ""),
    ],
)
def test_who_may_pause(pause, values, after, code):
    plan = replace(blueprint(section()), pause=pause)
    assert code_of(rules.check_pause, plan, clocks(**values), now=NOON + seconds(after)) == code


@pytest.mark.parametrize(
    ("ended", "ends", "net"),
    [
        (600, None, 600),
        (600, 300, 540),  # a pause of a minute that was over long before
        (270, 300, 240),  # handed in in the middle of it: half of it was not used
    ],
)
def test_pauses_do_not_count_as_work(ended, ends, net):
    end = None if ends is None else NOON + seconds(ends)
    found = rules.net_seconds(
        NOON, NOON + seconds(ended), paused_seconds=0 if ends is None else 60, pause_ends_at=end
    )
    assert found == net


# --- the end ---


@pytest.mark.parametrize(
    ("late", "after", "saved", "state", "ended"),
    [
        (Late(), 5, 4, State.SUBMITTED, 5),
        (Late(), 6, 4, State.EXPIRED, 0),  # the grace is no extra time
        (Late(), 6, None, State.ABANDONED, 0),
        (COUNT, 125, 60, State.SUBMITTED, 125),
        (COUNT, 126, 60, State.EXPIRED, 60),  # as of the last answer that counted
        (COUNT, 126, 5, State.EXPIRED, 0),  # which came in time
        (COUNT, 126, -9, State.EXPIRED, 0),
        (STRICT, 1, 0, State.EXPIRED, 0),
    ],
)
def test_how_an_attempt_ends(late, after, saved, state, ended):
    answers = {} if saved is None else {1: Answer("", 1), 2: Answer("A", 2)}
    found = rules.closing(
        NOON,
        now=NOON + seconds(after),
        answers=answers,
        saved_at=None if saved is None else NOON + seconds(saved),
        late=late,
    )
    assert found == (state, NOON + seconds(ended))


def test_a_flag_alone_is_no_answer():
    found = rules.closing(
        NOON, now=NOON + seconds(9), answers={1: Answer("", 1, flagged=True)}, saved_at=NOON
    )
    assert found[0] is State.ABANDONED


@pytest.mark.parametrize(
    ("late", "after", "minutes"),
    [(Late(), 4, 0), (COUNT, 5, 0), (COUNT, 6, 1), (COUNT, 60, 1), (COUNT, 61, 2)],
)
def test_a_begun_minute_is_late(late, after, minutes):
    assert rules.late_minutes(NOON, NOON + seconds(after), late) == minutes


# --- extra time ---


def extra(**values):
    values = {"percent": 0, "minutes": 0, "starts_on": date(2026, 3, 1), "ends_on": None} | values
    return Extra(1, 1, reason="视力", granted_by="", granted_at=NOON, **values)


@pytest.mark.parametrize(
    ("granted", "minutes"),
    [
        ([], 0),
        ([extra(percent=25)], 30),
        ([extra(percent=1)], 2),  # 1.2 minutes: a begun minute counts
        ([extra(minutes=20)], 20),
        ([extra(percent=25), extra(minutes=20)], 30),  # the best one, not the sum
        ([extra(minutes=20, revoked_at=NOON)], 0),
        ([extra(minutes=20, starts_on=date(2026, 3, 3))], 0),
        ([extra(minutes=20, ends_on=date(2026, 3, 2))], 20),  # its last day counts
        ([extra(minutes=20, ends_on=date(2026, 3, 1))], 0),
    ],
)
def test_extra_time(granted, minutes):
    assert rules.extra_minutes(120, granted, on=date(2026, 3, 2)) == minutes


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((25, 0, "视力"), ""),
        ((0, 0, "视力"), "bad_extra"),
        ((25, 30, "视力"), "bad_extra"),
        ((201, 0, "视力"), "bad_extra"),
        ((0, 241, "视力"), "bad_extra"),
        ((0, -5, "视力"), "bad_extra"),
        ((25, 0, " "), "no_reason"),
    ],
)
def test_what_may_be_granted(values, code):
    assert code_of(rules.check_extra, Wanted(*values, date(2026, 3, 1))) == code


def test_the_last_day_is_not_before_the_first():
    wanted = Wanted(25, 0, "视力", date(2026, 3, 2), date(2026, 3, 1))
    assert code_of(rules.check_extra, wanted) == "bad_days"


# --- what an author writes ---


def read(**values):
    table = {
        "level": "junior",
        "section": [{"kind": "true_false", "title": "判断", "title_en": "T/F", "count": 1,
                     "points_half": 2}],
    }  # fmt: skip
    return rules.read_blueprint(table | values, sittable=True)


def test_a_paper_says_nothing_of_pauses_and_late_answers():
    assert (read().late, read().pause) == (Late(LatePolicy.REFUSE, 5, 0), None)


def test_a_paper_says_what_it_does():
    found = read(
        late={"policy": "count", "minutes": 10, "grace": 8}, pause={"times": 2, "minutes": 30}
    )
    assert found.late == Late(LatePolicy.COUNT, 8, 10)
    assert found.late.seconds == 608
    assert found.pause == Pause(2, 30)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"late": {"policy": "penalty"}}, "late.policy"),
        ({"late": {"policy": "count"}}, "late.minutes"),
        ({"late": {"policy": "count", "minutes": 0}}, "late.minutes"),
        ({"late": {"minutes": 10}}, "late.minutes"),
        ({"late": {"grace": 61}}, "late.grace"),
        ({"late": {"graze": 5}}, "late.graze"),
        ({"late": 5}, "late"),
        ({"pause": {"times": 2}}, "pause.minutes"),
        ({"pause": {"times": 0, "minutes": 5}}, "pause.times"),
        ({"pause": {"times": 2, "minutes": 121}}, "pause.minutes"),
        ({"pause": True}, "pause"),
    ],
)
def test_what_is_written_wrongly_is_named(values, where):
    with pytest.raises(Invalid) as refusal:
        read(**values)
    assert refusal.value.where == where
