from itertools import islice

import pytest

from bench.cli import OPERATIONS
from bench.operations import SMALLEST, Supply, again, once
from bench.wire import Prepared
from lms.web import create_app

PAGE = Prepared("GET", "/")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_is_compared_with_the_smallest_there_can_be(operation):
    assert next(SMALLEST[operation.smallest]()).path


def test_every_operation_is_a_route(tmp_path):
    app = create_app({"SECRET_KEY": "x", "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"})
    missing = {one.endpoint for one in OPERATIONS} - app.view_functions.keys()
    assert missing == set()


def test_names_are_told_apart():
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)


def test_a_page_can_be_asked_for_as_often_as_one_likes():
    supply = again([PAGE])
    assert list(islice(supply.requests, 3)) == [PAGE] * 3
    assert supply.share(5) is None


@pytest.mark.parametrize(
    ("left", "share"),
    [
        (1008, 200),  # five turns, and some to count
        (8, 1),
        (3, 1),
    ],
)
def test_turns_share_what_can_be_sent_once(left, share):
    assert Supply(iter(()), left=left).share(5) == share


@pytest.mark.parametrize("supply", [again([]), once([])])
def test_nothing_to_send_is_known_beforehand(supply):
    assert supply.left == 0
