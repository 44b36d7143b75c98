from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.interop.models import ImportChoice
from lms.interop.rules.units import Unit, Units
from lms.interop.types import Judged, Verdict
from lms.jobs import queries as jobs
from lms.organizations import queries as organizations
from lms.organizations.models import Closure
from lms.people import queries as people
from lms.people.models import FormerName, Post
from lms.people.rules import scope_of

PERMISSION = "people.import"
"""Who may import lists, of people and of organizations."""


def scope_of_owner(session: Session, person_id: int, *, on: date) -> frozenset[int]:
    """Return the organizations over whose subtrees somebody may import on a day."""
    found = people.find_principal(session, person_id, on=on)
    return scope_of(found.grants, PERMISSION) if found is not None else frozenset()


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
