from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.interop.models import ImportChoice, QuestionMedium, QuestionMediumUse
from lms.interop.rules.units import Unit, Units
from lms.interop.types import Judged, Verdict
from lms.interop.types.bridge import JudgedQuestion, Standing
from lms.jobs import queries as jobs
from lms.kernel.selecting import fetch
from lms.organizations import queries as organizations
from lms.organizations.models import Closure
from lms.people import queries as people
from lms.people.models import FormerName, Post
from lms.people.rules import scope_of
from lms.question_bank.models import Question, QuestionDraft, QuestionSearch, QuestionVersion
from lms.question_bank.queries import IS_CURRENT
from lms.question_bank.queries import conditions as bank_conditions
from lms.question_bank.types import Draft, DraftState, Filters
from lms.syllabus import queries as syllabus

PERMISSION = "people.import"
"""Who may import lists, of people and of organizations."""


def scope_of_owner(
    session: Session, person_id: int, *, on: date, permission: str = PERMISSION
) -> frozenset[int]:
    """Return the organizations over whose subtrees somebody may import on a day."""
    found = people.find_principal(session, person_id, on=on)
    return scope_of(found.grants, permission) if found is not None else frozenset()


def units(session: Session, scope: Collection[int] | None) -> Units:
    """Return the organizations of a scope, by code and by name. Three statements."""
    files = organizations.directory(session, scope=scope).files.values()
    return Units(
        [Unit(one.id, one.name, one.closed_on is not None) for one in files],
        codes=[(line.code, one.id) for one in files for line in one.codes],
        names=[
            (name, one.id) for one in files for name in (one.name, *(n.name for n in one.names))
        ],
    )


def people_in_scope(session: Session, scope: Collection[int] | None, *, on: date) -> int:
    """Return how many people work in a scope on a day."""
    counted = sa.func.count(sa.distinct(Post.person_id))
    statement = sa.select(counted).where(
        Post.started_on <= on, sa.or_(Post.ended_on.is_(None), Post.ended_on >= on)
    )
    if scope is not None:
        statement = statement.join(Closure, Closure.descendant_id == Post.organization_id).where(
            Closure.ancestor_id.in_(scope)
        )
    return session.scalar(statement) or 0


