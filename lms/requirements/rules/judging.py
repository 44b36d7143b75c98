"""Judge requirements on facts."""

from collections.abc import Iterable
from datetime import date

from lms.kernel.errors import N_
from lms.records.types import Fact, RecordKind, last_day
from lms.requirements.rules.reading import all_kinds
from lms.requirements.types import (
    Context,
    Evidence,
    Named,
    Progress,
    Requirement,
    Sentence,
    Sitting,
    State,
    Titles,
    Verdict,
)


def evaluate(
    requirement: Requirement,
    facts: Iterable[Fact],
    *,
    on: date,
    started_on: date,
    titles: Titles | None = None,
) -> Progress:
    """Judge a requirement on facts, as of the end of a day.

    Facts of later days do not count, corrections among them; nor do corrected facts. A fact
    ``exempted`` about a node's long name, or about everything that the node refers to, makes it
    exempt; about a node's bare ``id`` only in a requirement without a name of its own.

    :param started_on: the day from which relative deadlines and ``since_start`` are counted.
    :param titles: titles of what is referred to, for nodes that have none of their own.
    """
    return judge(requirement, Evidence.of(facts, on=on), started_on=started_on, titles=titles)


def judge(
    requirement: Requirement,
    evidence: Evidence,
    *,
    started_on: date,
    titles: Titles | None = None,
) -> Progress:
    """Judge a requirement on evidence that is arranged already: one learner, many goals."""
    return judge_node(requirement, evidence, started_on, titles or {}, None)


def judge_node(
    node: Requirement,
    evidence: Evidence,
    started_on: date,
    titles: Titles,
    inherited: date | None,
) -> Progress:
    """Judge one node and all below it.

    :param inherited: the deadline of what is above.
    """
    due_on = earlier(node.deadline(started_on), inherited)
    kind = all_kinds()[node.kind]
    context = context_of(evidence, started_on, titles, due_on)
    verdict = kind.evaluate(node.spec, context)
    if not verdict.state.satisfied:
        verdict = _exempt(node, evidence, verdict) or verdict
    what = kind.describe(node.spec, _named(node, titles))
    return Progress(
        kind=node.kind,
        id=node.id,
        name=Named(node.title, node.title_en) if node.title else what,
        what=what,
        state=verdict.state,
        percent=verdict.percent,
        met_on=verdict.met_on,
        due_on=due_on,
        expires_on=verdict.expires_on,
        says=verdict.says,
        references=node.references,
        children=verdict.children,
        shortest=verdict.shortest,
        left=verdict.left,
        next_on=verdict.next_on,
        area=verdict.area,
        optional=node.optional,
        node=node.name,
    )


def context_of(
    evidence: Evidence,
    started_on: date,
    titles: Titles,
    due_on: date | None,
    *,
    sittings: tuple[Sitting, ...] = (),
    today: date | None = None,
) -> Context:
    """Return what a kind may look at.

    :param due_on: the deadline that the node hands down to its children.
    """
    return Context(
        evidence=evidence,
        started_on=started_on,
        titles=titles,
        judge=lambda child: judge_node(child, evidence, started_on, titles, due_on),
        sittings=sittings,
        today=today,
    )


def earlier(one: date | None, other: date | None) -> date | None:
    """Return the earlier of two days that may be none."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def _named(node: Requirement, titles: Titles) -> Titles:
    """Return the titles that a node's words may use: its keys stand for what nobody named."""
    if node.title or not node.references:
        return titles
    unknown = {ref: _key(ref) for ref in node.references if ref not in titles}
    return {**titles, **{ref: Named(key, key) for ref, key in unknown.items()}}


def _key(reference: str) -> str:
    return reference.partition(":")[2]


def _exempt(node: Requirement, evidence: Evidence, verdict: Verdict) -> Verdict | None:
    """Return the verdict on a node that need not be done, or none if it must be."""
    if RecordKind.EXEMPTED not in evidence.by_kind:
        return None
    facts = _grounds(node, evidence)
    if not facts:
        return None
    return Verdict(
        State.EXEMPT,
        100,
        met_on=max(fact.on for fact in facts),
        expires_on=min((last for last in map(last_day, facts) if last), default=None),
        says=(Sentence(N_("已获准免修")),),
        children=verdict.children,
    )


def _grounds(node: Requirement, evidence: Evidence) -> list[Fact]:
    """Return the exemptions that together spare a node, or nothing."""
    for subject in node.spared_by:
        fact = evidence.exemption(subject)
        if fact is not None:
            return [fact]
    facts = [evidence.exemption(reference) for reference in node.references]
    return [fact for fact in facts if fact is not None] if all(facts) else []
