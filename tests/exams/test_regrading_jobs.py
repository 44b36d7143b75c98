"""Very many papers are marked anew in the background, by one approval, in one transaction."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from lms.exams import operations, queries
from lms.exams.types import Policy
from lms.jobs import queries as jobs
from lms.jobs.models import Job
from lms.jobs.operations import Worker
from lms.jobs.types import JobState
from lms.kernel.errors import Conflict, NotAllowed
from lms.kernel.transaction import transaction
from lms.people.models import Person
from tests.exams import regrading
from tests.exams.regrading import LATER

WRONG = ("C", "C", "C", "C", "C")


@pytest.fixture
def world(session):
    return regrading.world(session)


@pytest.fixture
def made(world):
    world.sit(*WRONG)
    asked = world.version(world.learners[0])
    return world.propose(world.terms(asked, policy=Policy.FULL_CREDIT))


def asking(world, made, actor_id):
    with transaction(world.session):
        return operations.ask_to_apply(
            world.session, regrade_id=made, actor_id=actor_id, now=LATER, put=None
        )


def worked(world, job_id):
    @contextmanager
    def writing():
        with transaction(world.session, before_commit=world.steps) as session:
            yield session

    worker = Worker(
        writing=writing,
        reading=writing,
        kinds={kind.name: kind for kind in operations.kinds()},
        clock=lambda: LATER,
        store=None,
        put=lambda _job_id: None,
    )
    worker.work(job_id)
    world.session.expire_all()
    return jobs.job(world.session, job_id)


def test_a_job_applies_it(world, made):
    job = worked(world, asking(world, made, world.approver_id))
    assert job.state is JobState.DONE
    assert job.result["raised"] == 1
    assert world.result(world.learners[0]).earned == 2
    assert queries.regrade(world.session, made).approver == "审题人"


def test_a_job_whose_trial_no_longer_holds_fails_and_changes_nothing(world, made):
    job_id = asking(world, made, world.approver_id)
    deed = queries.regrade(world.session, made)
    world.apply(world.propose(deed.terms))
    job = worked(world, job_id)
    assert (job.state, job.message) == (JobState.FAILED, "试算以后情况变了，请重新试算")
    assert queries.regrade(world.session, made).applied_at is None


def test_asked_twice_is_one_job_and_the_author_cannot_ask(world, made, session):
    first = asking(world, made, world.approver_id)
    assert asking(world, made, world.approver_id) == first
    with pytest.raises(NotAllowed):
        asking(world, made, world.author_id)
    operations.withdraw_regrade(session, regrade_id=made, actor_id=world.author_id, now=LATER)
    with pytest.raises(Conflict):
        asking(world, made, world.approver_id)
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1


def test_the_page_hands_very_many_to_the_background(client, sign_in, world, made, monkeypatch):
    monkeypatch.setattr("lms.reports.views.regrading.MANY", 0)
    sign_in(world.session.get(Person, world.approver_id))
    page = client.get(f"/teaching/regrades/{made}").text
    assert "人数较多" in page
    assert client.post(f"/teaching/regrades/{made}/approve").status_code == 303
    world.session.expire_all()
    assert queries.regrade(world.session, made).applied_at is None
    kinds = world.session.scalars(sa.select(Job.kind)).all()
    assert kinds == [operations.kinds()[0].name]
