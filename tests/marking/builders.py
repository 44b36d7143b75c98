"""A paper with answers in words, handed in and waiting, and people who mark it."""

from itertools import count
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from lms.exams import operations as exams
from lms.exams import queries as exam_queries
from lms.exams.models import JudgedAnswer, Paper, PaperVersion
from lms.exams.types import Sent
from lms.marking import operations
from lms.organizations.models import Organization
from lms.people.models import Person
from lms.people.types import Role
from lms.question_bank.models import QuestionVersion
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exam_builders
from tests.question_bank import builders as bank

_serial = count(1)
POINTS = [
    {"text": "建立专业关系", "marks": 8, "synonyms": ["信任"]},
    {"text": "收集资料", "marks": 6},
    {"text": "制定计划", "marks": 6},
]
"""Ten points of an essay: 4, 3 and 3."""
WORDS = "先取得信任，再收集资料。"


class Ground(NamedTuple):
    """A place with a waiting attempt on a paper of one choice and one essay."""

    place: Organization
    paper_key: str
    version: PaperVersion
    essay: QuestionVersion
    markers: list[Person]
    root: Organization


def ground(
    session: Session,
    *,
    markers: int = 3,
    essays: int = 1,
    place: Organization | None = None,
    **plan: Any,
) -> Ground:
    """A paper of a choice and essays, whose markers are assigned to the people of one place."""
    exam_builders.rules(session)
    root = place or builders.organization(session, kind="province")
    place = place or builders.organization(session, root, kind="county")
    choice = exam_builders.question(session)
    number = next(_serial)
    written = [
        bank.question(
            session,
            kind="essay",
            key=f"essay-{number}-{n}",
            stem=f"谈谈第{number}-{n}个案例怎样着手。",
            subject=exam_builders.SUBJECT,
            chapter_key=exam_builders.CHAPTERS[0],
            point_key=exam_builders.CHAPTERS[0],
            spec={"points": POINTS, "most_chars": 500},
            options=(),
            answer="",
        )
        for n in range(essays)
    ]
    key = f"judged-{number}"
    row = builders.added(session, Paper(key=key, state="ready", current_number=1))
    section = [
        {"kind": "single_choice", "title": "单选", "title_en": "Choice", "points_half": 2,
         "questions": [_key(session, choice)]},
        {"kind": "essay", "title": "论述", "title_en": "Essay", "points_half": 20,
         "questions": [_key(session, one) for one in written]},
    ]  # fmt: skip
    version = builders.added(
        session,
        PaperVersion(
            paper_id=row.id, number=1, digest=key, title=f"论述卷{number}", title_en="Essays",
            subject=exam_builders.SUBJECT, minutes=60, sittable=True, certainty="settled",
            source="测试", published_at=NOON,
            blueprint={"level": "junior", "section": section}
            | ({"marking_plan": plan} if plan else {}),
        ),
    )  # fmt: skip
    organiser = builders.with_role(session, Role.REVIEWER, at=place)
    people = [builders.with_role(session, Role.INSTRUCTOR, at=place) for _ in range(markers)]
    for person in people:
        operations.assign_marker(
            session,
            paper_key=key,
            marker_id=person.id,
            organization_id=place.id,
            scope=[place.id],
            actor_id=organiser.id,
            now=NOON,
        )
    return Ground(place, key, version, written[0], people, root)


def _key(session: Session, version: QuestionVersion) -> str:
    from lms.question_bank.models import Question

    return session.get(Question, version.question_id).key


def handed_in(
    session: Session,
    on: Ground,
    *,
    learner: Person | None = None,
    words: str = WORDS,
    now: Any = NOON,
) -> tuple[int, int]:
    """Hand in the paper with an answer in words, and return learner and number."""
    owner = learner or builders.learner(session, at=on.place)
    number = exams.start(session, learner_id=owner.id, paper_key=on.paper_key, seed=1, now=now)
    slots = len(on.version.blueprint["section"][1]["questions"]) + 1
    order = exam_queries.sitting(session, learner_id=owner.id, number=number).slots[0].order
    right = exam_builders.shown_letters("A", order)
    sent = [Sent(1, (right,), 1), *(Sent(n, (words,), n) for n in range(2, slots + 1))]
    exams.save_answers(session, learner_id=owner.id, number=number, answers=sent, now=now)
    exams.submit(session, learner_id=owner.id, number=number, actor_id=owner.id, now=now)
    return owner.id, number


def claimed(session: Session, on: Ground, marker: Person, *, now: Any = NOON, **more: Any):
    """Claim the next answer of the paper for a marker."""
    values = {
        "marker_id": marker.id,
        "paper_version_id": on.version.id,
        "question_version_id": on.essay.id,
        "managed": frozenset(),
        "now": now,
    } | more
    return operations.claim(session, **values)


def given(session: Session, on: Ground, marker: Person, *halves: int, now: Any = NOON, **more):
    """Claim and give half points, by point."""
    share_id = claimed(session, on, marker, now=now)
    return operations.give_marks(
        session,
        share_id=share_id,
        marker_id=marker.id,
        given=(tuple(halves),),
        now=now,
        **({"comment": ""} | more),
    )


def answer(session: Session, learner_id: int, number: int, slot: int = 2) -> JudgedAnswer:
    return session.get(JudgedAnswer, (learner_id, number, slot), populate_existing=True)
