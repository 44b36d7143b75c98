"""What never changes is read once, and only what is committed is kept."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.keeping import Kept, forget_all
from lms.kernel.transaction import transaction


class Rows:
    """Rows that tell who asked for them."""

    def __init__(self, **known):
        self.known = {int(key[1:]): value for key, value in known.items()}
        self.asked: list[list[int]] = []

    def __call__(self, missing):
        self.asked.append(missing)
        return {each: self.known[each] for each in missing if each in self.known}


@pytest.fixture
def engine_():
    made = sa.create_engine("sqlite://")
    yield made
    made.dispose()


@pytest.fixture
def reader(engine_):
    with Session(engine_) as session:
        yield session


def test_only_what_is_missing_is_read(reader):
    kept, rows = Kept(at_most=9), Rows(_1="one", _2="two", _3="three")
    assert kept.look_up(reader, [1, 2], rows) == {1: "one", 2: "two"}
    assert kept.look_up(reader, [3, 2, 1], rows) == {1: "one", 2: "two", 3: "three"}
    assert kept.look_up(reader, [1, 2, 3], rows) == {1: "one", 2: "two", 3: "three"}
    assert rows.asked == [[1, 2], [3]]


def test_what_nobody_has_is_asked_for_again(reader):
    kept, rows = Kept(at_most=9), Rows()
    assert kept.look_up(reader, [1], rows) == {}
    rows.known[1] = "one"
    assert kept.look_up(reader, [1], rows) == {1: "one"}


def test_the_oldest_makes_room(reader):
    kept, rows = Kept(at_most=2), Rows(_1="one", _2="two", _3="three")
    for each in (1, 2, 3):
        kept.look_up(reader, [each], rows)
    kept.look_up(reader, [2, 3], rows)
    assert rows.asked == [[1], [2], [3]]
    assert kept.look_up(reader, [1], rows) == {1: "one"}
    assert rows.asked[3:] == [[1]]


def test_more_than_is_kept_is_still_found(reader):
    kept, rows = Kept(at_most=1), Rows(_1="one", _2="two", _3="three")
    assert kept.look_up(reader, [1, 2, 3], rows) == rows.known


def test_what_is_taken_back_is_not_kept(engine_):
    kept, rows = Kept(at_most=9), Rows(_1="not to be")
    with Session(engine_) as session:
        with pytest.raises(ZeroDivisionError), transaction(session):
            assert kept.look_up(session, [1], rows) == {1: "not to be"}
            raise ZeroDivisionError
        rows.known[1] = "another row with its number"
        assert kept.look_up(session, [1], rows) == {1: "another row with its number"}


def test_what_is_committed_is_kept(engine_):
    kept, rows = Kept(at_most=9), Rows(_1="one")
    with Session(engine_) as session:
        with transaction(session):
            kept.look_up(session, [1], rows)
        assert kept.look_up(session, [1], rows) == {1: "one"}
    assert rows.asked == [[1]]


def test_every_database_has_its_own(reader):
    kept, rows, others = Kept(at_most=9), Rows(_1="here"), Rows(_1="there")
    another = sa.create_engine("sqlite://")
    with Session(another) as session:
        assert kept.look_up(reader, [1], rows) == {1: "here"}
        assert kept.look_up(session, [1], others) == {1: "there"}
    another.dispose()


def test_everything_can_be_forgotten(reader):
    kept, rows = Kept(at_most=9), Rows(_1="one")
    kept.look_up(reader, [1], rows)
    forget_all()
    kept.look_up(reader, [1], rows)
    assert rows.asked == [[1], [1]]
