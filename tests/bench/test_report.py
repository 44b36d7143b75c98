import json

import pytest

from bench.budgets import Budget, verdict
from bench.figures import Pair, Turn
from bench.report import COLUMNS, Line, table

TURN = Turn(count=100, seconds=0.5, latencies=(0.01, 0.02), cpu_seconds=0.2)


def line(**values):
    return Line(
        **{"database": "sqlite", "name": "home", "like": "page", "budget": Budget(8, 12_000)}
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
        statements=5, wire_bytes=4000, plain_bytes=20_000, pairs=(Pair(TURN, TURN),), alone=TURN
    )
    cells = dict(zip(COLUMNS, measured.cells(), strict=True))
    assert cells["x CPU"] == "1.00 (1.00-1.00)"
    assert (cells["CPU ms"], cells["req/s"], cells["p95 ms"]) == ("2.00", "200", "20.0")
    assert cells["budget"] == "ok"


def test_what_could_not_be_measured_says_why():
    cells = line(note="no such page").cells()
    assert cells[-1] == "no such page"
    assert set(cells[1:-1]) == {"-"}


def test_a_line_survives_json():
    plain = line(pairs=(Pair(TURN, TURN),), alone=TURN).plain()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["cpu_ratio"] == {"middle": 1.0, "low": 1.0, "high": 1.0}


def test_a_table_stands_straight():
    shown = table(("name", "ms", "note"), [("首页", "1", "ok"), ("verify", "10", "")])
    assert shown.splitlines() == [
        "name    ms  note",
        "------  --  ----",
        "首页     1  ok",
        "verify  10",
    ]
