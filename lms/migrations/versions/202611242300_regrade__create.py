"""Remember what was marked anew, who proposed and who approved it, and what came of each attempt.

A result of a regrade is a fact: the database itself refuses to change or delete one, as it does
for records.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611242300"
down_revision = "202611242210"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _regrade()
    _regrade_result()
    _refuse_change("regrade_result")


def _regrade() -> None:
    op.create_table(
        "regrade",
        sa.Column("id", ID, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paper_version_id", ID),
        sa.Column("from_version_id", ID),
        sa.Column("to_version_id", ID),
        sa.Column("marking_rule_id", ID),
        sa.Column("looked_at", sa.DateTime(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime()),
        sa.Column("withdrawn_by", ID),
        sa.Column("applied_at", sa.DateTime()),
        sa.Column("applied_by", ID),
        sa.Column("undo_asked_at", sa.DateTime()),
        sa.Column("undo_asked_by", ID),
        sa.Column("undo_reason", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime()),
        sa.Column("undone_by", ID),
        sa.CheckConstraint("applied_by <> proposed_by", name="ck_regrade_second_person"),
        sa.CheckConstraint("undone_by <> undo_asked_by", name="ck_regrade_second_person_undo"),
        sa.ForeignKeyConstraint(
            ["paper_version_id"], ["paper_version.id"], name="fk_regrade_paper_version_id"
        ),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["question_version.id"], name="fk_regrade_from_version_id"
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["question_version.id"], name="fk_regrade_to_version_id"
        ),
        sa.ForeignKeyConstraint(
            ["marking_rule_id"], ["rule_version.id"], name="fk_regrade_marking_rule_id"
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name="fk_regrade_proposed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_regrade"),
    )


def _regrade_result() -> None:
    op.create_table(
        "regrade_result",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("regrade_id", ID, nullable=False),
        sa.Column("standing_id", ID),
        sa.Column("marking_rule_id", ID),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"],
            ["attempt.learner_id", "attempt.number"],
            name="fk_regrade_result_learner_id_attempt_number",
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["regrade.id"], name="fk_regrade_result_regrade_id"
        ),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["regrade.id"], name="fk_regrade_result_standing_id"
        ),
        sa.ForeignKeyConstraint(
            ["marking_rule_id"], ["rule_version.id"], name="fk_regrade_result_marking_rule_id"
        ),
        sa.PrimaryKeyConstraint(
            "learner_id", "attempt_number", "revision", name="pk_regrade_result"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_regrade_result_regrade_id", "regrade_result", ["regrade_id"])


def _refuse_change(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{deed.lower()} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
