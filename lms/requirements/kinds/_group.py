"""What ALL, ANY and N-OF have in common: at least ``needed`` of the children."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    required = frozenset({"of"})

    def evaluate(self, spec: Group, context: Context) -> Verdict:
        return combine([context.judge(child) for child in spec.of], needed=spec.needed)

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {"of": CHILDREN_SCHEMA}

    def children(self, spec: Group) -> tuple[Requirement, ...]:
        return spec.of

    def weights(self, spec: Group) -> tuple[int, tuple[int, ...]]:
        return spec.needed, super().weights(spec)[1]


CHILDREN_SCHEMA = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/node"}}


def read_children(raw: Raw, read_child: ReadChild) -> tuple[Requirement, ...]:
    """Read the tables under ``of``; there is at least one."""
    found = []
    for index, part in enumerate(reading.tables(raw, "of", at_least=1)):
        with reading.within("of", index):
            found.append(read_child(part))
    return tuple(found)


def combine(children: Sequence[Progress], *, needed: int) -> Verdict:
    """Judge at least ``needed`` of the children that are not optional.

    Those that are no longer possible are the last to be asked for. The percentage is the mean of
    the ``needed`` that are furthest. Met since the day on which enough of them were met; until
    the day after which too few of them stay so.
    """
    asked = [child for child in children if not child.optional]
    done = [child for child in asked if child.satisfied]
    furthest = sorted(
        (i for i, child in enumerate(children) if not child.optional and not child.satisfied),
        key=lambda i: (children[i].state == State.IMPOSSIBLE, -children[i].percent, i),
    )
    percents = sorted((child.percent for child in asked), reverse=True)[:needed]
    met = len(done) >= needed
    return Verdict(
        state=_state(asked, needed=needed),
        percent=sum(percents) // needed,
        met_on=_complete_on(done, needed=needed) if met else None,
        expires_on=_expiry(done, needed=needed) if met else None,
        says=() if met else _still_open(len(done), needed=needed),
        children=tuple(children),
        shortest=() if met else tuple(sorted(furthest[: needed - len(done)])),
        area=_area(done, needed=needed) if met else "",
    )


def _area(done: Sequence[Progress], *, needed: int) -> str:
    """Return where alone the whole is valid: where what cannot be done without is."""
    bound = [child.area for child in done if child.area]
    return bound[0] if bound and len(done) - len(bound) < needed else ""


def _state(children: Sequence[Progress], *, needed: int) -> State:
    states = [child.state for child in children]
    satisfied = sum(state.satisfied for state in states)
    if satisfied >= needed:
        return State.MET if State.MET in states else State.EXEMPT
    if len(states) - states.count(State.IMPOSSIBLE) < needed:
        return State.IMPOSSIBLE
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
