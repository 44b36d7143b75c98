"""A question as learners will see it, while it is being written."""

from dataclasses import dataclass, replace

from flask import render_template
from markupsafe import Markup

from lms.http.markdown import render
from lms.kernel.errors import Invalid
from lms.question_bank import rules
from lms.question_bank.showing import ShownQuestion, show
from lms.question_bank.types import Draft, Finding, Marking, Outcome, Outline, QuestionText


@dataclass(frozen=True, slots=True)
class Preview:
    """A working text as its page shows it."""

    kind: str
    question: ShownQuestion | None
    """None while the text cannot be read as its kind."""
    outcomes: tuple[Outcome, ...]
    """What is right, field by field; empty while there is no key."""
    explanation: Markup
    findings: list[Finding]

    @property
    def unit(self) -> int:
        """The parts of a point in which scoring points are told."""
        return Marking.whole().unit

    @property
    def is_publishable(self) -> bool:
        """Say whether nothing keeps it from being handed in."""
        return rules.is_publishable(self.findings)


def widget_values(text: QuestionText) -> ShownQuestion:
    """Return what ``templates/question_bank/kinds/<kind>.html`` shows of a question.

    :raises Invalid: the kind's table cannot be read.
    """
    rules.kind_named(text.kind).read_spec(text.spec)
    return show(text.kind, text.stem, text.spec)


def preview(draft: Draft, outline: Outline) -> Preview:
    """Return a working text as learners will see it, and what is wrong with it."""
    text = rules.as_text(draft, on=outline.on)
    question = _widget(text)
    outcomes: tuple[Outcome, ...] = ()
    if question is not None and text.spec.get("answer") != "":
        outcomes = rules.explain(text.kind, text.spec, "", Marking.whole())
    return Preview(
        kind=draft.kind,
        question=question,
        outcomes=outcomes,
        explanation=render(draft.explanation),
        findings=rules.check_draft(draft, outline),
    )


def _widget(text: QuestionText) -> ShownQuestion | None:
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
