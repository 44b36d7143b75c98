"""The authors' files in the bank: what is new, changed, gone; and the search words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.kernel.errors import N_, NotFound
from lms.question_bank.content import QuestionFile
from lms.question_bank.models import Question, QuestionSearch, QuestionVersion
from lms.question_bank.operations.twins import group_twins
from lms.question_bank.operations.writing import (
    BANK,
    FILE,
    READY,
    RETIRED,
    NewVersion,
    index,
    one_at_a_time,
    publish,
)
from lms.question_bank.queries import IS_CURRENT
from lms.question_bank.rules import text_digest

_KNOWN = sa.select(
    Question.key,
    Question.id,
    Question.state,
    Question.current_number,
    Question.origin,
    QuestionVersion.digest,
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


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    state: str
    number: int
    origin: str
    digest: str

    def says(self, file: QuestionFile) -> bool:
        """Say whether the bank has the text of a file, however it came in."""
        return self.digest == file.digest or self.digest == text_digest(file)


def load(session: Session, files: Iterable[QuestionFile], *, now: datetime) -> Tally:
    """Publish questions that are new or changed, retire those whose text is gone.

    ``files`` is the whole bank as far as files keep it: what a file had and has no more goes out
    of new papers and drills. What was written or changed in the bank itself is left alone, and
    told where a file says something else. Nothing is deleted, so old attempts show what they
    showed. One statement reads what is known, whatever the size of the bank; if anything is new,
    another one reads which questions are alike.
    """
    one_at_a_time(session)
    listed = list(files)
    known = {row.key: _Known(*row[1:]) for row in session.execute(_KNOWN)}
    ours = [f for f in listed if f.key in known and known[f.key].origin == BANK]
    left = tuple(file.key for file in ours if not known[file.key].says(file))
    kept = {file.key for file in ours}
    new = [file for file in listed if file.key not in known]
    old = [file for file in listed if file.key in known and file.key not in kept]
    changed = [file for file in old if not known[file.key].says(file)]
    back = [file.key for file in old if known[file.key].state == RETIRED]
    present = {file.key for file in listed}
    gone = [
        key
        for key, question in known.items()
        if key not in present and question.state == READY and question.origin == FILE
    ]

    ids = _add(session, new)
    first = [NewVersion(ids[file.key], file.key, 1, file, file.digest) for file in new]
    publish(session, first, actor_id=None, now=now)
    again = [
        NewVersion(known[f.key].id, f.key, known[f.key].number + 1, f, f.digest) for f in changed
    ]
    _advance(session, again)
    publish(session, again, actor_id=None, now=now)
    _set_state(session, known, back, RETIRED, READY, now=now)
    _set_state(session, known, gone, READY, RETIRED, now=now)
    if new or changed or back or gone:
        group_twins(session)
    return Tally(
        new=len(new),
        changed=len(changed),
        same=len(listed) - len(new) - len(changed) - len(left),
        retired=len(gone),
        left=left,
    )


def hand_back(
    session: Session, keys: Sequence[str], *, actor_id: int | None, now: datetime
) -> list[str]:
    """Let the files keep questions again, and return the keys of those that changed hands.

    What the file says is published when content is loaded next; until then nothing changes. One
    that has no file any more is retired then.

    :raises NotFound: ``no_question``.
    """
    one_at_a_time(session)
    rows = session.execute(
        sa.select(Question.key, Question.id, Question.origin).where(Question.key.in_(keys))
    ).all()
    unknown = sorted(set(keys) - {row.key for row in rows})
    if unknown:
        raise NotFound("no_question", N_("没有试题 %(key)s"), key=unknown[0])
    taken = {row.key: row.id for row in rows if row.origin == BANK}
    if taken:
        session.execute(
            sa.update(Question).where(Question.id.in_(taken.values())).values(origin=FILE)
        )
    audit.record_many(
        session,
        verb="question_bank.question_handed_back",
        actor_id=actor_id,
        now=now,
        facts_of={f"question:{key}": {"before": BANK, "after": FILE} for key in taken},
    )
    return sorted(taken)


def reindex(session: Session) -> int:
    """Write the search words of every question anew, and return how many there are.

    Whoever publishes a version meanwhile waits, and then writes the words of that one.
    """
    one_at_a_time(session)
    rows = [dict(row) for row in session.execute(_INDEXED).mappings()]
    session.execute(sa.delete(QuestionSearch))
    index(session, rows)
    return len(rows)


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


def _advance(session: Session, again: Sequence[NewVersion]) -> None:
    rows = [
        {
            "id": version.question_id,
            "subject": version.text.subject,
            "kind": version.text.kind,
            "current_number": version.number,
        }
        for version in again
    ]
    if rows:
        session.execute(sa.update(Question), rows)


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
        rows = [{"id": known[key].id, "state": new, "reason": ""} for key in keys]
        session.execute(sa.update(Question), rows)
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
