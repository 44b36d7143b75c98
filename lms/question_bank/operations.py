from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.kernel.selecting import put
from lms.question_bank.content import QuestionFile
from lms.question_bank.models import Question, QuestionSearch, QuestionVersion
from lms.question_bank.queries import IS_CURRENT
from lms.question_bank.rules import resting_on, search_text, twin_groups, twin_text

READY, RETIRED = "ready", "retired"

SHEAF = 1000
"""Questions whose search words are written at once."""

_KNOWN = sa.select(
    Question.key,
    Question.id,
    Question.state,
    Question.current_number,
    QuestionVersion.digest,
    Question.twin_group,
).join(QuestionVersion, IS_CURRENT)
_INDEXED = sa.select(
    QuestionVersion.question_id,
    Question.key,
    QuestionVersion.stem,
    QuestionVersion.spec,
    QuestionVersion.explanation,
    QuestionVersion.source,
    QuestionVersion.tags,
).join(Question, IS_CURRENT)

_COMPARED = (
    sa.select(
        Question.id,
        Question.subject,
        Question.twin_group,
        QuestionVersion.stem,
        QuestionVersion.spec,
    )
    .join(QuestionVersion, IS_CURRENT)
    .where(Question.state == READY)
)


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    state: str
    number: int
    digest: str
    twin_group: int


class _Compared(NamedTuple):
    """What of a question is compared with others."""

    id: int
    subject: str
    text: str
    group: int


def load(session: Session, files: Iterable[QuestionFile], *, now: datetime) -> Tally:
    """Publish questions that are new or changed, retire those whose text is gone.

    ``files`` is the whole bank: what is not in it goes out of new papers and drills. Nothing is
    deleted, so old attempts show what they showed. One statement reads what is known, whatever
    the size of the bank.
    """
    listed = list(files)
    known = {row.key: _Known(*row[1:]) for row in session.execute(_KNOWN)}
    new = [file for file in listed if file.key not in known]
    changed = [f for f in listed if f.key in known and f.digest != known[f.key].digest]
    back = [f.key for f in listed if f.key in known and known[f.key].state == RETIRED]
    present = {file.key for file in listed}
    gone = [key for key, old in known.items() if key not in present and old.state == READY]

    ids = _add(session, new)
    _publish(session, [(file, ids[file.key], 1) for file in new], now=now)
    again = [(file, known[file.key].id, known[file.key].number + 1) for file in changed]
    _advance(session, again)
    _publish(session, again, now=now)
    _set_state(session, known, back, RETIRED, READY, now=now)
    _set_state(session, known, gone, READY, RETIRED, now=now)
    if new or changed or back or gone:
        _group(session, [_compared(file, known.get(file.key), ids) for file in listed])
    return Tally(
        new=len(new),
        changed=len(changed),
        same=len(listed) - len(new) - len(changed),
        retired=len(gone),
    )


def index(session: Session, versions: Sequence[Mapping[str, Any]]) -> None:
    """Let questions be found by what these versions say, and by nothing they said before.

    Call it in the transaction that makes a version the current one.

    :param versions: ``question_id``, ``key``, and the version's ``stem``, ``spec``,
        ``explanation``, ``source`` and ``tags``.
    """
    for start in range(0, len(versions), SHEAF):
        sheaf = versions[start : start + SHEAF]
        ids = [version["question_id"] for version in sheaf]
        session.execute(sa.delete(QuestionSearch).where(QuestionSearch.question_id.in_(ids)))
        rows = [
            {
                "question_id": version["question_id"],
                "law": resting_on(version["source"]),
                "words": search_text(version),
            }
            for version in sheaf
        ]
        session.execute(sa.insert(QuestionSearch), rows)


def reindex(session: Session) -> int:
    """Write the search words of every question anew, and return how many there are.

    Whoever publishes a version meanwhile waits, and then writes the words of that one.
    """
    locked = _INDEXED.with_for_update(of=Question)
    rows = [dict(row) for row in session.execute(locked).mappings()]
    session.execute(sa.delete(QuestionSearch))
    index(session, rows)
    return len(rows)


