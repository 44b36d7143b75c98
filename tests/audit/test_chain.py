"""The trail: appended, sealed into one chain, and whoever changed it is found out."""

import threading
from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations, queries
from lms.audit.models import Entry, Link, Seal
from lms.audit.rules import GENESIS, link_digest
from lms.kernel.transaction import transaction
from tests import builders
from tests.builders import NOON

TABLES = ("audit_entry", "audit_link", "audit_seal")


def record(session, serial, **facts):
    operations.record(
        session,
        verb="exams.attempt_submitted",
        subject=f"attempt:{serial}/1",
        actor_id=serial,
        now=NOON + timedelta(minutes=serial),
        **({"earned": 120} | facts),
    )
    session.flush()


def sealed(session, count):
    """Record so many entries and seal them; return their ids in order."""
    for serial in range(1, count + 1):
        record(session, serial)
    operations.seal(session, now=NOON)
    session.flush()
    return list(session.scalars(sa.select(Entry.id).order_by(Entry.id)))


def faults(session):
    session.expire_all()
    return [(fault.number, fault.what) for fault in queries.verify(session).faults]


@pytest.fixture
def unguarded(session):
    """A session in which somebody with the database's password has put the triggers away."""
    for table in TABLES:
        if session.get_bind().dialect.name == "sqlite":
            for deed in ("update", "delete"):
                session.execute(sa.text(f"DROP TRIGGER {table}_refuse_{deed}"))
        else:
            session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    return session


def test_an_entry_says_who_did_what_to_what_and_when(session):
    record(session, 7, reason="补录")
    entry = session.scalar(sa.select(Entry))
    assert (entry.actor_id, entry.verb, entry.subject, entry.at, entry.facts) == (
        7,
        "exams.attempt_submitted",
        "attempt:7/1",
        NOON + timedelta(minutes=7),
        {"earned": 120, "reason": "补录"},
    )


