"""Nobody decides on a regrade that moves a result of their own."""

import pytest

from lms.exams import operations
from lms.exams.types import Policy
from lms.kernel.errors import NotAllowed
from lms.people.models import Person
from lms.people.types import Role
from tests import builders
from tests.exams import regrading
from tests.exams.regrading import LATER


@pytest.fixture
def world(session):
    return regrading.world(session)


def refused(world, deed, made):
    with pytest.raises(NotAllowed) as refusal:
        getattr(world, deed)(made)
    return refusal.value.code


@pytest.mark.parametrize("is_merged", [False, True])
def test_nobody_approves_what_moves_their_own_result(world, session, is_merged):
    own = builders.learner(session).id if is_merged else world.approver_id
    world.sit("B", "A", "A", "ABD", "ABD", learner_id=own)
    other = builders.with_role(session, Role.REVIEWER, name="另一位审题人").id
    asked = world.version(own)
    terms = world.terms(asked, policy=Policy.FULL_CREDIT)
    if is_merged:
        session.get(Person, own).merged_into_id = world.approver_id
        session.flush()
    made = world.propose(terms)
    assert refused(world, "apply", made) == "own_result"
    with pytest.raises(NotAllowed):
        operations.ask_to_apply(
            session, regrade_id=made, actor_id=world.approver_id, now=LATER, put=None
        )
    world.apply(made, actor_id=other)
    world.ask_undo(made)
    assert refused(world, "undo", made) == "own_result"
    world.undo(made, actor_id=other)


def test_whose_own_result_stays_as_it_is_may_approve(world):
    world.sit("A", "A", "A", "ABD", "ABD", learner_id=world.approver_id)
    world.sit("B", "A", "A", "ABD", "ABD")
    asked = world.version(world.learners[0])
    made = world.propose(world.terms(asked, policy=Policy.FULL_CREDIT))
    world.apply(made)
    world.ask_undo(made)
    world.undo(made)


def test_the_page_says_so_instead_of_the_button(client, sign_in, session, world):
    world.sit("B", "A", "A", "ABD", "ABD", learner_id=world.approver_id)
    asked = world.version(world.approver_id)
    made = world.propose(world.terms(asked, policy=Policy.FULL_CREDIT))
    sign_in(session.get(Person, world.approver_id))
    page = client.get(f"/teaching/regrades/{made}").text
    assert "这次改分会动到您自己的成绩" in page
    assert "批准改分" not in page
    assert client.post(f"/teaching/regrades/{made}/approve").status_code == 403
