"""Pages that list whose results change: names of one's own units, numbers of all others."""

from lms.exams import operations, queries
from lms.exams.rules import Terms
from lms.exams.types import Cause, Policy
from lms.organizations.models import Organization
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams
from tests.web.scope_samples.asking import LISTED, Sample, World, sample


def regrade_of(world: World, place: Organization) -> int:
    """A struck question that somebody at a place was asked."""
    session, learner_id = world.session, world.person(place)
    exams.rules(session)
    key = exams.paper(session)
    number = operations.start(session, learner_id=learner_id, paper_key=key, seed=7, now=NOON)
    found = queries.sitting(session, learner_id=learner_id, number=number)
    operations.submit(session, learner_id=learner_id, number=number, now=NOON)
    terms = Terms(
        Cause.QUESTION_STRUCK, Policy.FULL_CREDIT, None, found.slots[0].version_id, None, None
    )
    author = builders.with_role(session, Role.INSTRUCTOR, name="出题人")
    return operations.propose_regrade(
        session, terms=terms, reason="此题作废", actor_id=author.id, now=NOON
    )


@sample("regrading.show")
def _show(world: World, place: Organization) -> Sample:
    path = f"/teaching/regrades/{regrade_of(world, place)}"
    return Sample(path, refused=LISTED, shows="在册人")


@sample("regrading.changes")
def _changes(world: World, place: Organization) -> Sample:
    path = f"/teaching/regrades/{regrade_of(world, place)}/changes.csv"
    return Sample(path, refused=LISTED, shows="在册人")
