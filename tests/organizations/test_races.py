"""Two clerks at once, on a real file and on a real server."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import Conflict
from lms.kernel.transaction import transaction
from lms.organizations import operations, queries
from lms.organizations.models import Closure, Event, Organization
from lms.organizations.types import Details, OrganizationKind
from tests import builders
from tests.builders import NOON
from tests.organizations.builders import deed, province


@pytest.fixture
def here(own_engine):
    with Session(own_engine) as session, transaction(session):
        made = {key: place.id for key, place in province(session).items()}
        for key in ("north", "south"):
            parent = session.get(Organization, made["county"])
            made[key] = builders.organization(
                session, parent, kind="department", name=f"{key}局", code=f"t-{key}"
            ).id
    return made


def at_once(own_engine, *deeds):
    """Do some deeds at the same moment; return what each answered or was refused with."""
    start = Barrier(len(deeds))

    def one(act):
        start.wait()
        try:
            with Session(own_engine) as session, transaction(session):
                act(session)
        except Conflict as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(one, deeds))


def test_two_that_move_into_each_other_make_no_ring(own_engine, here):
    one, other = here["north"], here["south"]
    answers = at_once(
        own_engine,
        lambda session: operations.move(session, one, other, deed()),
        lambda session: operations.move(session, other, one, deed()),
    )
    assert answers == ["cycle", "done"]
    with Session(own_engine) as session:
        rings = sa.select(sa.func.count()).where(
            Closure.ancestor_id == Closure.descendant_id, Closure.depth > 0
        )
        assert session.scalar(rings) == 0


def test_of_two_edits_of_one_state_the_second_is_told(own_engine, here):
    def edit(name):
        details = Details(short_names=(name,))
        return lambda session: operations.edit(session, here["station"], details, deed(revision=1))

    assert at_once(own_engine, edit("甲"), edit("乙")) == ["changed_meanwhile", "done"]


def test_the_same_form_sent_twice_at_once_is_one_move(own_engine, here):
    def move(session):
        operations.move(session, here["station"], here["hub"], deed(revision=1))

    assert at_once(own_engine, *[move] * 4) == ["done"] * 4
    with Session(own_engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == 1
        assert len(queries.subtree(session, here["hub"])) == 3


@pytest.mark.parametrize(
    ("code", "name", "refused"), [("n-1", "新站", "code_taken"), (None, "新站", "name_taken")]
)
def test_of_two_that_are_alike_one_is_added(own_engine, here, code, name, refused):
    def add(number):
        return lambda session: operations.add(
            session,
            code=code or f"n-{number}",
            code_system="bixue",
            kind=OrganizationKind.TOWNSHIP_STATION,
            name=name,
            parent_id=here["county"],
            now=NOON,
        )

    assert at_once(own_engine, add(1), add(2)) == sorted(["done", refused])


def test_nothing_is_added_below_what_is_being_closed(own_engine, here):
    def add(session):
        operations.add(
            session,
            code="n-1",
            code_system="bixue",
            kind=OrganizationKind.VILLAGE_ROOM,
            name="新室",
            parent_id=here["twin"],
            now=NOON,
        )

    def close(session):
        operations.close(session, here["twin"], deed())

    answers = at_once(own_engine, add, close)
    assert answers in (["done", "open_units"], ["done", "target_closed"])
