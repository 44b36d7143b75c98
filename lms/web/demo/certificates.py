"""Certificates to try a verification with: one that is valid, one expired, one revoked, a typo."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.credentials import operations as credentials
from lms.credentials import queries
from lms.credentials.rules import ALPHABET, read_code
from lms.credentials.types import Entropy
from lms.kernel.authoring import digest_of
from lms.kernel.clock import day_of
from lms.kernel.publishing import READY, RETIRED
from lms.kernel.transaction import touch
from lms.programs import operations as programs
from lms.programs.models import Program, ProgramMember, ProgramVersion
from lms.records import operations as records
from lms.records.types import RecordKind
from lms.requirements import operations as requirements
from lms.requirements.models import Progress
from lms.web.demo.stories import ON_WORD_OF

MOST = 40
"""Certificates that are issued to invented learners."""
YEARS = 3
"""How long the certificate of the earlier program was valid."""
EXPIRED_FOR = timedelta(days=150)


def issue(
    session: Session,
    people: Mapping[str, int],
    *,
    program_keys: Mapping[int, str],
    seed: int,
    now: datetime,
) -> dict[str, str]:
    """Issue certificates to invented learners, revoke one, let one be expired; return examples.

    :param people: the ids of the demo accounts by user name.
    :param program_keys: the goals of programs that grant a certificate, with their keys.
    """
    entropy = Random(f"{seed}:codes").randbytes
    expired = _issue_expired(session, people["learner2"], entropy, now=now)
    codes = []
    for learner_id, goal_id, met_at in _entitled(session, program_keys, people, now=now):
        code = credentials.claim(
            session,
            learner_id=learner_id,
            program_key=program_keys[goal_id],
            entropy=entropy,
            now=met_at,
        )
        touch(session, learner_id, now=now)  # progress is that of today, not of the claim
        codes.append(code)
    valid, revoked = codes[0], codes[1]
    credentials.revoke(
        session,
        code=revoked,
        on=day_of(now) - timedelta(days=1),
        reason="核查发现培训签到由他人代签（演示）",
        authority="省级人事核验处（演示）",
        actor_id=people["admin"],
        now=now,
    )
    found = {"valid": valid, "expired": expired, "revoked": revoked}
    shown = {name: queries.by_code(session, code).shown for name, code in found.items()}
    return shown | {"mistyped": mistype(shown["valid"])}


def mistype(shown: str) -> str:
    """Return a number with one character wrong, so that no check character fits."""
    place = len(shown) - 3
    for other in ALPHABET:
        typed = shown[:place] + other + shown[place + 1 :]
        if read_code(typed) is None:
            return typed
    raise ValueError(f"no typing error in {shown} is noticed")


def _entitled(
    session: Session,
    program_keys: Mapping[int, str],
    people: Mapping[str, int],
    *,
    now: datetime,
) -> list[tuple[int, int, datetime]]:
    """Return invented learners who met a program, and yesterday as the instant of their claim."""
    rows = session.execute(
        sa.select(Progress.learner_id, Progress.goal_id)
        .join(
            ProgramMember,
            sa.and_(
                ProgramMember.learner_id == Progress.learner_id,
                ProgramMember.goal_id == Progress.goal_id,
            ),
        )
        .where(
            Progress.goal_id.in_(program_keys),
            Progress.state == "met",
            Progress.learner_id.not_in(people.values()),
        )
        .order_by(Progress.learner_id)
        .limit(MOST)
    )
    return [(row.learner_id, row.goal_id, now - timedelta(days=1)) for row in rows]


def _issue_expired(session: Session, learner_id: int, entropy: Entropy, *, now: datetime) -> str:
    """Let somebody have met, years ago, a program of that year, and return the code."""
    today = day_of(now)
    then = now - EXPIRED_FOR - timedelta(days=YEARS * 365 + 1)
    program = _earlier_program(session, year=day_of(then).year, then=then)
    programs.join(
        session, program_key=program.key, learner_id=learner_id, actor_id=learner_id, now=then
    )
    attended = then + timedelta(days=5)
    subject = f"class:{program.key}"
    records.append(
        session,
        learner_id=learner_id,
        kind=RecordKind.CLASS_ATTENDED,
        subject=subject,
        on=day_of(attended),
        now=attended,
        dedupe_key=f"class_attended:{program.key}",
        authority=ON_WORD_OF,
    )
    code = credentials.claim(
        session, learner_id=learner_id, program_key=program.key, entropy=entropy, now=attended
    )
    requirements.refresh(session, {learner_id: now})
    touch(session, learner_id, now=now)
    program.state = RETIRED
    audit.record(
        session,
        verb="programs.program_retired",
        subject=f"program:{program.key}",
        actor_id=None,
        now=now,
        on=today.isoformat(),
    )
    return code


def _earlier_program(session: Session, *, year: int, then: datetime) -> Program:
    """Publish a program of an earlier year; the files of today know nothing of it."""
    key = f"station-basics-{year}"
    title = f"社工站基础培训（示范项目，{year} 年）"
    title_en = f"Station Basics ({year}, Demonstration)"
    requirement = {
        "kind": "class_attended",
        "id": "class",
        "class": key,
        "title": "参加社工站基础培训班",
        "title_en": "Attend the class on station basics",
    }
    program = Program(key=key, state=READY, current_number=1)
    session.add(program)
    session.flush()
    session.add(
        ProgramVersion(
            program_id=program.id,
            number=1,
            digest=digest_of(requirement),
            goal_id=requirements.publish_goal(
                session,
                kind="program",
                key=key,
                number=1,
                title=title,
                title_en=title_en,
                requirement=requirement,
                now=then,
            ),
            title=title,
            title_en=title_en,
            summary="往年的培训，只为演示已过期的证书。",
            summary_en="A class of an earlier year, here to show an expired certificate.",
            sponsor="必学（示范）",
            certainty="L",
            source="演示数据",
            starts_on=day_of(then),
            ends_on=day_of(then) + timedelta(days=60),
            requirement=requirement,
            grants={
                "title": "社工站基础培训结业证书",
                "title_en": "Certificate of Completion: Station Basics",
                "valid_years": YEARS,
                "hours": 16,
            },
            published_at=then,
        )
    )
    session.flush()
    return program
