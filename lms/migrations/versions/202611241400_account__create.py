"""Keep how people sign in: locks, old passwords, second factors, links, identities, requests.

Nobody has a row of ``account`` yet; one is written when there is something to say.
"""

import sqlalchemy as sa
from alembic import op

revision = "202611241400"
down_revision = "202611241300"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    add_account()
    add_old_password()
    add_recovery_code()
    add_password_link()
    add_sso_identity()
    add_help_request()


def add_account() -> None:
    op.create_table(
        "account",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lock_rounds", sa.Integer(), nullable=False),
        sa.Column("locked_until_at", sa.DateTime()),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("password_changed_at", sa.DateTime()),
        sa.Column("factor_sealed", sa.Text()),
        sa.Column("factor_since_at", sa.DateTime()),
        sa.Column("factor_counter", ID),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_account_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_account"),
    )


def add_old_password() -> None:
    op.create_table(
        "old_password",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("until_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_old_password_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_old_password"),
    )
    op.create_index("ix_old_password_person_id", "old_password", ["person_id"])


def add_recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_recovery_code_person_id"),
        sa.PrimaryKeyConstraint("person_id", "digest", name="pk_recovery_code"),
    )


def add_password_link() -> None:
    op.create_table(
        "password_link",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", ID),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.Column("revoked_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_password_link_person_id"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_password_link_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_password_link"),
        sa.UniqueConstraint("digest", name="uq_password_link_digest"),
    )
    op.create_index("ix_password_link_person_id", "password_link", ["person_id"])


def add_sso_identity() -> None:
    op.create_table(
        "sso_identity",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_sso_identity_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sso_identity"),
        sa.UniqueConstraint("issuer", "subject", name="uq_sso_identity_issuer_subject"),
    )
    op.create_index("ix_sso_identity_person_id", "sso_identity", ["person_id"])


def add_help_request() -> None:
    op.create_table(
        "help_request",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime()),
        sa.Column("done_by", ID),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_help_request_person_id"),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name="fk_help_request_done_by"),
        sa.PrimaryKeyConstraint("person_id", name="pk_help_request"),
    )
