"""What a question is found by, and how many there are below a place of the outline. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from lms.kernel.reading import Raw
from lms.question_bank.rules.parts import texts_in


def search_text(version: Mapping[str, Any]) -> str:
    """Return everything a question says, one part a line: what somebody may remember of it.

    :param version: ``key``, ``stem``, ``spec``, ``explanation``, ``source`` and ``tags``.
    """
    source: Raw = version["source"]
    return "\n".join(
        (
            version["key"],
            version["stem"],
            *texts_in(version["spec"]),
            version["explanation"],
            *(source.get(name, "") for name in ("title", "edition", "article")),
            *version["tags"],
        )
    )


def resting_on(source: Raw) -> str:
    """Return the law or policy that a source names; empty for a concept."""
    return "" if source["kind"] == "concept" else str(source["title"])


def edition_of(source: Raw) -> str:
    """Return which text of a law or policy a source names; empty if none."""
    return "" if source["kind"] == "concept" else str(source.get("edition", ""))


def counts_below(own: Mapping[str, int]) -> Counter[str]:
    """Return how many questions belong to each place of an outline or to a place below it.

    :param own: how many belong to a place itself, by its key: ``2025/J-COMP/06/2``.
    """
    counts: Counter[str] = Counter()
    for key, number in own.items():
        parts = key.split("/")
        for depth in range(1, len(parts) + 1):
            counts["/".join(parts[:depth])] += number
    return counts
