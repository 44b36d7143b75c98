"""Random trees with random histories, against an oracle that recomputes every day from the events."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.kernel.errors import Conflict, Invalid
from lms.organizations import operations, queries
from lms.organizations.models import Closure, PastClosure
from lms.organizations.rules import HOLDS, mergeable_with
from lms.organizations.types import Code, Deed, NewOrganization, OrganizationKind
from tests.builders import NOON, TODAY

FIRST = TODAY - timedelta(days=8)
DAYS = [FIRST + timedelta(days=n) for n in range(-1, 9)]  # the day before anything, to today
KINDS = (
    OrganizationKind.PREFECTURE,
    OrganizationKind.COUNTY,
    OrganizationKind.COUNTY_HUB,
    OrganizationKind.TOWNSHIP_STATION,
    OrganizationKind.VILLAGE_ROOM,
)


class World:
    """Parents and names of every day, kept as plain lists of what was noted."""

    def __init__(self):
        self.kinds, self.opened = {}, {}
        self.parents, self.names = {}, {}  # node -> [(from which day, value)], in order
        self.merged, self.closed = {}, set()

    def add(self, node, kind, parent, opened):
        self.kinds[node], self.opened[node] = kind, opened
        self.parents[node], self.names[node] = [(date.min, parent)], [(date.min, f"单位{node}")]

    @staticmethod
    def on(values, day):
        return [value for since, value in values if since <= day][-1]

    def path(self, node, day):
        parent = self.on(self.parents[node], day)
        return [node] if parent is None else [*self.path(parent, day), node]

    def subtree(self, node, day):
        return {
            other
            for other in self.kinds
            if node in self.path(other, day) and (self.opened[other] or date.min) <= day
        }

    def successor(self, node):
        return self.successor(self.merged[node]) if node in self.merged else node


def code(node):
    return Code("oracle", f"{node:03}")


class Actor:
    """Does the same to the database and to the world; days may go back as far as is allowed."""

    def __init__(self, session):
        self.session, self.world, self.ids = session, World(), {}
        self.refused, self.done = 0, 0

    def deed(self, on):
        return Deed(None, NOON, on=on)

    def add(self, kind, parent, opened, *, as_tree):
        node = len(self.ids)
        if as_tree:
            new = NewOrganization(
                code(node),
                kind,
                f"单位{node}",
                None if parent is None else code(parent),
                opened_on=opened,
            )
            self.ids[node] = operations.add_tree(self.session, [new], now=NOON)[code(node)]
        else:
            self.ids[node] = operations.add(
                self.session,
                code=code(node).code,
                code_system="oracle",
                kind=kind,
                name=f"单位{node}",
                parent_id=None if parent is None else self.ids[parent],
                opened_on=opened,
                now=NOON,
            ).id
        self.world.add(node, kind, parent, opened)

    def attempt(self, act):
        try:
            with self.session.begin_nested():
                act()
                self.session.flush()
        except (Conflict, Invalid):
            self.refused += 1
            return False
        self.done += 1
        return True

    def move(self, node, target, on):
        world = self.world
        if (
            self.attempt(
                lambda: operations.move(
                    self.session, self.ids[node], self.ids[target], self.deed(on)
                )
            )
            and world.parents[node][-1][1] != target
        ):  # where it is: nothing happens
            world.parents[node].append((on, target))

    def merge(self, node, target, on):
        world = self.world
        children = [
            n for n in world.kinds if world.parents[n][-1][1] == node and n not in world.closed
        ]
        if self.attempt(
            lambda: operations.merge(self.session, self.ids[node], self.ids[target], self.deed(on))
        ):
            for child in children:
                world.parents[child].append((on, target))
            if node not in world.merged:
                world.parents[node].append((on, target))
            world.merged[node] = target
            world.closed.add(node)

    def close(self, node, on):
        if self.attempt(lambda: operations.close(self.session, self.ids[node], self.deed(on))):
            self.world.closed.add(node)

    def reopen(self, node, on):
        world = self.world
        if self.attempt(lambda: operations.reopen(self.session, self.ids[node], self.deed(on))):
            if node in world.merged:
                world.parents[node].append((on, self.place(node)))
                del world.merged[node]
            world.closed.discard(node)

    def place(self, node):
        back = {number: n for n, number in self.ids.items()}
        return back[queries.organization(self.session, self.ids[node]).parent_id]

    def rename(self, node, on):
        name = f"单位{node}·{self.done}"
        if self.attempt(
            lambda: operations.rename(self.session, self.ids[node], name, self.deed(on))
        ):
            self.world.names[node].append((on, name))


ACTS = ("add", "move", "move", "move", "merge", "close", "reopen", "rename")


@st.composite
def a_history(draw):
    """What is tried, on whom and when: day after day, or back and forth."""
    size = draw(st.integers(4, 22))
    days = draw(st.lists(st.sampled_from(DAYS[1:]), min_size=size, max_size=size))
    if draw(st.integers(0, 3)):
        days.sort()
    return [
        (draw(st.sampled_from(ACTS)), draw(st.integers(0, 50)), draw(st.integers(0, 50)), day)
        for day in days
    ]


def fitting(world, parent):
    return sorted(HOLDS[world.kinds[parent]] & set(KINDS))


def play(session, events):
    actor = Actor(session)
    world = actor.world
    for kind in ("prefecture", "prefecture"):
        actor.add(OrganizationKind(kind), None, None, as_tree=True)
    for parent, kind in (
        (0, "county"),
        (0, "county"),
        (1, "county"),
        (2, "county_hub"),
        (2, "township_station"),
    ):
        actor.add(OrganizationKind(kind), parent, None, as_tree=False)
    for number, (act, one, other, on) in enumerate(events):
        nodes = sorted(world.kinds)
        node = nodes[one % len(nodes)]
        if act == "add":
            holders = [n for n in nodes if fitting(world, n) and n not in world.closed]
            parent = holders[other % len(holders)]
            kinds = fitting(world, parent)
            opened = on if one % 2 else None
            actor.add(kinds[other % len(kinds)], parent, opened, as_tree=bool(number % 2))
        elif act in {"move", "merge"}:
            wanted = (
                [n for n in nodes if world.kinds[node] in HOLDS[world.kinds[n]]]
                if act == "move"
                else [n for n in nodes if world.kinds[n] in mergeable_with(world.kinds[node])]
            )
            if wanted:
                getattr(actor, act)(node, wanted[other % len(wanted)], on)
        else:
            getattr(actor, act)(node, on)
    return actor


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=a_history())
def test_every_day_is_what_the_events_say(session, events):
    with session.begin_nested() as savepoint:
        actor = play(session, events)
        world, ids = actor.world, actor.ids
        back = {number: node for node, number in ids.items()}
        for day in DAYS:
            for node, number in ids.items():
                below = queries.subtree_on(session, number, on=day)
                assert {back[u.id] for u in below} == world.subtree(node, day), (node, day)
                for unit in below:
                    assert unit.name == world.on(world.names[back[unit.id]], day)
                there = [n for n in world.path(node, day) if (world.opened[n] or date.min) <= day]
                path = queries.ancestors_on(session, number, on=day)
                assert [back[u.id] for u in path] == there
            within = session.scalars(queries.ids_within_on([ids[0], ids[1]], on=day)).all()
            assert set(within) == set(ids.values())
        check_today(session, actor)
        savepoint.rollback()
        session.expunge_all()


def check_today(session, actor):
    world, ids = actor.world, actor.ids
    today = {
        (ids[above], ids[node]): len(world.path(node, TODAY)) - 1 - at
        for node in ids
        for at, above in enumerate(world.path(node, TODAY))
    }
    rows = session.query(Closure).filter(Closure.descendant_id.in_(ids.values()))
    assert {(row.ancestor_id, row.descendant_id): row.depth for row in rows} == today
    for node, number in ids.items():
        place = queries.organization(session, number)
        parent = world.on(world.parents[node], TODAY)
        assert place.parent_id == (None if parent is None else ids[parent])
        assert queries.today_of(session, number).id == ids[world.successor(node)]
        assert queries.find_by_code(session, code(node)).id == number
    for row in session.query(PastClosure).filter(PastClosure.descendant_id.in_(ids.values())):
        assert row.since_on < row.until_on <= TODAY


def test_the_histories_do_something(session):
    """Most of what is tried at random is refused; the examples below are what must not be."""
    events = [("move", 6, 1, DAYS[3]), ("merge", 4, 0, DAYS[5]), ("move", 3, 1, DAYS[5])]
    actor = play(session, events)
    assert actor.done == 3


@pytest.mark.parametrize("on", [DAYS[1], TODAY])
def test_a_pair_of_no_whole_day_leaves_no_trace(session, on):
    actor = play(session, [])
    actor.move(2, 1, on)
    actor.move(2, 0, on)
    assert actor.done == 2
    back = {number: node for node, number in actor.ids.items()}
    found = session.query(PastClosure).filter(PastClosure.ancestor_id == actor.ids[1]).all()
    assert [back[row.descendant_id] for row in found] == []
