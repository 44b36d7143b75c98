"""Say in which parts of a point the marks of an attempt and of a drill answer are counted.

Everything so far was marked in half points.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611242100"
down_revision = "202611242000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("attempt", "drill_answer"):
        op.add_column(table, sa.Column("unit", sa.Integer(), nullable=False, server_default="2"))
