"""Working texts of questions: those that are not published yet, and those being changed."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Conflict, Invalid
from lms.question_bank import queries
from lms.question_bank.models import Question, QuestionDraft, QuestionVersion
from lms.question_bank.operations.writing import one_at_a_time
from lms.question_bank.queries import IS_CURRENT
from lms.question_bank.rules import checked_draft, next_state, text_digest
from lms.question_bank.types import Deed, Draft, DraftState, Kept, WorkingText

SHEAF = 1000
"""Drafts that are compared and written at once."""

_PUBLISHED = (
    sa.select(
        Question.id,
        Question.key,
        Question.current_number,
        *(getattr(QuestionVersion, field.name) for field in fields(Draft) if field.name != "key"),
    )
    .join(QuestionVersion, IS_CURRENT)
    .where(Question.key.in_(sa.bindparam("keys", expanding=True)))
)
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
    one_at_a_time(session)
    kept: dict[str, Kept] = {}
    about = {"origin": origin, "batch": batch}
    for start in range(0, len(checked), SHEAF):
        sheaf = checked[start : start + SHEAF]
        kept |= _keep(session, sheaf, actor_id=actor_id, about=about, notes=notes or {}, now=now)
    return kept


def begin(session: Session, *, draft: Draft, actor_id: int, now: datetime) -> None:
    """Begin a question that is new.

    :raises Invalid: what cannot be kept, see ``rules.checked_draft``.
    :raises Conflict: ``key_taken``.
    """
    one_at_a_time(session)
    checked_draft(draft)
    keys = {"keys": [draft.key]}
    if session.execute(_PUBLISHED, keys).first() or session.execute(_DRAFTED, keys).first():
        raise Conflict("key_taken", N_("编号 %(key)s 已经有了"), key=draft.key)
    _begin(session, None, draft, actor_id=actor_id, now=now)


def begin_change(session: Session, *, key: str, actor_id: int, now: datetime) -> None:
    """Begin to change a published question, or go on where somebody has begun already.

    :raises NotFound: ``no_question``.
    """
    one_at_a_time(session)
    keys = {"keys": [key]}
    if session.execute(_DRAFTED, keys).first() is not None:
        return
    question = queries.published(session, key)
    row = session.execute(_PUBLISHED, keys).one()
    _begin(session, row, question, actor_id=actor_id, now=now)


def write(
    session: Session,
    *,
    draft: Draft,
    revision: int,
    base_number: int | None,
    note: str,
    actor_id: int,
    now: datetime,
) -> None:
    """Write a working text anew. Whoever writes is one of its authors from then on.

    :param revision: what the writer has seen; so is ``base_number``, the question's version.
    :raises NotFound: ``no_draft``: it was never begun, or is published or thrown away by now.
    :raises Conflict: ``wrong_state``; ``draft_moved``: somebody else wrote meanwhile;
        ``base_moved``: the question got a newer version.
    """
    one_at_a_time(session)
    checked_draft(draft)
    known = queries.working_text(session, draft.key)
    state = next_state(known.state, Deed.WRITE, key=draft.key)
    refuse_unseen(known, revision=revision, base_number=base_number)
    digest = text_digest(draft)
    if (digest, note, base_number) == (known.digest, known.note, known.base_number):
        return
    values = {
        **text_row(draft, digest),
        "state": state,
        "note": note,
        "base_number": base_number,
        "author_id": actor_id,
        "authors": sorted({*known.authors, actor_id}),
        "revision": known.revision + 1,
        "changed_at": now,
    }
    session.execute(sa.update(QuestionDraft).where(QuestionDraft.id == known.id).values(values))
    audit.record(
        session,
        verb="question_bank.draft_changed",
        subject=f"question:{draft.key}",
        actor_id=actor_id,
        now=now,
        before=known.digest,
        digest=digest,
    )


def discard(session: Session, *, key: str, revision: int, actor_id: int, now: datetime) -> None:
    """Throw a working text away. The question it would have changed stays as it is.

    :raises NotFound: ``no_draft``.
    :raises Conflict: ``wrong_state`` or ``draft_moved``.
    """
    one_at_a_time(session)
    known = queries.working_text(session, key)
    next_state(known.state, Deed.DISCARD, key=key)
    refuse_unseen(known, revision=revision, base_number=known.current_number)
    session.execute(sa.delete(QuestionDraft).where(QuestionDraft.id == known.id))
    audit.record(
        session,
        verb="question_bank.draft_discarded",
        subject=f"question:{key}",
        actor_id=actor_id,
        now=now,
        digest=known.digest,
        stem=known.draft.stem[:200],
    )


def refuse_unseen(known: WorkingText, *, revision: int, base_number: int | None) -> None:
    """Refuse to go on from a text that is no longer there.

    :raises Conflict: ``draft_moved`` or ``base_moved``.
    """
    if known.revision != revision:
        message = N_("%(key)s 刚才被 %(who)s 改过，请先看看改了什么")
        raise Conflict("draft_moved", message, key=known.draft.key, who=known.author)
    if known.current_number != base_number:
        message = N_("%(key)s 在起草之后又发布了第 %(n)s 版，请对照新版再改")
        raise Conflict("base_moved", message, key=known.draft.key, n=known.current_number)


def _begin(session: Session, question: Any, draft: Draft, *, actor_id: int, now: datetime) -> None:
    digest = text_digest(draft)
    row = {
        **text_row(draft, digest),
        **_begun(question, actor_id, now),
        "origin": "editor",
        "batch": "",
        "note": "",
        "changed_at": now,
    }
    session.execute(sa.insert(QuestionDraft), [row])
    audit.record(
        session,
        verb="question_bank.draft_begun",
        subject=f"question:{draft.key}",
        actor_id=actor_id,
        now=now,
        origin="editor",
        digest=digest,
    )


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
        "authors": [author_id],
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
