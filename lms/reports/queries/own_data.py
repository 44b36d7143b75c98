"""Everything that is held of one person: complete by construction, for it walks all tables."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit.models import Entry
from lms.exams import queries as exams
from lms.kernel.errors import N_
from lms.kernel.orm import Base
from lms.kernel.vault import Vault
from lms.privacy import queries as privacy
from lms.reports.rules import HOLDINGS, Holding, holder_column, shown_columns
from lms.reports.types import OwnTable

_LABELS = ("title", "name", "key")
"""Columns that say what a row is, the best first."""

_NUMBERS_AT_ONCE = 500


def holding_tables(metadata: sa.MetaData) -> list[tuple[sa.Table, sa.Column[Any]]]:
    """Return every table with rows of a person, and the column that says whose they are."""
    found = []
    for table in metadata.sorted_tables:
        column = holder_column(table.name, table.columns.keys())
        if column is not None:
            found.append((table, table.columns[column]))
    return found


def counts(session: Session, person_id: int) -> list[tuple[str, int]]:
    """Return how many rows each table holds of somebody, in the order of the tables."""
    people = privacy.group_of(session, person_id)
    tables = holding_tables(Base.metadata)
    rows = session.execute(
        sa.union_all(
            *(
                sa.select(sa.literal(table.name), sa.func.count()).where(column.in_(people))
                for table, column in tables
            )
        )
    )
    found = dict(rows.all())
    return [(table.name, found[table.name]) for table, _column in tables]


def own_data(session: Session, person_id: int, *, vault: Vault, now: datetime) -> list[OwnTable]:
    """Return all rows of somebody and of whoever was merged into them, table by table.

    One or two statements for each table: the rows, and what the numbers in them mean. Of a paper
    whose keys are not released yet, what each answer earned is left empty: see
    :attr:`~lms.reports.rules.holdings.Holding.withheld`.
    """
    people = privacy.group_of(session, person_id)
    secret = exams.unreleased(session, people, now=now)
    found = [
        _own_table(session, table, column, people, vault=vault, secret=secret)
        for table, column in holding_tables(Base.metadata)
        if not HOLDINGS.get(table.name, Holding("")).left_out
    ]
    return [*found, _about(session, people)]


def _own_table(
    session: Session,
    table: sa.Table,
    column: sa.Column[Any],
    people: list[int],
    *,
    vault: Vault,
    secret: Collection[tuple[int, int]],
) -> OwnTable:
    holding = HOLDINGS.get(table.name, Holding(table.name))
    shown = shown_columns(table.name, table.columns.keys())
    stored = session.execute(
        sa.select(table).where(column.in_(people)).order_by(*table.primary_key.columns)
    ).mappings()
    rows = []
    for row in stored:
        told = {name: plain(row[name]) for name in shown}
        if holding.withheld and (row["learner_id"], row["attempt_number"]) in secret:
            told |= dict.fromkeys(holding.withheld)
        for name, owner in holding.opened.items():
            if row[name] is not None:
                told[name] = vault.open(row[name], owner=owner.format(**row))
        rows.append(told)
    for name, words in _meanings(session, table, shown, rows).items():
        for told in rows:
            if told.get(name) in words:
                told[f"{name}_words"] = words[told[name]]
    return OwnTable(table.name, holding.title, tuple(rows))


def _meanings(
    session: Session, table: sa.Table, shown: list[str], rows: list[dict[str, Any]]
) -> Mapping[str, Mapping[int, str]]:
    """Return, for each column that points to something with a title, what its numbers mean.

    What points to people is left as a number: their names are theirs.
    """
    found: dict[str, Mapping[int, str]] = {}
    for key in table.foreign_key_constraints:
        target = key.referred_table
        label = next((name for name in _LABELS if name in target.columns), None)
        if len(key.columns) != 1 or target.name == "person" or label is None:
            continue
        (name,), (element,) = key.columns.keys(), key.elements
        numbers = {row[name] for row in rows if row.get(name) is not None} if name in shown else ()
        if numbers:
            found[name] = _labels(session, element.column, target.columns[label], numbers)
    return found


def _labels(
    session: Session, column: sa.Column[Any], label: sa.Column[Any], numbers: Iterable[int]
) -> dict[int, str]:
    found: dict[int, str] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _NUMBERS_AT_ONCE):
        part = wanted[start : start + _NUMBERS_AT_ONCE]
        meant = session.execute(sa.select(column, label).where(column.in_(part)))
        found.update({row[0]: row[1] for row in meant})
    return found


def _about(session: Session, people: list[int]) -> OwnTable:
    """Return the lines of the audit trail that are about the person."""
    rows = session.execute(
        sa.select(Entry.at, Entry.verb, Entry.facts)
        .where(Entry.subject.in_([f"person:{one}" for one in people]))
        .order_by(Entry.at, Entry.id)
    )
    return OwnTable(
        "audit_entry",
        N_("审计日志中关于本人的记录"),
        tuple({"at": plain(at), "verb": verb, "facts": facts} for at, verb, facts in rows),
    )


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
