"""Two people publish a question: one hands it in, another one reads and approves it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.question_bank import queries
from lms.question_bank.models import Question, QuestionDraft
from lms.question_bank.operations.drafting import refuse_unseen
from lms.question_bank.operations.twins import regroup
from lms.question_bank.operations.writing import (
    BANK,
    READY,
    NewVersion,
    one_at_a_time,
    publish,
    take_over,
)
from lms.question_bank.rules import check_draft, is_publishable, next_state, refuse_own_text
from lms.question_bank.types import Deed, Severity, WorkingText

REASON_AT_MOST = 1000
"""Characters of a reason."""


def submit(session: Session, *, seen: Mapping[str, int], actor_id: int, now: datetime) -> None:
    """Hand working texts to the reviewers: all of them, or none.

    :param seen: the revision of each that was looked at, by key.
    :raises NotFound: ``no_draft``.
    :raises Conflict: ``wrong_state``, ``draft_moved``, ``base_moved``, or ``has_faults``.
    """
    texts = _seen(session, seen)
    _refuse_faulty(session, texts, now=now)
    states = {text.id: next_state(text.state, Deed.SUBMIT, key=text.draft.key) for text in texts}
    _change(session, texts, lambda text: {"state": states[text.id], "submitted_at": now})
    audit.record_many(
        session,
        verb="question_bank.draft_submitted",
        actor_id=actor_id,
        now=now,
        facts_of=_facts(texts),
    )


def take_back(session: Session, *, key: str, revision: int, actor_id: int, now: datetime) -> None:
    """Take a working text back from the reviewers to go on with it.

    :raises NotFound: ``no_draft``.
    :raises Conflict: ``wrong_state`` or ``draft_moved``.
    """
    texts = _seen(session, {key: revision}, even_behind=True)
    state = next_state(texts[0].state, Deed.TAKE_BACK, key=key)
    _change(session, texts, lambda _text: {"state": state})
    audit.record_many(
        session,
        verb="question_bank.draft_taken_back",
        actor_id=actor_id,
        now=now,
        facts_of=_facts(texts),
    )


def give_back(
    session: Session, *, seen: Mapping[str, int], reason: str, actor_id: int, now: datetime
) -> None:
    """Return working texts to their authors, with a reason: all of them, or none.

    :raises Invalid: ``no_reason``.
    :raises NotFound: ``no_draft``.
    :raises Conflict: ``wrong_state`` or ``draft_moved``.
    """
    reason = checked_reason(reason)
    texts = _seen(session, seen, even_behind=True)
    states = {text.id: next_state(text.state, Deed.RETURN, key=text.draft.key) for text in texts}
    _change(
        session,
        texts,
        lambda text: {"state": states[text.id], "answer": reason, "reviewer_id": actor_id},
    )
    audit.record_many(
        session,
        verb="question_bank.draft_returned",
        actor_id=actor_id,
        now=now,
        facts_of={subject: {**facts, "reason": reason} for subject, facts in _facts(texts).items()},
    )


def approve(
    session: Session,
    *,
    seen: Mapping[str, int],
    two_people: bool,
    actor_id: int,
    now: datetime,
) -> None:
    """Publish working texts that were read: all of them, or none.

    A question of a file becomes the bank's. A retired one stays retired.

    :param two_people: whether somebody else than the authors must approve.
    :raises NotFound: ``no_draft``: published or thrown away meanwhile.
    :raises NotAllowed: ``own_text``.
    :raises Conflict: ``wrong_state``, ``draft_moved``, ``base_moved`` or ``has_faults``.
    """
    texts = _seen(session, seen)
    for text in texts:
        next_state(text.state, Deed.APPROVE, key=text.draft.key)
        refuse_own_text(text.authors, actor_id, two_people=two_people, key=text.draft.key)
    _refuse_faulty(session, texts, now=now)
    ids = _place(session, texts)
    take_over(session, list(ids.values()), actor_id=actor_id, now=now)
    versions = [
        NewVersion(
            question_id=ids[text.draft.key],
            key=text.draft.key,
            number=(text.current_number or 0) + 1,
            text=text.draft,
            digest=text.digest,
            author_id=text.author_id,
            reviewer_id=actor_id,
            reviewed_at=now,
        )
        for text in texts
    ]
    publish(session, versions, actor_id=actor_id, now=now)
    regroup(session, list(ids.values()))
    session.execute(
        sa.delete(QuestionDraft).where(QuestionDraft.id.in_([text.id for text in texts]))
    )


def checked_reason(reason: str) -> str:
    """Return a reason that says something.

    :raises Invalid: ``no_reason``.
    """
    reason = reason.strip()
    if not reason or len(reason) > REASON_AT_MOST:
        raise Invalid("no_reason", N_("请写明原因，最多 %(n)s 个字"), n=REASON_AT_MOST)
    return reason


def _seen(
    session: Session, seen: Mapping[str, int], *, even_behind: bool = False
) -> list[WorkingText]:
    """Return working texts as they were looked at."""
    one_at_a_time(session)
    found = queries.working_texts(session, list(seen))
    if len(found) < len(seen) or not seen:
        gone = sorted(set(seen) - {text.draft.key for text in found})
        raise NotFound("no_draft", N_("没有这份草稿：%(key)s"), key=gone[0] if gone else "")
    for text in found:
        base = text.current_number if even_behind else text.base_number
        refuse_unseen(text, revision=seen[text.draft.key], base_number=base)
    return found


def _refuse_faulty(session: Session, texts: Sequence[WorkingText], *, now: datetime) -> None:
    outline = queries.outline(session, on=day_of(now))
    for text in texts:
        findings = check_draft(text.draft, outline)
        if not is_publishable(findings):
            first = next(f for f in findings if f.severity is Severity.FAULT)
            raise Conflict(
                "has_faults",
                N_("%(key)s 还不能发布：%(first)s"),
                key=text.draft.key,
                first=first.words,
            )


def _change(session: Session, texts: Sequence[WorkingText], values: Any) -> None:
    rows = [{"id": text.id, "revision": text.revision + 1, **values(text)} for text in texts]
    session.execute(sa.update(QuestionDraft), rows)


def _facts(texts: Sequence[WorkingText]) -> dict[str, dict[str, Any]]:
    return {f"question:{text.draft.key}": {"digest": text.digest} for text in texts}


def _place(session: Session, texts: Sequence[WorkingText]) -> dict[str, int]:
    """Make the questions that are new, move on those that are there; return their ids by key."""
    new = [text for text in texts if text.question_id is None]
    old = [text for text in texts if text.question_id is not None]
    ids = {text.draft.key: text.question_id for text in old if text.question_id is not None}
    if new:
        rows = [
            {
                "key": text.draft.key,
                "subject": text.draft.subject,
                "kind": text.draft.kind,
                "state": READY,
                "current_number": 1,
                "origin": BANK,
            }
            for text in new
        ]
        inserted = session.execute(sa.insert(Question).returning(Question.key, Question.id), rows)
        ids |= {row.key: row.id for row in inserted}
    if old:
        moved = [
            {
                "id": text.question_id,
                "subject": text.draft.subject,
                "kind": text.draft.kind,
                "current_number": (text.current_number or 0) + 1,
            }
            for text in old
        ]
        session.execute(sa.update(Question), moved)
    return ids
