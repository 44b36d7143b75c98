"""Laws that questions rest on: their editions, and what is no longer drawn because of them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.kernel.clock import day_of
from lms.question_bank.models import LawEdition, Question, QuestionSearch
from lms.question_bank.operations.writing import follow_law, one_at_a_time
from lms.question_bank.queries.laws import NAMES_EDITION
from lms.question_bank.rules import by_title
from lms.question_bank.types import Law

_KNOWN = sa.select(
    LawEdition.id,
    LawEdition.title,
    LawEdition.name,
    LawEdition.effective_from,
    LawEdition.effective_to,
    LawEdition.replaced_by,
)
_ENDED = (
    sa.select(QuestionSearch.question_id)
    .join(LawEdition, NAMES_EDITION)
    .where(
        QuestionSearch.question_id == Question.id,
        LawEdition.effective_to < sa.bindparam("on", type_=sa.Date),
    )
    .correlate(Question)
    .exists()
)
_CHANGED = (
    sa.select(
        Question.id, Question.key, Question.is_fresh, QuestionSearch.law, QuestionSearch.edition
    )
    .join(QuestionSearch, QuestionSearch.question_id == Question.id)
    .where(sa.or_(sa.and_(Question.is_fresh, _ENDED), sa.and_(~Question.is_fresh, ~_ENDED)))
    .order_by(Question.id)
)


def load_laws(
    session: Session, laws: Iterable[Law], *, now: datetime, on: date | None = None
) -> Tally:
    """Take over the editions that ``laws.toml`` has, and say of every question how it stands.

    ``laws`` is everything there is: an edition that is gone is forgotten, and what rested on it
    is taken to be in force.

    :param on: the day on which laws should be in force; none: that of ``now``.
    """
    one_at_a_time(session)
    known = {(row.title, row.name): row for row in session.execute(_KNOWN)}
    listed = {
        (title, edition.name): {
            "title": title,
            "name": edition.name,
            "effective_from": edition.effective_from,
            "effective_to": edition.effective_to,
            "replaced_by": edition.replaced_by,
        }
        for title, law in by_title(laws).items()
        for edition in law.editions
    }
    new = [row for of, row in listed.items() if of not in known]
    changed = [
        {**row, "id": known[of].id}
        for of, row in listed.items()
        if of in known and any(getattr(known[of], name) != value for name, value in row.items())
    ]
    gone = [row.id for of, row in known.items() if of not in listed]
    if new:
        session.execute(sa.insert(LawEdition), new)
    if changed:
        session.execute(sa.update(LawEdition), changed)
    if gone:
        session.execute(sa.delete(LawEdition).where(LawEdition.id.in_(gone)))
    _note(session, [*new, *changed], now=now)
    refresh(session, on=on or day_of(now), now=now)
    same = len(listed) - len(new) - len(changed)
    return Tally(new=len(new), changed=len(changed), same=same, retired=len(gone))


def refresh(session: Session, *, on: date, now: datetime) -> tuple[int, int]:
    """Take out of new papers and drills what rests on a law that ended, put back what does not.

    To be asked every day: editions end with a day. Two statements where nothing changed.

    :return: how many questions went out, and how many came back.
    """
    one_at_a_time(session)
    rows = session.execute(_CHANGED, {"on": on}).all()
    follow_law(session, [row.id for row in rows], on=on)
    stale = [row for row in rows if row.is_fresh]
    fresh = [row for row in rows if not row.is_fresh]
    audit.record_many(
        session,
        verb="question_bank.law_superseded",
        actor_id=None,
        now=now,
        facts_of=_facts(stale),
    )
    audit.record_many(
        session, verb="question_bank.law_holds", actor_id=None, now=now, facts_of=_facts(fresh)
    )
    return len(stale), len(fresh)


def _facts(rows: Sequence[Any]) -> dict[str, dict[str, str]]:
    return {f"question:{row.key}": {"law": row.law, "edition": row.edition} for row in rows}


def _note(session: Session, rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    audit.record_many(
        session,
        verb="question_bank.law_recorded",
        actor_id=None,
        now=now,
        facts_of={
            f"law:{row['title']}/{row['name']}": {
                "effective_from": row["effective_from"].isoformat(),
                "effective_to": row["effective_to"] and row["effective_to"].isoformat(),
                "replaced_by": row["replaced_by"],
            }
            for row in rows
        },
    )
