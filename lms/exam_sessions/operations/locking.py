"""What keeps two deeds at one session apart."""

from sqlalchemy.orm import Session

from lms.kernel.transaction import alone, apart, together

_SESSIONS = 0x6578
"""The class of the advisory locks of sessions; the second number is the session's."""
_PLANS = 0x62697879


def hold_to_start(session: Session, session_id: int) -> None:
    """Let many start at once, and nobody change the window meanwhile.

    No row is locked: 3,000 shared locks on one row would each be written into it.
    """
    together(session, _SESSIONS, session_id)


def hold_to_change(session: Session, session_id: int) -> None:
    """Wait until nobody is starting, and keep everybody from it until this transaction ends."""
    apart(session, _SESSIONS, session_id)


def hold_plans(session: Session) -> None:
    """Let one person plan at a time: two sessions at one time must not have the same code."""
    alone(session, _PLANS)
