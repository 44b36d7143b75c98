"""Let auditors search a long trail by time and by verb, and keep what each check found."""

import sqlalchemy as sa
from alembic import op

revision = "202611241610"
down_revision = "202611241600"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_verb_at", "audit_entry", ["verb", "at"])
    op.create_table(
        "audit_check",
        sa.Column("id", ID, nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("first_number", ID, nullable=False),
        sa.Column("links", ID, nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_check"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_check_append_only BEFORE UPDATE OR DELETE ON audit_check "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER audit_check_not_emptied BEFORE TRUNCATE ON audit_check "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_check_refuse_{deed.lower()} BEFORE {deed} ON audit_check "
            "BEGIN SELECT RAISE(ABORT, 'audit_check is append-only'); END"
        )
