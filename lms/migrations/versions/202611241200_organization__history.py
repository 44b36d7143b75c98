"""Give organizations a history: other names and codes, events, and the tree of past days.

Today's closure keeps its key and gains the day since when each pair is true. Columns are added by
plain ``ALTER TABLE``: SQLite cannot drop and make anew a table that others point to.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "202611241200"
down_revision = "202611241110"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    add_columns()
    add_past()
    add_names_and_codes()
    add_events()
    key_names()


def add_columns() -> None:
    op.add_column("organization", sa.Column("sector", sa.Text()))
    op.add_column(
        "organization", sa.Column("name_key", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "organization", sa.Column("revision", sa.Integer(), nullable=False, server_default="1")
    )
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE organization ADD COLUMN merged_into_id {kind} "
        "CONSTRAINT fk_organization_merged_into_id REFERENCES organization (id)"
    )
    op.create_index("ix_organization_merged_into_id", "organization", ["merged_into_id"])
    op.create_index("ix_organization_name_key", "organization", ["name_key"])
    op.add_column(
        "organization_closure",
        sa.Column("since_on", sa.Date(), nullable=False, server_default="0001-01-01"),
    )


def add_past() -> None:
    op.create_table(
        "organization_closure_past",
        sa.Column("ancestor_id", ID, nullable=False),
        sa.Column("descendant_id", ID, nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"],
            ["organization.id"],
            name="fk_organization_closure_past_ancestor_id",
        ),
        sa.ForeignKeyConstraint(
            ["descendant_id"],
            ["organization.id"],
            name="fk_organization_closure_past_descendant_id",
        ),
        sa.PrimaryKeyConstraint(
            "ancestor_id", "descendant_id", "until_on", name="pk_organization_closure_past"
        ),
    )
    op.create_index(
        "ix_organization_closure_past_descendant_id_until_on",
        "organization_closure_past",
        ["descendant_id", "until_on"],
    )


def add_names_and_codes() -> None:
    op.create_table(
        "organization_name",
        sa.Column("id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_organization_name_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organization_name"),
    )
    op.create_index(
        "ix_organization_name_organization_id", "organization_name", ["organization_id"]
    )
    op.create_index("ix_organization_name_name_key", "organization_name", ["name_key"])
    op.create_table(
        "organization_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("code_system", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_organization_code_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organization_code"),
        sa.UniqueConstraint("code_system", "code", name="uq_organization_code_code_system_code"),
    )
    op.create_index(
        "ix_organization_code_organization_id", "organization_code", ["organization_id"]
    )


def add_events() -> None:
    op.create_table(
        "organization_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.Column("old_name", sa.Text()),
        sa.Column("new_name", sa.Text()),
        sa.Column("old_parent_id", ID),
        sa.Column("new_parent_id", ID),
        sa.Column("successor_id", ID),
        sa.Column("reason", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], ["organization.id"], name=f"fk_organization_event_{column}"
            )
            for column in ("organization_id", "old_parent_id", "new_parent_id", "successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organization_event"),
    )
    op.create_index(
        "ix_organization_event_organization_id_effective_on",
        "organization_event",
        ["organization_id", "effective_on"],
    )
    op.create_index("ix_organization_event_successor_id", "organization_event", ["successor_id"])
    refuse_change("organization_event")


def refuse_change(table: str) -> None:
    """Facts are appended: the database itself refuses anything else."""
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


def key_names() -> None:
    place = sa.table("organization", sa.column("id"), sa.column("name"), sa.column("name_key"))
    bind = op.get_bind()
    for row in bind.execute(sa.select(place.c.id, place.c.name)).all():
        change = sa.update(place).where(place.c.id == row.id)
        bind.execute(change.values(name_key=key_of(row.name)))


def key_of(name: str) -> str:
    """As the rules of the organizations room wrote it on the day of this migration."""
    return "".join(
        c
        for c in unicodedata.normalize("NFKC", name).casefold()
        if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"}
    )
