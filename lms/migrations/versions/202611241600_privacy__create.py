"""Give people their rights a place: texts and answers, corrections, closing, retention.

Answers and published texts are facts: the database refuses to change them.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611241600"
down_revision = "202611241500"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = ("consent", "privacy_text_version")


def upgrade() -> None:
    add_texts()
    add_consent()
    add_corrections()
    add_closing()
    add_retention()
    refuse_change()


def person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=f"fk_{table}_{column}")


def add_texts() -> None:
    op.create_table(
        "privacy_text",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("current_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_text"),
        sa.UniqueConstraint("key", name="uq_privacy_text_key"),
    )
    op.create_table(
        "privacy_text_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("text_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["privacy_text.id"], name="fk_privacy_text_version_text_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_text_version"),
        sa.UniqueConstraint("text_id", "number", name="uq_privacy_text_version_text_id_number"),
    )


def add_consent() -> None:
    op.create_table(
        "consent",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text_id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=False),
        person("consent", "learner_id"),
        sa.ForeignKeyConstraint(["text_id"], ["privacy_text.id"], name="fk_consent_text_id"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["privacy_text_version.id"], name="fk_consent_version_id"
        ),
        sa.PrimaryKeyConstraint("learner_id", "number", name="pk_consent"),
        sqlite_with_rowid=False,
    )


def add_corrections() -> None:
    op.create_table(
        "correction_request",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text()),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_at", sa.DateTime()),
        sa.Column("answered_by", ID),
        person("correction_request", "learner_id"),
        person("correction_request", "answered_by"),
        sa.PrimaryKeyConstraint("learner_id", "number", name="pk_correction_request"),
        sa.UniqueConstraint("learner_id", "token", name="uq_correction_request_learner_id_token"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_correction_request_outcome_due_at", "correction_request", ["outcome", "due_at"]
    )


def add_closing() -> None:
    op.create_table(
        "closing_request",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime()),
        sa.Column("taken_back_by", ID),
        sa.Column("done_at", sa.DateTime()),
        person("closing_request", "learner_id"),
        person("closing_request", "asked_by"),
        person("closing_request", "taken_back_by"),
        sa.PrimaryKeyConstraint("learner_id", "number", name="pk_closing_request"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_closing_request_done_at_due_at", "closing_request", ["done_at", "due_at"])


def add_retention() -> None:
    op.create_table(
        "retention_setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", ID, nullable=False),
        person("retention_setting", "changed_by"),
        sa.PrimaryKeyConstraint("key", name="pk_retention_setting"),
    )


def refuse_change() -> None:
    """As the facts of before; the function is PostgreSQL's already."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in FACTS:
        if postgres:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{deed.lower()} BEFORE {deed} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
