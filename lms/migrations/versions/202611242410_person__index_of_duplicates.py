"""List only the merged in the index of duplicates.

Nearly nobody is one: an index that lists all the others under nobody too looks useless to a
database that knows only the average, and it walked over all persons instead.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611242410"
down_revision = "202611242395"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_person_merged_into_id", "person")
    op.create_index(
        "ix_person_merged_into_id",
        "person",
        ["merged_into_id"],
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
