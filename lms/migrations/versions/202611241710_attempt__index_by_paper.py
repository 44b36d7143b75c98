"""Let the analysis of a paper find the attempts that were handed in last.

Without it, every page of an analysis reads every attempt there is.
"""

from alembic import op

revision = "202611241710"
down_revision = "202611241700"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_attempt_paper_version_id_submitted_at", "attempt", ["paper_version_id", "submitted_at"]
    )
