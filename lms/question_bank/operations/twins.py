"""What drawing a paper asks of questions beside their text: which are alike, how often used."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import put
from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.operations.writing import READY, SHEAF, one_at_a_time
from lms.question_bank.queries import IS_CURRENT
from lms.question_bank.rules import alike_among, twin_groups, twin_text

_COMPARED = sa.select(
    Question.id,
    Question.subject,
    Question.state,
    Question.twin_group,
    QuestionVersion.stem,
    QuestionVersion.spec,
).join(QuestionVersion, IS_CURRENT)


class _Compared(NamedTuple):
    """What of a question is compared with others."""

    id: int
    subject: str
    text: str
    group: int
    is_ready: bool


def group_twins(session: Session) -> int:
    """Find anew which questions of a subject say nearly the same, and return how many do.

    Call it in the transaction that publishes very many questions: papers look only at what is kept
    here. Two statements, whatever the size of the bank; none is written if nothing has changed.
    """
    one_at_a_time(session)
    return _group(session, _read(session, sa.true()))


def regroup(session: Session, ids: Collection[int]) -> None:
    """Find anew the groups of some questions that changed, and of those that are near them.

    Exactly what :func:`group_twins` would find, if only these have changed since: two others are as
    alike as before, so that a group can only change that one of these is in, was in, or comes to.
    Call it in the transaction that changes them. At most two statements, whatever the size of the
    bank; the texts of their subjects are read.
    """
    if not ids:
        return
    if len(ids) > SHEAF:
        group_twins(session)
        return
    changed = sa.select(Question.subject, Question.twin_group).where(Question.id.in_(ids)).cte()
    near = sa.or_(
        Question.subject.in_(sa.select(changed.c.subject)),
        sa.and_(Question.twin_group > 0, Question.twin_group.in_(sa.select(changed.c.twin_group))),
        Question.id.in_(ids),
    )
    _group(session, _stirred(_read(session, near), frozenset(ids)))


def add_uses(session: Session, uses: Mapping[int, int]) -> None:
    """Add to the papers on which questions have been, by question id. One statement."""
    if uses:
        table = cast(sa.Table, Question.__table__)
        more = sa.update(table).where(table.c.id == sa.bindparam("question"))
        put(
            session,
            more.values(times_used=table.c.times_used + sa.bindparam("more")),
            [{"question": id_, "more": number} for id_, number in sorted(uses.items())],
        )


def _read(session: Session, which: sa.ColumnElement[bool]) -> list[_Compared]:
    """Return ready questions, and those that are no longer ready but still in a group."""
    in_question = sa.or_(Question.state == READY, Question.twin_group > 0)
    return [_compared(row) for row in session.execute(_COMPARED.where(which, in_question))]


def _compared(row: Any) -> _Compared:
    text = twin_text(row.stem, row.spec)
    return _Compared(row.id, row.subject, text, row.twin_group, row.state == READY)


def _stirred(questions: Sequence[_Compared], ids: Collection[int]) -> list[_Compared]:
    """Return what of these questions is in a group that the changed ones may have changed."""
    changed = [question for question in questions if question.id in ids]
    others = [question for question in questions if question.id not in ids]
    touched = {question.group for question in changed}
    alike: set[int] = set()
    for subject in {question.subject for question in changed}:
        known = [other for other in others if other.subject == subject and other.is_ready]
        asked = [q.text for q in changed if q.subject == subject and q.is_ready]
        found = alike_among(asked, [other.text for other in known])
        for other in (known[at] for near in found.values() for at in near):
            alike.add(other.id)
            touched.add(other.group)
    touched.discard(0)
    return [
        *changed,
        *(other for other in others if other.group in touched or other.id in alike),
    ]


def _group(session: Session, questions: Sequence[_Compared]) -> int:
    subjects: dict[str, list[_Compared]] = {}
    groups: dict[int, int] = {question.id: 0 for question in questions}
    for question in sorted(questions):
        if question.is_ready:
            subjects.setdefault(question.subject, []).append(question)
    for listed in subjects.values():
        places = twin_groups([question.text for question in listed])
        for question, place in zip(listed, places, strict=True):
            groups[question.id] = listed[place - 1].id if place else 0
    changed = [
        {"id": question.id, "twin_group": groups[question.id]}
        for question in questions
        if groups[question.id] != question.group
    ]
    if changed:
        session.execute(sa.update(Question), changed)
    return sum(map(bool, groups.values()))
