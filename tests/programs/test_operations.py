from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, NotFound
from lms.kernel.transaction import transaction
from lms.programs import operations, queries
from lms.programs.models import ProgramMember, ProgramVersion
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.requirements import operations as requirements
from lms.requirements.queries import progress_of
from lms.requirements.types import State
from tests import builders
from tests.builders import NOON, TODAY
from tests.programs.builders import load, text


@pytest.fixture
def talent(session, tmp_path):
    load(session, tmp_path, text())


@pytest.fixture
def learner_id(session):
    return builders.learner(session).id


def join(session, learner_id, now=NOON):
    operations.join(
        session, program_key="talent", learner_id=learner_id, actor_id=learner_id, now=now
    )
    session.flush()


def leave(session, learner_id, now=NOON):
    operations.leave(
        session, program_key="talent", learner_id=learner_id, actor_id=learner_id, now=now
    )
    session.flush()


def verbs(session):
    return list(session.scalars(sa.select(Entry.verb).order_by(Entry.id)))


def shown(session, learner_id, on=TODAY):
    return queries.program(session, learner_id, "talent", on=on)


def record(session, learner_id, kind, subject, **values):
    with transaction(session, before_commit=(requirements.refresh,)):
        records.append(
            session,
            learner_id=learner_id,
            kind=kind,
            subject=subject,
            on=TODAY,
            now=NOON,
            dedupe_key=f"{kind}:{subject}",
            **values,
        )


def test_loading_is_repeatable_and_counts_what_changed(session, tmp_path):
    assert load(session, tmp_path, text(), text(key="other")).new == 2
    assert load(session, tmp_path, text(), text(key="other")).same == 2
    assert load(session, tmp_path, text(title="改了")).changed == 1
    assert load(session, tmp_path, text(title="改了"), text(key="other")).same == 2
    assert verbs(session) == [
        "programs.program_published",
        "programs.program_published",
        "programs.program_published",
        "programs.program_retired",
        "programs.program_restored",
    ]


def test_a_program_without_a_credential_has_none_in_the_database(session, tmp_path):
    load(session, tmp_path, text(grants=""))
    none = sa.select(sa.func.count()).where(ProgramVersion.grants.is_(sa.null()))
    assert session.scalar(none) == 1


def test_joining_is_pursuing(session, talent, learner_id):
    join(session, learner_id)
    (line,) = queries.programs(session, learner_id, on=TODAY)
    assert (line.joined_on, line.state, line.percent) == (TODAY, State.NOT_STARTED, 0)
    assert line.next_due_on == TODAY + timedelta(30)
    (progress,) = progress_of(session, learner_id)
    assert (progress.kind, progress.key) == ("program", "talent")


def test_joining_again_changes_nothing(session, talent, learner_id):
    join(session, learner_id)
    join(session, learner_id, now=NOON + timedelta(5))
    assert shown(session, learner_id).joined_on == TODAY
    assert verbs(session).count("programs.program_joined") == 1


@pytest.mark.parametrize(
    ("now", "open_"),
    [
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), False),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), True),  # midnight in China
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), False),
    ],
)
def test_a_program_is_joined_while_it_runs(session, tmp_path, learner_id, now, open_):
    load(session, tmp_path, text(ends="ends_on = 2026-12-31"))
    if open_:
        join(session, learner_id, now=now)
        assert len(progress_of(session, learner_id)) == 1
        return
    with pytest.raises(Conflict) as refused:
        join(session, learner_id, now=now)
    assert refused.value.code == "not_open"


def test_what_is_not_there_cannot_be_joined(session, learner_id):
    with pytest.raises(NotFound) as refused:
        join(session, learner_id)
    assert refused.value.code == "no_program"


def test_a_retired_program_stays_with_its_members_only(session, tmp_path, talent, learner_id):
    join(session, learner_id)
    load(session, tmp_path)
    assert shown(session, learner_id).open is False
    newcomer = builders.learner(session).id
    assert queries.programs(session, newcomer, on=TODAY) == []
    with pytest.raises(NotFound):
        shown(session, newcomer)
    with pytest.raises(Conflict):
        join(session, newcomer)


def test_members_keep_the_version_of_their_day(session, tmp_path, talent, learner_id):
    join(session, learner_id)
    load(session, tmp_path, text(title="第二版"))
    assert (shown(session, learner_id).number, shown(session, learner_id).title) == (1, "人才项目")
    newcomer = builders.learner(session).id
    assert (shown(session, newcomer).number, shown(session, newcomer).title) == (2, "第二版")
    titles = [line.title for line in queries.programs(session, learner_id, on=TODAY)]
    assert titles == ["人才项目"]


def test_leaving_and_joining_again(session, talent, learner_id):
    join(session, learner_id)
    leave(session, learner_id)
    leave(session, learner_id)
    assert progress_of(session, learner_id) == []
    assert shown(session, learner_id).joined is False
    assert session.scalar(sa.select(ProgramMember.left_on)) == TODAY
    join(session, learner_id, now=NOON + timedelta(40))
    assert shown(session, learner_id).joined_on == TODAY + timedelta(40)
    assert verbs(session)[-3:] == [
        "programs.program_joined",
        "programs.program_left",
        "programs.program_joined",
    ]


def test_who_has_not_joined_sees_what_would_count(session, talent, learner_id):
    record(session, learner_id, RecordKind.COURSE_COMPLETED, "course:a")
    detail = shown(session, learner_id)
    assert detail.joined is False
    assert detail.progress.percent == 50


def test_the_credential_is_found_by_its_record(session, talent, learner_id):
    join(session, learner_id)
    record(
        session,
        learner_id,
        RecordKind.CREDENTIAL_ISSUED,
        "program:talent",
        detail={"code": "ABC"},
    )
    assert shown(session, learner_id).credential_code == "ABC"


def test_a_met_program_lapses_when_its_hours_run_out(session, tmp_path, learner_id):
    rolling = """
[requirement]
kind = "hours"
unit = "credit_hour"
minimum = 1
window = "rolling_years"
years = 1
"""
    load(session, tmp_path, text(requirement=rolling))
    join(session, learner_id)
    record(
        session, learner_id, RecordKind.HOURS_CREDITED, "course:a", quantity=45, unit="credit_hour"
    )
    (line,) = queries.programs(session, learner_id, on=date(2027, 3, 1))
    assert line.state == State.MET
    (line,) = queries.programs(session, learner_id, on=date(2027, 3, 2))
    assert line.state == State.LAPSED  # though the stored row has not been judged since
