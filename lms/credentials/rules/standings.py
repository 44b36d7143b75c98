"""How a credential stands on a day, and what is told to whoever asks."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

from lms.credentials.types import (
    Answer,
    CodeParts,
    Event,
    EventKind,
    Issued,
    Standing,
    Validity,
    Verdict,
)
from lms.kernel.errors import N_
from lms.people.rules import mask_name

LONGEST_SHOWN = 64
"""Characters of what was typed that an answer repeats."""

ANSWERS: Mapping[Standing, Answer] = {
    Standing.VALID: Answer(
        N_("证书有效"),
        N_("请核对持证人姓名。以本页查到的结果为准，不要只看截图或复印件。"),
        "✓",
        "good",
        200,
    ),
    Standing.EXPIRED: Answer(
        N_("证书已过有效期"),
        N_("这张证书是真的，但有效期已过。请让持证人提供新的证书。"),
        "↻",
        "caution",
        200,
    ),
    Standing.REVOKED: Answer(
        N_("证书已撤销"),
        N_("这张证书已被撤销，不能再作为依据。如有疑问，请联系颁发单位。"),
        "✕",
        "bad",
        200,
    ),
    Standing.SUSPENDED: Answer(
        N_("证书暂停使用"),
        N_("这张证书正在核查，核查期间暂停使用。请先不要采信，过几天再查，或联系颁发单位。"),
        "‖",
        "caution",
        200,
    ),
    Standing.UNKNOWN: Answer(
        N_("没有这个编号的证书"),
        N_(
            "编号写法没有错，但本平台没有发过这个编号。请对照证书再看一遍；"
            "如果证书上就是这个编号，这张证书不是本平台发的，请不要采信。"
        ),
        "?",
        "bad",
        404,
    ),
    Standing.MISTYPED: Answer(
        N_("编号输错了"),
        N_(
            "编号里有字写错、少写或多写了，请对照证书重新输入。"
            "编号形如 BX-XXXX-XXXX-XXXX-X，里面没有字母 I、L、O、U。"
        ),
        "✎",
        "neutral",
        422,
    ),
}
"""What is told about each standing."""


def standing(validity: Validity | None, events: Iterable[Event], *, on: date) -> Standing:
    """Say how a credential stands on a day.

    Revocation outranks suspension, suspension outranks expiry. It is valid on its last day, and
    unknown before it was issued. What happened on a day holds for the whole of that day; of two
    on one day the later told holds.
    """
    if validity is None or on < validity.issued_on:
        return Standing.UNKNOWN
    decisive = decisive_event(events, on=on)
    if decisive is not None:
        revoked = decisive.kind is EventKind.REVOKED
        return Standing.REVOKED if revoked else Standing.SUSPENDED
    if validity.expires_on is not None and validity.expires_on < on:
        return Standing.EXPIRED
    return Standing.VALID


def decisive_event(events: Iterable[Event], *, on: date) -> Event | None:
    """Return the revocation or suspension in force on a day; none if there is none.

    Of what happened since the last reinstatement: the first revocation, or else the first
    suspension.
    """
    happened = sorted((e for e in events if e.on <= on), key=lambda e: (e.on, e.number))
    newest_first = reversed(happened)
    since = list(takewhile(lambda e: e.kind is not EventKind.REINSTATED, newest_first))
    return min(
        since,
        key=lambda e: (e.kind is not EventKind.REVOKED, e.on, e.number),
        default=None,
    )


def standing_since(validity: Validity, events: Iterable[Event], *, on: date) -> date | None:
    """Return the first day of a revocation, a suspension or of being expired; none otherwise."""
    told = tuple(events)
    decisive = decisive_event(told, on=on)
    if decisive is not None:
        return decisive.on
    if validity.expires_on is not None and validity.expires_on < on:
        return validity.expires_on + timedelta(days=1)
    return None


def judge(typed: str, parts: CodeParts | None, credential: Issued | None, *, on: date) -> Verdict:
    """Return the answer to somebody who typed a number on a day."""
    cut = typed[:LONGEST_SHOWN]
    if parts is None:
        return Verdict(Standing.MISTYPED, cut)
    if credential is None:
        return Verdict(Standing.UNKNOWN, cut, parts)
    validity, events = credential.validity, credential.events
    found = standing(validity, events, on=on)
    if found is Standing.UNKNOWN:
        return Verdict(found, cut, parts)
    since = standing_since(validity, events, on=on)
    return Verdict(found, cut, parts, credential, since)


def last_day(issued_on: date, valid_years: int | None) -> date | None:
    """Return the last day on which a credential is valid: the eve of the anniversary.

    The day of issue counts as the first. In a year without a 29 February its anniversary is 1
    March, so what was issued on 29 February ends on the 28th. None: it has no end.
    """
    if valid_years is None:
        return None
    try:
        anniversary = issued_on.replace(year=issued_on.year + valid_years)
    except ValueError:
        anniversary = date(issued_on.year + valid_years, 3, 1)
    return anniversary - timedelta(days=1)


def disclosed(verdict: Verdict) -> dict[str, Any]:
    """Return what a stranger may know of an answer, as JSON can hold it."""
    told: dict[str, Any] = {
        "code": verdict.shown,
        "standing": str(verdict.standing),
        "since": _iso(verdict.since),
        "credential": None,
    }
    found = verdict.credential
    if found is not None:
        told["credential"] = {
            "holder": shown_holder(found),
            "title": found.title,
            "title_en": found.title_en,
            "program": found.program_title,
            "program_en": found.program_title_en,
            "issuer": found.issuer,
            "credit_hours": found.hours,
            "issued_on": _iso(found.issued_on),
            "expires_on": _iso(found.expires_on),
        }
    return told


def shown_holder(found: Issued) -> str:
    """Return the holder's name as strangers see it: masked, unless the holder agreed otherwise."""
    return found.holder_name if found.name_is_public else mask_name(found.holder_name)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
