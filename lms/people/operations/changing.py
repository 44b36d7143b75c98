"""Files changed: of one person or of many, with a fixed number of statements for each batch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, NotFound
from lms.kernel.vault import Vault
from lms.people import queries
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post
from lms.people.operations.rows import (
    Sheets,
    digests_of,
    document_row,
    grant_row,
    name_taken,
    number_taken,
    phone_row,
    post_row,
    refuse_taken,
    tell_of_many,
)
from lms.people.rules import Clash, clashes, document_digest, name_key, phone_digest
from lms.people.types import DocumentKind, FileValues, ManyChanged, PersonChange, Snapshot


def update_many(
    session: Session,
    changes: Sequence[PersonChange],
    *,
    vault: Vault,
    actor_id: int | None,
    now: datetime,
) -> ManyChanged:
    """Change files and say whose is another now. A change that says what is there is none.

    Everybody's row is locked, in the order of ids. A line in the trail for each person whose
    file changed, with the values before and after (of numbers only that they changed), and one
    for the batch.

    :raises NotFound: ``no_person``: one of them is not there, closed or merged.
    :raises Conflict: ``number_taken`` or ``user_name_taken``, a :class:`Taken` with the rows.
    """
    known = _locked(session, [change.person_id for change in changes])
    stale = tuple(c.person_id for c in changes if _is_stale(c, known[c.person_id]))
    fresh = [(i, c) for i, c in enumerate(changes) if c.person_id not in stale]
    _refuse_taken_by_others(session, fresh, known, vault=vault, now=now)
    work = _Changes(known, vault, actor_id, now)
    for _row, change in fresh:
        work.add(change)
    work.write(session)
    changed = {person_id: tuple(facts["fields"]) for person_id, facts in work.facts.items()}
    if len(changes) > 1 and changed:
        tell_of_many(session, "people.many_changed", len(changed), actor_id=actor_id, now=now)
    return ManyChanged(changed, stale)


def edit_file(
    session: Session,
    *,
    person_id: int,
    was: FileValues,
    typed: FileValues,
    vault: Vault,
    actor_id: int | None,
    now: datetime,
) -> list[Clash]:
    """Change what the editing page shows, unless somebody was faster.

    :param was: what the page showed when it was opened.
    :return: what somebody else changed meanwhile; then nothing was written. Empty: it is stored.
    :raises NotFound: ``no_person``.
    """
    before = _locked(session, [person_id])[person_id]
    names = [field.name for field in fields(FileValues)]
    there = {name: getattr(before, name) for name in names}
    found = clashes(asdict(was), there, asdict(typed))
    if found:
        return found
    emptied = {name for name in names if getattr(typed, name) is None}
    change = PersonChange(person_id, **asdict(typed), cleared=frozenset(emptied))
    update_many(session, [change], vault=vault, actor_id=actor_id, now=now)
    return []


class _Changes:
    """What a batch of changes writes, collected before anything is written."""

    def __init__(
        self, known: Mapping[int, Snapshot], vault: Vault, actor_id: int | None, now: datetime
    ) -> None:
        self.known, self.vault, self.actor_id, self.now = known, vault, actor_id, now
        self.sheets = Sheets()
        self.people: list[dict[str, Any]] = []
        self.posts: list[dict[str, Any]] = []
        self.old_phones: list[int] = []
        self.old_documents: list[tuple[int, DocumentKind]] = []
        self.facts: dict[int, dict[str, Any]] = {}

    def add(self, change: PersonChange) -> None:
        """Work out what one change writes."""
        before = self.known[change.person_id]
        values = _new_values(change, before)
        fields = list(values)
        fields += self._numbers(change, before)
        fields += self._posts(change, before)
        fields += self._roles(change, before)
        if not fields:
            return
        if "name" in values:
            self._former(before)
            values["name_key"] = name_key(values["name"])
        self.people.append({"id": before.person_id, "revision": before.revision + 1, **values})
        told = {name: _plain(value) for name, value in values.items() if name != "name_key"}
        self.facts[before.person_id] = {
            "fields": fields,
            "before": {name: _plain(getattr(before, name)) for name in told},
            "after": told,
        }

    def _former(self, before: Snapshot) -> None:
        row = {"person_id": before.person_id, "name": before.name}
        row |= {"name_key": name_key(before.name), "until_on": day_of(self.now)}
        self.sheets.former.append(row | {"noted_at": self.now})

    def _numbers(self, change: PersonChange, before: Snapshot) -> list[str]:
        changed, person_id = self._cleared(change, before), before.person_id
        if change.phone and phone_digest(self.vault, change.phone) != before.phone_digest:
            changed.append("phone")
            self.sheets.phones.append(phone_row(self.vault, person_id, change.phone, self.now))
        for kind, number in (change.documents or {}).items():
            digest = document_digest(self.vault, kind, number)
            if digest != before.document_digests.get(kind):
                changed.append(str(kind))
                self.old_documents.append((person_id, kind))
                row = document_row(self.vault, person_id, kind, number, self.now)
                self.sheets.documents.append(row)
        return changed

    def _cleared(self, change: PersonChange, before: Snapshot) -> list[str]:
        """Return the numbers that go without others in their place."""
        gone = []
        if "phone" in change.cleared and before.phone_digest:
            self.old_phones.append(before.person_id)
            gone.append("phone")
        for kind in before.document_digests:
            if kind in change.cleared:
                self.old_documents.append((before.person_id, kind))
                gone.append(str(kind))
        return gone

    def _posts(self, change: PersonChange, before: Snapshot) -> list[str]:
        there = {(p.organization_id, p.kind, p.started_on): p for p in before.posts}
        written = 0
        for post in change.posts_added:
            same = there.get((post.organization_id, post.kind, post.started_on))
            new = {"title": post.title, "rank_band": post.rank_band, "ended_on": post.ended_on}
            if same is None:
                self.sheets.posts.append(post_row(before.person_id, post))
                written += 1
            elif any(getattr(same, name) != value for name, value in new.items()):
                self.posts.append({"id": same.id, **new})
                written += 1
        for post_id, ended_on in (change.posts_ended or {}).items():
            found = next((post for post in before.posts if post.id == post_id), None)
            if found is not None and found.ended_on != ended_on:
                values = {"title": found.title, "rank_band": found.rank_band}
                self.posts.append({"id": post_id, **values, "ended_on": ended_on})
                written += 1
        return ["posts"] if written else []

    def _roles(self, change: PersonChange, before: Snapshot) -> list[str]:
        new = [grant for grant in change.roles_added if grant not in before.grants]
        self.sheets.grants += [grant_row(before.person_id, g, self.actor_id) for g in new]
        return ["roles"] if new else []

    def write(self, session: Session) -> None:
        """Write it all: what is replaced goes first, so that two people may swap numbers."""
        self.old_phones += [row["person_id"] for row in self.sheets.phones]
        _delete_old(session, self.sheets, self.old_phones, self.old_documents)
        for changed in _alike(self.people):
            session.execute(sa.update(Person), changed)
        if self.posts:
            session.execute(sa.update(Post), self.posts)
        self.sheets.former = _unknown_names(session, self.sheets.former)
        self.sheets.insert(session)
        audit.record_many(
            session,
            verb="people.person_changed",
            actor_id=self.actor_id,
            now=self.now,
            facts_of={f"person:{person_id}": facts for person_id, facts in self.facts.items()},
        )
        session.expire_all()


def _new_values(change: PersonChange, before: Snapshot) -> dict[str, Any]:
    """Return the columns of the person that the change makes different."""
    names = ("name", "user_name", "education", "social_work_major", "social_work_started_on")
    said = {name: getattr(change, name) for name in names}
    cleared: dict[str, Any] = {
        name: None
        for name in ("education", "social_work_started_on")
        if name in change.cleared and getattr(before, name) is not None
    }
    return cleared | {
        name: value
        for name, value in said.items()
        if value is not None and value != getattr(before, name)
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    return value if value is None or isinstance(value, bool) else str(value)


def _alike(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return rows grouped by which columns they have, for one statement each."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    return list(groups.values())


def _delete_old(
    session: Session,
    new: Sheets,
    phones: Sequence[int],
    documents: Sequence[tuple[int, DocumentKind]],
) -> None:
    """Delete the numbers that new ones replace, and what a merged duplicate has of the new ones."""
    for chunk in queries.chunks(phones):
        session.execute(sa.delete(Phone).where(Phone.person_id.in_(chunk)))
    for kind in {kind for _person_id, kind in documents}:
        of_kind = sa.delete(IdentityDocument).where(IdentityDocument.kind == kind)
        for chunk in queries.chunks(person_id for person_id, one in documents if one is kind):
            session.execute(of_kind.where(IdentityDocument.person_id.in_(chunk)))
    # only a duplicate's: what somebody else has stored this moment is for the constraint to refuse
    merged = sa.select(Person.id).where(Person.merged_into_id.is_not(None))
    for model, rows in ((Phone, new.phones), (IdentityDocument, new.documents)):
        for digests in queries.chunks(row["digest"] for row in rows):
            taken_over = model.digest.in_(digests), model.person_id.in_(merged)
            session.execute(sa.delete(model).where(*taken_over))


def _unknown_names(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the former names that are not known as such."""
    known: set[tuple[int, str]] = set()
    found = sa.select(FormerName.person_id, FormerName.name)
    for chunk in queries.chunks([row["person_id"] for row in rows]):
        there = session.execute(found.where(FormerName.person_id.in_(chunk)))
        known |= {(person_id, name) for person_id, name in there}
    return [row for row in rows if (row["person_id"], row["name"]) not in known]


