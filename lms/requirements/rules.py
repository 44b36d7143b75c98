"""Read requirements, judge them on facts, explain the verdict. Pure.

requirement = read_requirement({"kind": "course_completed", "course": "basics"})
progress = evaluate(requirement, facts, on=date(2026, 11, 1), started_on=date(2026, 9, 1))
explain(progress).next_step
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.metadata import entry_points
from typing import Any

from babel.dates import format_date

from lms.kernel import reading
from lms.kernel.discovery import discover
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact
from lms.requirements import kinds
from lms.requirements.types import (
    Context,
    Evidence,
    Explanation,
    Named,
    Part,
    Progress,
    Requirement,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Words,
    last_day,
)

COMMON_KEYS = frozenset({"kind", "id", "title", "title_en", "due_days", "due_on"})
"""The keys that every node may have."""

PROVIDED = ("course:", "paper:")
"""What is made here and referred to: one that does not exist is an author's fault."""

DEEPEST = 20
"""Levels of a tree; more is a mistake."""


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


def read_requirement(raw: Raw) -> Requirement:
    """Read an author's table with all below it.

    :raises Invalid: with ``where`` naming the faulty key: ``of.1.course``.
    """
    requirement = _read(raw, level=1)
    ids = Counter(node.id for _place, node in requirement.walk() if node.id)
    for place, node in requirement.walk():
        if ids[node.id] > 1:
            where = ".".join(str(part) for part in (*place, "id"))
            raise Invalid("alike", N_("编号“%(id)s”用了不止一次"), where=where, id=node.id)
    return requirement


@lru_cache(maxsize=1024)
def read_stored(text: str) -> Requirement:
    """Read a requirement from JSON as a goal keeps it. The same text is read once.

    :raises Invalid: it was written by a version of the program that knew other kinds.
    """
    return read_requirement(json.loads(text))


