"""Values of the audit trail. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FAULTS_KEPT = 100
"""How many faults the row of a check keeps; the command tells all of them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where the trail is not what it was when it was sealed."""

    number: int
    """The link's number in the chain, from 1."""
    entry_id: int
    what: str
    """``missing_entry``, ``edited_entry``, ``missing_link``, ``broken_link``, ``missing_tail``;
    of an export also ``edited_line``, ``unknown_link``, ``missing_lines``, ``no_end``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of checking the chain."""

    links: int
    """How many links were checked."""
    head: str
    """The digest of the last link: note it elsewhere and even a cut-off tail can be told."""
    faults: tuple[Fault, ...]
    first_number: int = 1
    """The link from which on it was checked."""


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One entry as an export carries it, with its place in the chain."""

    number: int
    entry_id: int
    at: datetime
    actor_id: int | None
    verb: str
    subject: str
    facts: Mapping[str, Any]
    previous: str
    """The digest of the link before."""
    digest: str


@dataclass(frozen=True, slots=True)
class ExportEnd:
    """The last line of an export."""

    lines: int
    head: str
    """The digest of the chain's last link when the export began."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """How far the chain is, and what its last check found."""

    links: int
    head: str
    sealed_at: datetime | None
    checked_at: datetime | None
    checked_links: int
    first_number: int
    faults: tuple[Fault, ...]
