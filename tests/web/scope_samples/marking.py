"""Answers belong to their learner's unit; a share to who claimed it, wherever its learner is."""

from lms.marking.models import MarkerAssignment, MarkShare
from lms.marking.types import Flag
from lms.organizations.models import Organization
from lms.people.models import Person
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.marking.builders import Ground, ground, handed_in
from tests.web.scope_samples.asking import Sample, World, sample


def _share(world: World, place: Organization, *, by: int | None = None, **values) -> MarkShare:
    on: Ground = ground(world.session, markers=0, place=world.mine)
    learner = world.session.get(Person, world.person(place))
    learner_id, number = handed_in(world.session, on, learner=learner)
    marker = by or builders.with_role(world.session, Role.INSTRUCTOR, at=place).id
    known = {
        "learner_id": learner_id, "attempt_number": number, "slot": 2, "place": 1,
        "marker_id": marker, "claimed_at": NOON, "lease_ends_at": NOON, "given": None,
    }  # fmt: skip
    return builders.added(world.session, MarkShare(**known | values))


def _own(world: World, place: Organization) -> MarkShare:
    """A share of whoever asks, or of somebody else."""
    return _share(world, world.mine, by=world.asker_id if place is world.mine else None)


def _case(world: World, place: Organization) -> MarkShare:
    """A flagged answer of somebody inside or outside."""
    from lms.exams.models import JudgedAnswer

    share = _share(world, place, flag=Flag.COPIED, finished_at=NOON)
    answer = world.session.get(JudgedAnswer, (share.learner_id, share.attempt_number, 2))
    answer.wanted = 0
    world.session.flush()
    return share


@sample("marking.share")
def _show(world: World, place: Organization) -> Sample:
    return Sample(f"/marking/shares/{_own(world, place).id}")


@sample("marking.mark", "POST")
def _mark(world: World, place: Organization) -> Sample:
    return Sample(f"/marking/shares/{_own(world, place).id}", {"then": "draft"})


@sample("marking.undo", "POST")
def _undo(world: World, place: Organization) -> Sample:
    return Sample(f"/marking/shares/{_own(world, place).id}/undo", {})


@sample("marking.case")
def _look(world: World, place: Organization) -> Sample:
    return Sample(f"/marking/organise/cases/{_case(world, place).id}")


@sample("marking.decide", "POST")
def _decide(world: World, place: Organization) -> Sample:
    return Sample(f"/marking/organise/cases/{_case(world, place).id}", {"then": "back"})


@sample("marking.end", "POST")
def _end(world: World, place: Organization) -> Sample:
    on = ground(world.session, markers=0, place=world.mine)
    marker = builders.with_role(world.session, Role.INSTRUCTOR, at=place)
    row = MarkerAssignment(
        paper_id=on.version.paper_id,
        marker_id=marker.id,
        organization_id=place.id,
        assigned_by_id=marker.id,
        assigned_at=NOON,
    )
    assignment = builders.added(world.session, row)
    return Sample(f"/marking/organise/assignments/{assignment.id}/end", {})