def group_twins(session: Session) -> int:
    """Find anew which questions of a subject say nearly the same, and return how many do.

    Call it in the transaction that publishes questions: papers look only at what is kept here.
    Two statements, whatever the size of the bank; none is written if nothing has changed.
    """
    return _group(
        session,
        [
            _Compared(row.id, row.subject, twin_text(row.stem, row.spec), row.twin_group)
            for row in session.execute(_COMPARED)
        ],
    )


def _group(session: Session, questions: Sequence[_Compared]) -> int:
    subjects: dict[str, list[_Compared]] = {}
    for question in sorted(questions):
        subjects.setdefault(question.subject, []).append(question)
    changed: list[dict[str, int]] = []
    twins = 0
    for listed in subjects.values():
        groups = twin_groups([question.text for question in listed])
        twins += sum(map(bool, groups))
        for question, place in zip(listed, groups, strict=True):
            group = listed[place - 1].id if place else 0
            if group != question.group:
                changed.append({"id": question.id, "twin_group": group})
    if changed:
        session.execute(sa.update(Question), changed)
    return twins


def _compared(file: QuestionFile, old: _Known | None, new: Mapping[str, int]) -> _Compared:
    text = twin_text(file.stem, file.spec)
    if old is None:
        return _Compared(new[file.key], file.subject, text, 0)
    return _Compared(old.id, file.subject, text, old.twin_group)


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


def _add(session: Session, files: Sequence[QuestionFile]) -> dict[str, int]:
    if not files:
        return {}
    rows = [
        {
            "key": file.key,
            "subject": file.subject,
            "kind": file.kind,
            "state": READY,
            "current_number": 1,
        }
        for file in files
    ]
    inserted = session.execute(sa.insert(Question).returning(Question.key, Question.id), rows)
    return {row.key: row.id for row in inserted}


def _advance(session: Session, again: Sequence[tuple[QuestionFile, int, int]]) -> None:
    rows = [
        {"id": id_, "subject": file.subject, "kind": file.kind, "current_number": number}
        for file, id_, number in again
    ]
    if rows:
        session.execute(sa.update(Question), rows)


def _publish(
    session: Session, versions: Sequence[tuple[QuestionFile, int, int]], *, now: datetime
) -> None:
    rows = [_version_row(file, id_, number, now) for file, id_, number in versions]
    if rows:
        session.execute(sa.insert(QuestionVersion), rows)
        index(session, [row | {"key": v[0].key} for row, v in zip(rows, versions, strict=True)])
    for file, _id, number in versions:
        audit.record(
            session,
            verb="question_bank.question_published",
            subject=f"question:{file.key}",
            actor_id=None,
            now=now,
            number=number,
            digest=file.digest,
        )


def _version_row(file: QuestionFile, id_: int, number: int, now: datetime) -> dict[str, Any]:
    return {
        "question_id": id_,
        "number": number,
        "digest": file.digest,
        "kind": file.kind,
        "stem": file.stem,
        "spec": dict(file.spec),
        "explanation": file.explanation,
        "subject": file.subject,
        "chapter_key": file.chapter_key,
        "point_key": file.point_key,
        "difficulty": file.difficulty,
        "source": dict(file.source),
        "valid_on": file.valid_on,
        "tags": list(file.tags),
        "published_at": now,
    }


def _set_state(
    session: Session,
    known: dict[str, _Known],
    keys: Sequence[str],
    old: str,
    new: str,
    *,
    now: datetime,
) -> None:
    if keys:
        session.execute(sa.update(Question), [{"id": known[key].id, "state": new} for key in keys])
    verb = "question_bank.question_retired" if new == RETIRED else "question_bank.question_restored"
    for key in keys:
        audit.record(
            session,
            verb=verb,
            subject=f"question:{key}",
            actor_id=None,
            now=now,
            before=old,
            after=new,
        )
