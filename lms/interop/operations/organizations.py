"""Lists of organizations: the tree is read whole, what is decided about it is written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from lms.interop.operations.applying import apply_by_halves
from lms.interop.operations.tools import Course, Tools
from lms.interop.rules.organization_rows import COLUMNS, LABELS, read_organization
from lms.interop.rules.organizations import Claimed, Ground, decide_all
from lms.interop.rules.units import unit_key
from lms.interop.types import Column, Decision, Judged, Layout, Table
from lms.organizations import operations as organizations
from lms.organizations import queries as organization_queries
from lms.organizations.types import Code, Deed, File, Update


class Organizations:
    """The kind of list that names organizations."""

    name = "organizations"
    columns: Sequence[Column] = COLUMNS
    size = 20_000
    """All in one transaction, however long the list: what is above may stand below in it."""

    def labels(self) -> Mapping[str, str]:
        """Return what people call the fields."""
        return LABELS

    def judge(
        self, session: Session, course: Course, tools: Tools, table: Table, layout: Layout
    ) -> "OrganizationJudge":
        """Return what decides about the rows."""
        return OrganizationJudge(course, table, layout)

    def in_scope(self, session: Session, course: Course) -> int:
        """Return how many organizations there are in the scope."""
        return len(organization_queries.directory(session, scope=course.scope).files)


class OrganizationJudge:
    """Decides about the rows of one list of organizations."""

    def __init__(self, course: Course, table: Table, layout: Layout) -> None:
        self._course, self._table, self._layout = course, table, layout
        self._claimed = Claimed()

    def remember(self, judged: Sequence[Judged]) -> None:
        """Nothing depends on it: the tree is read anew for each portion."""

    def forget(self) -> None:
        """Forget what earlier rows have claimed."""
        self._claimed = Claimed()

    def decide(
        self, session: Session, numbers: Sequence[int], choices: Mapping[int, str]
    ) -> list[Decision]:
        """Decide about some rows. Three statements, however many rows."""
        course = self._course
        directory = organization_queries.directory(session, scope=course.scope)
        by_number: dict[str, list[File]] = defaultdict(list)
        for file in directory.files.values():
            for line in file.codes:
                if not line.former:
                    by_number[unit_key(line.code)].append(file)
        roots = frozenset(
            one
            for one in course.scope or ()
            if one in directory.files and directory.files[one].parent_id is not None
        )
        said = [
            read_organization(self._table, self._layout, number, on=course.on) for number in numbers
        ]
        ground = Ground(directory, by_number, roots)
        return decide_all(said, ground, self._claimed, mode=course.mode)

    def apply(
        self, session: Session, decided: Sequence[Decision], *, now: datetime
    ) -> list[Judged]:
        """Add and change organizations, those above first."""
        return apply_by_halves(
            session, _parents_first(decided), lambda some: self._write(session, some, now)
        )

    def _write(self, session: Session, decided: Sequence[Decision], now: datetime) -> list[Judged]:
        course = self._course
        new = [one for one in decided if one.add is not None]
        added = organizations.add_tree(
            session,
            [one.add for one in new],
            now=now,
            actor_id=course.actor_id,
            scope=course.scope,
        )
        updates: list[Update] = []
        for one in decided:
            if one.change is not None:
                update, below = one.change
                if isinstance(below, Code):
                    update = replace(update, parent_id=_id_of(session, below, added))
                updates.append(update)
        if updates:
            deed = Deed(course.actor_id, now, scope=course.scope)
            organizations.update_many(session, updates, deed)
        return [
            replace(one.judged, subject_id=added[one.add.code]) if one.add else one.judged
            for one in decided
        ]


def _id_of(session: Session, code: Code, added: Mapping[Code, int]) -> int:
    return added[code] if code in added else organization_queries.by_code(session, code).id


def _parents_first(decided: Sequence[Decision]) -> list[Decision]:
    """Return the rows so that what a row adds comes before what stands below it."""
    new = {one.add.code: one.add for one in decided if one.add is not None}

    def depth(decision: Decision) -> int:
        at, steps = decision.add, 0
        while at is not None and at.parent in new and steps < len(new):
            at, steps = new[at.parent], steps + 1
        return steps if decision.add is not None else len(new)

    return sorted(decided, key=depth)
