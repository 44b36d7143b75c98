"""A question as a page shows it, with the author's Markdown rendered: what widgets are given."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from lms.http.markdown import render, render_inline
from lms.kernel.reading import Raw
from lms.question_bank import rules
from lms.question_bank.rules import LETTERS
from lms.question_bank.types import Input, PointHit

MOST_FIELDS = 100
"""More than a question has."""

_HOLE = re.compile(r"\[\[([0-9]+)\]\]")


@dataclass(frozen=True, slots=True)
class ShownField:
    """One part of a question that is filled in; see :class:`lms.question_bank.types.Field`."""

    input: Input
    choices: list[tuple[str, Markup]]
    label: Markup
    unit: str
    longest: int


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question before it is answered: nothing of the key, nothing of the explanation."""

    kind: str
    stem: Markup
    fields: list[ShownField]
    is_inline: bool

    @property
    def options(self) -> list[tuple[str, Markup]]:
        """The choices of the first field: all there is of a question answered with letters."""
        return self.fields[0].choices

    @property
    def is_choice(self) -> bool:
        """Say whether it is answered with letters and nothing else."""
        return len(self.fields) == 1 and self.fields[0].input in {Input.ONE, Input.MANY}

    @property
    def has_letters(self) -> bool:
        """Say whether what is chosen among is called A, B, C … ."""
        return [value for value, _words in self.options] == list(LETTERS[: len(self.options)])

    def said(self, values: str) -> str | Markup:
        """Return what was picked as a sentence names it: by letters, else in words."""
        if self.has_letters:
            return values
        return Markup("、").join(words for value, words in self.options if value in values)

    @property
    def told(self) -> Markup:
        """The stem as it is read once nothing is to be filled in: gaps are numbers."""
        return Markup(_HOLE.sub(r"（\1）", self.stem) if self.is_inline else self.stem)  # noqa: S704 - cleaned

    @property
    def pieces(self) -> list[Markup]:
        """The stem around its fields: one piece more than there are holes ``[[1]]``."""
        return [Markup(piece) for piece in _HOLE.split(self.stem)[::2]]  # noqa: S704 - cleaned


def sent(values: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """Return what a page sent for a question, a text for each field.

    A question of one part sends ``name``, letters each as a value of their own; one of several
    parts sends ``name-1``, ``name-2`` ….
    """
    if name in values:
        return ["".join(values[name])]
    numbers = (key.removeprefix(f"{name}-") for key in values if key.startswith(f"{name}-"))
    known = {int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) < 4}
    most = min(max(known, default=0), MOST_FIELDS)
    return ["".join(values.get(f"{name}-{n}", ())) for n in range(1, most + 1)]


def pieces(text: str, points: Iterable[PointHit]) -> list[tuple[str, bool]]:
    """Return a written answer in pieces, each with whether it says a scoring point."""
    edges = sorted({0, len(text), *(edge for hit in points for span in hit.spans for edge in span)})
    spans = [span for hit in points for span in hit.spans]
    found: list[tuple[str, bool]] = []
    for start, end in pairwise(edges):
        is_said = any(low <= start and end <= high for low, high in spans)
        if found and found[-1][1] == is_said:
            found[-1] = (found[-1][0] + text[start:end], is_said)
        else:
            found.append((text[start:end], is_said))
    return found


def show(kind: str, stem: str, spec: Raw, order: Sequence[int] | None = None) -> ShownQuestion:
    """Return a question as a page shows it.

    :param order: the author's positions from the top; none for the author's own order.
    """
    found = rules.view(kind, spec, order)
    fields = [
        ShownField(
            field.input,
            [(value, render_inline(words)) for value, words in field.choices],
            render_inline(field.label) if field.label else Markup(),
            field.unit,
            field.longest,
        )
        for field in found.fields
    ]
    return ShownQuestion(kind, render(stem), fields, found.is_inline)
