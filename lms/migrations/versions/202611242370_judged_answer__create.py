"""Keep answers in words of papers that were handed in, and what markers give them."""

import sqlalchemy as sa
from alembic import op

revision = "202611242370"
down_revision = "202611242361"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANSWER = ["learner_id", "attempt_number", "slot"]


def upgrade() -> None:
    _judged_answer()
    _marker_assignment()
    _mark_share()
    op.create_table(
        "judged_mark",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("comments", sa.JSON(), nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=False),
        _of_answer("judged_mark"),
        _key("judged_mark", "decided_by_id", "person"),
        sa.PrimaryKeyConstraint(*ANSWER, name="pk_judged_mark"),
        sqlite_with_rowid=False,
    )


def _judged_answer() -> None:
    op.create_table(
        "judged_answer",
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("paper_version_id", ID, nullable=False),
        sa.Column("question_version_id", ID, nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=True),
        sa.Column("out_of", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_number"],
            ["attempt.learner_id", "attempt.number"],
            name="fk_judged_answer_learner_id_attempt_number",
        ),
        _key("judged_answer", "paper_version_id", "paper_version"),
        _key("judged_answer", "question_version_id", "question_version"),
        sa.PrimaryKeyConstraint(*ANSWER, name="pk_judged_answer"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_judged_answer_waiting",
        "judged_answer",
        ["paper_version_id", "question_version_id", "handed_in_at"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        "ix_judged_answer_question_version_id", "judged_answer", ["question_version_id"]
    )


def _marker_assignment() -> None:
    op.create_table(
        "marker_assignment",
        sa.Column("id", ID, nullable=False),
        sa.Column("paper_id", ID, nullable=False),
        sa.Column("marker_id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("assigned_by_id", ID, nullable=False),
        sa.Column("assigned_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        _key("marker_assignment", "paper_id", "paper"),
        _key("marker_assignment", "marker_id", "person"),
        _key("marker_assignment", "organization_id", "organization"),
        _key("marker_assignment", "assigned_by_id", "person"),
        _key("marker_assignment", "ended_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_marker_assignment"),
    )
    op.create_index(
        "ix_marker_assignment_once",
        "marker_assignment",
        ["paper_id", "marker_id", "organization_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_marker_assignment_marker_id", "marker_assignment", ["marker_id"])


def _mark_share() -> None:
    op.create_table(
        "mark_share",
        sa.Column("id", ID, nullable=False),
        sa.Column("learner_id", ID, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("marker_id", ID, nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=False),
        sa.Column("lease_ends_at", sa.DateTime(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("earned", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        _of_answer("mark_share"),
        _key("mark_share", "marker_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_mark_share"),
        sa.UniqueConstraint(
            *ANSWER, "place", name="uq_mark_share_learner_id_attempt_number_slot_place"
        ),
        sa.UniqueConstraint(
            *ANSWER, "marker_id", name="uq_mark_share_learner_id_attempt_number_slot_marker_id"
        ),
    )
    op.create_index("ix_mark_share_marker_id_claimed_at", "mark_share", ["marker_id", "claimed_at"])


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _of_answer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ANSWER,
        [f"judged_answer.{column}" for column in ANSWER],
        name=f"fk_{table}_learner_id_attempt_number_slot",
    )
