"""A question as learners will see it, while it is being written."""

from dataclasses import dataclass, replace
from typing import Any

from flask import render_template
from markupsafe import Markup

from lms.http.markdown import render, render_inline
from lms.kernel.errors import Invalid
from lms.question_bank import rules
from lms.question_bank.types import Draft, Finding, Outline, QuestionText


@dataclass(frozen=True, slots=True)
class Shown:
    """What a kind's widget is given."""

    stem: Markup
    options: list[tuple[str, Markup]]


@dataclass(frozen=True, slots=True)
class Preview:
    """A working text as its page shows it."""

    kind: str
    question: Any
    """What the widget of the kind is given; none while the text cannot be read as its kind."""
    right: str
    explanation: Markup
    findings: list[Finding]

    @property
    def is_publishable(self) -> bool:
        """Say whether nothing keeps it from being handed in."""
        return rules.is_publishable(self.findings)


def widget_values(text: QuestionText) -> Any:
    """Return what ``templates/question_bank/kinds/<kind>.html`` shows of a question.

    The one place of the editor that knows what widgets want.

    :raises Invalid: the kind's table cannot be read.
    """
    rules.kind_named(text.kind).read_spec(text.spec)
    return Shown(
        stem=render(text.stem),
        options=[
            (letter, render_inline(words))
            for letter, words in rules.options_shown(text.kind, text.spec)
        ],
    )


def preview(draft: Draft, outline: Outline) -> Preview:
    """Return a working text as learners will see it, and what is wrong with it."""
    text = rules.as_text(draft, on=outline.on)
    question, right = _widget(text), ""
    if question is not None and text.spec.get("answer") != "":
        right = rules.right_letters(text.kind, text.spec)
    return Preview(
        kind=draft.kind,
        question=question,
        right=right,
        explanation=render(draft.explanation),
        findings=rules.check_draft(draft, outline),
    )


def _widget(text: QuestionText) -> Any:
    """Return what a widget shows, also while no option is ticked yet; none if there is nothing."""
    waiting = rules.has_options(text.kind) and not text.spec.get("answer")
    for spec in [{**text.spec, "answer": key} for key in ("A", "AB")] if waiting else [text.spec]:
        try:
            return widget_values(replace(text, spec=spec))
        except Invalid:
            continue  # told by the findings
    return None


def fragment(found: Preview) -> str:
    """Return the part of a page that shows a working text."""
    return render_template("question_bank/_preview.html", preview=found)
