"""Remember what each merge of a duplicate carried over, so that it can be undone exactly.

A cadre class's members and a person's posts get no new columns: what a merge moved is named in
its row, and an undo moves back what is still there.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611241300"
down_revision = "202611241200"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "person_merge",
        sa.Column("id", ID, nullable=False),
        sa.Column("survivor_id", ID, nullable=False),
        sa.Column("duplicate_id", ID, nullable=False),
        sa.Column("carried", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_at", sa.DateTime(), nullable=False),
        sa.Column("merged_by", ID),
        sa.Column("undone_at", sa.DateTime()),
        sa.Column("undone_by", ID),
        sa.ForeignKeyConstraint(["survivor_id"], ["person.id"], name="fk_person_merge_survivor_id"),
        sa.ForeignKeyConstraint(
            ["duplicate_id"], ["person.id"], name="fk_person_merge_duplicate_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_person_merge"),
    )
    op.create_index("ix_person_merge_survivor_id", "person_merge", ["survivor_id"])
    op.create_index("ix_person_merge_duplicate_id", "person_merge", ["duplicate_id"])
