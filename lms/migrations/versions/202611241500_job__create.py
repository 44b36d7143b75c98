"""Make room for jobs: what was asked for and how far it is, and the files that belong to it."""

import sqlalchemy as sa
from alembic import op

revision = "202611241500"
down_revision = "202611241400"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner_id", ID),
        sa.Column("organization_id", ID),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.Text()),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("message_values", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("heartbeat_at", sa.DateTime()),
        sa.Column("finished_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_job_owner_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_job_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("idempotency_key", name="uq_job_idempotency_key"),
    )
    op.create_index("ix_job_owner_id_id", "job", ["owner_id", "id"])
    op.create_index("ix_job_state_heartbeat_at", "job", ["state", "heartbeat_at"])
    op.create_table(
        "job_portion",
        sa.Column("job_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_portion_job_id"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_job_portion"),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("owner_id", ID),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("kept_until_on", sa.Date(), nullable=False),
        sa.Column("removed_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_stored_file_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
        sa.UniqueConstraint("key", name="uq_stored_file_key"),
    )
    op.create_index("ix_stored_file_kept_until_on", "stored_file", ["kept_until_on"])
    op.create_table(
        "import_choice",
        sa.Column("job_id", ID, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("chosen_by", ID, nullable=False),
        sa.Column("chosen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_import_choice_job_id"),
        sa.ForeignKeyConstraint(["chosen_by"], ["person.id"], name="fk_import_choice_chosen_by"),
        sa.PrimaryKeyConstraint("job_id", "row", name="pk_import_choice"),
    )
