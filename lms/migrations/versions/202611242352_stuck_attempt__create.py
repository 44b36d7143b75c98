"""Keep which attempts are over and could not be marked, so that they hold nobody else up."""

import sqlalchemy as sa
from alembic import op

revision = "202611242352"
down_revision = "202611242351"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "stuck_attempt",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"],
            ["attempt.learner_id", "attempt.number"],
            name="fk_stuck_attempt_learner_id_attempt_number",
        ),
        sa.PrimaryKeyConstraint("learner_id", "attempt_number", name="pk_stuck_attempt"),
        sqlite_with_rowid=False,
    )
