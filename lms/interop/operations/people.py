"""Lists of people: what the rules need is read, what they decide is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.interop import queries
from lms.interop.operations.applying import apply_by_halves, stale
from lms.interop.operations.tools import Course, Tools
from lms.interop.rules.people import Before, Digests, Known, decide
from lms.interop.rules.people_rows import COLUMNS, LABELS, PersonSaid, read_row
from lms.interop.types import Change, Column, Decision, Judged, Layout, Reason, Table, Verdict
from lms.kernel.vault import Vault
from lms.people import operations as people
from lms.people import queries as people_queries
from lms.people.models import IdentityDocument, Phone
from lms.people.rules import (
    document_digest,
    mask_document,
    mask_phone,
    name_key,
    open_document,
    open_phone,
    phone_digest,
)
from lms.people.types import DocumentKind, Snapshot
from lms.privacy import queries as privacy
from lms.privacy.types import Purpose


class People:
    """The kind of list that names people."""

    name = "people"
    columns: Sequence[Column] = COLUMNS
    size = 2000

    def labels(self) -> Mapping[str, str]:
        """Return what people call the fields."""
        return LABELS

    def judge(
        self, session: Session, course: Course, tools: Tools, table: Table, layout: Layout
    ) -> "PeopleJudge":
        """Return what decides about the rows; reads the organizations of the scope."""
        return PeopleJudge(session, course, tools, table, layout)

    def in_scope(self, session: Session, course: Course) -> int:
        """Return how many people work in the scope."""
        return queries.people_in_scope(session, course.scope, on=course.on)


class PeopleJudge:
    """Decides about the rows of one list of people."""

    def __init__(
        self, session: Session, course: Course, tools: Tools, table: Table, layout: Layout
    ) -> None:
        self._course, self._vault = course, tools.vault
        self._table, self._layout = table, layout
        self._units = queries.units(session, course.scope)
        self._before = Before()
        self._added: set[int] = set()

    def remember(self, judged: Sequence[Judged]) -> None:
        """Remember whom the import has added so far."""
        new = (one.subject_id for one in judged if one.verdict is Verdict.NEW)
        self._added.update(one for one in new if one is not None)

    def forget(self) -> None:
        """Forget what earlier rows have claimed."""
        self._before = Before()

    def decide(
        self, session: Session, numbers: Sequence[int], choices: Mapping[int, str]
    ) -> list[Decision]:
        """Decide about some rows. Some ten statements, however many rows."""
        on = self._course.on
        said = [read_row(self._table, self._layout, number, on=on) for number in numbers]
        digests = [digests_of(self._vault, one) for one in said]
        known = self._known(session, said, digests)
        decided = [
            decide(
                one,
                digest,
                known,
                self._before,
                mode=self._course.mode,
                on=on,
                choice=choices.get(one.row),
            )
            for one, digest in zip(said, digests, strict=True)
        ]
        return _with_old_numbers(session, self._vault, decided, said)

    def _known(
        self, session: Session, said: Sequence[PersonSaid], digests: Sequence[Digests]
    ) -> Known:
        pairs = set()
        for one in said:
            unit = self._units.find(one.values.get("unit_code", ""), one.values.get("unit", ""))
            if not isinstance(unit, Reason) and not one.faults:
                pairs.add((name_key(one.name), unit.id))
        existing = people_queries.existing(
            session,
            on=self._course.on,
            digests={d for one in digests for d in (one.document, one.phone) if d},
            user_names={one.values["user_name"] for one in said if "user_name" in one.values},
            name_keys_in_units=pairs,
        )
        ids = {*existing.by_digest.values(), *existing.by_user_name.values()}
        ids.update(one for some in existing.by_name_in_unit.values() for one in some)
        files = people_queries.snapshots(session, ids)
        visible = frozenset(
            person_id for person_id, file in files.items() if self._is_visible(file)
        )
        former = queries.former_names(session, files)
        withheld = privacy.without_consent(session, files, Purpose.IDENTITY_NUMBER)
        return Known(existing, files, visible, self._units, former, withheld, self._added)

    def _is_visible(self, file: Snapshot) -> bool:
        """Say whether somebody works in the scope, or worked there last."""
        if self._course.scope is None:
            return True
        return is_visible(file, self._units.ids, on=self._course.on)

    def apply(
        self, session: Session, decided: Sequence[Decision], *, now: datetime
    ) -> list[Judged]:
        """Add and change people; what turns out to be taken is refused, row by row."""
        return apply_by_halves(session, decided, lambda some: self._write(session, some, now))

    def _write(self, session: Session, decided: Sequence[Decision], now: datetime) -> list[Judged]:
        new = [one for one in decided if one.add is not None]
        changed = [one for one in decided if one.change is not None]
        actor_id, vault = self._course.actor_id, self._vault
        rows = [one.add for one in new if one.add is not None]
        ids = people.add_many(session, rows, vault=vault, actor_id=actor_id, now=now)
        outcome = {
            one.judged.row: replace(one.judged, subject_id=person_id)
            for one, person_id in zip(new, ids, strict=True)
        }
        if changed:
            changes = [one.change for one in changed if one.change]
            told = people.update_many(session, changes, vault=vault, actor_id=actor_id, now=now)
            for one in changed:
                is_stale = one.judged.subject_id in told.stale
                outcome[one.judged.row] = stale(one.judged) if is_stale else one.judged
        former = {
            person_id: one.also
            for one in decided
            if one.also and (person_id := outcome[one.judged.row].subject_id) is not None
        }
        people.note_former_names(session, former, actor_id=actor_id, now=now)
        return [outcome[one.judged.row] for one in decided]


def is_visible(file: Snapshot, unit_ids: frozenset[int], *, on: date) -> bool:
    """Say whether somebody works in one of some units, or, if nowhere now, worked there once."""
    current = [post for post in file.posts if post.ended_on is None or post.ended_on >= on]
    return any(post.organization_id in unit_ids for post in current or file.posts)


def digests_of(vault: Vault, said: PersonSaid) -> Digests:
    """Return by what the numbers of a row are looked up."""
    document, phone = said.document, said.values.get("phone")
    return Digests(
        document_digest(vault, *document) if document else None,
        phone_digest(vault, phone) if phone else None,
    )


def _with_old_numbers(
    session: Session, vault: Vault, decided: list[Decision], said: Sequence[PersonSaid]
) -> list[Decision]:
    """Fill in, masked, what the numbers were that change. Two statements if any does."""
    wanted = {one.judged.subject_id for one in decided if one.numbers_changed}
    if not wanted:
        return decided
    old: dict[tuple[int, str], str] = {}
    for chunk in people_queries.chunks(sorted(one for one in wanted if one is not None)):
        for row in session.execute(
            sa.select(Phone.person_id, Phone.sealed).where(Phone.person_id.in_(chunk))
        ):
            old[row.person_id, "phone"] = mask_phone(open_phone(vault, row.person_id, row.sealed))
        for document in session.execute(
            sa.select(
                IdentityDocument.person_id, IdentityDocument.kind, IdentityDocument.sealed
            ).where(IdentityDocument.person_id.in_(chunk))
        ):
            kind = DocumentKind(document.kind)
            number = open_document(vault, document.person_id, kind, document.sealed)
            old[document.person_id, kind] = mask_document(number)
    return [
        _with_old(one, old, line.values.get("document")) if one.numbers_changed else one
        for one, line in zip(decided, said, strict=True)
    ]


def _with_old(
    decision: Decision, old: Mapping[tuple[int, str], str], kind: DocumentKind | None
) -> Decision:
    judged = decision.judged
    keys = {"phone": "phone", "number": str(kind)}
    changes = tuple(
        Change(one.field, old.get((judged.subject_id or 0, keys[one.field]), ""), one.after)
        if one.field in keys
        else one
        for one in judged.changes
    )
    return replace(decision, judged=replace(judged, changes=changes))
