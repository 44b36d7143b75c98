"""Days and years of the calendar."""

from datetime import date, timedelta

DAY = timedelta(days=1)


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later; for 29 February, 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def eve_of_years_after(day: date, years: int) -> date:
    """Return the last day of a span of so many years that begins on a day."""
    return years_after(day, years) - DAY
