"""What changed from one version of a question to the next, in words. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from lms.kernel.errors import N_
from lms.question_bank.rules.marking import LETTERS, all_kinds
from lms.question_bank.rules.parts import Part, is_lettered, parts_of
from lms.question_bank.types import QuestionText, Snapshot

RELATED = 0.5
"""How alike two options are that one is the other rewritten (difflib's ratio)."""
DIFFICULTIES = {1: N_("易"), 2: N_("中"), 3: N_("难")}

_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+|\s+|.", re.DOTALL)


class How(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text that was compared."""

    how: How
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed."""

    code: str
    message: str
    """A message id, with the values of ``params``."""
    params: Mapping[str, object] = field(default_factory=dict)
    translated: tuple[str, ...] = ()
    """The names of ``params`` whose values are message ids themselves."""
    pieces: tuple[Piece, ...] = ()
    """The text in its old and its new form, where a text changed."""


def changes(before: Snapshot, after: Snapshot) -> list[Change]:
    """Return what an author changed, in the order in which a question is read."""
    old, new = before.text, after.text
    found = [
        *_kind(old.kind, new.kind),
        *_text("stem", N_("改了题干"), old.stem, new.stem),
        *_options(old.spec, new.spec),
        *_asked(old, new),
        *_text("explanation", N_("改了解析"), old.explanation, new.explanation),
        *_place(before, after),
    ]
    if old.difficulty != new.difficulty:
        params = {"old": DIFFICULTIES[old.difficulty], "new": DIFFICULTIES[new.difficulty]}
        message = N_("难度由“%(old)s”改为“%(new)s”")
        found.append(Change("difficulty", message, params, ("old", "new")))
    found += [*_source(old.source, new.source)]
    if old.valid_on != new.valid_on:
        params = {"old": old.valid_on.isoformat(), "new": new.valid_on.isoformat()}
        found.append(Change("valid_on", N_("核对日期由 %(old)s 改为 %(new)s"), params))
    return [*found, *_tags(before.tags, after.tags)]


def compare_texts(before: str, after: str) -> tuple[Piece, ...]:
    """Return a text in its old and its new form: Chinese by characters, the rest by words."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(How.SAME, "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece(How.REMOVED, "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece(How.ADDED, "".join(new[j1:j2])))
    return tuple(pieces)


def _text(code: str, message: str, old: str, new: str, **params: object) -> Iterator[Change]:
    if old != new:
        yield Change(code, message, params, pieces=compare_texts(old, new))


def _kind(old: str, new: str) -> Iterator[Change]:
    if old != new:
        labels = {"old": _label(old), "new": _label(new)}
        yield Change("kind", N_("题型由“%(old)s”改为“%(new)s”"), labels, ("old", "new"))


def _label(kind: str) -> str:
    return all_kinds()[kind].label if kind in all_kinds() else kind


def _options(old_spec: Mapping[str, Any], new_spec: Mapping[str, Any]) -> Iterator[Change]:
    old, new = _texts(old_spec), _texts(new_spec)
    pairs = _matched(old, new)
    became = dict(pairs)
    for a, option in enumerate(old):
        if a not in became:
            params = {"letter": LETTERS[a], "text": option}
            yield Change("option_removed", N_("删去选项 %(letter)s：%(text)s"), params)
    for b, option in enumerate(new):
        if b not in became.values():
            params = {"letter": LETTERS[b], "text": option}
            yield Change("option_added", N_("新增选项 %(letter)s：%(text)s"), params)
    for a, b in pairs:
        message = N_("改了选项 %(letter)s")
        yield from _text("option_changed", message, old[a], new[b], letter=LETTERS[b])
    kept = [b for _a, b in pairs]
    moved = kept != sorted(kept)
    if moved:
        yield Change("options_reordered", N_("选项换了先后次序"))
    yield from _key(old_spec, new_spec, became, has_options=bool(old and new))


def _key(
    old_spec: Mapping[str, Any],
    new_spec: Mapping[str, Any],
    became: Mapping[int, int],
    *,
    has_options: bool,
) -> Iterator[Change]:
    old, new = old_spec.get("answer", ""), new_spec.get("answer", "")
    if not (isinstance(old, str) and isinstance(new, str)) or not has_options:
        return
    followed = {became.get(LETTERS.find(letter)) for letter in old}
    same_meaning = followed == {LETTERS.find(letter) for letter in new}
    params = {"old": old, "new": new}
    if old != new and same_meaning:
        message = N_("答案的字母由 %(old)s 变为 %(new)s，内容没有变（选项换了位置）")
        yield Change("key_letter", message, params)
    elif old != new:
        yield Change("key", N_("答案由 %(old)s 改为 %(new)s"), params)
    elif not same_meaning:
        message = N_("答案的字母仍是 %(new)s，但这个字母的选项换了内容：答案实际改了")
        yield Change("key", message, params)


def _texts(spec: Mapping[str, Any]) -> list[str]:
    options = spec.get("options", ())
    is_list = isinstance(options, list | tuple) and all(isinstance(o, str) for o in options)
    return list(options) if is_list else []


def _matched(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Say which old option became which new one: the same text first, then the most alike."""
    pairs: dict[int, int] = {}
    for a, option in enumerate(old):
        same = [b for b, text in enumerate(new) if text == option and b not in pairs.values()]
        if same:
            pairs[a] = a if a in same else same[0]
    rest = sorted(
        (-SequenceMatcher(a=old[a], b=new[b], autojunk=False).ratio(), abs(a - b), a, b)
        for a in range(len(old))
        for b in range(len(new))
        if a not in pairs and b not in pairs.values()
    )
    for ratio, _far, a, b in rest:
        if -ratio >= RELATED and a not in pairs and b not in pairs.values():
            pairs[a] = b
    return sorted(pairs.items())


def _asked(old: QuestionText, new: QuestionText) -> Iterator[Change]:
    """Tell what became of a question that is not answered with letters."""
    found: list[Change] = []
    if old.kind == new.kind and old.kind in all_kinds() and not is_lettered(old.kind):
        found = list(_rights(parts_of(old.kind, old.spec), parts_of(new.kind, new.spec)))
    yield from found
    known = {"options", "answer"} if _texts(old.spec) or _texts(new.spec) else set()
    for name in sorted((old.spec.keys() | new.spec.keys()) - known):
        before, after = old.spec.get(name), new.spec.get(name)
        if before == after or (found and _is_told(name, before, after, found)):
            continue
        pieces = compare_texts(_plain(before), _plain(after))
        named = _part_name(new.kind, name) or _part_name(old.kind, name) or name
        yield Change("part", N_("改了“%(name)s”"), {"name": named}, ("name",), pieces)


def _rights(old: Sequence[Part], new: Sequence[Part]) -> Iterator[Change]:
    """Tell field by field what else is right now, and which fields came and went."""
    for at, part in enumerate(new):
        params = {"n": at + 1, "new": part.right}
        if at >= len(old):
            yield Change("part_added", N_("新增第 %(n)s 个空，答案是“%(new)s”"), params)
        elif old[at].right != part.right:
            single = len(old) == len(new) == 1
            message = (
                N_("答案由“%(old)s”改为“%(new)s”")
                if single
                else N_("第 %(n)s 个空的答案由“%(old)s”改为“%(new)s”")
            )
            yield Change("key", message, {**params, "old": old[at].right})
    for at, part in list(enumerate(old))[len(new) :]:
        message = N_("删去第 %(n)s 个空，答案是“%(old)s”")
        yield Change("part_removed", message, {"n": at + 1, "old": part.right})


def _is_told(name: str, before: object, after: object, found: Iterable[Change]) -> bool:
    """Say whether nothing of a key changed but what the sentences about answers say already."""
    if name == "answer":
        return True
    old, new = Counter(_leaves(before)), Counter(_leaves(after))
    said = [(str(c.params.get("old", "")), str(c.params.get("new", ""))) for c in found]
    return all(any(text in gone for gone, _come in said) for text in old - new) and all(
        any(text in come for _gone, come in said) for text in new - old
    )


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from (f"{name}：{leaf}" if name == "answer" else leaf for leaf in _leaves(part))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield _plain(value)


def _part_name(kind: str, key: str) -> str:
    return all_kinds()[kind].part_names.get(key, "") if kind in all_kinds() else ""


def _plain(value: object) -> str:
    """Return a part of a table as people can read it."""
    if isinstance(value, Mapping):
        return "；".join(f"{name}：{_plain(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        # a list of lists is told apart from the lists in it
        is_nested = any(isinstance(part, list | tuple | Mapping) for part in value)
        return ("；" if is_nested else "、").join(map(_plain, value))
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else str(value)


def _place(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = before.text.point_key, after.text.point_key
    if old != new:
        message = N_("从大纲 %(old)s 移到 %(new)s")
        yield Change("point", message, {"old": old, "new": new})


def _source(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    one, other = _named(old), _named(new)
    if one != other:
        message = N_("依据由“%(old)s”改为“%(new)s”")
        yield Change("source", message, {"old": one, "new": other})


def _named(source: Mapping[str, Any]) -> str:
    edition = f"（{source['edition']}）" if source.get("edition") else ""
    return f"{source['title']}{edition}{source.get('article', '')}"


def _tags(old: Iterable[str], new: Iterable[str]) -> Iterator[Change]:
    gone, come = [t for t in old if t not in new], [t for t in new if t not in old]
    if come:
        yield Change("tags", N_("新增标签：%(tags)s"), {"tags": "、".join(come)})
    if gone:
        yield Change("tags", N_("去掉标签：%(tags)s"), {"tags": "、".join(gone)})
