"""Which questions of a file are new to the bank, which are there already. Decides, writes nothing.

The bank is described by look-ups, so that deciding about 10,000 questions costs a few queries
before and none in between.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lms.interop.formats import _text
from lms.interop.formats._markdown import markdown_of, reads_as
from lms.interop.rules import bridge
from lms.interop.rules.carrying import restricted
from lms.interop.rules.media import placed
from lms.interop.types import Format, Item, Kind, Markup, Note, Source, Text, note, note_of
from lms.interop.types.bridge import Bank, Core, Defaults, Ruling, Standing
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import IDENTIFIER
from lms.question_bank.rules import checked_draft, text_digest
from lms.question_bank.types import Draft


@dataclass(frozen=True, slots=True)
class Prepared:
    """One question of a file, looked at by itself."""

    item: Item
    core: Core | None
    notes: tuple[Note, ...] = ()
    """Why there is no core."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Under which keys the bank may have it."""
        own = (bridge.own_key(self.core),) if self.core else ()
        return (self.item.id, *own) if self.item.id else own


def prepared(items: Iterable[Item], places: Mapping[str, str]) -> list[Prepared]:
    """Return what each item asks, or why it cannot be taken in.

    :param places: the pictures of the file by name: :func:`lms.interop.rules.media.addresses`.
    """
    return [_prepared(placed(item, places)) for item in items]


def _prepared(item: Item) -> Prepared:
    if item.kind in {Kind.UNSUPPORTED, Kind.DESCRIPTION}:
        reason = note("no_question", N_("不是能导入的试题"), line=item.line)
        return Prepared(item, None, (reason,))
    try:
        return Prepared(item, bridge.core_of(item))
    except Invalid as fault:
        return Prepared(item, None, (note_of(fault, line=item.line, path=fault.where),))


def decide(
    found: Sequence[Prepared],
    bank: Bank,
    *,
    source: Format,
    defaults: Defaults,
    pictures: Collection[str] = (),
) -> list[Ruling]:
    """Say of each question of a file what importing it would do. A number is believed first.

    The first of two questions with one number is taken; the second is refused.

    :param source: the format of the file: of what it cannot say the bank's own text stays.
    :param pictures: the names of the pictures that come with the file.
    """
    file = _File(bank, source, defaults)
    made = []
    for number, one in enumerate(found, start=1):
        ruling = file.rule(number, one)
        kept = bridge.not_held(one.item, bank.nodes, pictures)
        made.append(replace(ruling, notes=(*one.item.notes, *_of_parts(one.item), *kept)))
    return made


def _of_parts(item: Item) -> tuple[Note, ...]:
    return tuple(found for part in item.parts for found in part.notes)


@dataclass(slots=True)
class _File:
    """Goes over one file and remembers what the questions above have claimed."""

    bank: Bank
    source: Format
    defaults: Defaults
    ids: set[str] = field(default_factory=set)
    digests: dict[str, int] = field(default_factory=dict)
    claimed: dict[str, int] = field(default_factory=dict)
    """Keys of the bank -> the question above that is the one."""

    def rule(self, number: int, one: Prepared) -> Ruling:
        item, core = one.item, one.core
        if core is None:
            return Ruling(number, item, Standing.REFUSED, reasons=one.notes)
        key = item.id if IDENTIFIER.fullmatch(item.id) else ""
        if key in self.ids:
            reason = note(
                "duplicate_id", N_("编号 %(id)s 用了不止一次"), line=item.line, id=item.id
            )
            return Ruling(number, item, Standing.REFUSED, reasons=(reason,))
        if key:
            self.ids.add(key)
        first = self.digests.setdefault(core.digest, number)
        ruling = self._stands(number, item, core, key, first)
        try:
            checked_draft(ruling.draft) if ruling.draft else None
        except Invalid as fault:
            reason = note_of(fault, line=item.line)
            return Ruling(number, item, Standing.REFUSED, reasons=(reason,))
        return ruling

    def _stands(self, number: int, item: Item, core: Core, key: str, first: int) -> Ruling:
        of = self._known(key, core)
        if of:
            first = min(first, self.claimed.setdefault(of, number))
        if of and first == number:
            return self._again(number, item, core, of)
        if first != number:
            draft = self._draft(item, core, key or f"{bridge.own_key(core)}-{number}")
            return Ruling(number, item, Standing.DUPLICATE, draft, of=f"#{first}")
        draft = self._draft(item, core, key or bridge.own_key(core))
        twin = self.bank.key_of.get(core.digest, "")
        if twin:
            return Ruling(number, item, Standing.DUPLICATE, draft, of=twin)
        alike = tuple(self.bank.alike.get(number, ()))
        return Ruling(number, item, Standing.ALIKE if alike else Standing.NEW, draft, alike=alike)

    def _known(self, key: str, core: Core) -> str:
        """Return the key of the question of the bank that this one is; empty if it is another."""
        if key:
            return key if key in self.bank.texts else ""
        own = bridge.own_key(core)
        return self.bank.key_of.get(core.digest, "") or (own if own in self.bank.texts else "")

    def _draft(self, item: Item, core: Core, key: str) -> Draft:
        return bridge.draft_of(item, core, key, self.defaults, self.bank.nodes)

    def _again(self, number: int, item: Item, core: Core, of: str) -> Ruling:
        before = self.bank.texts[of]
        draft = merged(before, item, core, source=self.source, nodes=self.bank.nodes)
        if text_digest(draft) == text_digest(before):
            standing = Standing.IDENTICAL
        else:
            standing = Standing.TAKEN if of in self.bank.taken else Standing.CHANGED
        return Ruling(number, item, standing, draft, of=of, before=before)


