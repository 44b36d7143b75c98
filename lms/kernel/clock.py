"""The one place that reads the wall clock and that turns instants into days.

Only entry points (views, commands) call :func:`utc_now`. Operations and rules receive ``now``
or ``on`` as an argument, so a test sets the time by passing it.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")
"""China Standard Time; no daylight saving since 1991, so no time-zone database is needed."""


def utc_now() -> datetime:
    """Return the current instant, timezone-aware, in UTC."""
    return datetime.now(tz=UTC)  # noqa: TID251 - this is the one place


def day_of(instant: datetime) -> date:
    """Return the calendar day in China: 2026-03-01T17:00Z is the 2nd of March."""
    return instant.astimezone(CHINA).date()


def end_of(day: date) -> datetime:
    """Return the instant at which a day in China is over: a deadline "by" that day."""
    return datetime.combine(day + timedelta(days=1), time.min, CHINA).astimezone(UTC)
