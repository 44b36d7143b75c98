"""The shape of a fact in a file: read, and told as JSON Schema. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import FORMS, Fact, RecordKind

BASES = ("national", "local_line")
LARGEST = 2**53
"""What every reader of JSON still holds exactly."""

Schema = dict[str, Any]

_DAY: Schema = {"type": "string", "format": "date"}
_TEXT: Schema = {"type": "string", "minLength": 1}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_SUBJECTS: Mapping[RecordKind, str] = {
    RecordKind.LESSON_COMPLETED: "lesson",
    RecordKind.COURSE_COMPLETED: "course",
    RecordKind.PAPER_SAT: "paper",
    RecordKind.SUBJECT_PASSED: "subject",
    RecordKind.REVIEW_PASSED: "review",
    RecordKind.QUALIFICATION_HELD: "qualification",
    RecordKind.REGISTERED: "registration",
    RecordKind.CLASS_ATTENDED: "class",
    RecordKind.LEAVE_TAKEN: "class",
    RecordKind.PRACTISED: "drill",
    RecordKind.WORKED: "work",
    RecordKind.CREDENTIAL_ISSUED: "program",
}
"""With which noun the subject of a kind begins; the others are free."""
_MEASURED = {RecordKind.HOURS_CREDITED, RecordKind.LEAVE_TAKEN, RecordKind.PRACTISED}
"""Kinds that say nothing without a quantity."""
_HOUR_UNITS = ("credit_hour", "clock_hour", "half_day", "month")


def _day(raw: Raw, key: str) -> None:
    if not isinstance(raw[key], str):
        raise Invalid("not_date", N_("必须是日期，如 2026-11-01"), where=key)
    reading.day(raw, key)


def _count(raw: Raw, key: str) -> None:
    reading.whole(raw, key, low=0, high=LARGEST)


def _schemes(raw: Raw, key: str) -> None:
    table = reading.table(raw, key)
    with reading.within(key):
        for scheme in table:
            _count(table, scheme)


Check = Callable[[Raw, str], object]
_DETAILS: Mapping[str, tuple[Check, Schema]] = {
    "expires_on": (_day, _DAY),
    "until": (_day, _DAY),
    "proof_on": (_day, _DAY),
    "exam_year": (
        lambda raw, key: reading.whole(raw, key, low=1990, high=2200),
        {"type": "integer", "minimum": 1990, "maximum": 2200},
    ),
    "lessons": (_count, _COUNT),
    "out_of": (_count, _COUNT),
    "total": (_count, _COUNT),
    "correct": (_count, _COUNT),
    "unit": (
        lambda raw, key: reading.whole(raw, key, low=1, high=5040),
        {"type": "integer", "minimum": 1, "maximum": 5040},
    ),
    "passed": (reading.flag, {"type": "boolean"}),
    "basis": (lambda raw, key: reading.choice(raw, key, BASES), {"enum": list(BASES)}),
    "form": (lambda raw, key: reading.choice(raw, key, FORMS), {"enum": list(FORMS)}),
    "area": (reading.text, _TEXT),
    "role": (reading.text, _TEXT),
    "event": (reading.text, _TEXT),
    "valid_in": (reading.text, _TEXT),
    "schemes": (_schemes, {"type": "object", "additionalProperties": _COUNT}),
}
"""What rules read of a detail, wherever it stands; other keys may say more and nobody asks."""


def read_fact(raw: Raw, *, number: int) -> Fact:
    """Return a fact from a table.

    :param number: its number, if the table gives none.
    :raises Invalid: with ``where`` naming the faulty key.
    """
    reading.only(raw, Fact._fields)
    kind = RecordKind(reading.choice(raw, "kind", list(RecordKind)))
    return Fact(
        number=_optional(raw, "number", low=1) or number,
        kind=kind,
        subject=_subject(raw, kind),
        on=reading.day(raw, "on"),
        quantity=_quantity(raw, kind),
        unit=_unit(raw, kind),
        scheme=reading.text(raw, "scheme", default=""),
        category=reading.text(raw, "category", default=""),
        detail=_detail(raw),
        corrects=_corrects(raw, kind),
    )


def _optional(raw: Raw, key: str, *, low: int) -> int | None:
    return None if raw.get(key) is None else reading.whole(raw, key, low=low, high=LARGEST)


def _subject(raw: Raw, kind: RecordKind) -> str:
    subject = reading.text(raw, "subject", at_most=200)
    noun = _SUBJECTS.get(kind)
    if noun is not None and (not subject.startswith(f"{noun}:") or subject == f"{noun}:"):
        raise Invalid("bad_subject", N_("要写成“%(noun)s:编号”"), where="subject", noun=noun)
    return subject


def _quantity(raw: Raw, kind: RecordKind) -> int | None:
    if kind in _MEASURED and raw.get("quantity") is None:
        raise Invalid("missing", N_("缺少这一项"), where="quantity")
    below = -LARGEST if kind == RecordKind.PAPER_SAT else 0  # negative marking exists
    return _optional(raw, "quantity", low=below)


def _unit(raw: Raw, kind: RecordKind) -> str:
    if kind == RecordKind.HOURS_CREDITED and "unit" in raw:
        return reading.choice(raw, "unit", _HOUR_UNITS)
    return reading.text(raw, "unit", default="")


def _detail(raw: Raw) -> Mapping[str, Any]:
    if "detail" not in raw:
        return {}
    detail = reading.table(raw, "detail")
    with reading.within("detail"):
        for key in detail:
            if key in _DETAILS:
                check, _schema = _DETAILS[key]
                check(detail, key)
    return detail


def _corrects(raw: Raw, kind: RecordKind) -> int | None:
    corrects = _optional(raw, "corrects", low=1)
    if kind == RecordKind.CORRECTED and corrects is None:
        raise Invalid("missing", N_("缺少这一项"), where="corrects")
    if corrects is not None and corrects == raw.get("number"):
        raise Invalid("corrects_itself", N_("不能更正自己"), where="corrects")
    return corrects


def facts_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a file of facts."""
    nullable_count = {"type": ["integer", "null"], "minimum": 1, "maximum": LARGEST}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Records of one learner, oldest first",
        "type": "array",
        "items": {
            "type": "object",
            "required": ["kind", "subject", "on"],
            "additionalProperties": False,
            "properties": {
                "number": nullable_count,
                "kind": {"enum": [str(kind) for kind in RecordKind]},
                "subject": {"type": "string", "minLength": 1, "maxLength": 200},
                "on": _DAY,
                "quantity": {"type": ["integer", "null"], "minimum": -LARGEST, "maximum": LARGEST},
                "unit": {"type": "string"},
                "scheme": {"type": "string"},
                "category": {"type": "string"},
                "corrects": nullable_count,
                "detail": {
                    "type": "object",
                    "properties": {key: schema for key, (_check, schema) in _DETAILS.items()},
                },
            },
            "allOf": [_when(kind) for kind in RecordKind if _demands(kind)],
        },
    }


def _demands(kind: RecordKind) -> Schema:
    """Return what a kind asks beyond what every fact must be."""
    found: Schema = {}
    if kind in _SUBJECTS:
        found["properties"] = {"subject": {"pattern": f"^{_SUBJECTS[kind]}:."}}
    if kind in _MEASURED:
        found["required"] = ["quantity"]
        found.setdefault("properties", {})["quantity"] = _COUNT
    if kind == RecordKind.HOURS_CREDITED:
        found["properties"]["unit"] = {"enum": list(_HOUR_UNITS)}
    if kind == RecordKind.CORRECTED:
        found["required"] = ["corrects"]
        found["properties"] = {"corrects": {"type": "integer", "minimum": 1}}
    return found


def _when(kind: RecordKind) -> Schema:
    return {
        "if": {"properties": {"kind": {"const": str(kind)}}, "required": ["kind"]},
        "then": _demands(kind),
    }
