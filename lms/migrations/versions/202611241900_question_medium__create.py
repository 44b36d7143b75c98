"""Make room for the pictures of questions, and note which questions show them."""

import sqlalchemy as sa
from alembic import op

revision = "202611241900"
down_revision = "202611241801"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_medium",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_question_medium"),
        sa.UniqueConstraint("key", name="uq_question_medium_key"),
    )
    op.create_table(
        "question_medium_use",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest"], ["question_medium.digest"], name="fk_question_medium_use_digest"
        ),
        sa.PrimaryKeyConstraint("digest", "question_key", name="pk_question_medium_use"),
    )