def merged(
    before: Draft, item: Item, core: Core, *, source: Format, nodes: Collection[str]
) -> Draft:
    """Return what the bank would say after a file has said this of a question it has.

    What the format cannot say, and what the file leaves empty, stays as it is.
    """
    stem, spec = _asked(before, item, core, source)
    explanation = before.explanation
    if item.general_feedback:
        plain = item.general_feedback.markup is Markup.PLAIN
        written = markdown_of(item.general_feedback)
        explanation = _kept(before.explanation, written, plain=plain)
    chapter, point = before.chapter_key, before.point_key
    if item.point and (not nodes or item.point in nodes):
        point, chapter = item.point, item.chapter or "/".join(item.point.split("/")[:3])
    return replace(
        before,
        kind=core.kind,
        stem=stem,
        spec=spec,
        explanation=explanation,
        subject=chapter.split("/")[1] if chapter.count("/") else before.subject,
        chapter_key=chapter,
        point_key=point,
        difficulty=item.difficulty or before.difficulty,
        source=_source(before, item.source),
        valid_on=item.valid_on or before.valid_on,
        tags=item.tags if item.tags and set(item.tags) != set(before.tags) else before.tags,
    )


def _asked(before: Draft, item: Item, core: Core, source: Format) -> tuple[str, Mapping[str, Any]]:
    """Return stem and table, the bank's own spelling wherever it says the same."""
    if core.kind != before.kind:
        return core.stem, core.spec
    if core.digest != bridge.core_digest(before.kind, before.stem, before.spec):
        carried = _as_carried(before, source)
        if carried is not None and carried.digest == core.digest:
            return before.stem, before.spec
    plain = bridge.is_plain(item)
    spec = _kept_table(before.spec, core.spec, plain=plain)
    return _kept(before.stem, core.stem, plain=plain), spec


def _as_carried(before: Draft, source: Format) -> Core | None:
    """Return what a format can say of a question of the bank, as it comes back from it."""
    item = bridge.item_of(before.key, before)
    if item.kind not in source.kinds:
        return None
    try:
        return bridge.core_of(restricted(item, source))
    except Invalid:
        return None


def _kept(before: str, after: str, *, plain: bool) -> str:
    """Return the text of before where the new one says the same and looks no other."""
    if before == after:
        return after
    old, new = Text(before, Markup.MARKDOWN), Text(after, Markup.MARKDOWN)
    if plain:
        same = bridge.said(before) == bridge.said(after) or _bare(old) == _bare(new)
        return before if same else after
    return before if reads_as(old) == reads_as(new) else after


def _bare(text: Text) -> str:
    return bridge.said(_text.plain(text))


def _kept_table(before: Any, after: Any, *, plain: bool) -> Any:
    """The same for a kind's table: part by part, where both have the same parts."""
    if isinstance(before, str) and isinstance(after, str):
        return _kept(before, after, plain=plain)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        if bridge.is_same_table(before, after):
            return before
        keys = {*before, *after}
        empty = {key for key in keys if _is_empty(after.get(key)) and _is_empty(before.get(key))}
        made = {
            key: _kept_table(before[key], after[key], plain=plain) if key in before else after[key]
            for key in after
            if key not in empty
        }
        return made | {key: before[key] for key in empty if key in before}
    are_lists = isinstance(before, list | tuple) and isinstance(after, list | tuple)
    if are_lists and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return [_kept_table(old, new, plain=plain) for old, new in pairs]
    return after


def _is_empty(value: Any) -> bool:
    """What is left out and what says nothing, a tolerance of zero too, are the same."""
    return not value or value == "0"


def _source(before: Draft, source: Source) -> Mapping[str, Any]:
    if not source or (
        source.title == before.source.get("title") and source == Source(source.title)
    ):
        return before.source
    made = bridge.source_of(source)
    if not source.kind and source.title == before.source.get("title"):
        made["kind"] = before.source.get("kind", made["kind"])
    return made
