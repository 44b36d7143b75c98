"""Say how long something is kept."""

from datetime import datetime

from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.privacy import queries
from lms.privacy.models import RetentionSetting
from lms.privacy.rules import check_days


def set_days(session: Session, *, key: str, days: int, actor_id: int, now: datetime) -> bool:
    """Set the days of a period; say whether that was new.

    :raises NotFound: ``no_period``.
    :raises Invalid: ``not_editable``, ``out_of_bounds``.
    """
    check_days(key, days)
    before = queries.days_of(session, key)
    if before == days:
        return False
    session.merge(RetentionSetting(key=key, days=days, changed_at=now, changed_by=actor_id))
    audit.record(
        session,
        verb="privacy.retention_changed",
        subject=f"retention:{key}",
        actor_id=actor_id,
        now=now,
        before=before,
        after=days,
    )
    return True
