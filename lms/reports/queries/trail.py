"""The audit trail, with the names of people."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.audit.models import Entry, Link
from lms.audit.rules import GENESIS, LOOKING, link_digest
from lms.audit.types import ExportLine
from lms.credentials.models import Credential
from lms.kernel.clock import CHINA, end_of
from lms.kernel.errors import N_, NotFound
from lms.organizations.models import Closure, Organization
from lms.people.models import Person, Post
from lms.people.rules import mask_name
from lms.privacy import queries as privacy
from lms.reports.types import Look, TrailEntry, TrailRow, Wanted

PAGE = 50
"""Rows of the trail on one page."""

PORTION = 2000
"""Rows of an export that are read at once."""

_ROW = (
    Entry.id,
    Entry.at,
    Entry.actor_id,
    Person.name,
    Person.user_name,
    Entry.verb,
    Entry.subject,
    Entry.facts,
)
_WHY = ("purpose", "reason")


def trail(session: Session, wanted: Wanted, *, before: int | None = None) -> list[TrailRow]:
    """Return a page of the audit trail, newest first: ``PAGE`` rows and one more if there is one.

    :param before: the id of the last row of the page before (keyset paging by time and id).
    """
    statement = (
        sa.select(*_ROW)
        .outerjoin(Person, Person.id == Entry.actor_id)
        .where(*conditions(wanted))
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        last = aliased(Entry)
        at = sa.select(last.at).where(last.id == before).scalar_subquery()
        statement = statement.where(
            Entry.at <= at, sa.or_(Entry.at < at, sa.and_(Entry.at == at, Entry.id < before))
        )
    return [TrailRow(*row) for row in session.execute(statement)]


def conditions(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    """Return the conditions of what is looked for."""
    if wanted.verb:
        yield Entry.verb == wanted.verb
    elif wanted.family:
        # as a range, so that the index by verb is used on both databases
        yield sa.and_(Entry.verb >= f"{wanted.family}.", Entry.verb < f"{wanted.family}/")
    if wanted.actor:
        name = wanted.actor.strip()
        who = sa.select(Person.id).where(
            sa.or_(Person.user_name == name.lower(), Person.name == name)
        )
        yield Entry.actor_id.in_(who)
    if wanted.subject:
        yield Entry.subject == wanted.subject
    if wanted.since:
        begins = datetime.combine(wanted.since, time.min, CHINA)
        yield Entry.at >= begins.astimezone(UTC)
    if wanted.until:
        yield Entry.at < end_of(wanted.until)
    if wanted.text:
        yield sa.cast(Entry.facts, sa.Text).icontains(wanted.text, autoescape=True)


def entry(session: Session, entry_id: int) -> TrailEntry:
    """Return one line and whether it is what was sealed. One statement.

    :raises NotFound: ``no_entry``.
    """
    before = aliased(Link)
    found = session.execute(
        sa.select(*_ROW, Link.number, Link.digest, before.digest)
        .outerjoin(Person, Person.id == Entry.actor_id)
        .outerjoin(Link, Link.entry_id == Entry.id)
        .outerjoin(before, before.number == Link.number - 1)
        .where(Entry.id == entry_id)
    ).one_or_none()
    if found is None:
        raise NotFound("no_entry", N_("没有这条记录"))
    row, (number, digest, previous) = TrailRow(*found[: len(_ROW)]), found[len(_ROW) :]
    matches = None
    if number is not None:
        matches = digest == link_digest(
            previous or GENESIS,
            entry_id=row.id,
            at=row.at,
            actor_id=row.actor_id,
            verb=row.verb,
            subject=row.subject,
            facts=row.facts,
        )
    return TrailEntry(row, number, digest, matches)


def names_of(session: Session, rows: Iterable[TrailRow]) -> Mapping[str, str]:
    """Return the names of the people that lines are about, by subject. At most one statement."""
    ids = {
        int(number)
        for row in rows
        for kind, _, number in [row.subject.partition(":")]
        if kind == "person" and number.isdecimal() and len(number) < 19
    }
    if not ids:
        return {}
    found = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {f"person:{row.id}": row.name for row in found}


def export_lines(
    session: Session, wanted: Wanted, *, up_to: int
) -> Iterator[tuple[ExportLine, str]]:
    """Yield the sealed lines that are looked for, in the order of the chain, with who did it.

    One statement for each ``PORTION`` lines: a trail of any length in little memory.

    :param up_to: the last link; what is sealed later does not belong to this export.
    """
    before, last = aliased(Link), 0
    looked_for = list(conditions(wanted))
    while True:
        rows = session.execute(
            sa.select(
                Link.number,
                Entry.id,
                Entry.at,
                Entry.actor_id,
                Entry.verb,
                Entry.subject,
                Entry.facts,
                sa.func.coalesce(before.digest, GENESIS),
                Link.digest,
                sa.func.coalesce(Person.name, ""),
            )
            .join(Entry, Entry.id == Link.entry_id)
            .outerjoin(before, before.number == Link.number - 1)
            .outerjoin(Person, Person.id == Entry.actor_id)
            .where(Link.number > last, Link.number <= up_to, *looked_for)
            .order_by(Link.number)
            .limit(PORTION)
        ).all()
        for row in rows:
            yield ExportLine(*row[:-1]), row[-1]
        if len(rows) < PORTION:
            return
        last = rows[-1][0]


def looks(session: Session, person_id: int, *, at_most: int = 200) -> list[Look]:
    """Return who looked at somebody's data, the newest first. Three statements.

    What was seen of the person, of their certificates, and rolls of a unit above them.
    """
    subjects, units = _subjects_about(session, person_id)
    rows = session.execute(
        sa.select(Entry.subject, Entry.at, Entry.verb, Person.name, Organization.name, Entry.facts)
        .outerjoin(Person, Person.id == Entry.actor_id)
        .outerjoin(Post, Post.id == _last_post())
        .outerjoin(Organization, Organization.id == Post.organization_id)
        .where(
            Entry.subject.in_([*subjects, _LIST]),
            Entry.verb.in_(LOOKING),
            Entry.actor_id.is_distinct_from(person_id),
        )
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(_LISTS_READ)
    )
    return [
        Look(
            at,
            verb,
            mask_name(name) if name else "",
            unit or "",
            next((str(facts[key]) for key in _WHY if facts.get(key)), ""),
        )
        for subject, at, verb, name, unit, facts in rows
        if subject != _LIST or units & {facts.get("unit_id"), *_scope_of(facts)}
    ][:at_most]


_LIST = "people:list"
"""What a list of people that somebody took out is about: its facts say of which units."""

_LISTS_READ = 500
"""Lines about oneself and lists that are read to find those that cover one's unit."""


def _scope_of(facts: Mapping[str, Any]) -> Iterable[int]:
    """Return the units that a list covers; one unit that was asked for is narrower than all."""
    return [] if facts.get("unit_id") else facts.get("scope", [])


def _subjects_about(session: Session, person_id: int) -> tuple[list[str], set[int]]:
    """Return what lines about somebody are about, and the units they work in or below."""
    people = privacy.group_of(session, person_id)
    rows = session.execute(
        sa.union_all(
            sa.select(sa.literal("credential"), Credential.id).where(
                Credential.learner_id.in_(people)
            ),
            sa.select(sa.literal("organization"), Closure.ancestor_id)
            .join(Post, Post.organization_id == Closure.descendant_id)
            .where(Post.person_id.in_(people)),
        )
    )
    found = [(kind, number) for kind, number in rows]
    subjects = {f"{kind}:{number}" for kind, number in found}
    subjects |= {f"person:{one}" for one in people}
    return sorted(subjects), {number for kind, number in found if kind == "organization"}


def _last_post() -> sa.ScalarSelect[int]:
    inner = aliased(Post)
    return (
        sa.select(sa.func.max(inner.id))
        .where(inner.person_id == Entry.actor_id)
        .correlate(Entry)
        .scalar_subquery()
    )
