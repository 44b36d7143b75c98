"""Facts and trees, in a word each."""

from datetime import date, timedelta
from itertools import count

from lms.records.types import Fact, RecordKind

START = date(2026, 1, 1)

_number = count(1)


def fact(kind, subject, on=START, **values):
    return Fact(next(_number), kind, subject, on, **values)


def course(key, on=START):
    return fact(RecordKind.COURSE_COMPLETED, f"course:{key}", on)


def exempted(subject, on=START, **detail):
    return fact(RecordKind.EXEMPTED, subject, on, detail=detail)


def hours(minutes, on=START, category="professional", **values):
    values = {"unit": "credit_hour", "category": category} | values
    return fact(RecordKind.HOURS_CREDITED, "course:any", on, quantity=minutes, **values)


def passed(code, year, on=None, **values):
    return fact(
        RecordKind.SUBJECT_PASSED,
        f"subject:{code}",
        on or date(year, 8, 1),
        detail={"exam_year": year} | values,
    )


def leaf(key, **values):
    return {"kind": "course_completed", "course": key} | values


def all_of(*parts, **values):
    return {"kind": "all", "of": list(parts)} | values


def any_of(*parts, **values):
    return {"kind": "any", "of": list(parts)} | values


def n_of(needed, *parts, **values):
    return {"kind": "n_of", "needed": needed, "of": list(parts)} | values


def days(n):
    return timedelta(days=n)
