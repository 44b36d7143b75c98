"""Requirements as JSON Schema: what an author's file may hold. Written from the kinds."""

from typing import Any

from lms.kernel.reading import IDENTIFIER
from lms.requirements.rules.reading import all_kinds
from lms.requirements.types import State

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_COMMON: Schema = {
    "id": {"type": "string", "pattern": f"^{IDENTIFIER.pattern}$"},
    "title": {"type": "string", "maxLength": 200},
    "title_en": {"type": "string", "maxLength": 200},
    "due_days": {"type": "integer", "minimum": 0, "maximum": 3660},
    "due_on": {"type": ["string", "null"], "format": "date"},
    "optional": {"type": "boolean"},
}
_ONE_DEADLINE: Schema = {
    "not": {"required": ["due_days", "due_on"], "properties": {"due_on": {"type": "string"}}}
}


def requirement_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a requirement, TOML dates told as ISO text.

    It knows the shape of every kind. What depends on several keys at once (totals that cannot be
    reached, cycles, ids used twice) only the reader knows.
    """
    kinds = all_kinds()
    used = {
        "type": "object",
        "required": ["use"],
        "additionalProperties": False,
        "properties": {**_COMMON, "use": {"type": "string"}},
        **_ONE_DEADLINE,
    }
    return {
        "$schema": DRAFT,
        "title": "Requirement",
        "allOf": [{"$ref": "#/$defs/node"}],
        "$defs": {
            "node": {
                "type": "object",
                "if": {"required": ["use"]},
                "then": {"$ref": "#/$defs/use"},
                "else": {
                    "required": ["kind"],
                    "properties": {"kind": {"enum": sorted(kinds)}},
                    "allOf": [
                        {
                            "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                            "then": {"$ref": f"#/$defs/{name}"},
                        }
                        for name in sorted(kinds)
                    ],
                },
            },
            "use": used,
            **{name: _kind(name) for name in sorted(kinds)},
        },
    }


def _kind(name: str) -> Schema:
    kind = all_kinds()[name]
    return {
        "required": ["kind", *sorted(kind.required)],
        "additionalProperties": False,
        "properties": {
            "kind": {"const": name},
            **_COMMON,
            "define": {"type": "object", "additionalProperties": {"$ref": "#/$defs/node"}},
            **dict(sorted(kind.properties().items())),
        },
        **_ONE_DEADLINE,
    }


def answer_schema() -> Schema:
    """Return the JSON Schema (2020-12) of the answer of ``lms requirements evaluate --json``."""
    day: Schema = {"type": "string", "format": "date"}
    words = {
        "type": "object",
        "required": ["zh"],
        "properties": {
            "zh": {"type": "string"},
            "en": {"type": "string"},
            "msgid": {"type": "string"},
        },
        "additionalProperties": False,
    }
    node = {
        "kind": {"type": "string"},
        "node": {"type": "string"},
        "name": {"$ref": "#/$defs/words"},
        "state": {"enum": [str(state) for state in State]},
        "percent": {"type": "integer", "minimum": 0, "maximum": 100},
        "id": {"type": "string"},
        "met_on": day,
        "due_on": day,
        "expires_on": day,
        "next_on": day,
        "says": {"type": "array", "items": {"$ref": "#/$defs/words"}},
        "left": {"type": "array", "items": {"$ref": "#/$defs/words"}},
        "area": {"type": "string"},
        "optional": {"const": True},
        "references": {"type": "array", "items": {"type": "string"}},
        "children": {"type": "array", "items": {"$ref": "#/$defs/progress"}},
    }
    progress = {"type": "object", "required": ["kind", "name", "state", "percent"]}
    return {
        "$schema": DRAFT,
        "title": "How a learner stands with a requirement on a day",
        "allOf": [{"$ref": "#/$defs/open"}],
        "type": "object",
        "required": ["on", "missing", "next_step"],
        "properties": {
            "on": day,
            "missing": {"type": "array", "items": {"$ref": "#/$defs/progress"}},
            "next_step": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/progress"}]},
        },
        "$defs": {
            "words": words,
            "open": {**progress, "properties": node},
            "progress": {**progress, "properties": node, "additionalProperties": False},
        },
    }
