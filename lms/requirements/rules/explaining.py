"""Say why not yet: what is met, what is missing, what comes next."""

from datetime import date

from lms.kernel.errors import N_
from lms.requirements.rules.words import deadline_words
from lms.requirements.types import Explanation, Listed, Params, Plan, Progress, Sentence, State


def missing(progress: Progress) -> tuple[Progress, ...]:
    """Return the leaves that are still to be done, by the shortest way.

    When they are done the whole is met, and none of them can be left out.
    """
    if progress.satisfied:
        return ()
    if not progress.shortest:
        return (progress,)
    return tuple(leaf for i in progress.shortest for leaf in missing(progress.children[i]))


def explain(progress: Progress) -> Explanation:
    """Say what is met, what is missing and what comes next."""
    open_ = missing(progress)
    return Explanation(
        met=tuple(leaf for leaf in progress.leaves() if leaf.satisfied),
        missing=open_,
        next_step=min(open_, key=lambda leaf: leaf.due_on or date.max, default=None),
        next_on=min(
            (day for leaf in open_ for day in (leaf.due_on, leaf.next_on) if day), default=None
        ),
    )


def told(progress: Progress, *, on: date) -> tuple[Sentence, ...]:
    """Say in sentences how somebody stands: the smallest set of what is missing, and when.

    The first sentence is the whole; then one for each leaf of the shortest way, with what is left
    of it; at last the next dated step.
    """
    if progress.satisfied:
        return (*_done(progress), *progress.says)
    explanation = explain(progress)
    names = Listed(tuple(leaf.name for leaf in explanation.missing))
    params = {"name": progress.name, "n": len(explanation.missing), "missing": names}
    whole = {
        State.IMPOSSIBLE: N_("“%(name)s”按现有记录已无法达到，卡在：%(missing)s"),
        State.LAPSED: N_("“%(name)s”曾经达到，现已失效，还差 %(n)s 项：%(missing)s"),
    }.get(progress.state, N_("“%(name)s”还差 %(n)s 项：%(missing)s"))
    leaves = [
        Sentence(N_("%(name)s：%(what)s"), {"name": leaf.name, "what": sentence})
        for leaf in explanation.missing
        for sentence in (leaf.left or leaf.says)
    ]
    return (Sentence(whole, params), *leaves, *_next(explanation, on=on))


def _done(progress: Progress) -> tuple[Sentence, ...]:
    params = {"name": progress.name}
    if progress.state == State.EXEMPT:
        return (Sentence(N_("“%(name)s”不用做"), params),)
    first = Sentence(N_("“%(name)s”已完成"), params)
    if progress.expires_on is None:
        return (first,)
    return first, Sentence(N_("有效至 %(day)s"), {"day": progress.expires_on})


def _next(explanation: Explanation, *, on: date) -> tuple[Sentence, ...]:
    day, step = explanation.next_on, explanation.next_step
    if step is None:
        return ()
    if day is None:
        return (Sentence(N_("下一步：%(name)s"), {"name": step.name}),)
    first = next(leaf for leaf in explanation.missing if day in {leaf.due_on, leaf.next_on})
    params = {"name": first.name, "day": day, "when": deadline_words(day, on=on)}
    return (Sentence(N_("下一步：%(name)s，到 %(day)s 为止（%(when)s）"), params),)


def plan_words(plan: Plan) -> tuple[Sentence, ...]:
    """Say a plan in sentences: what has to be done by when, and what is lost otherwise."""
    if not plan.possible:
        params: Params = {"name": plan.progress.name, "day": plan.by}
        return (Sentence(N_("到 %(day)s，“%(name)s”没有已知的办法可以达到"), params),)
    if not plan.steps:
        params = {"name": plan.progress.name, "day": plan.by}
        return (Sentence(N_("到 %(day)s，“%(name)s”不用再做什么就能达到"), params),)
    whole = Sentence(
        N_("到 %(day)s 达到“%(name)s”，最省的办法是 %(n)s 步"),
        {"name": plan.progress.name, "day": plan.by, "n": len(plan.steps)},
    )
    steps: list[Sentence] = []
    for step in plan.steps:
        told_: Params = {"day": step.by, "what": step.says, "lost": step.or_else or ""}
        sentence = N_("%(day)s 前：%(what)s")
        if step.or_else is not None:
            sentence = N_("%(day)s 前：%(what)s；%(lost)s")
        steps.append(Sentence(sentence, told_))
    return (whole, *steps)


def overdue(progress: Progress, on: date) -> tuple[Progress, ...]:
    """Return what is missing and should have been done before a day."""
    return tuple(leaf for leaf in missing(progress) if is_overdue(leaf.state, leaf.due_on, on=on))


def is_overdue(state: State, due_on: date | None, *, on: date) -> bool:
    """Say whether a deadline has passed unmet. The deadline is the end of its day."""
    return not state.satisfied and due_on is not None and due_on < on


def next_due_on(progress: Progress) -> date | None:
    """Return the earliest deadline among what is missing."""
    return min((leaf.due_on for leaf in missing(progress) if leaf.due_on), default=None)


def last_due_on(progress: Progress) -> date | None:
    """Return the last day for the whole: its own deadline, or the latest below it."""
    if progress.due_on is not None:
        return progress.due_on
    asked = (child for child in progress.children if not child.optional)
    return max((day for day in map(last_due_on, asked) if day), default=None)
