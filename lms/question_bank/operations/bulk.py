"""What is done to many questions at once: tags, place, out of use and back."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.question_bank import queries
from lms.question_bank.models import Question, QuestionDraft, QuestionVersion
from lms.question_bank.operations.drafting import text_row
from lms.question_bank.operations.reviewing import checked_reason
from lms.question_bank.operations.twins import regroup
from lms.question_bank.operations.writing import (
    READY,
    RETIRED,
    SHEAF,
    NewVersion,
    one_at_a_time,
    publish,
    take_over,
)
from lms.question_bank.rules import TextChange, next_state, text_digest
from lms.question_bank.types import Deed, Draft

_TEXT = tuple(field.name for field in fields(Draft) if field.name != "key")
_CURRENT = (
    sa.select(
        Question.id,
        Question.key,
        Question.current_number,
        QuestionVersion.author_id,
        QuestionVersion.reviewer_id,
        QuestionVersion.reviewed_at,
        *(getattr(QuestionVersion, name) for name in _TEXT),
    )
    .join(QuestionVersion, queries.IS_CURRENT)
    .where(Question.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(Question.id)
)


def change_many(
    session: Session,
    *,
    ids: Sequence[int],
    change: TextChange,
    actor_id: int,
    now: datetime,
) -> int:
    """Change tags or place of published questions, and return how many are another now.

    Each gets a new version with the author and the reviewer of the one before: what learners read
    and how it is marked stays, so nobody needs to read it again. A change of it that is being
    worked on is changed with it.
    """
    one_at_a_time(session)
    changed, moved = 0, list[int]()
    for start in range(0, len(ids), SHEAF):
        versions, gone = _changed(session, ids[start : start + SHEAF], change)
        _advance(session, versions)
        publish(session, versions, actor_id=actor_id, now=now)
        taken = [version.question_id for version in versions]
        take_over(session, taken, actor_id=actor_id, now=now)
        _follow(session, versions, change, now=now)
        changed += len(versions)
        moved += gone
    regroup(session, moved)
    return changed


def change_drafts(
    session: Session,
    *,
    keys: Sequence[str],
    change: TextChange,
    actor_id: int,
    now: datetime,
) -> int:
    """Change tags or place of working texts, and return how many are another now.

    :raises Conflict: ``wrong_state``: one of them waits for a reviewer.
    """
    one_at_a_time(session)
    changed: dict[str, dict[str, str]] = {}
    for start in range(0, len(keys), SHEAF):
        rows = []
        for text in queries.working_texts(session, keys[start : start + SHEAF]):
            state = next_state(text.state, Deed.WRITE, key=text.draft.key)
            draft = change(text.draft)
            digest = text_digest(draft)
            if digest != text.digest:
                more = {"state": state, "authors": sorted({*text.authors, actor_id})}
                rows.append(_rewritten(text.id, draft, digest, text.revision, now) | more)
                changed[f"question:{draft.key}"] = {"before": text.digest, "digest": digest}
        if rows:
            session.execute(sa.update(QuestionDraft), rows)
    audit.record_many(
        session,
        verb="question_bank.draft_changed",
        actor_id=actor_id,
        now=now,
        facts_of=changed,
    )
    return len(changed)


def retire(
    session: Session, *, ids: Sequence[int], reason: str, actor_id: int, now: datetime
) -> int:
    """Take questions out of new papers and drills, and return how many were in use.

    The bank keeps them from then on: loading their files does not bring them back.

    :raises Invalid: ``no_reason``.
    """
    reason = checked_reason(reason)
    one_at_a_time(session)
    keys = _set_state(session, ids, READY, {"state": RETIRED, "reason": reason})
    take_over(session, list(keys), actor_id=actor_id, now=now)
    regroup(session, list(keys))
    audit.record_many(
        session,
        verb="question_bank.question_retired",
        actor_id=actor_id,
        now=now,
        facts_of={
            f"question:{key}": {"before": READY, "after": RETIRED, "reason": reason}
            for key in keys.values()
        },
    )
    return len(keys)


def restore(session: Session, *, ids: Sequence[int], actor_id: int, now: datetime) -> int:
    """Put retired questions back into use, as their newest version has them."""
    one_at_a_time(session)
    keys = _set_state(session, ids, RETIRED, {"state": READY, "reason": ""})
    regroup(session, list(keys))
    audit.record_many(
        session,
        verb="question_bank.question_restored",
        actor_id=actor_id,
        now=now,
        facts_of={f"question:{key}": {"before": RETIRED, "after": READY} for key in keys.values()},
    )
    return len(keys)


def _changed(
    session: Session, ids: Sequence[int], change: TextChange
) -> tuple[list[NewVersion], list[int]]:
    """Return the new versions, and which questions go to another subject."""
    versions: list[NewVersion] = []
    moved: list[int] = []
    for row in session.execute(_CURRENT, {"ids": list(ids)}):
        values = {name: getattr(row, name) for name in _TEXT}
        before = Draft(key=row.key, **{**values, "tags": tuple(row.tags)})
        after = change(before)
        digest = text_digest(after)
        if digest != text_digest(before):
            moved += [row.id] if after.subject != before.subject else []
            versions.append(
                NewVersion(
                    question_id=row.id,
                    key=row.key,
                    number=row.current_number + 1,
                    text=after,
                    digest=digest,
                    author_id=row.author_id,
                    reviewer_id=row.reviewer_id,
                    reviewed_at=row.reviewed_at,
                )
            )
    return versions, moved


def _advance(session: Session, versions: Sequence[NewVersion]) -> None:
    rows = [
        {"id": v.question_id, "subject": v.text.subject, "current_number": v.number}
        for v in versions
    ]
    if rows:
        session.execute(sa.update(Question), rows)


def _follow(
    session: Session, versions: Sequence[NewVersion], change: TextChange, *, now: datetime
) -> None:
    """Change the working texts of these questions too: they are begun from the new version then."""
    numbers = {version.key: version.number for version in versions}
    rows = []
    for text in queries.working_texts(session, list(numbers)):
        draft = change(text.draft)
        was_current = text.base_number == numbers[draft.key] - 1
        base = numbers[draft.key] if was_current else text.base_number
        row = _rewritten(text.id, draft, text_digest(draft), text.revision, now)
        rows.append(row | {"base_number": base})
    if rows:
        session.execute(sa.update(QuestionDraft), rows)


def _rewritten(id_: int, draft: Draft, digest: str, revision: int, now: datetime) -> dict[str, Any]:
    return {
        **text_row(draft, digest),
        "id": id_,
        "revision": revision + 1,
        "changed_at": now,
    }


def _set_state(
    session: Session, ids: Sequence[int], before: str, values: Mapping[str, str]
) -> dict[int, str]:
    """Move questions from one state into another; return id -> key of those that were in it."""
    found: dict[int, str] = {}
    for start in range(0, len(ids), SHEAF):
        moved = session.execute(
            sa.update(Question)
            .where(Question.id.in_(ids[start : start + SHEAF]), Question.state == before)
            .values(**values)
            .returning(Question.id, Question.key)
            .execution_options(synchronize_session=False)
        )
        found |= {row.id: row.key for row in moved}
    return found
