"""Let many sit a paper within a window, drawn beforehand; hold a paper back for that."""

import sqlalchemy as sa
from alembic import op

revision = "202611242380"
down_revision = "202611242370"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    with op.batch_alter_table("paper") as batch:
        batch.add_column(sa.Column("held_until_at", sa.DateTime(), nullable=True))
    _sessions()
    _groups()
    _seats()


def _sessions() -> None:
    op.create_table(
        "exam_session",
        sa.Column("id", ID, nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("paper_version_id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("opens_at", sa.DateTime(), nullable=False),
        sa.Column("last_start_at", sa.DateTime(), nullable=False),
        sa.Column("closes_at", sa.DateTime(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("anybody", sa.Boolean(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("open_outside", sa.Boolean(), nullable=False),
        sa.Column("pool", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("prepared_for", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", ID, nullable=False),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        _foreign("exam_session", "paper_version_id", "paper_version.id"),
        _foreign("exam_session", "organization_id", "organization.id"),
        _foreign("exam_session", "created_by_id", "person.id"),
        sa.CheckConstraint(
            "opens_at <= last_start_at", name=op.f("ck_exam_session_starts_after_opening")
        ),
        sa.CheckConstraint(
            "last_start_at <= closes_at", name=op.f("ck_exam_session_closes_after_last_start")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_exam_session"),
        sa.UniqueConstraint("form_key", name="uq_exam_session_form_key"),
    )
    op.create_index("ix_exam_session_organization_id", "exam_session", ["organization_id"])
    op.create_index("ix_exam_session_closes_at", "exam_session", ["closes_at"])


def _groups() -> None:
    op.create_table(
        "session_unit",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        _foreign("session_unit", "session_id", "exam_session.id"),
        _foreign("session_unit", "organization_id", "organization.id"),
        sa.PrimaryKeyConstraint("session_id", "organization_id", name="pk_session_unit"),
    )
    op.create_table(
        "session_class",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("class_id", ID, nullable=False),
        _foreign("session_class", "session_id", "exam_session.id"),
        _foreign("session_class", "class_id", "cadre_class.id"),
        sa.PrimaryKeyConstraint("session_id", "class_id", name="pk_session_class"),
    )
    op.create_table(
        "session_pool_paper",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seed", ID, nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("learner_id", ID, nullable=True),
        _foreign("session_pool_paper", "session_id", "exam_session.id"),
        _foreign("session_pool_paper", "learner_id", "person.id"),
        sa.PrimaryKeyConstraint("session_id", "number", name="pk_session_pool_paper"),
        sa.UniqueConstraint(
            "session_id", "learner_id", name="uq_session_pool_paper_session_id_learner_id"
        ),
    )


def _seats() -> None:
    op.create_table(
        "session_seat",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("organization_id", ID, nullable=True),
        sa.Column("admitted_at", sa.DateTime(), nullable=True),
        sa.Column("seed", ID, nullable=True),
        sa.Column("slots", sa.JSON(), nullable=True),
        _foreign("session_seat", "learner_id", "person.id"),
        _foreign("session_seat", "session_id", "exam_session.id"),
        _foreign("session_seat", "organization_id", "organization.id"),
        sa.PrimaryKeyConstraint("learner_id", "session_id", name="pk_session_seat"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_seat_session_id", "session_seat", ["session_id"])
    op.create_table(
        "session_attempt",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"],
            ["attempt.learner_id", "attempt.number"],
            name="fk_session_attempt_learner_id_attempt_number",
        ),
        _foreign("session_attempt", "session_id", "exam_session.id"),
        sa.PrimaryKeyConstraint("learner_id", "session_id", name="pk_session_attempt"),
        sa.UniqueConstraint(
            "learner_id", "attempt_number", name="uq_session_attempt_learner_id_attempt_number"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_attempt_session_id", "session_attempt", ["session_id"])