def test_an_entry_is_lost_with_its_deed(session):
    def deed():
        with transaction(session):
            builders.person(session)
            record(session, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        deed()
    assert session.scalars(sa.select(Entry)).all() == []


def test_a_trail_that_nobody_changed_verifies(session):
    sealed(session, 5)
    verdict = queries.verify(session)
    assert (verdict.links, verdict.faults) == (5, ())
    assert verdict.head == session.scalar(sa.select(Seal.digest))


def test_an_empty_trail_verifies(session):
    assert operations.seal(session, now=NOON) == 0
    verdict = queries.verify(session)
    assert (verdict.links, verdict.head, verdict.faults) == (0, GENESIS, ())
    assert session.scalars(sa.select(Seal)).all() == []


def test_sealing_goes_on_where_it_stopped(session):
    sealed(session, 3)
    record(session, 4)
    record(session, 5)
    assert operations.seal(session, now=NOON) == 2
    assert operations.seal(session, now=NOON) == 0
    assert list(session.scalars(sa.select(Link.number).order_by(Link.number))) == [1, 2, 3, 4, 5]
    assert list(session.scalars(sa.select(Seal.last_number).order_by(Seal.last_number))) == [3, 5]
    assert faults(session) == []


@pytest.mark.parametrize("batch", [1, 2, 5, 6])
def test_sealing_in_batches_gives_the_same_chain(session, batch):
    for serial in range(1, 6):
        record(session, serial)
    assert operations.seal(session, now=NOON, batch=batch) == 5
    verdict = queries.verify(session)
    assert (verdict.links, verdict.faults) == (5, ())
    assert session.scalars(sa.select(Seal.last_number)).all() == [5]


def test_what_is_sealed_is_what_was_stored(session):
    """Numbers as keys become texts in JSON, and texts have another order."""
    values = {"verb": "a.b", "subject": "c:1", "actor_id": None, "now": NOON}
    facts = {"slots": {2: "A", 10: "B"}, "pair": (1, 2)}
    as_passed_in = Entry(at=NOON, actor_id=None, verb="a.b", subject="c:1", facts=facts)
    session.add(as_passed_in)
    operations.record(session, **values, **facts)  # waits with it
    assert len(session.new) == 2
    operations.seal(session, now=NOON)
    assert faults(session) == []
    assert as_passed_in is not None  # it was there all the time


def test_an_entry_on_its_own_is_written_at_once(session):
    operations.record(session, verb="a.b", subject="c:1", actor_id=None, now=NOON, slots={2: "A"})
    assert not session.new
    assert session.scalars(sa.select(Entry.facts)).all() == [{"slots": {"2": "A"}}]


def test_an_entry_that_commits_late_with_a_lower_id_is_chained_too(session):
    values = {"at": NOON, "verb": "a.b", "subject": "c:1", "facts": {}}
    builders.added(session, Entry(id=10, **values))
    operations.seal(session, now=NOON)
    builders.added(session, Entry(id=5, **values))
    assert operations.seal(session, now=NOON) == 1
    chain = session.scalars(sa.select(Link.entry_id).order_by(Link.number)).all()
    assert chain == [10, 5]
    assert faults(session) == []


@pytest.mark.parametrize(
    "values",
    [
        {"facts": {"earned": 121}},
        {"facts": {}},
        {"actor_id": None},
        {"actor_id": 99},
        {"verb": "exams.attempt_voided"},
        {"subject": "attempt:3/2"},
        {"at": NOON + timedelta(minutes=3, microseconds=1)},
    ],
    ids=str,
)
def test_an_edited_entry_is_found(unguarded, values):
    third = sealed(unguarded, 5)[2]
    unguarded.execute(sa.update(Entry).where(Entry.id == third).values(values))
    assert faults(unguarded) == [(3, "edited_entry")]


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_deleted_entry_is_found(unguarded, number):
    entry_id = sealed(unguarded, 5)[number - 1]
    unguarded.execute(sa.delete(Entry).where(Entry.id == entry_id))
    assert faults(unguarded) == [(number, "missing_entry")]


@pytest.mark.parametrize("number", [1, 3])
def test_a_deleted_link_is_found_also_after_the_next_sealing(unguarded, number):
    sealed(unguarded, 5)
    unguarded.execute(sa.delete(Link).where(Link.number == number))
    assert faults(unguarded) == [(number, "missing_link")]
    assert operations.seal(unguarded, now=NOON) == 1  # its entry is chained again, at the end
    assert faults(unguarded) == [(number, "missing_link")]


def test_an_entry_deleted_with_its_link_is_found(unguarded):
    third = sealed(unguarded, 5)[2]
    unguarded.execute(sa.delete(Entry).where(Entry.id == third))
    unguarded.execute(sa.delete(Link).where(Link.number == 3))
    assert faults(unguarded) == [(3, "missing_link")]


def test_a_tail_that_was_cut_off_is_found(unguarded):
    ids = sealed(unguarded, 5)
    unguarded.execute(sa.delete(Entry).where(Entry.id >= ids[3]))
    unguarded.execute(sa.delete(Link).where(Link.number >= 4))
    assert faults(unguarded) == [(5, "missing_tail")]


@pytest.mark.parametrize("more", [1, 2, 3])
def test_a_tail_that_was_cut_off_stays_found_when_the_trail_goes_on(unguarded, more):
    ids = sealed(unguarded, 5)
    unguarded.execute(sa.delete(Entry).where(Entry.id >= ids[3]))
    unguarded.execute(sa.delete(Link).where(Link.number >= 4))
    for serial in range(more):
        record(unguarded, 100 + serial)
    assert operations.seal(unguarded, now=NOON) == more
    assert faults(unguarded) == [(4, "missing_link"), (5, "missing_tail")]


def test_two_entries_that_changed_places_are_found(unguarded):
    _, second, _, fourth, _ = sealed(unguarded, 5)
    rows = {e.id: (e.actor_id, e.subject, e.at) for e in unguarded.scalars(sa.select(Entry))}
    for here, there in ((second, fourth), (fourth, second)):
        actor_id, subject, at = rows[there]
        values = {"actor_id": actor_id, "subject": subject, "at": at}
        unguarded.execute(sa.update(Entry).where(Entry.id == here).values(values))
    assert faults(unguarded) == [(2, "edited_entry"), (4, "edited_entry")]


def test_two_links_that_changed_places_are_found(unguarded):
    _, second, third, _, _ = sealed(unguarded, 5)
    for number, entry_id in ((2, -1), (3, second), (2, third)):
        unguarded.execute(sa.update(Link).where(Link.number == number).values(entry_id=entry_id))
    assert {number for number, _what in faults(unguarded)} == {2, 3}


def test_a_chain_written_anew_after_an_edit_is_found(unguarded):
    """Whoever recomputes every digest after the edited entry still meets the seal."""
    first = sealed(unguarded, 3)[0]
    unguarded.execute(sa.update(Entry).where(Entry.id == first).values(facts={}))
    unguarded.expire_all()
    digest = GENESIS
    for link in unguarded.scalars(sa.select(Link).order_by(Link.number)).all():
        entry = unguarded.get(Entry, link.entry_id)
        digest = link_digest(
            digest, entry_id=entry.id, at=entry.at, actor_id=entry.actor_id, verb=entry.verb,
            subject=entry.subject, facts=entry.facts,
        )  # fmt: skip
        unguarded.execute(sa.update(Link).where(Link.number == link.number).values(digest=digest))
    assert faults(unguarded) == [(3, "broken_link")]


def test_every_fault_is_told_not_only_the_first(unguarded):
    ids = sealed(unguarded, 5)
    unguarded.execute(sa.update(Entry).where(Entry.id == ids[1]).values(facts={}))
    unguarded.execute(sa.delete(Entry).where(Entry.id == ids[3]))
    assert faults(unguarded) == [(2, "edited_entry"), (4, "missing_entry")]


def test_verifying_costs_two_statements_however_many_seals(session, count_statements):
    for serial in range(4):
        record(session, serial)
        operations.seal(session, now=NOON)
    session.flush()
    with count_statements() as seen:
        queries.verify(session)
    assert len(seen) == 2


def test_a_second_sealer_waits_for_the_first(own_engine):
    with Session(own_engine) as session, transaction(session):
        for serial in range(5):
            record(session, serial)
    counts = []

    def seal():
        with Session(own_engine) as session, transaction(session):
            counts.append(operations.seal(session, now=NOON))

    second = threading.Thread(target=seal)
    with Session(own_engine) as session, transaction(session):
        counts.append(operations.seal(session, now=NOON))
        second.start()
        second.join(0.2)
        assert second.is_alive()
    second.join()
    assert counts == [5, 0]
    with Session(own_engine) as session:
        verdict = queries.verify(session)
    assert (verdict.links, verdict.faults) == (5, ())


def test_writers_do_not_wait_for_the_chain(own_engine):
    """Only on PostgreSQL: SQLite has one writer at a time whatever it writes."""
    if own_engine.dialect.name == "sqlite":
        return
    with Session(own_engine) as sealer, transaction(sealer):
        operations.seal(sealer, now=NOON)
        with Session(own_engine) as writer, transaction(writer):
            writer.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            record(writer, 1)


BASE = {
    "entry_id": 1,
    "at": NOON,
    "actor_id": 2,
    "verb": "a.b",
    "subject": "c:1",
    "facts": {"甲": 1, "乙": [2]},
}


@pytest.mark.parametrize(
    "change",
    [
        {"entry_id": 2},
        {"at": NOON + timedelta(microseconds=1)},
        {"actor_id": None},
        {"verb": "a.c"},
        {"subject": "c:2"},
        {"facts": {"甲": 1, "乙": [3]}},
        {"facts": {"甲": 1}},
    ],
    ids=str,
)
def test_every_value_is_in_the_digest(change):
    assert link_digest(GENESIS, **BASE) != link_digest(GENESIS, **(BASE | change))


def test_what_went_before_is_in_the_digest():
    assert link_digest(GENESIS, **BASE) != link_digest("1" * 64, **BASE)


def test_the_digest_is_of_the_instant_not_of_its_zone():
    there = NOON.astimezone(timezone(timedelta(hours=8)))
    assert link_digest(GENESIS, **BASE) == link_digest(GENESIS, **(BASE | {"at": there}))


def test_the_digest_never_changes():
    """Trails sealed years ago must verify: change this only with a new kind of link."""
    assert (
        link_digest(GENESIS, **BASE)
        == "24ffacf5452fa4e18d9154ac930f0a0d30956aeaa63156a662ab60d4fec1f6e0"
    )


@pytest.fixture
def run(app, client):
    """Run ``lms audit …`` on the test's transaction."""
    return lambda *words: app.test_cli_runner().invoke(args=["audit", *words])


def test_the_command_seals_and_says_how_many(session, run):
    record(session, 1)
    record(session, 2)
    done = run("seal")
    assert (done.exit_code, done.output) == (0, "2 entries sealed\n")


def test_the_command_verifies_what_is_new_as_well(session, run):
    record(session, 1)
    done = run("verify")
    assert done.exit_code == 0
    assert done.output.startswith("1 entries checked, head ")


def test_the_command_fails_when_the_trail_was_changed(unguarded, run):
    third = sealed(unguarded, 5)[2]
    unguarded.execute(sa.update(Entry).where(Entry.id == third).values(facts={}))
    unguarded.expire_all()
    done = run("verify")
    assert done.exit_code == 1
    assert f"link 3, entry {third}: edited_entry" in done.stderr
