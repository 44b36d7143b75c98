"""Working texts of questions: those that are not published yet, and those being changed."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Invalid
from lms.kernel.transaction import alone
from lms.question_bank.models import Question, QuestionDraft, QuestionVersion
from lms.question_bank.queries import IS_CURRENT
from lms.question_bank.rules import checked_draft, text_digest
from lms.question_bank.types import Draft, DraftState, Kept

SHEAF = 1000
"""Drafts that are compared and written at once."""

_KEEPING = 0x6B656570
"""The number of the advisory lock under which many drafts at a time are kept."""

_PUBLISHED = (
    sa.select(
        Question.id,
        Question.key,
        Question.current_number,
        *(getattr(QuestionVersion, field.name) for field in fields(Draft) if field.name != "key"),
    )
    .join(QuestionVersion, IS_CURRENT)
    .where(Question.key.in_(sa.bindparam("keys", expanding=True)))
    .with_for_update(of=Question)
)
"""Locked, so that nobody begins to change the same question meanwhile."""
_DRAFTED = sa.select(
    QuestionDraft.id,
    QuestionDraft.key,
    QuestionDraft.digest,
    QuestionDraft.state,
    QuestionDraft.author_id,
    QuestionDraft.revision,
    QuestionDraft.note,
).where(QuestionDraft.key.in_(sa.bindparam("keys", expanding=True)))


def keep_drafts(
    session: Session,
    *,
    drafts: Sequence[Draft],
    actor_id: int,
    origin: str,
    now: datetime,
    batch: str = "",
    notes: Mapping[str, str] | None = None,
) -> dict[str, Kept]:
    """Keep many working texts at once, and return what became of each, by key.

    A draft under the key of a published question is a change of it: the question serves its
    version until the change is approved. What says the same already is left alone, and so is the
    draft of somebody else and one that waits for a reviewer. Five statements for every ``SHEAF``.

    :param origin: ``editor``, or ``import:`` and a format.
    :param batch: what was brought in together, for whoever reviews it; empty: nothing else.
    :param notes: key -> what its author and its reviewer should read beside it; of others what
        stands there stays.
    :raises Invalid: ``two_drafts``: a key is there twice; or a key or a kind that cannot be.
    """
    checked = [checked_draft(draft) for draft in drafts]
    if len({draft.key for draft in checked}) < len(checked):
        raise Invalid("two_drafts", N_("同一个编号出现了两次"))
    alone(session, _KEEPING)
    kept: dict[str, Kept] = {}
    about = {"origin": origin, "batch": batch}
    for start in range(0, len(checked), SHEAF):
        sheaf = checked[start : start + SHEAF]
        kept |= _keep(session, sheaf, actor_id=actor_id, about=about, notes=notes or {}, now=now)
    return kept


def _keep(
    session: Session,
    sheaf: Sequence[Draft],
    *,
    actor_id: int,
    about: Mapping[str, str],
    notes: Mapping[str, str],
    now: datetime,
) -> dict[str, Kept]:
    keys = {"keys": [draft.key for draft in sheaf]}
    published = {row.key: row for row in session.execute(_PUBLISHED, keys)}
    drafted = {row.key: row for row in session.execute(_DRAFTED, keys)}
    kept, begun, rewritten = {}, [], []
    for draft in sheaf:
        digest = text_digest(draft)
        question, known = published.get(draft.key), drafted.get(draft.key)
        kept[draft.key] = _decided(question, known, digest, actor_id)
        if kept[draft.key] in (Kept.SAME, Kept.TAKEN):
            continue
        note = notes.get(draft.key, known.note if known else "")
        written = {**text_row(draft, digest), **about, "note": note, "changed_at": now}
        if known is None:
            begun.append({**written, **_begun(question, actor_id, now)})
        else:
            revision = {"id": known.id, "revision": known.revision + 1}
            rewritten.append({**written, **revision, "state": DraftState.DRAFT})
    if begun:
        session.execute(sa.insert(QuestionDraft), begun)
    if rewritten:
        session.execute(sa.update(QuestionDraft), rewritten)
    told = partial(audit.record_many, session, actor_id=actor_id, now=now)
    told(verb="question_bank.draft_begun", facts_of=_facts(begun))
    told(verb="question_bank.draft_changed", facts_of=_facts(rewritten))
    return kept


def _decided(question: Any, known: Any, digest: str, actor_id: int) -> Kept:
    """Say what becomes of a draft beside what is published and what is drafted already."""
    if known is not None:
        if known.digest == digest:
            return Kept.SAME
        is_mine = known.author_id == actor_id and known.state != DraftState.IN_REVIEW
        return Kept.CHANGED if is_mine else Kept.TAKEN
    if question is None:
        return Kept.NEW
    return Kept.SAME if text_digest(question) == digest else Kept.CHANGED


def _facts(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        f"question:{row['key']}": {name: row[name] for name in ("origin", "batch", "digest")}
        for row in rows
    }


def _begun(question: Any, author_id: int, now: datetime) -> dict[str, Any]:
    """Return what a new row says of where it comes from."""
    return {
        "question_id": question.id if question else None,
        "base_number": question.current_number if question else None,
        "state": DraftState.DRAFT,
        "answer": "",
        "author_id": author_id,
        "revision": 1,
        "created_at": now,
    }


def text_row(draft: Draft, digest: str) -> dict[str, Any]:
    """Return the columns of a working text."""
    return {
        "key": draft.key,
        "subject": draft.subject,
        "chapter_key": draft.chapter_key,
        "point_key": draft.point_key,
        "kind": draft.kind,
        "stem": draft.stem,
        "spec": dict(draft.spec),
        "explanation": draft.explanation,
        "difficulty": draft.difficulty,
        "source": dict(draft.source),
        "valid_on": draft.valid_on,
        "tags": list(draft.tags),
        "digest": digest,
    }
