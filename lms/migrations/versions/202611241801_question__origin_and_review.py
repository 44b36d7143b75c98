"""Say whose text a question is, who read its version, and whether its law is still in force.

Questions that are here came from files. Columns that point to people are added by plain ``ALTER
TABLE``: SQLite cannot drop and make anew a table that others point to. The edition a question
rests on is taken out of its current version, so that whole editions can be found.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611241801"
down_revision = "202611241800"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

EDITION_POSTGRESQL = """
    UPDATE question_search SET edition = coalesce(
      (SELECT v.source ->> 'edition' FROM question q JOIN question_version v
       ON v.question_id = q.id AND v.number = q.current_number
       WHERE q.id = question_search.question_id), '')
"""
EDITION_SQLITE = EDITION_POSTGRESQL.replace(
    "v.source ->> 'edition'", "json_extract(v.source, '$.edition')"
)


def upgrade() -> None:
    add_columns()
    add_editions()
    op.create_table(
        "mistake_report",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question_id", ID, nullable=False),
        sa.Column("question_version_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", ID),
        sa.Column("answered_at", sa.DateTime()),
        sa.Column("seen_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["learner_id"], ["person.id"], name="fk_mistake_report_learner_id"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name="fk_mistake_report_question_id"
        ),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name="fk_mistake_report_question_version_id",
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name="fk_mistake_report_answered_by"
        ),
        sa.PrimaryKeyConstraint("learner_id", "number", name="pk_mistake_report"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_mistake_report_question_id_answered_at",
        "mistake_report",
        ["question_id", "answered_at"],
    )
    op.create_index(
        "uq_mistake_report_open",
        "mistake_report",
        ["learner_id", "question_version_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def add_columns() -> None:
    op.add_column("question", sa.Column("origin", sa.Text(), nullable=False, server_default="file"))
    op.add_column(
        "question", sa.Column("is_fresh", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("question", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    for column in ("author_id", "reviewer_id"):
        point_to_person("question_version", column)
    op.add_column("question_version", sa.Column("reviewed_at", sa.DateTime()))
    op.add_column(
        "question_draft", sa.Column("authors", sa.JSON(), nullable=False, server_default="[]")
    )


def point_to_person(table: str, column: str) -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} "
        f"CONSTRAINT fk_{table}_{column} REFERENCES person (id)"
    )


def add_editions() -> None:
    op.add_column(
        "question_search", sa.Column("edition", sa.Text(), nullable=False, server_default="")
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(EDITION_POSTGRESQL if is_postgresql else EDITION_SQLITE)
    op.create_table(
        "law_edition",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date()),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_law_edition"),
        sa.UniqueConstraint("title", "name", name="uq_law_edition_title_name"),
    )
