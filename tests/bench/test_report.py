import json

import pytest

from bench.budgets import Budget, verdict
from bench.figures import Pair, Turn
from bench.report import COLUMNS, Line, table

TURN = Turn(count=100, seconds=0.5, latencies=(0.01, 0.02), cpu_seconds=0.2)
QUICK = Turn(count=100, seconds=0.5, latencies=(0.01, 0.02), cpu_seconds=0.05)


def line(**values):
    return Line(
        **{
            "database": "sqlite",
            "name": "home",
            "smallest": "page",
            "budget": Budget(8, 12_000, 2.0),
        }
        | values
    )


@pytest.mark.parametrize(
    ("statements", "wire_bytes", "expected"),
    [
        (8, 12_000, "ok"),  # the budget itself is within it
        (9, 12_000, "over: statements 9 > 8"),
        (8, 12_001, "over: bytes 12001 > 12000"),
        (9, 12_001, "over: statements 9 > 8, bytes 12001 > 12000"),
        (None, None, "ok"),
    ],
)
def test_a_budget_says_what_is_over(statements, wire_bytes, expected):
    assert verdict(Budget(8, 12_000), statements=statements, wire_bytes=wire_bytes) == expected


def test_what_has_no_budget_is_never_over():
    assert verdict(Budget(), statements=1000, wire_bytes=10**9) == "ok"


def test_a_line_has_a_cell_for_every_column():
    measured = line(
        statements=5,
        wire_bytes=4000,
        plain_bytes=20_000,
        pairs=(Pair(TURN, TURN),),
        least=(Pair(TURN, QUICK),),
        alone=TURN,
    )
    cells = dict(zip(COLUMNS, measured.cells(), strict=True))
    assert cells["x like"] == "1.00 (1.00-1.00)"
    assert cells["x page"] == "4.00 (4.00-4.00)"
    assert cells["goal"] == "<= 2.0 met"
    assert cells["16/1"] == "1.0"
    assert (cells["CPU ms"], cells["req/s"], cells["p95 ms"]) == ("2.00", "200", "20.0")
    assert cells["budget"] == "ok"


@pytest.mark.parametrize(
    ("times", "ratio", "expected"),
    [
        (2.0, 2.0, True),  # the goal itself reaches it
        (2.0, 2.01, False),
        (None, 2.0, None),
        (2.0, None, None),
    ],
)
def test_a_goal_for_processor_time_is_reached_or_not(times, ratio, expected):
    assert Budget(times=times).is_met(ratio) is expected


def test_a_goal_that_is_missed_says_so():
    cells = line(pairs=(Pair(TURN, QUICK),)).cells()
    assert "<= 2.0 MISSED" in cells


def test_what_could_not_be_measured_says_why():
    cells = line(note="no such page").cells()
    assert cells[-1] == "no such page"
    assert set(cells[1:-1]) == {"-", "<= 2.0"}


def test_a_line_survives_json():
    plain = line(pairs=(Pair(TURN, TURN),), alone=TURN).plain()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["like_cpu_ratio"] == {"middle": 1.0, "low": 1.0, "high": 1.0}
    assert plain["like_is_met"] is True


def test_a_table_stands_straight():
    shown = table(("name", "ms", "note"), [("首页", "1", "ok"), ("verify", "10", "")])
    assert shown.splitlines() == [
        "name    ms  note",
        "------  --  ----",
        "首页     1  ok",
        "verify  10",
    ]
