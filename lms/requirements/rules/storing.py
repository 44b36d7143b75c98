"""Progress as it is stored, and what time makes of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from lms.requirements.rules.words import spoken
from lms.requirements.types import Account, Named, Part, Plan, Progress, State, Words


def standing(state: State, expires_on: date | None, *, on: date) -> State:
    """Return how a stored verdict stands on a later day, when nothing was recorded since."""
    if state.satisfied and expires_on is not None and expires_on < on:
        return State.LAPSED
    return state


def part_of(progress: Progress) -> dict[str, Any]:
    """Return what is stored of one child of a goal's root."""
    days = {
        key: day.isoformat()
        for key in ("due_on", "met_on", "expires_on")
        if (day := getattr(progress, key)) is not None
    }
    return {"state": str(progress.state), "percent": progress.percent, **days}


def read_part(stored: Mapping[str, Any]) -> Part:
    """Return what :func:`part_of` stored as a value."""
    due_on, met_on, expires_on = (
        date.fromisoformat(stored[key]) if key in stored else None
        for key in ("due_on", "met_on", "expires_on")
    )
    return Part(State(stored["state"]), stored["percent"], due_on, met_on, expires_on)


def frozen(progress: Progress) -> dict[str, Any]:
    """Return a verdict with its reasons as JSON can hold it: what is stored as grounds."""
    found: dict[str, Any] = {
        "kind": progress.kind,
        "name": _frozen_words(progress.name),
        "state": str(progress.state),
        "percent": progress.percent,
    }
    if progress.id:
        found["id"] = progress.id
    for key in ("met_on", "due_on", "expires_on", "next_on"):
        day: date | None = getattr(progress, key)
        if day is not None:
            found[key] = day.isoformat()
    if progress.says:
        found["says"] = [_frozen_words(sentence) for sentence in progress.says]
    if progress.left:
        found["left"] = [_frozen_words(sentence) for sentence in progress.left]
    if progress.area:
        found["area"] = progress.area
    if progress.optional:
        found["optional"] = True
    if progress.references:
        found["references"] = list(progress.references)
    if progress.children:
        found["children"] = [frozen(child) for child in progress.children]
    return found


def frozen_account(account: Account) -> dict[str, Any]:
    """Return how hours feed a quota as JSON can hold it; amounts in minutes, exact, as text."""
    return {
        "node": account.node,
        "scheme": account.scheme,
        "unit": account.unit,
        "needed": str(account.needed),
        "counted": str(account.counted),
        "first": account.first and account.first.isoformat(),
        "last": account.last and account.last.isoformat(),
        "uses": [
            {
                "number": use.fact.number,
                "subject": use.fact.subject,
                "on": use.fact.on.isoformat(),
                "amount": str(use.amount),
                "counted": str(use.counted),
                "cut": str(use.cut),
                "why": None if use.why is None else _frozen_words(use.why),
            }
            for use in account.uses
        ],
    }


def frozen_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON can hold it."""
    return {
        "by": plan.by.isoformat(),
        "possible": plan.possible,
        "effort": plan.effort,
        "exact": plan.exact,
        "steps": [
            {
                "deed": step.deed,
                "says": _frozen_words(step.says),
                "by": step.by.isoformat(),
                "effort": step.effort,
                "node": step.node,
                "or_else": None if step.or_else is None else _frozen_words(step.or_else),
                "likely": step.likely,
            }
            for step in plan.steps
        ],
        "then": frozen(plan.progress),
    }


def _frozen_words(words: Words) -> dict[str, str]:
    """Keep titles in both languages; a sentence keeps its catalogue key too."""
    if isinstance(words, Named):
        return {"zh": words.zh, "en": words.en}
    return {"zh": spoken(words), "msgid": words.msgid}
