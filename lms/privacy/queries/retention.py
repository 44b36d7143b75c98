"""The periods in force."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.privacy.models import RetentionSetting
from lms.privacy.rules import PERIODS, period
from lms.privacy.types import Period


def periods(session: Session) -> list[Period]:
    """Return every period with the days in force. One statement."""
    changed = dict(session.execute(sa.select(RetentionSetting.key, RetentionSetting.days)).all())
    return [period(key, changed.get(key)) for key in PERIODS]


def days_of(session: Session, key: str) -> int:
    """Return the days in force of a period that has some. One statement.

    :raises NotFound: ``no_period``.
    """
    found = period(key, session.scalar(_DAYS, {"key": key}))
    if found.days is None:
        raise ValueError(f"{key} is kept for ever")
    return found.days


_DAYS = sa.select(RetentionSetting.days).where(RetentionSetting.key == sa.bindparam("key"))