def former_names(session: Session, person_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return the keys of the names that people had before, by person."""
    found: dict[int, set[str]] = {}
    for chunk in people.chunks(person_ids):
        rows = session.execute(
            sa.select(FormerName.person_id, FormerName.name_key).where(
                FormerName.person_id.in_(chunk)
            )
        )
        for row in rows:
            found.setdefault(row.person_id, set()).add(row.name_key)
    return {person_id: frozenset(keys) for person_id, keys in found.items()}


def choices(session: Session, job_id: int) -> dict[int, str]:
    """Return what was said about the possible duplicates of a preview, by row."""
    rows = session.execute(
        sa.select(ImportChoice.row, ImportChoice.choice).where(ImportChoice.job_id == job_id)
    )
    return {row.row: row.choice for row in rows}


PAGE = 50
"""Rows of a preview or an outcome on one page."""


def judged_rows(
    session: Session, job_id: int, *, verdict: Verdict | None, after: int = 0
) -> list[Judged]:
    """Return a page of rows of a preview or an outcome, in the order of the file.

    :param verdict: only such; none for all.
    :param after: the last row of the page before.
    :return: ``PAGE`` rows and one more if there is a next page.
    """
    found: list[Judged] = []
    for some in jobs.outcomes(session, job_id):
        if not some or some[-1][0] <= after:
            continue
        for kept in some:
            if kept[0] > after and (verdict is None or kept[2] == verdict):
                found.append(Judged.read(kept))
                if len(found) > PAGE:
                    return found
    return found


def import_of(session: Session, preview_id: int) -> int | None:
    """Return the number of the job that imports what a preview has shown, or none."""
    return jobs.find_by_key(session, f"import:{preview_id}")


class Asked(NamedTuple):
    """What a question of the bank asks, and under which key."""

    key: str
    kind: str
    stem: str
    spec: Mapping[str, Any]


_ASKED_PUBLISHED = sa.select(
    Question.key, QuestionVersion.kind, QuestionVersion.stem, QuestionVersion.spec
).join(QuestionVersion, IS_CURRENT)
_ASKED_DRAFTED = sa.select(
    QuestionDraft.key, QuestionDraft.kind, QuestionDraft.stem, QuestionDraft.spec
)
_FIELDS = [field.name for field in fields(Draft) if field.name != "key"]
_PUBLISHED = (
    sa.select(Question.key, *(getattr(QuestionVersion, name) for name in _FIELDS))
    .join(QuestionVersion, IS_CURRENT)
    .where(Question.key.in_(sa.bindparam("keys", expanding=True)))
)
_DRAFTED = sa.select(
    QuestionDraft.key,
    *(getattr(QuestionDraft, name) for name in _FIELDS),
    QuestionDraft.author_id,
    QuestionDraft.state,
).where(QuestionDraft.key.in_(sa.bindparam("keys", expanding=True)))
_CHUNK = 1000


def asked_in_bank(session: Session) -> Iterator[Asked]:
    """Return what every question of the bank asks, published or drafted. Two statements.

    A question that is being changed comes twice: as it is, and as it may become.
    """
    return (
        Asked(*row)
        for row in chain(fetch(session, _ASKED_PUBLISHED), fetch(session, _ASKED_DRAFTED))
    )


def texts_in_bank(
    session: Session, keys: Iterable[str], *, author_id: int | None
) -> tuple[dict[str, Draft], frozenset[str]]:
    """Return what the bank says under some keys, and which of them somebody else works on.

    A draft counts before what is published. Two statements for every thousand keys.
    """
    wanted = sorted(set(keys))
    texts: dict[str, Draft] = {}
    taken = set()
    for start in range(0, len(wanted), _CHUNK):
        values = {"keys": wanted[start : start + _CHUNK]}
        for row in fetch(session, _PUBLISHED, values):
            texts[row.key] = _draft(row)
        for row in fetch(session, _DRAFTED, values):
            texts[row.key] = _draft(row)
            if row.author_id != author_id or row.state == DraftState.IN_REVIEW:
                taken.add(row.key)
    return texts, frozenset(taken)


def _draft(row: Any) -> Draft:
    values = row[: len(_FIELDS) + 1]
    made = dict(zip(("key", *_FIELDS), values, strict=True))
    return Draft(**{**made, "tags": tuple(made["tags"])})


def places(session: Session) -> frozenset[str]:
    """Return the keys of every place of the outline. One statement."""
    return frozenset(node.key for node in syllabus.nodes(session))


def judged_questions(
    session: Session, job_id: int, *, standing: Standing | None, after: int = 0
) -> list[JudgedQuestion]:
    """Return a page of the questions of a preview or an outcome, in the order of the file.

    :param standing: only such; none for all.
    :param after: the number of the last question of the page before.
    :return: ``QUESTIONS`` and one more if there is a next page.
    """
    found: list[JudgedQuestion] = []
    for some in jobs.outcomes(session, job_id):
        if not some or some[-1][0] <= after:
            continue
        for kept in some:
            if kept[0] > after and (standing is None or kept[1] == standing):
                found.append(JudgedQuestion.read(kept))
                if len(found) > QUESTIONS:
                    return found
    return found


QUESTIONS = 20
"""Questions of a preview or an outcome on one page: each is shown as a learner sees it."""


def of_bank(session: Session, filters: Filters) -> Sequence[Draft]:
    """Return the questions that somebody looks for as they are published, by key. One statement.

    :raises Invalid: ``long_query``.
    """
    statement = (
        sa.select(Question.key, *(getattr(QuestionVersion, name) for name in _FIELDS))
        .join(QuestionVersion, IS_CURRENT)
        .outerjoin(QuestionSearch, QuestionSearch.question_id == Question.id)
        .where(*bank_conditions(session, filters))
    )
    return sorted(map(_draft, fetch(session, statement)), key=lambda one: one.key)


def media(session: Session, digests: Collection[str]) -> dict[str, Any]:
    """Return the pictures of some digests: ``key`` in the store and ``media_type``."""
    found: dict[str, Any] = {}
    for chunk in people.chunks(list(digests)):
        rows = session.execute(
            sa.select(QuestionMedium.digest, QuestionMedium.key, QuestionMedium.media_type).where(
                QuestionMedium.digest.in_(chunk)
            )
        )
        found |= {row.digest: row for row in rows}
    return found


def media_uses(session: Session, keys: Iterable[str]) -> set[tuple[str, str]]:
    """Return which pictures some questions are noted to show: digest and key."""
    found: set[tuple[str, str]] = set()
    for chunk in people.chunks(keys):
        rows = session.execute(
            sa.select(QuestionMediumUse.digest, QuestionMediumUse.question_key).where(
                QuestionMediumUse.question_key.in_(chunk)
            )
        )
        found |= {(row.digest, row.question_key) for row in rows}
    return found


def is_met(session: Session, digest: str) -> bool:
    """Say whether a question that was ever published shows a picture. One statement."""
    shown = (
        sa.select(QuestionMediumUse.digest)
        .join(Question, Question.key == QuestionMediumUse.question_key)
        .where(QuestionMediumUse.digest == digest)
    )
    return session.execute(shown.limit(1)).first() is not None
