"""All organizations of a scope at once, for those who look up many: the bulk import."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.organizations.models import Organization, OtherCode, OtherName
from lms.organizations.queries.files import HEADS
from lms.organizations.queries.tree import ids_within
from lms.organizations.rules import search_key
from lms.organizations.types import Code, CodeLine, File, NameKind, NameLine


@dataclass(slots=True)
class Directory:
    """Organizations by id, by code and by name. Read once; it does not follow later changes."""

    files: dict[int, File] = field(default_factory=dict)
    codes: dict[Code, int] = field(default_factory=dict)
    """Every present and former code of every organization."""
    keys: dict[str, list[int]] = field(default_factory=dict)
    """Name key -> whom the name belongs or belonged to, present names first."""

    def by_code(self, code: Code) -> File | None:
        """Return the organization with a code, present or former."""
        found = self.codes.get(code)
        return self.files[found] if found is not None else None

    def named(self, name: str) -> list[File]:
        """Return all organizations with a name: whose present one it is come first."""
        return [self.files[one] for one in self.keys.get(search_key(name), ())]

    def by_path(self, path: Sequence[str]) -> list[File]:
        """Return the organizations at a path of names from the top down: 黔西南州, 兴义市, 某站.

        Levels between may be left out, former and short names count. More than one: the path
        does not tell which is meant.
        """
        if not path:
            return []
        *above, last = path
        found = [one for one in self.named(last) if self._stands_below(one, above)]
        present = [one for one in found if search_key(one.name) == search_key(last)]
        return present or found

    def path_of(self, organization_id: int) -> list[File]:
        """Return the path down to an organization as far as it is in the directory."""
        path: list[File] = []
        at: int | None = organization_id
        while at is not None and at in self.files:
            path.append(self.files[at])
            at = self.files[at].parent_id
        return path[::-1]

    def _stands_below(self, one: File, above: Sequence[str]) -> bool:
        wanted = [search_key(name) for name in above]
        for higher in reversed(self.path_of(one.id)[:-1]):
            if wanted and higher.id in self.keys.get(wanted[-1], ()):
                wanted.pop()
        return not wanted


def directory(session: Session, *, scope: Collection[int] | None = None) -> Directory:
    """Return all organizations of a scope, or all there are. Three statements.

    What is above the scope is not in it, and codes taken elsewhere are not either:
    :func:`lms.organizations.operations.add_tree` still refuses them.
    """
    found = Directory()
    codes = _other_codes(session, scope)
    names = _other_names(session, scope)
    heads = HEADS.order_by(Organization.code, Organization.id)
    for row in session.execute(_within(heads, Organization.id, scope)):
        *head, system, code = row
        lines = (CodeLine(system, code), *codes.get(row.id, ()))
        one = replace(File(*head), codes=lines, names=tuple(names.get(row.id, ())))
        found.files[one.id] = one
        for line in lines:
            found.codes[Code(line.system, line.code)] = one.id
        found.keys.setdefault(search_key(one.name), []).append(one.id)
    for one in found.files.values():
        for name in one.names:
            ids = found.keys.setdefault(search_key(name.name), [])
            if one.id not in ids:
                ids.append(one.id)
    return found


def _within(
    statement: sa.Select[*tuple[Any, ...]], column: Any, scope: Collection[int] | None
) -> sa.Select[*tuple[Any, ...]]:
    return statement if scope is None else statement.where(column.in_(ids_within(scope)))


def _other_codes(session: Session, scope: Collection[int] | None) -> dict[int, list[CodeLine]]:
    found: dict[int, list[CodeLine]] = {}
    statement = sa.select(
        OtherCode.organization_id, OtherCode.code_system, OtherCode.code, OtherCode.until_on
    ).order_by(OtherCode.id)
    for owner, system, code, until in session.execute(
        _within(statement, OtherCode.organization_id, scope)
    ):
        found.setdefault(owner, []).append(CodeLine(system, code, until, until is not None))
    return found


def _other_names(session: Session, scope: Collection[int] | None) -> dict[int, list[NameLine]]:
    found: dict[int, list[NameLine]] = {}
    statement = sa.select(
        OtherName.organization_id,
        OtherName.name,
        OtherName.kind,
        OtherName.since_on,
        OtherName.until_on,
    ).order_by(OtherName.id)
    for owner, name, kind, since, until in session.execute(
        _within(statement, OtherName.organization_id, scope)
    ):
        found.setdefault(owner, []).append(NameLine(name, NameKind(kind), since, until))
    return found
