"""The bank, for instructors and reviewers: browse by outline, search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.unit_of_work import reading
from lms.kernel.errors import N_, Invalid, NotFound
from lms.question_bank import queries, rules
from lms.question_bank.types import DraftState, Filters, FoundQuestion
from lms.syllabus import queries as syllabus
from lms.syllabus.types import NodeText

bp = Blueprint("question_bank", __name__)

STATES = {
    "ready": N_("可用"),
    "retired": N_("不再使用"),
    queries.STALE: N_("依据已变"),
    "draft": N_("草稿"),
    "in_review": N_("待审核"),
    "returned": N_("已退回"),
}
"""What can be looked for; the last three are drafts, which have a list of their own."""
DIFFICULTIES = {1: N_("易"), 2: N_("中"), 3: N_("难")}


@dataclass(frozen=True, slots=True)
class Branch:
    """A place of the outline with what is below it."""

    node: NodeText
    questions: int
    """In it and below it."""
    below: Sequence["Branch"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a search found."""

    rows: Sequence[FoundQuestion]
    total: int
    more: int | None
    """The id of the last question on the page, if there are more."""


@bp.get("/teaching/bank")
@needs("teaching.view")
def bank() -> ResponseReturnValue:
    """Show the outline with how many questions each place has, and what a search finds."""
    session = reading()
    filters = filters_asked()
    if filters.state in list(DraftState):
        return redirect(url_for(".drafts", **words_asked(filters)), code=303)
    nodes = {node.key: node for node in syllabus.nodes(session)}
    if filters.node and filters.node not in nodes:
        raise NotFound("no_node", N_("大纲里没有这一处"))
    counts = rules.counts_below(queries.point_counts(session))
    result, refusal = None, None
    if not filters.is_empty:
        try:
            result = _result(filters)
        except Invalid as fault:
            refusal = fault
    page = render_template(
        "question_bank/bank.html",
        filters=filters,
        asked=words_asked(filters),
        branches=_branches(nodes, counts, under=filters.node),
        path=_path(nodes, filters.node),
        nodes=nodes,
        total=sum(counts[key] for key in counts if "/" not in key),
        result=result,
        refusal=refusal,
        subjects=_subjects(nodes),
        kinds={name: kind.label for name, kind in rules.all_kinds().items()},
        laws=queries.laws(session),
        states=STATES,
        difficulties=DIFFICULTIES,
        waiting=queries.waiting(session),
        may_write=current_user.may("bank.write"),
    )
    return page, 422 if refusal else 200


def filters_asked() -> Filters:
    """Read what is looked for; what nobody can look for does not matter."""
    args = request.values
    difficulty = args.get("difficulty", type=row_number) or 0
    return Filters(
        words=args.get("q", "").strip(),
        node=args.get("node", ""),
        subject=args.get("subject", ""),
        kind=args.get("kind", ""),
        difficulty=difficulty if difficulty in DIFFICULTIES else 0,
        state=args.get("state", ""),
        law=args.get("law", ""),
        edition=args.get("edition", ""),
    )


def words_asked(filters: Filters) -> dict[str, Any]:
    """Return the address's words for what is looked for, to go on to the next page."""
    asked = {
        "q": filters.words,
        "node": filters.node,
        "subject": filters.subject,
        "kind": filters.kind,
        "difficulty": filters.difficulty,
        "state": filters.state,
        "law": filters.law,
        "edition": filters.edition,
    }
    return {name: value for name, value in asked.items() if value}


def _result(filters: Filters) -> Result:
    """Return a page of what is looked for.

    :raises Invalid: ``long_query``.
    """
    after = request.args.get("after", type=row_number) or 0
    rows = queries.found(reading(), filters, after=after)
    return Result(
        rows=rows[: queries.PAGE],
        total=queries.how_many(reading(), filters),
        more=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
    )


def _branches(
    nodes: Mapping[str, NodeText], counts: Mapping[str, int], *, under: str
) -> list[Branch]:
    """Return the places below one, each with the places below it; without one, the subjects."""
    below: dict[str | None, list[NodeText]] = {}
    for node in nodes.values():
        below.setdefault(node.parent_key, []).append(node)
    return [
        Branch(
            node,
            counts.get(node.key, 0),
            [Branch(inner, counts.get(inner.key, 0), ()) for inner in below.get(node.key, ())],
        )
        for node in below.get(under or None, ())
    ]


def _path(nodes: Mapping[str, NodeText], key: str) -> list[NodeText]:
    """Return the places above one and itself, from the top."""
    path: list[NodeText] = []
    node = nodes.get(key)
    while node is not None:
        path.append(node)
        node = nodes.get(node.parent_key or "")
    return path[::-1]


def _subjects(nodes: Mapping[str, NodeText]) -> dict[str, NodeText]:
    """Return the subjects by code, as the newest edition calls them."""
    return {node.subject: node for node in nodes.values() if node.level == "subject"}
