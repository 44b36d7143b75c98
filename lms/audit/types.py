"""Values of the audit trail. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where the trail is not what it was when it was sealed."""

    number: int
    """The link's number in the chain, from 1."""
    entry_id: int
    what: str
    """``missing_entry``, ``edited_entry``, ``missing_link``, ``broken_link``, ``missing_tail``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of checking the whole chain."""

    links: int
    """How many links were checked."""
    head: str
    """The digest of the last link: note it elsewhere and even a cut-off tail can be told."""
    faults: tuple[Fault, ...]
