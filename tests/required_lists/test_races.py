"""Two managers assign the same list to the same people."""

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.transaction import transaction
from lms.required_lists import operations
from lms.required_lists.models import Assignment
from lms.requirements.models import Progress
from tests import builders
from tests.builders import NOON, TODAY
from tests.required_lists.builders import load, text


def test_a_list_assigned_by_many_is_assigned_once(own_engine, tmp_path):
    with Session(own_engine) as session, transaction(session):
        load(session, tmp_path, text())
        people = [builders.person(session).id for _ in range(12)]

    def assign(number):
        with Session(own_engine) as session, transaction(session):
            return operations.assign(
                session,
                list_key="station",
                learner_ids=people[: number * 3],
                on=TODAY,
                actor_id=None,
                now=NOON,
            )

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(assign, (4, 3, 2, 4))) == 12
    with Session(own_engine) as session:
        for table in (Assignment, Progress):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 12
