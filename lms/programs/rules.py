"""When a program can be joined, and what its credential may be called. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from lms.programs.types import Grant
from lms.records.types import Fact, RecordKind, in_force

FORBIDDEN_WORDS = re.compile(
    r"国家|全国|中国|中华|职业资格|国徽|\b(?:national|state|china|chinese)\b", re.IGNORECASE
)
"""What a certificate of training must not carry, lest it pass for a state qualification (clean-up
of look-alike certificates by the Ministry of Human Resources and Social Security, 2022)."""


def is_open(*, state: str, starts_on: date, ends_on: date | None, on: date) -> bool:
    """Say whether a program can be joined on a day; its first and last days are included."""
    return state == "ready" and starts_on <= on and (ends_on is None or on <= ends_on)


def forbidden_word(title: str) -> str | None:
    """Return the first word in a credential's title that must not be there."""
    found = FORBIDDEN_WORDS.search(title)
    return found.group() if found else None


def read_grant(stored: Mapping[str, Any] | None) -> Grant | None:
    """Return what a stored version grants."""
    if stored is None:
        return None
    return Grant(
        title=stored["title"],
        title_en=stored["title_en"],
        valid_years=stored.get("valid_years"),
        hours=stored.get("hours"),
    )


def credential_code(facts: Iterable[Fact], program_key: str) -> str:
    """Return the code of the credential issued last for a program; empty if none was."""
    codes = [
        str(fact.detail["code"])
        for fact in in_force(facts)
        if fact.kind == RecordKind.CREDENTIAL_ISSUED
        and fact.subject == f"program:{program_key}"
        and "code" in fact.detail
    ]
    return codes[-1] if codes else ""
