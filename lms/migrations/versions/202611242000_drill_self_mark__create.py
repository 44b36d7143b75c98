"""Keep what learners give themselves for answers in words, point by point.

An answer's own mark stays what was suggested; this fact stands beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611242000"
down_revision = "202611241900"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "drill_self_mark",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("answer_number", ID, autoincrement=False, nullable=False),
        sa.Column("ticks", sa.Text(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "answer_number"],
            ["drill_answer.learner_id", "drill_answer.number"],
            name="fk_drill_self_mark_learner_id_answer_number",
        ),
        sa.PrimaryKeyConstraint("learner_id", "answer_number", name="pk_drill_self_mark"),
        sqlite_with_rowid=False,
    )
