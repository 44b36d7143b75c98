"""JSON in one form: the same value always gives the same text. Pure."""

import json
from typing import Any


def to_json(value: Any) -> str:
    """Write JSON with Chinese left readable and keys in order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
