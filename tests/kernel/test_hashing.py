"""Hashing is let through a few at a time; who cannot wait is told so at once."""

import threading

import argon2
import pytest

from lms.kernel import hashing
from lms.kernel.errors import Busy
from lms.kernel.hashing import Gate


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def held():
    """A gate whose one place is taken, a burst of two, and the clock by which waits are earned."""
    clock = Clock()
    gate = Gate(at_once=1, burst=2, patience_seconds=0.01, clock=clock)
    with gate.passed():
        yield gate, clock


def refused(gate):
    with pytest.raises(Busy) as refusal, gate.passed():
        pass
    return refusal.value


def test_a_free_gate_lets_everybody_through_one_after_the_other():
    gate = Gate(at_once=1, burst=0)
    for _ in range(100):
        with gate.passed():
            pass


def test_a_place_is_given_back_after_a_failure():
    gate = Gate(at_once=1, burst=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.passed():
            raise ZeroDivisionError
    with gate.passed():
        pass


def test_who_waited_in_vain_is_told_when_to_come_again(held):
    refusal = refused(held[0])
    assert (refusal.code, refusal.retry_after_seconds) == ("too_busy", 5)


def test_after_a_burst_of_waiting_nobody_waits_any_more(held, monkeypatch):
    gate, clock = held
    waited = []
    acquire = gate._slots.acquire

    def noted(**how):
        waited.extend([how["timeout"]] if "timeout" in how else [])
        return acquire(**how)

    monkeypatch.setattr(gate._slots, "acquire", noted)
    for _ in range(5):
        refused(gate)
    assert len(waited) == 2  # the burst
    clock.seconds = 1.0
    refused(gate)
    refused(gate)
    assert len(waited) == 3  # one earned back


def test_who_waits_gets_the_place_when_it_is_free():
    gate, inside, leave = Gate(at_once=1, burst=1), threading.Event(), threading.Event()

    def hold():
        with gate.passed():
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    threading.Timer(0.05, leave.set).start()
    with gate.passed():
        pass
    holder.join()


def test_in_a_storm_most_are_refused_without_hashing(monkeypatch):
    """Forty at once at a worker with room for one and two who wait: three hash, the rest go."""
    started, go_on, hashed = threading.Barrier(41), threading.Event(), []

    class Slow(argon2.PasswordHasher):
        def verify(self, stored, password):
            hashed.append(password)
            go_on.wait(10)
            return True

    monkeypatch.setattr(hashing, "HASHER", Slow())
    monkeypatch.setattr(hashing, "_gate", Gate(at_once=1, burst=2, patience_seconds=10))
    refusals = []

    def sign_in():
        started.wait(10)
        try:
            hashing.matches("x", "y")
        except Busy:
            refusals.append(1)
        if len(refusals) == 37:
            go_on.set()

    threads = [threading.Thread(target=sign_in) for _ in range(40)]
    for thread in threads:
        thread.start()
    started.wait(10)
    for thread in threads:
        thread.join(20)
    assert (len(refusals), len(hashed)) == (37, 3)


@pytest.mark.usefixtures("real_hashing")
def test_a_password_is_kept_as_argon2id_with_its_own_salt():
    first, again = hashing.make_hash("x"), hashing.make_hash("x")
    assert first != again
    parameters = argon2.extract_parameters(first)
    assert parameters.type is argon2.Type.ID
    # OWASP: 19 MiB, 2 passes, or more
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2
    assert hashing.matches(first, "x") and not hashing.matches(first, "X")
    assert not hashing.needs_new_hash(first)


@pytest.mark.usefixtures("real_hashing")
def test_no_hash_matches_nothing_not_even_the_decoy():
    assert not hashing.matches(None, "nobody signs in with this")
