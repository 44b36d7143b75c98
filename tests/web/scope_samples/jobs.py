"""Jobs and what they have made: one's own, or those of one's own subtree."""

import io

from lms.jobs import operations
from lms.organizations.models import Organization
from tests.builders import NOON
from tests.jobs.builders import asked
from tests.web.scope_samples.asking import LISTED, OUTSIDER, Sample, World, sample


def job_of(world: World, place: Organization, kind: str = "people.check") -> int:
    """A job that waits, of whoever asks or of a clerk outside."""
    owner_id = world.clerk(place)
    name = f"{OUTSIDER}.csv" if place is world.theirs else "名单.csv"
    arguments = {"file": 1, "name": name, "sha256": "", "mode": "both"}
    return asked(world.session, kind=kind, owner_id=owner_id, arguments=arguments)


@sample("jobs.overview")
def _overview(world: World, place: Organization) -> Sample:
    job_of(world, place)
    return Sample("/jobs", refused=LISTED, shows="名单.csv")


@sample("jobs.show")
def _show(world: World, place: Organization) -> Sample:
    return Sample(f"/jobs/{job_of(world, place)}")


@sample("jobs.result")
def _result(world: World, place: Organization) -> Sample:
    owner_id = world.clerk(place)
    job_id = asked(world.session, kind="people.import", owner_id=owner_id)
    held = operations.claim(world.session, job_id, worker="here:1", now=NOON)
    file_id = operations.keep_file(
        world.session,
        world.store,
        io.BytesIO(OUTSIDER.encode()),
        name="名单-结果.csv",
        at_most=99,
        days=30,
        owner_id=owner_id,
        now=NOON,
    )
    operations.finish(world.session, held, result={"files": {"csv": file_id}}, now=NOON)
    return Sample(f"/jobs/{job_id}/result.csv")


@sample("jobs.cancel", "POST")
def _cancel(world: World, place: Organization) -> Sample:
    return Sample(f"/jobs/{job_of(world, place)}/cancel", {})


@sample("jobs.retry", "POST")
def _retry(world: World, place: Organization) -> Sample:
    job_id = job_of(world, place)
    operations.cancel(world.session, job_id, actor_id=None, now=NOON)
    return Sample(f"/jobs/{job_id}/retry", {})
