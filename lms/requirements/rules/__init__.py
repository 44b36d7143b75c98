"""Read requirements, judge them on facts, explain the verdict, plan. Pure.

requirement = read_requirement({"kind": "course_completed", "course": "basics"})
progress = evaluate(requirement, facts, on=date(2026, 11, 1), started_on=date(2026, 9, 1))
explain(progress).next_step
"""

from lms.requirements.rules.explaining import (
    explain,
    is_overdue,
    last_due_on,
    missing,
    next_due_on,
    overdue,
    plan_words,
    told,
)
from lms.requirements.rules.hours import (
    Feed,
    HourLine,
    HoursLedger,
    accounts,
    side_by_side,
)
from lms.requirements.rules.judging import evaluate, judge
from lms.requirements.rules.planning import plan, what_if
from lms.requirements.rules.reading import (
    COMMON_KEYS,
    all_kinds,
    read_requirement,
    read_stored,
    unknown_references,
)
from lms.requirements.rules.regulated import (
    hours_requirement,
    scheme_table,
    schemes_in_force,
    sittings,
    window_requirement,
    window_table,
)
from lms.requirements.rules.schema import answer_schema, requirement_schema
from lms.requirements.rules.storing import (
    frozen,
    frozen_account,
    frozen_plan,
    part_of,
    read_part,
    standing,
)
from lms.requirements.rules.words import deadline_words, spoken

__all__ = [
    "COMMON_KEYS",
    "Feed",
    "HourLine",
    "HoursLedger",
    "accounts",
    "all_kinds",
    "answer_schema",
    "deadline_words",
    "evaluate",
    "explain",
    "frozen",
    "frozen_account",
    "frozen_plan",
    "hours_requirement",
    "is_overdue",
    "judge",
    "last_due_on",
    "missing",
    "next_due_on",
    "overdue",
    "part_of",
    "plan",
    "plan_words",
    "read_part",
    "read_requirement",
    "read_stored",
    "requirement_schema",
    "scheme_table",
    "schemes_in_force",
    "side_by_side",
    "sittings",
    "spoken",
    "standing",
    "told",
    "unknown_references",
    "what_if",
    "window_requirement",
    "window_table",
]
