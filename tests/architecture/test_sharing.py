"""What a file builds for itself is built once in a run: its tests stay together."""

from types import SimpleNamespace

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import conftest
from tests.sharing import JOURNEYS, LONG, PAGES, Units, in_order, unit_of


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        ("tests/a/test_b.py::test_c", "tests/a/test_b.py"),
        ("tests/a/test_b.py::test_c[x::y@z]", "tests/a/test_b.py"),
        ("tests/a/test_b.py::test_c[sqlite-1]", "tests/a/test_b.py sqlite"),
        ("tests/a/test_b.py::test_c[postgresql]", "tests/a/test_b.py postgresql"),
        (f"{JOURNEYS}/test_hr.py::test_c", JOURNEYS),
        (f"{JOURNEYS}/test_learner.py::test_c[1]", JOURNEYS),
        (f"{PAGES}::test_c[learner1]", PAGES),
    ],
)
def test_a_unit_is_a_file_on_a_database_or_the_journeys(nodeid, unit):
    assert unit_of(nodeid) == unit


class Node:
    """A worker that notes what it is given."""

    def __init__(self, name):
        self.gateway, self.shutting_down, self.given = SimpleNamespace(id=name), False, []

    def send_runtest_some(self, indices):
        self.given += indices

    def shutdown(self):
        self.shutting_down = True


def names(*files):
    return [f"{path}::test_{n}" for path, tests in files for n in range(tests)]


def test_the_long_come_first_then_the_many():
    ids = names(("tests/a.py", 1), ("tests/b.py", 3), (LONG[3], 2), (PAGES, 1))
    assert in_order(ids, str) == names(
        (PAGES, 1), (LONG[3], 2), ("tests/b.py", 3), ("tests/a.py", 1)
    )
    assert sorted(in_order(ids, str)) == sorted(ids)


def test_workers_take_whole_units_in_the_order_in_which_they_come(pytestconfig):
    ids = names(("tests/a.py", 5), ("tests/b.py", 9), ("tests/c.py", 4))
    option = SimpleNamespace(loadscopereorder=True, tx=["popen", "popen"])
    config = SimpleNamespace(option=option, getvalue=lambda name: ["popen", "popen"])
    config.getoption = config.getvalue
    shared = Units(config)
    assert isinstance(shared, LoadScopeScheduling)
    nodes = [Node("one"), Node("two")]
    for node in nodes:
        shared.add_node(node)
        shared.add_node_collection(node, ids)
    shared.schedule()
    assert [[ids[i].split("::")[0] for i in node.given] for node in nodes] == [
        ["tests/a.py"] * 5,
        ["tests/b.py"] * 9,
    ]
    for index in range(3):
        shared.mark_test_complete(nodes[0], index)
    assert [ids[i] for i in nodes[0].given[5:]] == names(("tests/c.py", 4))


@pytest.mark.parametrize(("dist", "ours"), [("load", True), ("loadgroup", True), ("each", False)])
def test_a_run_with_several_workers_shares_like_that(dist, ours):
    values = {"dist": dist, "tx": ["popen"]}
    config = SimpleNamespace(option=SimpleNamespace(), getvalue=values.get, getoption=values.get)
    made = conftest.pytest_xdist_make_scheduler(config, None)
    assert isinstance(made, Units) if ours else made is None


def test_every_long_unit_is_there():
    root = conftest.Path(__file__).resolve().parents[2]
    assert [path for path in LONG if not (root / path).exists()] == []
