"""Read requirements from authors' tables, with what they name elsewhere."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import entry_points
from itertools import count
from typing import Any

from lms.kernel import reading
from lms.kernel.discovery import discover
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.requirements import kinds
from lms.requirements.types import Requirement, RequirementKind, node_name

COMMON_KEYS = frozenset(
    {"kind", "id", "title", "title_en", "due_days", "due_on", "optional", "use", "define"}
)
"""The keys that every node may have; ``define`` only the root."""

PROVIDED = ("course:", "paper:")
"""What is made here and referred to: one that does not exist is an author's fault."""

DEEPEST = 20
"""Levels of a tree; more is a mistake."""
MOST_NODES = 2000
"""Nodes of a tree with everything that it uses written out."""
TAKE_OPTIONAL = frozenset({"all", "points"})
"""The kinds whose children may be optional: where one of several is enough, every one is."""


@cache
def all_kinds() -> Mapping[str, RequirementKind[Any]]:
    """Return every kind by name: ours, and those of the entry points ``bixue.requirement_kinds``.

    :raises ValueError: a plug-in claims a name that is taken.
    """
    found = discover(kinds, "KIND")
    for point in entry_points(group="bixue.requirement_kinds"):
        kind = point.load()
        if kind.name in found:
            raise ValueError(f"{point.value}: the name {kind.name!r} is taken")
        found[kind.name] = kind
    return found


def read_requirement(raw: Raw, *, name: str = "") -> Requirement:
    """Read an author's table with all below it.

    A table under ``define`` may be used in several places by its name: ``{ use = "basics" }``.

    :param name: the goal's kind and key, ``program:station-talent-2026``, from which the nodes
        have their long names; empty for one that is not published.
    :raises Invalid: with ``where`` naming the faulty key: ``of.1.course``.
    """
    requirement = _read(written_out(raw), name=name, path="", level=1)
    if requirement.optional:
        raise Invalid("not_optional", N_("整体不能是选修"), where="optional")
    ids = Counter(node.id for _place, node in requirement.walk() if node.id)
    for place, node in requirement.walk():
        if ids[node.id] > 1:
            where = ".".join(str(part) for part in (*place, "id"))
            raise Invalid("alike", N_("编号“%(id)s”用了不止一次"), where=where, id=node.id)
    return requirement


@lru_cache(maxsize=1024)
def read_stored(text: str, name: str = "") -> Requirement:
    """Read a requirement from JSON as a goal keeps it. The same text is read once.

    :raises Invalid: it was written by a version of the program that knew other kinds.
    """
    return read_requirement(json.loads(text), name=name)


def written_out(raw: Raw) -> Raw:
    """Return a table in which every ``use`` stands as what its ``define`` says.

    What stands beside ``use`` (an id, a title, a deadline) outranks the definition.

    :raises Invalid: ``unknown_use``; ``cycle``, with the way around; ``too_many``.
    """
    definitions = reading.table(raw, "define") if "define" in raw else {}
    with reading.within("define"):
        for key in definitions:
            reading.table(definitions, key)
            with reading.within(key):
                _write_out(definitions[key], definitions, (key,), count(1), level=1)
    rest = {key: value for key, value in raw.items() if key != "define"}
    return _write_out(rest, definitions, (), count(1), level=1)


def _write_out(
    raw: Raw, definitions: Raw, inside: tuple[str, ...], nodes: Iterator[int], *, level: int
) -> dict[str, Any]:
    if level > DEEPEST:
        raise Invalid("too_deep", N_("嵌套太深，最多 %(n)s 层"), where="kind", n=DEEPEST)
    if next(nodes) > MOST_NODES:
        raise Invalid("too_many", N_("展开后太大，最多 %(n)s 个节点"), where="of", n=MOST_NODES)
    if "define" in raw:
        raise Invalid("define_below", N_("define 只能写在最外层"), where="define")
    if "use" in raw:
        key = reading.text(raw, "use")
        if key not in definitions:
            raise Invalid("unknown_use", N_("没有定义“%(key)s”"), where="use", key=key)
        if key in inside:
            way = " → ".join((*inside[inside.index(key) :], key))
            raise Invalid("cycle", N_("循环引用：%(way)s"), where="use", way=way)
        beside = {name: value for name, value in raw.items() if name != "use"}
        if beside.keys() & {"kind", "of"}:
            raise Invalid("use_and_kind", N_("写了 use 就不再写 kind 和 of"), where="use")
        used = reading.table(definitions, key)
        return _write_out(used, definitions, (*inside, key), nodes, level=level) | beside
    if "of" not in raw:
        return dict(raw)
    of = []
    for index, child in enumerate(reading.tables(raw, "of")):
        with reading.within("of", index):
            of.append(_write_out(child, definitions, inside, nodes, level=level + 1))
    return {**raw, "of": of}


def _read(raw: Raw, *, name: str, path: str, level: int) -> Requirement:
    if level > DEEPEST:
        raise Invalid("too_deep", N_("嵌套太深，最多 %(n)s 层"), where="kind", n=DEEPEST)
    kind_name = reading.choice(raw, "kind", all_kinds())
    kind = all_kinds()[kind_name]
    reading.only(raw, COMMON_KEYS | kind.keys)
    if "due_days" in raw and raw.get("due_on") is not None:
        raise Invalid("two_deadlines", N_("due_days 与 due_on 只能写一个"), where="due_days")
    positions = count(1)

    def read_child(inner: Raw) -> Requirement:
        step = inner["id"] if isinstance(inner.get("id"), str) else f"@{next(positions)}"
        if "id" in inner:
            next(positions)
        below = f"{path}/{step}" if path else step
        child = _read(inner, name=name, path=below, level=level + 1)
        if child.optional and kind_name not in TAKE_OPTIONAL:
            raise Invalid(
                "not_optional", N_("只有“全部完成”和“积分”里可以有选修"), where="optional"
            )
        return child

    node_id = reading.identifier(raw) if "id" in raw else ""
    spec = kind.read(raw, read_child)
    long_name = node_name(name, path)
    return Requirement(
        kind=kind_name,
        spec=spec,
        id=node_id,
        title=reading.text(raw, "title", default="", at_most=200),
        title_en=reading.text(raw, "title_en", default="", at_most=200),
        due_days=reading.whole(raw, "due_days", low=0, high=3660) if "due_days" in raw else None,
        due_on=reading.optional_day(raw, "due_on"),
        references=kind.references(spec),
        children=kind.children(spec),
        optional=reading.flag(raw, "optional", default=False),
        name=long_name,
        # in a file of its own a bare id is nobody else's
        spared_by=tuple(filter(None, (long_name, "" if name else node_id))),
    )


def unknown_references(
    requirement: Requirement, known: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield place and reference of each course and paper in a tree that does not exist.

    :param known: the references that exist: ``course:basics``.
    """
    for place, node in requirement.walk():
        for reference in node.references:
            if reference.startswith(PROVIDED) and reference not in known:
                yield place, reference
