"""Keep papers that are drawn to be sat on paper, and which attempts were typed in from one."""

import sqlalchemy as sa
from alembic import op

revision = "202611242340"
down_revision = "202611242300"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "paper_print",
        sa.Column("id", ID, nullable=False),
        sa.Column("paper_version_id", ID, nullable=False),
        sa.Column("marking_rule_id", ID, nullable=False),
        sa.Column("seed", ID, nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("printed_by_id", ID, nullable=False),
        sa.Column("printed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_version_id"], ["paper_version.id"], name="fk_paper_print_paper_version_id"
        ),
        sa.ForeignKeyConstraint(
            ["marking_rule_id"], ["rule_version.id"], name="fk_paper_print_marking_rule_id"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_paper_print_organization_id"
        ),
        sa.ForeignKeyConstraint(
            ["printed_by_id"], ["person.id"], name="fk_paper_print_printed_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_paper_print"),
        sa.UniqueConstraint(
            "paper_version_id",
            "seed",
            "organization_id",
            "note",
            name="uq_paper_print_paper_version_id_seed_organization_id_note",
        ),
    )
    op.create_index("ix_paper_print_organization_id", "paper_print", ["organization_id"])
    op.create_index("ix_paper_print_printed_by_id", "paper_print", ["printed_by_id"])
    op.create_table(
        "paper_entry",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("print_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("sat_on", sa.Date(), nullable=False),
        sa.Column("spoilt", sa.JSON(), nullable=False),
        sa.Column("entered_by_id", ID, nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"],
            ["attempt.learner_id", "attempt.number"],
            name="fk_paper_entry_learner_id_attempt_number",
        ),
        sa.ForeignKeyConstraint(["print_id"], ["paper_print.id"], name="fk_paper_entry_print_id"),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["person.id"], name="fk_paper_entry_entered_by_id"
        ),
        sa.PrimaryKeyConstraint("learner_id", "print_id", name="pk_paper_entry"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_paper_entry_print_id", "paper_entry", ["print_id"])
