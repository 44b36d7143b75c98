"""Many rows at once, past the operations.

The demonstration is the one place that writes other rooms' tables directly: 70,000 learners
with their history are some millions of rows, and a deed each would take hours. The tests hold
the result to the same laws as if each had been a deed: progress, review cards and enrollments
are what a rebuild from the facts would give.

Rows are *bound* (turned into what the driver stores) and *written* in two steps, so that rows
that many learners share are bound once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from lms.kernel.orm import Base

Row = Mapping[str, Any]
Bound = tuple[Any, ...]
"""The values of a row in the order of its table's columns, as the driver stores them."""


def insert(session: Session, model: type[Base], rows: Sequence[Row]) -> int:
    """Insert rows, all with the same keys, and return how many."""
    if rows:
        bound = bind(session.connection().dialect, model, rows)
        write(session, model, _names(model, rows[0]), bound)
    return len(rows)


def bind(dialect: Dialect, model: type[Base], rows: Iterable[Row]) -> list[Bound]:
    """Return rows as the driver stores them; columns that a row does not name are left out."""
    processors = {
        column.name: column.type.dialect_impl(dialect).bind_processor(dialect)
        for column in model.__table__.columns
    }
    return [
        tuple(
            process(row[name]) if process else row[name]
            for name, process in processors.items()
            if name in row
        )
        for row in rows
    ]


def write(session: Session, model: type[Base], names: Sequence[str], rows: Sequence[Bound]) -> None:
    """Insert bound rows. One executemany, or one COPY where the database has it.

    :param names: the columns, in the order of the table.
    """
    connection = session.connection()
    quote = connection.dialect.identifier_preparer.quote
    table = quote(model.__tablename__)
    columns = ", ".join(map(quote, names))
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(names))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - our own names
    connection.exec_driver_sql(sql, list(rows))


def columns_of(model: type[Base], *, leaving_out: frozenset[str] = frozenset()) -> list[str]:
    """Return the names of a table's columns, in its order."""
    return [c.name for c in model.__table__.columns if c.name not in leaving_out]


def _names(model: type[Base], row: Row) -> list[str]:
    return [name for name in columns_of(model) if name in row]
