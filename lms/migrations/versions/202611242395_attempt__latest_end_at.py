"""Keep on an attempt when its time is up at the latest, for sessions with a common end."""

import sqlalchemy as sa
from alembic import op

revision = "202611242395"
down_revision = "202611242380"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("latest_end_at", sa.DateTime(), nullable=True))
    op.execute(
        """
        UPDATE attempt SET latest_end_at = (
            SELECT CASE WHEN attempt.deadline_at < exam_session.closes_at
                THEN exam_session.closes_at ELSE attempt.deadline_at END
            FROM session_attempt
            JOIN exam_session ON exam_session.id = session_attempt.session_id
            WHERE session_attempt.learner_id = attempt.learner_id
              AND session_attempt.attempt_number = attempt.number
              AND exam_session.cut
        )
        WHERE state = 'open'
        """
    )
