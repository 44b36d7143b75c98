"""How long a session lasts, and what its person must do first. Pure."""

from collections.abc import Iterable

from lms.accounts.types import Must, SessionLimits
from lms.people.types import Grant, Role

EXAM_GRACE_SECONDS = 4 * 3600
"""How long past its limits a session may still go on with an examination. The longest paper takes
three hours; that it ends is the paper's business, not the session's."""


def is_staff(grants: Iterable[Grant]) -> bool:
    """Say whether somebody has any role but a learner's."""
    return any(grant.role is not Role.LEARNER for grant in grants)


def is_over(
    *, signed_in: int, seen: int, now: int, limits: SessionLimits, grace_seconds: int = 0
) -> bool:
    """Say whether a session has ended. All times in seconds since 1970.

    The last second belongs to the session.
    """
    return (
        now - seen > limits.idle_seconds + grace_seconds
        or now - signed_in > limits.absolute_seconds + grace_seconds
    )


def what_first(*, must: str, staff: bool, factor: str, asks_factor: bool) -> Must | None:
    """Return what somebody has to do before anything else, or none.

    :param must: what the session already says.
    :param factor: the factor with which the session began; empty for none.
    :param asks_factor: whether this installation asks staff for a second factor.
    """
    if must:
        return Must(must)
    if staff and asks_factor and not factor:
        return Must.SECOND_FACTOR
    return None
