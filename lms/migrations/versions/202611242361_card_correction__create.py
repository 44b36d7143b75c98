"""Keep what an answer card says that had been typed in wrongly."""

import sqlalchemy as sa
from alembic import op

revision = "202611242361"
down_revision = "202611242360"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "card_correction"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("regrade_id", ID, nullable=False),
        sa.Column("print_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("spoilt", sa.JSON(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"],
            ["attempt.learner_id", "attempt.number"],
            name="fk_card_correction_learner_id_attempt_number",
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["regrade.id"], name="fk_card_correction_regrade_id"
        ),
        sa.ForeignKeyConstraint(
            ["print_id"], ["paper_print.id"], name="fk_card_correction_print_id"
        ),
        sa.PrimaryKeyConstraint("learner_id", "regrade_id", name="pk_card_correction"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_card_correction_regrade_id", TABLE, ["regrade_id"])
    op.create_index("ix_card_correction_print_id", TABLE, ["print_id"])
    _refuse_change()


def _refuse_change() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {TABLE}_not_emptied BEFORE TRUNCATE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_refuse_{deed.lower()} BEFORE {deed} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )
