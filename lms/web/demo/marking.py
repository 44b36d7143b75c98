"""A paper of essays that some people of the demonstration have written, a part of it marked."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import operations as exams
from lms.exams import queries as attempts
from lms.exams.types import Sent
from lms.kernel.transaction import touch
from lms.marking import operations, queries
from lms.marking.showing import worths
from lms.marking.types import Flag
from lms.people.models import Person, RoleGrant
from lms.people.types import Role
from lms.question_bank.rules import points

PAPER = "s-prac-practice"
MARKERS = ("instructor", "reviewer")
WRITERS = 4
"""Learners beside the cadre who have written it."""


def write_essays(session: Session, named: Mapping[str, int], *, top: int, now: datetime) -> int:
    """Let people write essays, and markers mark a part: one result, others waiting, one flagged.

    Without the paper nothing is done.

    :returns: how many results, and so records, people got who are not named.
    :param named: people by their user names.
    :param top: the unit at the top of the tree.
    """
    if PAPER not in {paper.key for paper in attempts.papers(session)}:
        return 0
    for marker in MARKERS:
        operations.assign_marker(
            session,
            paper_key=PAPER,
            marker_id=named[marker],
            organization_id=top,
            scope=[top],
            actor_id=named["admin"],
            now=now - timedelta(days=12),
        )
    others = session.scalars(
        sa.select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.LEARNER, Person.id.not_in(named.values()))
        .order_by(Person.id)
        .limit(WRITERS)
    ).all()
    writers = [*others, named["cadre"]]
    for place, learner_id in enumerate(writers):
        _write(session, learner_id, place, began=now - timedelta(days=10 - place))
    for place, marker in enumerate(MARKERS):
        _mark(session, named[marker], answers=2 - place, now=now - timedelta(days=2 - place))
    _flag(session, named["instructor"], now=now - timedelta(hours=3))
    for learner_id in writers:
        touch(session, learner_id, now=now)
    own = [one for learner_id in others for one in attempts.own_attempts(session, learner_id)]
    return sum(one.paper_key == PAPER and one.result is not None for one in own)


def _write(session: Session, learner_id: int, place: int, *, began: datetime) -> None:
    """Write an essay of some of its points: the more, the earlier."""
    number = exams.start(
        session, learner_id=learner_id, paper_key=PAPER, seed=41 + place % 2, now=began
    )
    found = attempts.sitting(session, learner_id=learner_id, number=number)
    briefs = attempts.briefs(session, [slot.version_id for slot in found.slots])
    sent = []
    for slot, asked in enumerate(found.slots, start=1):
        brief = briefs[asked.version_id]
        (own,) = points(brief.kind, brief.spec)
        said = [point.text for point in own[: max(len(own) - place, 2)]]
        text = (
            "我认为，这道题可以从以下几个方面来谈。\n"
            + "。\n".join(said)
            + "。\n以上结合社工站的工作。"
        )
        sent.append(Sent(slot, (text,), counter=slot))
    later = began + timedelta(minutes=70)
    exams.save_answers(session, learner_id=learner_id, number=number, answers=sent, now=later)
    exams.submit(session, learner_id=learner_id, number=number, now=later, actor_id=learner_id)


def _mark(session: Session, marker_id: int, *, answers: int, now: datetime) -> None:
    """Mark so many answers to each question, a little below the worth of each point."""
    for version_id, question_id in _questions(session, marker_id, now=now):
        for turn in range(answers):
            at = now + timedelta(minutes=20 * turn)
            share_id = _claim(session, marker_id, version_id, question_id, now=at)
            if share_id is None:
                break
            operations.give_marks(
                session,
                share_id=share_id,
                marker_id=marker_id,
                given=tuple(
                    tuple(max(worth - 1 - turn, 0) for worth in row)
                    for row in worths(session, question_id)
                ),
                comment="要点基本齐全，联系实际再具体一些。",
                now=at + timedelta(minutes=7 + turn),
            )


def _flag(session: Session, marker_id: int, *, now: datetime) -> None:
    for version_id, question_id in _questions(session, marker_id, now=now)[:1]:
        share_id = _claim(session, marker_id, version_id, question_id, now=now)
        if share_id is not None:
            operations.flag_answer(
                session,
                share_id=share_id,
                marker_id=marker_id,
                flag=Flag.COPIED,
                comment="与采分点原文几乎一样，请核对。",
                now=now + timedelta(minutes=2),
            )


def _questions(session: Session, marker_id: int, *, now: datetime) -> list[tuple[int, int]]:
    assigned = queries.duties(session, marker_id)
    listed = queries.queue(session, assigned, marker_id, managed=(), now=now)
    return [(one.paper_version_id, one.question_version_id) for one in listed]


def _claim(
    session: Session, marker_id: int, version_id: int, question_id: int, *, now: datetime
) -> int | None:
    return operations.claim(
        session,
        marker_id=marker_id,
        paper_version_id=version_id,
        question_version_id=question_id,
        managed=(),
        now=now,
    )
