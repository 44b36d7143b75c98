"""What ALL, ANY and N-OF have in common: at least ``needed`` of the children."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.requirements.types import (
    Context,
    Progress,
    ReadChild,
    Requirement,
    RequirementKind,
    Sentence,
    State,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Group:
    """At least so many of these."""

    needed: int
    of: tuple[Requirement, ...]


class GroupKind(RequirementKind[Group]):
    """A node that looks at nothing but its children."""

    keys = frozenset({"of"})

    def evaluate(self, spec: Group, context: Context) -> Verdict:
        return combine([context.judge(child) for child in spec.of], needed=spec.needed)

    def children(self, spec: Group) -> tuple[Requirement, ...]:
        return spec.of


def read_children(raw: Raw, read_child: ReadChild) -> tuple[Requirement, ...]:
    """Read the tables under ``of``; there is at least one."""
    found = []
    for index, part in enumerate(reading.tables(raw, "of", at_least=1)):
        with reading.within("of", index):
            found.append(read_child(part))
    return tuple(found)


def combine(children: Sequence[Progress], *, needed: int) -> Verdict:
    """Judge at least ``needed`` of the children.

    The percentage is the mean of the ``needed`` that are furthest. Met since the day on which
    enough of them were met; until the day after which too few of them stay so.
    """
    done = [child for child in children if child.satisfied]
    furthest = sorted(
        (index for index, child in enumerate(children) if not child.satisfied),
        key=lambda index: (-children[index].percent, index),
    )
    percents = sorted((child.percent for child in children), reverse=True)[:needed]
    met = len(done) >= needed
    return Verdict(
        state=_state(children, needed=needed),
        percent=sum(percents) // needed,
        met_on=_complete_on(done, needed=needed) if met else None,
        expires_on=_expiry(done, needed=needed) if met else None,
        says=() if met else _still_open(len(done), needed=needed),
        children=tuple(children),
        shortest=() if met else tuple(sorted(furthest[: needed - len(done)])),
    )


def _state(children: Sequence[Progress], *, needed: int) -> State:
    states = [child.state for child in children]
    satisfied = sum(state.satisfied for state in states)
    if satisfied >= needed:
        return State.MET if State.MET in states else State.EXEMPT
    if satisfied + states.count(State.LAPSED) >= needed:
        return State.LAPSED
    if all(state == State.NOT_STARTED for state in states):
        return State.NOT_STARTED
    return State.IN_PROGRESS


def _complete_on(done: Sequence[Progress], *, needed: int) -> date | None:
    first = sorted(child.met_on or date.min for child in done)[needed - 1]
    return None if first == date.min else first


def _expiry(done: Sequence[Progress], *, needed: int) -> date | None:
    last = sorted((child.expires_on or date.max for child in done), reverse=True)[needed - 1]
    return None if last == date.max else last


def _still_open(done: int, *, needed: int) -> tuple[Sentence, ...]:
    return (
        Sentence(N_("已完成 %(done)s 项，还差 %(left)s 项"), {"done": done, "left": needed - done}),
    )
