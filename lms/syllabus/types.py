"""Values of the outline. Pure."""

from dataclasses import dataclass

LEVELS = ("subject", "chapter", "section", "point")
CERTAINTIES = ("H", "M", "L")


@dataclass(frozen=True, slots=True)
class NodeText:
    """One place in an edition's tree."""

    key: str
    """Its path: ``2025/J-COMP/06/2/1``."""
    parent_key: str | None
    level: str
    subject: str
    position: int
    title: str
    title_en: str
    certainty: str
    source: str
