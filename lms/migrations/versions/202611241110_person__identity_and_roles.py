"""Give people what a personnel file holds, and roles a beginning and a giver.

Identity numbers and telephones are stored sealed, each in a table of its own. The one role
``manager`` becomes four, one for each level. Columns that point to people are added by plain
``ALTER TABLE``: SQLite cannot drop and make anew a table that others point to.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "202611241110"
down_revision = "202611232010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOTS = "·•‧∙⋅・･.．。"
ROLES = {
    "province": "province_manager",
    "prefecture": "prefecture_manager",
    "county": "county_manager",
}


def upgrade() -> None:
    add_columns()
    add_classes()
    add_former_names()
    add_sealed()
    key_names()
    split_managers()


def add_columns() -> None:
    op.add_column("person", sa.Column("name_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("education", sa.Text()))
    op.add_column(
        "person",
        sa.Column("social_work_major", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("person", sa.Column("social_work_started_on", sa.Date()))
    op.add_column("person", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    point_to_person("person", "merged_into_id")
    op.create_index("ix_person_merged_into_id", "person", ["merged_into_id"])
    op.create_index("ix_person_name_key", "person", ["name_key"])
    op.add_column("post", sa.Column("rank_band", sa.Text()))
    op.add_column("role_grant", sa.Column("starts_on", sa.Date()))
    point_to_person("role_grant", "granted_by")


def point_to_person(table: str, column: str) -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} "
        f"CONSTRAINT fk_{table}_{column} REFERENCES person (id)"
    )


def add_classes() -> None:
    op.create_table(
        "cadre_class",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_cadre_class_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cadre_class"),
        sa.UniqueConstraint("key", name="uq_cadre_class_key"),
    )
    op.create_index("ix_cadre_class_organization_id", "cadre_class", ["organization_id"])
    op.create_table(
        "cadre_class_member",
        sa.Column("class_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date()),
        sa.ForeignKeyConstraint(
            ["class_id"], ["cadre_class.id"], name="fk_cadre_class_member_class_id"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_cadre_class_member_person_id"
        ),
        sa.PrimaryKeyConstraint("class_id", "person_id", name="pk_cadre_class_member"),
    )
    op.create_index("ix_cadre_class_member_person_id", "cadre_class_member", ["person_id"])


def add_former_names() -> None:
    op.create_table(
        "former_name",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_former_name_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_former_name"),
        sa.UniqueConstraint("person_id", "name", name="uq_former_name_person_id_name"),
    )
    op.create_index("ix_former_name_name_key", "former_name", ["name_key"])


def add_sealed() -> None:
    op.create_table(
        "identity_document",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_identity_document_person_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_identity_document"),
        sa.UniqueConstraint("kind", "digest", name="uq_identity_document_kind_digest"),
        sa.UniqueConstraint("person_id", "kind", name="uq_identity_document_person_id_kind"),
    )
    op.create_table(
        "person_phone",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_phone_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_phone"),
        sa.UniqueConstraint("digest", name="uq_person_phone_digest"),
    )


def key_names() -> None:
    person = sa.table("person", sa.column("id"), sa.column("name"), sa.column("name_key"))
    bind = op.get_bind()
    for row in bind.execute(sa.select(person.c.id, person.c.name)).all():
        change = sa.update(person).where(person.c.id == row.id)
        bind.execute(change.values(name_key=key_of(row.name)))


def key_of(name: str) -> str:
    """As the names rule of the people room wrote it on the day of this migration."""
    return "".join(
        c
        for c in unicodedata.normalize("NFKC", name).casefold()
        if not c.isspace()
        and c not in DOTS
        and unicodedata.category(c) != "Cf"
        and not ("\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef")
    )


def split_managers() -> None:
    grant = sa.table("role_grant", sa.column("role"), sa.column("organization_id"))
    place = sa.table("organization", sa.column("id"), sa.column("kind"))
    managers = sa.update(grant).where(grant.c.role == "manager")
    for kind, role in ROLES.items():
        of_kind = sa.select(place.c.id).where(place.c.kind == kind)
        op.execute(managers.where(grant.c.organization_id.in_(of_kind)).values(role=role))
    op.execute(managers.values(role="station_manager"))
