"""What a nervous finger and a slow network do at once."""

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.kernel.transaction import transaction
from lms.programs import operations
from lms.programs.models import ProgramMember
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.requirements import operations as requirements
from lms.requirements.models import Progress
from tests import builders
from tests.builders import NOON, TODAY
from tests.programs.builders import load, text

SENDERS = 6


def prepared(engine, folder):
    with Session(engine) as session, transaction(session):
        load(session, folder, text())
        return builders.person(session).id


def at_once(engine, *deeds):
    """Do each deed in a transaction of its own, all at the same time."""

    def work(deed):
        with (
            Session(engine) as session,
            transaction(session, before_commit=(requirements.refresh,)),
        ):
            deed(session)

    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(work, deed) for deed in deeds]:
            done.result()


def test_joining_from_many_hands_is_joining_once(own_engine, tmp_path):
    learner_id = prepared(own_engine, tmp_path)

    def join(session):
        operations.join(
            session, program_key="talent", learner_id=learner_id, actor_id=learner_id, now=NOON
        )

    at_once(own_engine, *[join] * SENDERS)
    with Session(own_engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ProgramMember)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Progress)) == 1
        joined = sa.select(sa.func.count()).where(Entry.verb == "programs.program_joined")
        assert session.scalar(joined) == 1


def test_what_is_finished_while_joining_is_not_lost(own_engine, tmp_path):
    learner_id = prepared(own_engine, tmp_path)

    def join(session):
        operations.join(
            session, program_key="talent", learner_id=learner_id, actor_id=learner_id, now=NOON
        )

    def finish(number):
        def finish(session):
            records.append(
                session,
                learner_id=learner_id,
                kind=RecordKind.COURSE_COMPLETED,
                subject="course:a" if number == 1 else f"course:other{number}",
                on=TODAY,
                now=NOON,
                dedupe_key=f"course:{number}",
            )

        return finish

    at_once(own_engine, join, *map(finish, range(SENDERS)))
    with Session(own_engine) as session, transaction(session):
        assert session.scalar(sa.select(Progress.percent)) == 50
        assert requirements.rebuild(session, now=NOON) == 0
