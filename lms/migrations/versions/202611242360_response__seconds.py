"""Keep for how long each question of a paper was in view.

Of what was sat so far nobody measured it.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611242360"
down_revision = "202611242352"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("watched", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("response", sa.Column("seconds", sa.Integer(), nullable=True))
