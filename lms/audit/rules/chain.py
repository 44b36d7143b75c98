"""The hash chain. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""What the first link is chained to."""

_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""Made once: a million entries are written this way in one check."""


def link_digest(
    previous: str,
    *,
    entry_id: int,
    at: datetime,
    actor_id: int | None,
    verb: str,
    subject: str,
    facts: Mapping[str, Any],
) -> str:
    """Return the SHA-256, in hex, of the previous digest and the entry's canonical JSON."""
    content = _canonical(
        [previous, entry_id, at.astimezone(UTC).isoformat(), actor_id, verb, subject, facts]
    )
    return hashlib.sha256(content.encode()).hexdigest()
