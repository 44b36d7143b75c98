"""The closure against a tree in plain dictionaries."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, NotFound
from lms.organizations import operations, queries
from lms.organizations.models import Closure
from lms.organizations.rules import HOLDS
from lms.organizations.types import Code, NewOrganization, OrganizationKind
from tests.builders import NOON

KINDS = list(OrganizationKind)


class Oracle:
    """A tree that is walked, never looked up."""

    def __init__(self, parents):
        self.parents = parents  # node -> parent or none

    def path(self, node):
        return [node] if self.parents[node] is None else [*self.path(self.parents[node]), node]

    def subtree(self, node):
        return {n for n in self.parents if node in self.path(n)}

    def closure(self):
        return {
            (above, n): len(self.path(n)) - 1 - at
            for n in self.parents
            for at, above in enumerate(self.path(n))
        }


@st.composite
def trees(draw):
    """Nodes 0..n; the parent of each is an earlier one or none."""
    parents, kinds = {}, {}
    for n in range(draw(st.integers(1, 14))):
        holders = [m for m in parents if HOLDS[kinds[m]]]
        parents[n] = draw(st.none() | st.sampled_from(holders)) if holders else None
        below = HOLDS[kinds[parents[n]]] if parents[n] is not None else KINDS
        kinds[n] = draw(st.sampled_from(sorted(below)))
    return parents, kinds


def code(node):
    return Code("oracle", f"{node:03}")


def new(parents, kinds):
    return [
        NewOrganization(code(n), kinds[n], f"单位{n}", None if p is None else code(p))
        for n, p in parents.items()
    ]


def stored_closure(session, ids):
    back = {number: node for node, number in ids.items()}
    return {
        (back[row.ancestor_id], back[row.descendant_id]): row.depth
        for row in session.query(Closure).filter(Closure.descendant_id.in_(back))
    }


def one_by_one(session, parents, kinds):
    ids = {}
    for n, parent in parents.items():
        ids[n] = operations.add(
            session,
            code=code(n).code,
            code_system="oracle",
            kind=kinds[n],
            name=f"单位{n}",
            parent_id=None if parent is None else ids[parent],
            now=NOON,
        ).id
    return ids


def all_at_once(session, parents, kinds, rows=None):
    added = operations.add_tree(session, rows or new(parents, kinds), now=NOON)
    return {n: added[code(n)] for n in parents}


few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@few
@given(tree=trees(), shuffled=st.randoms(use_true_random=False))
@pytest.mark.parametrize("way", ["one by one", "all at once", "in any order"])
def test_the_closure_is_that_of_the_tree_however_it_was_added(session, way, tree, shuffled):
    parents, kinds = tree
    with session.begin_nested() as savepoint:
        if way == "one by one":
            ids = one_by_one(session, parents, kinds)
        elif way == "all at once":
            ids = all_at_once(session, parents, kinds)
        else:
            rows = new(parents, kinds)
            shuffled.shuffle(rows)
            ids = all_at_once(session, parents, kinds, rows)
        assert stored_closure(session, ids) == Oracle(parents).closure()
        savepoint.rollback()
        session.expunge_all()


@few
@given(tree=trees(), counted=st.sampled_from(KINDS))
def test_queries_agree_with_a_walk_through_the_tree(session, tree, counted):
    parents, kinds = tree
    oracle = Oracle(parents)
    with session.begin_nested() as savepoint:
        ids = all_at_once(session, parents, kinds)
        for node in parents:
            path = queries.ancestors(session, ids[node])
            assert [p.id for p in path] == [ids[n] for n in oracle.path(node)]
            below = queries.subtree(session, ids[node])
            assert {p.id for p in below} == {ids[n] for n in oracle.subtree(node)}
            assert below[0].id == ids[node]
            branches = queries.children_with_counts(session, ids[node], counted=counted)
            assert {(b.place.id, b.count) for b in branches} == {
                (ids[child], sum(kinds[n] == counted for n in oracle.subtree(child)))
                for child, parent in parents.items()
                if parent == node
            }
        expected = {ids[n]: nearest_county(oracle, kinds, n) for n in parents}
        found = {n: queries.county_of(session, n) for n in expected}
        assert {n: p and p.code for n, p in found.items()} == expected
        many = queries.counties_of(session, list(expected))
        assert {n: p.code for n, p in many.items()} == {n: c for n, c in expected.items() if c}
        savepoint.rollback()
        session.expunge_all()


def nearest_county(oracle, kinds, node):
    above = [n for n in oracle.path(node) if kinds[n] == OrganizationKind.COUNTY]
    return code(above[-1]).code if above else None


SMALL = {0: None, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2}
SMALL_KINDS = dict.fromkeys(SMALL, OrganizationKind.TOWNSHIP_STATION) | {
    0: OrganizationKind.PREFECTURE,
    1: OrganizationKind.COUNTY,
    2: OrganizationKind.COUNTY,
}


@pytest.fixture
def small(session):
    ids = all_at_once(session, SMALL, SMALL_KINDS)
    session.flush()
    return ids


def test_scope_holds_what_is_below_and_nothing_beside(session, small):
    assert queries.is_within(session, small[3], scope={small[1]})
    assert queries.is_within(session, small[1], scope={small[1]})  # itself
    assert not queries.is_within(session, small[3], scope={small[2]})
    assert not queries.is_within(session, small[0], scope={small[1]})  # above
    assert not queries.is_within(session, small[0], scope=set())


def test_ids_within_is_a_sub_select_over_several_scopes(session, small):
    within = queries.ids_within([small[1], small[5]])
    assert Counter(session.scalars(within)) == Counter(small[n] for n in (1, 3, 4, 5))


def test_names_of_leaves_out_the_unknown(session, small):
    assert queries.names_of(session, [small[0], small[3], -1]) == {
        small[0]: "单位0",
        small[3]: "单位3",
    }


def test_an_unknown_organization_is_none_or_refused(session):
    assert queries.find(session, -1) is None
    assert queries.ancestors(session, -1) == []
    with pytest.raises(NotFound) as refusal:
        queries.organization(session, -1)
    assert refusal.value.code == "no_organization"


def test_a_number_is_told_apart_by_whose_it_is(session, small):
    elsewhere = operations.add(
        session,
        code=code(3).code,
        code_system="someone else",
        kind=OrganizationKind.AGENCY,
        name="同号不同源",
        parent_id=small[0],
        now=NOON,
    )
    assert queries.find_by_code(session, code(3)).id == small[3]
    assert queries.find_by_code(session, Code("someone else", code(3).code)).id == elsewhere.id


def test_a_code_is_given_once(session, small):
    with pytest.raises(Conflict) as refusal:
        operations.add(
            session,
            code=code(3).code,
            code_system="oracle",
            kind=OrganizationKind.AGENCY,
            name="又一个",
            parent_id=None,
            now=NOON,
        )
    assert refusal.value.code == "code_taken"
    again = NewOrganization(code(3), OrganizationKind.AGENCY, "又一个", None)
    with pytest.raises(Conflict):
        operations.add_tree(session, [again], now=NOON)
    twice = NewOrganization(code(99), OrganizationKind.AGENCY, "两个", None)
    with pytest.raises(Conflict):
        operations.add_tree(session, [twice, twice], now=NOON)


def test_a_parent_must_be_there(session, small):
    lost = NewOrganization(code(98), OrganizationKind.AGENCY, "无主", code(97))
    with pytest.raises(NotFound):
        operations.add_tree(session, [lost], now=NOON)
    with pytest.raises(NotFound):
        operations.add(
            session,
            code="x",
            code_system="oracle",
            kind=OrganizationKind.AGENCY,
            name="无主",
            parent_id=-1,
            now=NOON,
        )


def test_a_tree_can_be_hung_under_one_that_is_there(session, small):
    below = [
        NewOrganization(code(11), OrganizationKind.VILLAGE_ROOM, "室", code(10)),
        NewOrganization(code(10), OrganizationKind.TOWNSHIP_STATION, "站", code(2)),
    ]
    added = operations.add_tree(session, below, now=NOON)
    path = queries.ancestors(session, added[code(11)])
    assert [p.code for p in path] == ["000", "002", "010", "011"]


def test_a_tree_is_added_in_a_handful_of_statements(session, count_statements):
    parents = {0: None} | dict.fromkeys(range(1, 10), 0) | {n: n % 9 + 1 for n in range(10, 900)}
    kinds = dict.fromkeys(parents, OrganizationKind.TOWNSHIP_STATION) | SMALL_KINDS
    kinds |= dict.fromkeys(range(1, 10), OrganizationKind.COUNTY)
    with count_statements() as seen:
        all_at_once(session, parents, kinds)
        session.flush()
    assert len(seen) <= 12


@pytest.mark.parametrize(
    "read",
    [
        lambda session, ids: queries.subtree(session, ids[0]),
        lambda session, ids: queries.ancestors(session, ids[3]),
        lambda session, ids: queries.county_of(session, ids[3]),
        lambda session, ids: queries.counties_of(session, list(ids.values())),
        lambda session, ids: queries.names_of(session, list(ids.values())),
        lambda session, ids: queries.children_with_counts(
            session, ids[0], counted=OrganizationKind.TOWNSHIP_STATION
        ),
    ],
)
def test_every_read_is_one_statement(session, small, count_statements, read):
    with count_statements() as seen:
        read(session, small)
    assert len(seen) == 1


def test_adding_is_written_down(session, small):
    lines = [e for e in session.query(Entry).all() if e.verb.startswith("organizations.")]
    assert [(e.verb, e.facts["count"]) for e in lines] == [("organizations.tree_added", len(SMALL))]
    one_by_one(session, {7: None}, {7: OrganizationKind.AGENCY})
    session.flush()
    assert session.query(Entry).filter_by(verb="organizations.organization_added").count() == 1
