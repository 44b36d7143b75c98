"""Keep with an attempt how late it takes answers, its extra time and its pauses.

Everything so far had five seconds of grace, no extra time of its own and was never paused.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611242350"
down_revision = "202611242340"
branch_labels = None
depends_on = None

NUMBERS = {"late_seconds": "5", "extra_minutes": "0", "pauses": "0", "paused_seconds": "0"}


def upgrade() -> None:
    for name, default in NUMBERS.items():
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=default)
        op.add_column("attempt", column)
    op.add_column("attempt", sa.Column("pause_ends_at", sa.DateTime(), nullable=True))
