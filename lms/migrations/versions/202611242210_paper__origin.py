"""Tell papers of files from those made on a page and from parts of others; limit attempts."""

import sqlalchemy as sa
from alembic import op

revision = "202611242210"
down_revision = "202611242200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paper", sa.Column("origin", sa.Text(), nullable=False, server_default="file"))
    op.add_column("paper_version", sa.Column("attempts_allowed", sa.Integer()))
