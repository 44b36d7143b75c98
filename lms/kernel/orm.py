"""Declarative base, column types and the placement of tables. Plain SQLAlchemy: no Flask here.

Every table says where it lives when the data is spread over machines:

* ``learner``: rows of one learner, primary key beginning with ``learner_id``; sharded by it.
* ``reference``: small tables that every node holds (people, organizations, published content).
* ``institution``: what belongs to nobody's learning (audit trail, issued credentials, jobs).
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column

from lms.kernel.searching import fts5_text, tsvector

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant. Refuses naive datetimes; always returns aware UTC ones."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: pass an aware one")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class SearchWords(sa.types.TypeDecorator[str]):
    """The words of a text, for searching. Give it the text; it is never read back.

    A ``tsvector`` on PostgreSQL; on SQLite the words, for an FTS5 table beside it.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        is_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(TSVECTOR() if is_postgresql else sa.Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return tsvector(value) if dialect.name == "postgresql" else fts5_text(value)


BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64 bits on both databases; SQLite numbers rows by itself only for plain INTEGER keys."""

Key = Annotated[int, mapped_column(BIG)]
"""A reference to a row that has its own number."""

Id = Annotated[int, mapped_column(BIG, primary_key=True)]
"""The row's own number, given by the database."""

Json = Annotated[Any, mapped_column(sa.JSON())]
"""A structure that is read as a whole and never searched or counted inside the database."""


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UtcDateTime(),
        str: sa.Text(),
    }


def learner_table(*constraints: sa.schema.SchemaItem) -> tuple[Any, ...]:
    """Return the ``__table_args__`` of a table of what a learner does.

    On SQLite the rows are clustered by their key, so that one learner's rows are neighbours.
    """
    return (*constraints, {"info": {"placement": "learner"}, "sqlite_with_rowid": False})


def reference_table(*constraints: sa.schema.SchemaItem) -> tuple[Any, ...]:
    """Return the ``__table_args__`` of a small table that every node holds."""
    return (*constraints, {"info": {"placement": "reference"}})


def institution_table(*constraints: sa.schema.SchemaItem) -> tuple[Any, ...]:
    """Return the ``__table_args__`` of a table that is no learner's own."""
    return (*constraints, {"info": {"placement": "institution"}})
