"""Make room for the working texts of questions that are new or are being changed."""

import sqlalchemy as sa
from alembic import op

revision = "202611241800"
down_revision = "202611241710"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "question_draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("question_id", ID),
        sa.Column("base_number", sa.Integer()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("chapter_key", sa.Text(), nullable=False),
        sa.Column("point_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("valid_on", sa.Date()),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("reviewer_id", ID),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("submitted_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name="fk_question_draft_question_id"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_question_draft_author_id"),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["person.id"], name="fk_question_draft_reviewer_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_question_draft"),
        sa.UniqueConstraint("key", name="uq_question_draft_key"),
    )
    op.create_index("ix_question_draft_author_id", "question_draft", ["author_id"])
    op.create_index("ix_question_draft_batch", "question_draft", ["batch"])
    op.create_index(
        "ix_question_draft_state_submitted_at", "question_draft", ["state", "submitted_at"]
    )
