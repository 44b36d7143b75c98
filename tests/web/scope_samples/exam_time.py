"""Extra time is given to people of one's scope, and to those of them who sit a paper."""

from datetime import timedelta

from lms.exams import operations
from lms.exams.types.timing import Wanted
from lms.kernel.clock import utc_now
from lms.organizations.models import Organization
from tests.builders import NOON, TODAY
from tests.exams import builders as exams
from tests.web.scope_samples.asking import Sample, World, reads, sample

reads("exam_time.person", "/teaching/time/people/{}")


@sample("exam_time.person", "POST")
def _grant(world: World, place: Organization) -> Sample:
    data = {"percent": "25", "reason": "视力", "starts_on": TODAY.isoformat()}
    return Sample(f"/teaching/time/people/{world.person(place)}", data)


@sample("exam_time.revoke", "POST")
def _revoke(world: World, place: Organization) -> Sample:
    person_id, giver = world.person(place), world.person(world.mine)
    number = operations.grant_extra_time(
        world.session, Wanted(25, 0, "视力", TODAY), learner_id=person_id, actor_id=giver, now=NOON
    )
    return Sample(f"/teaching/time/people/{person_id}/{number}/revoke", {})


def _sat(world: World, place: Organization) -> tuple[str, int]:
    """A paper that somebody of a side sits now."""
    person_id = world.person(place)
    exams.rules(world.session)
    key = exams.paper(world.session)
    began = utc_now() - timedelta(minutes=1)
    operations.start(world.session, learner_id=person_id, paper_key=key, seed=1, now=began)
    return key, person_id


@sample("exam_time.extend")
def _extend(world: World, place: Organization) -> Sample:
    """The paper is everybody's; who sits it is not."""
    key, _person_id = _sat(world, place)
    return Sample(f"/teaching/time/papers/{key}", refused=frozenset({200}), shows="<strong>在册人")


@sample("exam_time.extend", "POST")
def _extend_one(world: World, place: Organization) -> Sample:
    key, person_id = _sat(world, place)
    data = {"learner": str(person_id), "minutes": "10", "reason": "停电", "token": "ab"}
    return Sample(f"/teaching/time/papers/{key}", data, refused=frozenset({422}))
