"""Rules of the outside world as requirements: windows of passes, schemes of hours, exam days."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from lms.regulations.rules import is_in_force
from lms.regulations.types import RuleText
from lms.requirements.rules.reading import read_requirement
from lms.requirements.types import Requirement, Sitting

_WINDOWS = {
    "calendar_year": "calendar_year",
    "registration": "registration",
    "plan_period": "rolling_years",
    "program": "since_start",
}


def window_table(rule: RuleText) -> dict[str, Any]:
    """Return what a passing window demands, as an author would write it.

    Where a pass proof is good for so many years only and a review follows (senior), the review is
    demanded too.
    """
    body = rule.body
    titles = {"title": rule.title, "title_en": rule.title_en}
    passes: dict[str, Any] = {
        "kind": "subjects_passed",
        "subjects": list(body["subjects"]),
        "consecutive_years": body["consecutive_years"],
    }
    if body.get("extensions"):
        keys = ("area", "year", "years")
        passes["extensions"] = [{key: one[key] for key in keys} for one in body["extensions"]]
    if not body.get("proof_years"):
        return passes | titles
    review = {
        "kind": "review_passed",
        "id": "review",
        "subject": body["subjects"][0],
        "proof_years": body["proof_years"],
        "level": body["level"],
    }
    return {"kind": "all", "of": [passes | {"id": "exam"}, review]} | titles


def scheme_table(rule: RuleText) -> dict[str, Any]:
    """Return what an hours scheme demands, as an author would write it."""
    body = rule.body
    table: dict[str, Any] = {
        "kind": "hours",
        "title": rule.title,
        "title_en": rule.title_en,
        "unit": body["unit"],
        "minimum": body["minimum"],
        "scheme": body["scheme"],
        "window": _WINDOWS[body["period"]],
    }
    if body["period"] in {"registration", "plan_period"}:
        table["years"] = body["years"]
    if body["period"] == "registration":
        table["levels"] = list(body["levels"])
    if body["period"] == "plan_period" and "first" in body:
        del table["years"]
        table |= {"window": "between", "first": body["first"], "last": body["last"]}
    for key in ("share", "forms", "caps", "once", "conversion"):
        if key in body:
            table[key] = body[key]
    return table


def window_requirement(rule: RuleText) -> Requirement:
    """Return a passing window as a requirement, named after its rule: ``rule:window-junior``."""
    return read_requirement(window_table(rule), name=f"rule:{rule.key}")


def hours_requirement(rule: RuleText) -> Requirement:
    """Return an hours scheme as a requirement, named after its rule."""
    return read_requirement(scheme_table(rule), name=f"rule:{rule.key}")


def schemes_in_force(rules: Iterable[RuleText], on: date) -> dict[str, Requirement]:
    """Return the schemes of hours in force on a day that demand something, by their name."""
    return {
        rule.body["scheme"]: hours_requirement(rule)
        for rule in sorted(rules, key=lambda rule: (rule.effective_from, rule.key))
        if rule.kind == "hours_scheme" and is_in_force(rule, on) and rule.body["minimum"]
    }


def sittings(rules: Iterable[RuleText]) -> tuple[Sitting, ...]:
    """Return the days of the national exam that the calendars know or project, oldest first."""
    found = []
    for rule in rules:
        if rule.kind == "exam_calendar":
            days = sorted(date.fromisoformat(str(day)) for day in rule.body["days"])
            sitting = Sitting(rule.body["year"], days[0], days[-1], rule.body["announced"])
            found.append(sitting)
    return tuple(sorted(found, key=lambda sitting: sitting.first))
