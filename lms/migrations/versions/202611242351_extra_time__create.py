"""Keep who has more time at every paper, and which attempts were made longer by which deed."""

import sqlalchemy as sa
from alembic import op

revision = "202611242351"
down_revision = "202611242350"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "extra_time",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("granted_by", ID, nullable=False),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_by", ID, nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["person.id"], name="fk_extra_time_learner_id"),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name="fk_extra_time_granted_by"),
        sa.ForeignKeyConstraint(["revoked_by"], ["person.id"], name="fk_extra_time_revoked_by"),
        sa.PrimaryKeyConstraint("learner_id", "number", name="pk_extra_time"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempt_extension",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", ID, nullable=True),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"],
            ["attempt.learner_id", "attempt.number"],
            name="fk_attempt_extension_learner_id_attempt_number",
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["person.id"], name="fk_attempt_extension_granted_by"
        ),
        sa.PrimaryKeyConstraint(
            "learner_id", "attempt_number", "token", name="pk_attempt_extension"
        ),
        sqlite_with_rowid=False,
    )
