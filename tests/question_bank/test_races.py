"""Two at once, on real databases: words written anew, two reviewers, two who write."""

from dataclasses import replace
from threading import Barrier, Event, Thread

from sqlalchemy.orm import Session

from lms.kernel.authoring import Faults
from lms.kernel.errors import DomainError
from lms.kernel.transaction import transaction
from lms.question_bank import content, operations, queries
from lms.question_bank.types import Filters
from tests.builders import NOON, person
from tests.question_bank.builders import bank, block, draft, outline

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


def at_once(engine, *deeds):
    """Do deeds at the same moment, each in a transaction of its own; return how each ended."""
    ready, ended = Barrier(len(deeds)), {}

    def do(at, deed):
        ready.wait(PATIENCE)
        try:
            with Session(engine) as session, transaction(session):
                deed(session)
            ended[at] = "done"
        except DomainError as refusal:
            ended[at] = refusal.code

    threads = [Thread(target=do, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(ended.values())


def test_of_two_reviewers_one_approves(own_engine):
    with Session(own_engine) as session, transaction(session):
        outline(session)
        author, *reviewers = (person(session).id for _ in range(3))
        operations.begin(session, draft=draft("one"), actor_id=author, now=NOON)
        operations.submit(session, seen={"one": 1}, actor_id=author, now=NOON)

    def approve(by):
        return lambda session: operations.approve(
            session, seen={"one": 2}, two_people=True, actor_id=by, now=NOON
        )

    assert at_once(own_engine, *map(approve, reviewers)) == ["done", "no_draft"]
    with Session(own_engine) as session:
        assert len(queries.history(session, "one")[1]) == 1


def test_of_two_who_write_one_is_told(own_engine):
    with Session(own_engine) as session, transaction(session):
        writers = [person(session).id for _ in range(2)]
        operations.begin(session, draft=draft("one"), actor_id=writers[0], now=NOON)

    def write(by):
        text = replace(draft("one"), stem=f"{by} 写的（ ）。")
        return lambda session: operations.write(
            session, draft=text, revision=1, base_number=None, note="", actor_id=by, now=NOON
        )

    assert at_once(own_engine, *map(write, writers)) == ["done", "draft_moved"]


def test_two_who_begin_to_change_a_question_work_on_one_draft(own_engine, tmp_path):
    with Session(own_engine) as session, transaction(session):
        operations.load(session, files(tmp_path, "毕节的社工"), now=NOON)
        writers = [person(session).id for _ in range(2)]

    def begin(by):
        return lambda session: operations.begin_change(session, key="x1", actor_id=by, now=NOON)

    assert at_once(own_engine, *map(begin, writers)) == ["done", "done"]