def _locked(session: Session, person_ids: Sequence[int]) -> dict[int, Snapshot]:
    """Return the files, nobody else changing them until this transaction ends.

    :raises NotFound: ``no_person``.
    """
    there: set[int] = set()
    for chunk in queries.chunks(sorted(set(person_ids))):
        there |= set(
            session.scalars(
                sa.select(Person.id)
                .where(
                    Person.id.in_(chunk),
                    Person.closed_at.is_(None),
                    Person.merged_into_id.is_(None),
                )
                .order_by(Person.id)
                .with_for_update(key_share=True)
            )
        )
    if there != set(person_ids):
        raise NotFound("no_person", N_("没有这个人"))
    return queries.snapshots(session, person_ids)


def _is_stale(change: PersonChange, known: Snapshot) -> bool:
    return change.revision is not None and change.revision != known.revision


def _refuse_taken_by_others(
    session: Session,
    changes: Sequence[tuple[int, PersonChange]],
    known: Mapping[int, Snapshot],
    *,
    vault: Vault,
    now: datetime,
) -> None:
    """Refuse what somebody else has, unless that somebody gives it up in the same batch."""
    new = {row: digests_of(vault, change) for row, change in changes}
    given_up = {
        digest
        for row, change in changes
        for digest in _replaced(change, known[change.person_id])
        if digest not in new[row]
    }
    there = queries.existing(
        session,
        on=day_of(now),
        digests={digest for digests in new.values() for digest in digests},
        user_names={change.user_name for _row, change in changes if change.user_name},
    )
    for row, change in changes:
        owner = change.person_id
        if any(
            there.by_digest.get(digest, owner) != owner and digest not in given_up
            for digest in new[row]
        ):
            raise number_taken([row])
        if change.user_name and there.by_user_name.get(change.user_name, owner) != owner:
            raise name_taken([row])
    refuse_taken([new[row] for row, _change in changes], lambda _digest: False, number_taken)


def _replaced(change: PersonChange, before: Snapshot) -> list[str]:
    """Return the digests that somebody has and a change puts others in place of."""
    old = [before.document_digests.get(kind) for kind in change.documents or {}]
    old += [before.phone_digest] if change.phone else []
    return [digest for digest in old if digest]