def _read(raw: Raw, *, level: int) -> Requirement:
    if level > DEEPEST:
        raise Invalid("too_deep", N_("嵌套太深，最多 %(n)s 层"), where="kind", n=DEEPEST)
    name = reading.choice(raw, "kind", all_kinds())
    kind = all_kinds()[name]
    reading.only(raw, COMMON_KEYS | kind.keys)
    if "due_days" in raw and raw.get("due_on") is not None:
        raise Invalid("two_deadlines", N_("due_days 与 due_on 只能写一个"), where="due_days")
    spec = kind.read(raw, lambda inner: _read(inner, level=level + 1))
    return Requirement(
        kind=name,
        spec=spec,
        id=reading.identifier(raw) if "id" in raw else "",
        title=reading.text(raw, "title", default="", at_most=200),
        title_en=reading.text(raw, "title_en", default="", at_most=200),
        due_days=reading.whole(raw, "due_days", low=0, high=3660) if "due_days" in raw else None,
        due_on=reading.optional_day(raw, "due_on"),
        references=kind.references(spec),
        children=kind.children(spec),
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


def evaluate(
    requirement: Requirement,
    facts: Iterable[Fact],
    *,
    on: date,
    started_on: date,
    titles: Titles | None = None,
) -> Progress:
    """Judge a requirement on facts, as of the end of a day.

    Facts of later days and corrected facts do not count. A fact ``exempted`` about a node's
    ``id``, or about everything that the node refers to, makes it exempt.

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
    return _judge(requirement, evidence, started_on, titles or {}, None)


def _judge(
    node: Requirement,
    evidence: Evidence,
    started_on: date,
    titles: Titles,
    inherited: date | None,
) -> Progress:
    due_on = min((d for d in (node.deadline(started_on), inherited) if d), default=None)
    context = Context(
        evidence=evidence,
        started_on=started_on,
        titles=titles,
        judge=lambda child: _judge(child, evidence, started_on, titles, due_on),
    )
    kind = all_kinds()[node.kind]
    verdict = kind.evaluate(node.spec, context)
    if not verdict.state.satisfied:
        verdict = _exempt(node, evidence, verdict) or verdict
    keys = {} if node.title else {ref: Named(_key(ref), _key(ref)) for ref in node.references}
    what = kind.describe(node.spec, {**keys, **titles})
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
    )


def _key(reference: str) -> str:
    return reference.partition(":")[2]


def _exempt(node: Requirement, evidence: Evidence, verdict: Verdict) -> Verdict | None:
    """Return the verdict on a node that need not be done, or none if it must be."""
    grounds = [evidence.exemption(node.id)] if node.id else []
    if not any(grounds) and node.references:
        grounds = [evidence.exemption(reference) for reference in node.references]
    facts = [fact for fact in grounds if fact is not None]
    if not facts or len(facts) < len(grounds):
        return None
    return Verdict(
        State.EXEMPT,
        100,
        met_on=max(fact.on for fact in facts),
        expires_on=min((last for last in map(last_day, facts) if last), default=None),
        says=(Sentence(N_("已获准免修")),),
        children=verdict.children,
    )


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
    )


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
    return max((day for day in map(last_due_on, progress.children) if day), default=None)


def standing(state: State, expires_on: date | None, *, on: date) -> State:
    """Return how a stored verdict stands on a later day, when nothing was recorded since."""
    if state.satisfied and expires_on is not None and expires_on < on:
        return State.LAPSED
    return state


def deadline_words(due_on: date, *, on: date) -> Sentence:
    """Say how far away a deadline is. On its own day it is still in time."""
    days = (due_on - on).days
    if days > 1:
        return Sentence(N_("还有 %(n)s 天"), {"n": days})
    if days < -1:
        return Sentence(N_("已逾期 %(n)s 天"), {"n": -days})
    return Sentence((N_("已逾期 1 天"), N_("今天截止"), N_("还有 1 天"))[days + 1])


def spoken(words: Words, *, translate: Callable[[str], str] = str, language: str = "zh") -> str:
    """Return words as somebody reads them, with the catalogue of their language.

    :param translate: ``flask_babel.gettext``, or nothing for Chinese.
    """
    if isinstance(words, Named):
        return words.en if language == "en" and words.en else words.zh
    values = {
        key: _spoken_value(value, translate=translate, language=language)
        for key, value in words.params.items()
    }
    sentence = translate(words.msgid)
    return sentence % values if values else sentence


def _spoken_value(value: object, *, translate: Callable[[str], str], language: str) -> str:
    if isinstance(value, Named | Sentence):
        return spoken(value, translate=translate, language=language)
    if isinstance(value, date):
        english = language == "en"
        return format_date(
            value, "d MMM y" if english else "y年M月d日", locale="en" if english else "zh_CN"
        )
    return str(value)


def part_of(progress: Progress) -> dict[str, Any]:
    """Return what is stored of one child of a goal's root."""
    days = {
        key: day.isoformat()
        for key in ("due_on", "met_on", "expires_on")
        if (day := getattr(progress, key)) is not None
    }
    return {"state": str(progress.state), "percent": progress.percent, **days}


def read_part(stored: Mapping[str, Any]) -> Part:
    """Return what :func:`part_of` stored as a value."""
    due_on, met_on, expires_on = (
        date.fromisoformat(stored[key]) if key in stored else None
        for key in ("due_on", "met_on", "expires_on")
    )
    return Part(State(stored["state"]), stored["percent"], due_on, met_on, expires_on)


def frozen(progress: Progress) -> dict[str, Any]:
    """Return a verdict with its reasons as JSON can hold it: what is stored as grounds."""
    found: dict[str, Any] = {
        "kind": progress.kind,
        "name": _frozen_words(progress.name),
        "state": str(progress.state),
        "percent": progress.percent,
    }
    if progress.id:
        found["id"] = progress.id
    for key in ("met_on", "due_on", "expires_on"):
        day: date | None = getattr(progress, key)
        if day is not None:
            found[key] = day.isoformat()
    if progress.says:
        found["says"] = [_frozen_words(sentence) for sentence in progress.says]
    if progress.references:
        found["references"] = list(progress.references)
    if progress.children:
        found["children"] = [frozen(child) for child in progress.children]
    return found


def _frozen_words(words: Words) -> dict[str, str]:
    """Keep titles in both languages; a sentence keeps its catalogue key too."""
    if isinstance(words, Named):
        return {"zh": words.zh, "en": words.en}
    return {"zh": spoken(words), "msgid": words.msgid}
