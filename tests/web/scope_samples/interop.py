"""Imports: previews and outcomes are for whoever uploaded the list."""

from lms.interop.types import Judged, Verdict
from lms.jobs import operations
from lms.organizations.models import Organization
from tests.builders import NOON
from tests.web.scope_samples.asking import OUTSIDER, Sample, World, sample
from tests.web.scope_samples.jobs import job_of


def _made(world: World, place: Organization, kind: str) -> int:
    """A job that has judged two rows, one of them in doubt."""
    job_id = job_of(world, place, kind)
    name = OUTSIDER if place is world.theirs else "杨梅"
    rows = [Judged(2, name, Verdict.NEW).plain(), Judged(3, name, Verdict.POSSIBLE).plain()]
    held = operations.claim(world.session, job_id, worker="here:1", now=NOON)
    operations.advance(world.session, held, number=0, size=2, outcome=rows)
    result = {
        "counts": {"new": 1, "possible": 1},
        "doubts": [],
        "rows": 2,
        "header": 1,
        "encoding": "utf-8",
        "sheet": "",
        "other_sheets": [],
        "unknown": [],
    }
    operations.finish(world.session, held, result=result, now=NOON)
    return job_id


@sample("interop.preview")
def _preview(world: World, place: Organization) -> Sample:
    return Sample(f"/imports/preview/{_made(world, place, 'people.check')}")


@sample("interop.choose", "POST")
def _choose(world: World, place: Organization) -> Sample:
    job_id = _made(world, place, "people.check")
    return Sample(f"/imports/preview/{job_id}/choices", {"row-3": "another"})


@sample("interop.confirm", "POST")
def _confirm(world: World, place: Organization) -> Sample:
    job_id = _made(world, place, "people.check")
    return Sample(f"/imports/preview/{job_id}/confirm", {}, shows="/imports/outcome/")


@sample("interop.outcome")
def _outcome(world: World, place: Organization) -> Sample:
    return Sample(f"/imports/outcome/{_made(world, place, 'people.import')}")
