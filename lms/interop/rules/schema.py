"""The JSON Schema of an item, made from the dataclasses, so that it cannot say anything else."""

import types
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from lms.interop.types import Item, Note, Text

_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "number"},
    date: {"type": "string", "format": "date"},
}
_NOTE = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "line": {"type": ["integer", "null"]},
        "path": {"type": "string"},
    },
}
_HIDDEN = {"line"}


def json_schema() -> dict[str, Any]:
    """Return the schema of what the format ``json`` writes."""
    definitions: dict[str, Any] = {}
    item = _of(Item, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bixue questions",
        "type": "array",
        "items": item,
        "$defs": definitions,
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    if get_origin(kind) in {types.UnionType, Union}:
        some = [one for one in get_args(kind) if one is not type(None)]
        told = [_of(one, definitions) for one in some]
        is_optional = len(some) < len(get_args(kind))
        return {"anyOf": [*told, *([{"type": "null"}] if is_optional else [])]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _of(get_args(kind)[0], definitions)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [str(member) for member in kind]}
    if kind is Note:
        return _NOTE
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _object(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    assert is_dataclass(kind)  # noqa: S101 - only dataclasses are left
    hints = get_type_hints(kind)
    made = {
        entry.name: _of(hints[entry.name], definitions)
        for entry in fields(kind)
        if not (kind is Item and entry.name in _HIDDEN)
    }
    if kind is Text:
        made = {"html": {"type": "string"}, **made}
    if kind is Item:
        made["tolerance"] = {"type": ["number", "null"]}
        made["difficulty"] = {"enum": [1, 2, 3, None]}
    return {"type": "object", "properties": made, "required": sorted(made)}
