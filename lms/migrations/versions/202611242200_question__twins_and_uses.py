"""Let papers be drawn by what questions have in common and how often they have been used.

Published questions get their groups the next time questions are loaded or ``lms questions twins``
is run, their uses the next time they are counted.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611242200"
down_revision = "202611242100"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "question", sa.Column("twin_group", ID, nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "question",
        sa.Column("times_used", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "use_count",
        sa.Column("id", ID, nullable=False),
        sa.Column("counted_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_use_count"),
    )
