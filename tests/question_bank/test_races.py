"""Search words written anew while somebody publishes: the newest version wins, on real databases."""

from threading import Event, Thread

from sqlalchemy.orm import Session

from lms.kernel.authoring import Faults
from lms.kernel.transaction import transaction
from lms.question_bank import content, operations, queries
from lms.question_bank.types import Filters
from tests.builders import NOON
from tests.question_bank.builders import bank, block

PATIENCE = 20
"""Seconds."""


def files(tmp_path, stem):
    return content.read_all(bank(tmp_path, block(id='"x1"', stem=f'"{stem}（ ）。"')), Faults())


def test_who_publishes_while_the_words_are_written_anew_comes_after(own_engine, tmp_path):
    first, second = files(tmp_path, "毕节的社工"), files(tmp_path, "遵义的社工")
    with Session(own_engine) as session, transaction(session):
        operations.load(session, first, now=NOON)
    written, faults = Event(), []

    def publish():
        try:
            written.wait(PATIENCE)
            with Session(own_engine) as session, transaction(session):
                operations.load(session, second, now=NOON)
        except Exception as fault:  # noqa: BLE001 - told by the test
            faults.append(fault)

    publisher = Thread(target=publish)
    publisher.start()
    with Session(own_engine) as session, transaction(session):
        operations.reindex(session)
        written.set()
        publisher.join(0.3)  # it waits for us
        assert publisher.is_alive()
    publisher.join(PATIENCE)
    assert faults == []
    with Session(own_engine) as session:
        assert queries.how_many(session, Filters(words="毕节")) == 0
        assert queries.how_many(session, Filters(words="遵义")) == 1
