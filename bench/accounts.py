"""Signing in: what one sign-in takes, hashing included."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import facts
from bench.budgets import Budget
from bench.facts import spread
from bench.operations import Operation, Supply, again, post
from bench.world import World
from lms.kernel.hashing import make_hash
from lms.people.models import Person

PASSWORD = "only for measuring"  # noqa: S105 - nobody's
WHO = 200


def sign_in(world: World) -> Supply:
    """Give some learners a password, and sign them in again and again."""
    people = spread(facts.learners(world), WHO)
    with Session(world.engine) as unit, unit.begin():
        unit.execute(
            sa.update(Person).where(Person.id.in_(people)).values(password_hash=make_hash(PASSWORD))
        )
    named = world.rows(sa.select(Person.id, Person.user_name).where(Person.id.in_(people)))
    path = world.url("sign_in.sign_in")
    return again(
        post(world, row.id, path, [("user_name", row.user_name), ("password", PASSWORD)])
        for row in named
    )


OPERATIONS = (Operation("sign-in", "sign_in.sign_in", sign_in, "insert", Budget(4, 500)),)
