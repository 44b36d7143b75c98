"""Programs that grant something, learners who met them, credentials in every standing."""

from datetime import date, timedelta
from itertools import count

from sqlalchemy.orm import Session

from lms.credentials import operations, queries
from lms.credentials.types import EventKind
from lms.people.models import Person
from lms.programs import operations as programs
from lms.programs.models import Program, ProgramVersion
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.requirements import operations as requirements
from tests import builders
from tests.builders import NOON, TODAY, added

GRANTS = {
    "title": "乡镇社工站骨干培训结业证书",
    "title_en": "Certificate of Completion",
    "valid_years": 3,
    "hours": 40,
}
HOLDER = "王小明"

_serial = count(1)


def entropy(seed="x"):
    """Bytes that look random and are another each time; the same seed gives the same."""
    number = count(1)
    return lambda size: f"{seed}{next(number)}".encode().ljust(size, b".")[:size]


def program(session: Session, *, grants=GRANTS, course="basics", **values) -> str:
    """A program that asks for one course; returns its key."""
    key = values.pop("key", f"program-{next(_serial)}")
    requirement = {"kind": "course_completed", "course": course, "title": "社会救助基础"}
    goal_id = requirements.publish_goal(
        session,
        kind="program",
        key=key,
        number=1,
        title="骨干培养项目",
        title_en="Key worker program",
        requirement=requirement,
        now=NOON,
    )
    row = added(session, Program(key=key, state="ready", current_number=1))
    values = {
        "number": 1,
        "digest": key,
        "title": "骨干培养项目",
        "title_en": "Key worker program",
        "summary": "学完基础课",
        "summary_en": "Complete the basics",
        "sponsor": "某县社会工作站",
        "certainty": "L",
        "source": "示范",
        "starts_on": date(2026, 1, 1),
        "ends_on": None,
        "grants": grants,
        "published_at": NOON,
    } | values
    added(
        session,
        ProgramVersion(program_id=row.id, goal_id=goal_id, requirement=requirement, **values),
    )
    return key


def join(session: Session, learner: Person, key: str, *, now=NOON) -> None:
    programs.join(session, program_key=key, learner_id=learner.id, actor_id=None, now=now)


def complete(session: Session, learner: Person, *, course="basics", on=TODAY) -> None:
    records.append(
        session,
        learner_id=learner.id,
        kind=RecordKind.COURSE_COMPLETED,
        subject=f"course:{course}",
        on=on,
        now=NOON,
        dedupe_key=f"course_completed:{course}",
    )


def claim(session: Session, learner: Person, key: str, *, now=NOON, seed="") -> str:
    return operations.claim(
        session,
        learner_id=learner.id,
        program_key=key,
        entropy=entropy(seed or f"{learner.id}.{key}"),
        now=now,
    )


def credential(session: Session, learner: Person | None = None, *, now=NOON, **values):
    """A credential that somebody earned; the program's values can be overridden."""
    holder = learner or builders.learner(session, name=HOLDER)
    key = program(session, **values)
    join(session, holder, key, now=now)
    complete(session, holder, on=TODAY)
    code = claim(session, holder, key, now=now)
    requirements.refresh(session, {holder.id: now})
    session.flush()
    return queries.by_code(session, code)


def change(session: Session, issued, kind: EventKind, *, on=TODAY, now=None, **values) -> None:
    values = {
        "reason": "冒用他人材料",
        "authority": "某县 2026 年第 3 号文件",
        "actor_id": None,
    } | values
    operations.change(
        session, kind=kind, code=issued.code, on=on, now=now or NOON + timedelta(days=400), **values
    )
    session.flush()
