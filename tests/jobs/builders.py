"""Jobs for tests, and workers that work at them."""

from contextlib import contextmanager

from lms.jobs import operations
from lms.jobs.operations import Worker
from lms.jobs.types import JobKind
from lms.kernel.files import Store
from lms.kernel.transaction import transaction
from lms.kernel.vault import Key
from tests.builders import NOON


def asked(session, kind="test.count", **values):
    """A job that waits."""
    values = {"arguments": {"name": "x"}, "owner_id": None, "now": NOON, "put": None} | values
    return operations.ask(session, kind=kind, **values)


def counting(portions, *, fails_at=None, fault=RuntimeError):
    """A kind that does some portions of ten units, and may fall over at one of them."""
    done = []

    def run(task):
        task.say("正在导入", total=portions * 10)
        for number in range(portions):
            if number * 10 < task.done:
                continue
            if number == fails_at:
                raise fault
            with task.portion(number=number, size=10) as portion:
                portion.outcome.append(number)
                done.append(number)
        return {"counted": task.done}

    return JobKind("test.count", "数数", run), done


def worker(session, *kinds, now=NOON, put=lambda _job_id: None, folder=None):
    """A worker in the test's own session."""

    @contextmanager
    def writing():
        with transaction(session):
            yield session

    @contextmanager
    def reading():
        yield session

    return Worker(
        writing=writing,
        reading=reading,
        kinds={kind.name: kind for kind in kinds},
        clock=lambda: now,
        store=Store(folder, [Key("t", b"t" * 32)]) if folder else None,
        put=put,
    )
