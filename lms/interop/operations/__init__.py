"""Imports: a preview of a list, then the list; a preview of questions, then their drafts."""

from functools import partial

from lms.interop.operations.asking import ask_import, ask_preview, choose
from lms.interop.operations.bank import carry_away
from lms.interop.operations.bank import carry_out as import_questions
from lms.interop.operations.bank import check as check_questions
from lms.interop.operations.organizations import Organizations
from lms.interop.operations.people import People
from lms.interop.operations.running import carry_out, check
from lms.interop.operations.tools import Kind, Tools
from lms.jobs.types import JobKind
from lms.kernel.errors import N_

KINDS: dict[str, Kind] = {"people": People(), "organizations": Organizations()}
"""The kinds of lists, by the word that stands in addresses."""

_LABELS = {
    "people": (N_("核对人员名单"), N_("导入人员名单")),
    "organizations": (N_("核对单位名单"), N_("导入单位名单")),
}


def kinds(tools: Tools) -> list[JobKind]:
    """Return the kinds of jobs that imports are made of."""
    found = []
    for name, kind in KINDS.items():
        checking, doing = _LABELS[name]
        found += [
            JobKind(f"{name}.check", checking, partial(check, kind, tools), "interop.preview"),
            JobKind(f"{name}.import", doing, partial(carry_out, kind, tools), "interop.outcome"),
        ]
    return [
        *found,
        JobKind(
            "questions.check",
            N_("核对试题"),
            partial(check_questions, tools),
            "interop.question_preview",
        ),
        JobKind(
            "questions.import",
            N_("导入试题"),
            partial(import_questions, tools),
            "interop.question_outcome",
        ),
        JobKind(
            "questions.export",
            N_("导出试题"),
            partial(carry_away, tools),
            "interop.question_export",
        ),
    ]


__all__ = ["KINDS", "Tools", "ask_import", "ask_preview", "choose", "kinds"]
