"""Alembic's entry point. The connection is handed in by :mod:`lms.migrations.runner`."""

from typing import Any, Literal

from alembic import context

from lms.kernel.orm import UtcDateTime
from lms.migrations.schema import is_described, metadata


def as_plain_type(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database: migrations import no model."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=is_described,
    render_item=as_plain_type,
)
with context.begin_transaction():
    context.run_migrations()
