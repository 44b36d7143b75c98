"""Two people load content at the same moment, on a real server."""

import threading

import pytest
from sqlalchemy.orm import Session

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.kernel.transaction import transaction
from lms.question_bank import content as questions
from lms.web import loading
from tests.builders import NOON


@pytest.fixture(scope="module")
def content():
    """Nothing but the questions: what is loaded first of what has versions and is many."""
    faults = Faults()
    listed = questions.read_all(shipped("question_bank"), faults)
    return loading.Content([], [], listed[:5], [], [], [], [], faults)


def test_the_second_waits_and_finds_everything_published(own_engine, content):
    tallies = {}

    def load(name, then=lambda: None):
        with Session(own_engine) as session, transaction(session):
            tallies[name] = loading.load(session, content, now=NOON)["questions"]
            session.flush()
            then()

    second = threading.Thread(target=load, args=["second"])

    def meanwhile():
        second.start()
        second.join(timeout=0.5)
        assert "second" not in tallies

    load("first", meanwhile)
    second.join()
    assert tallies["first"].new == 5
    assert (tallies["second"].new, tallies["second"].same) == (0, 5)
