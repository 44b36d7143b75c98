"""Read QTI items, their names already those of 2.2 and without namespaces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from lms.interop.formats import _text, _xml
from lms.interop.formats._xml import Element
from lms.interop.types import (
    BLANK,
    FULL,
    NO_TEXT,
    NOTHING,
    Answer,
    Item,
    Kind,
    Note,
    Option,
    Pair,
    Text,
    note,
    true_false,
)
from lms.kernel.errors import N_, Invalid

_INTERACTIONS = frozenset(
    [
        "choiceInteraction",
        "orderInteraction",
        "matchInteraction",
        "extendedTextInteraction",
        "textEntryInteraction",
        "inlineChoiceInteraction",
    ]
)
_INLINE = frozenset({"textEntryInteraction", "inlineChoiceInteraction"})
_IGNORED = frozenset({"stylesheet", "catalogInfo", "companionMaterialsInfo"})
_TRUE = frozenset({"true", "对", "正确", "t", "是"})
_FALSE = frozenset({"false", "错", "错误", "f", "否"})


def read(root: Element, *, path: str, media: Callable[[str], str]) -> Item:
    """Return the item of one file.

    :param media: gives the name under which a file of the package is kept; empty if it is not.
    """
    return _Reader(root, path, media).item()


@dataclass(slots=True)
class _Reader:
    root: Element
    path: str
    media: Callable[[str], str]
    notes: list[Note] = field(default_factory=list)
    declared: dict[str, Element] = field(default_factory=dict)

    def item(self) -> Item:
        for one in _xml.children(self.root, "responseDeclaration"):
            self.declared[one.get("identifier", "")] = one
        body = _xml.child(self.root, "itemBody")
        self._point_at_media()
        interactions = _interactions(body)
        try:
            item = self._body(body, interactions)
        except Invalid as fault:
            self._note(fault.code, fault.message, **fault.params)
            raw = _xml.serialized(self.root).decode()[:4000]
            item = Item(Kind.UNSUPPORTED, _xml.inner_html(body), raw=raw)
        named = self.root.get("label") == "named" or not self._is_ours()
        general, feedback = self._feedback()
        return replace(
            item,
            name=(self.root.get("title") or "") if named else "",
            general_feedback=general,
            options=tuple(
                replace(one, feedback=feedback.get(key, NO_TEXT))
                for key, one in zip(_keys(interactions), item.options, strict=False)
            ),
            score=self._most(),
            notes=tuple(self.notes),
            line=self.root.sourceline,
        )

    def _is_ours(self) -> bool:
        return bool(self.root.get("title") == self.root.get("identifier"))

    def _body(self, body: Element | None, interactions: Sequence[Element]) -> Item:
        _text.too_many(interactions, "Interaction")
        names = [_xml.local(one) for one in interactions]
        if not interactions:
            return Item(Kind.DESCRIPTION, self._stem(body))
        strange = [name for name in names if name not in _INTERACTIONS]
        if strange:
            raise Invalid("unknown_type", N_("不认识题型 %(kind)s，原样保留"), kind=strange[0])
        if len(interactions) > 1 or names[0] == "inlineChoiceInteraction":
            if set(names) <= _INLINE:
                return self._cloze(body, interactions)
            raise Invalid("many_interactions", N_("一个文件里有不止一道题，原样保留"))
        only = interactions[0]
        readers = {
            "choiceInteraction": self._choice,
            "orderInteraction": self._ordering,
            "matchInteraction": self._matching,
            "extendedTextInteraction": self._open,
            "textEntryInteraction": self._typed,
        }
        return readers[names[0]](body, only)

    def _choice(self, body: Element, only: Element) -> Item:
        key = self._correct(only)
        points = self._points(only)
        choices = _xml.children(only, "simpleChoice")
        _text.too_many(choices, "simpleChoice")
        single = self._cardinality(only) != "multiple"
        official = not single and self._is_custom()
        options = []
        for choice in choices:
            name = choice.get("identifier", "")
            weight = points.get(name, (FULL if single else None) if name in key else NOTHING)
            if single and not points:
                weight = FULL if name in key else NOTHING
            options.append(Option(self._text(choice), name in key, None if official else weight))
        if not key:
            self._note("no_right_answer", N_("没有一个选项是对的"))
        if not single and not points:
            options = [replace(option, weight=None) for option in options]
        stem, shuffle = self._stem(body), only.get("shuffle") == "true"
        if single and len(options) == 2 and self._is_truth(only, options):
            made = true_false(truth=options[0].correct)
            kept = tuple(
                replace(one, weight=option.weight)
                for one, option in zip(made["options"], options, strict=True)
            )
            return Item(Kind.TRUE_FALSE, stem, options=kept, answers=made["answers"])
        kind = Kind.SINGLE_CHOICE if single else Kind.MULTIPLE_CHOICE
        return Item(kind, stem, options=tuple(options), shuffle=shuffle)

    def _is_truth(self, only: Element, options: Sequence[Option]) -> bool:
        said = [_text.plain(option.text).strip().lower() for option in options]
        return said[0] in _TRUE and said[1] in _FALSE

    def _is_custom(self) -> bool:
        """Say whether the item is marked by the official rule: the key, else the mapping."""
        processing = _xml.child(self.root, "responseProcessing")
        condition = None if processing is None else _xml.child(processing, "responseCondition")
        return condition is not None and _xml.child(condition, "responseElse") is not None

    def _ordering(self, body: Element, only: Element) -> Item:
        choices = {one.get("identifier", ""): one for one in _xml.children(only, "simpleChoice")}
        order = [name for name in self._correct(only) if name in choices]
        if len(order) != len(choices):
            raise Invalid("no_order", N_("排序题没有给出完整的顺序"))
        options = tuple(Option(self._text(choices[name])) for name in order)
        _text.too_many(options, "simpleChoice")
        return Item(Kind.ORDERING, self._stem(body), options=options)

    def _matching(self, body: Element, only: Element) -> Item:
        sets = _xml.children(only, "simpleMatchSet")
        if len(sets) != 2:
            raise Invalid("bad_match", N_("配对题要有左右两列"))
        left, right = (
            {x.get("identifier", ""): x for x in _xml.children(one, "simpleAssociableChoice")}
            for one in sets
        )
        _text.too_many(right, "simpleAssociableChoice")
        partner: dict[str, list[str]] = {}
        for value in self._correct(only):
            first, _blank, second = value.partition(" ")
            if first in left and second in right:
                partner.setdefault(second, []).append(first)
        pairs = [
            Pair(self._text(left[first]) if first else NO_TEXT, self._text(right[second]))
            for second in right
            for first in partner.get(second, [""])
        ]
        return Item(
            Kind.MATCHING, self._stem(body), pairs=tuple(pairs),
            shuffle=only.get("shuffle") == "true",
        )  # fmt: skip

    def _open(self, body: Element, only: Element) -> Item:
        rubrics = [self._text(one) for one in _xml.children(body, "rubricBlock")]
        answers = tuple(Answer(text) for text in rubrics[:1] if text)
        return Item(Kind.ESSAY, self._stem(body), answers=answers)

    def _typed(self, body: Element, only: Element) -> Item:
        inside = only.getparent()
        alone = not _xml.content(inside).strip()
        if not alone:  # a gap inside a sentence
            only.tail = f" {BLANK} {(only.tail or '').lstrip()}"
        part = self._entry(only)
        stem = self._stem(body)
        if part.kind is Kind.SHORT_ANSWER and BLANK in stem.source:
            part = replace(part, kind=Kind.FILL_BLANK)
        return replace(part, stem=stem)

    def _entry(self, only: Element) -> Item:
        numeric = self._base(only) in {"float", "integer"}
        margins = self._tolerances()
        correct = self._correct(only)
        points = self._points(only) or dict.fromkeys(correct, FULL)
        answers = tuple(
            Answer(_text.bare(value), weight,
                   tolerance=margins.get(value) if numeric else None)
            for value, weight in points.items()
        )  # fmt: skip
        _text.too_many(answers, "mapEntry")
        return Item(
            Kind.NUMERIC if numeric else Kind.SHORT_ANSWER,
            NO_TEXT,
            answers=answers,
            case_sensitive=self._is_case_sensitive(only),
        )

    def _cloze(self, body: Element, interactions: Sequence[Element]) -> Item:
        parts = []
        for number, one in enumerate(interactions, start=1):
            if _xml.local(one) == "textEntryInteraction":
                parts.append(self._entry(one))
            else:
                item = self._inline(one)
                parts.append(item)
            one.tail = f"{{#{number}}}{one.tail or ''}"
        return Item(Kind.CLOZE, self._stem(body), parts=tuple(parts))

    def _inline(self, one: Element) -> Item:
        key, points = self._correct(one), self._points(one)
        choices = _xml.children(one, "inlineChoice")
        _text.too_many(choices, "inlineChoice")
        options = tuple(
            Option(
                _text.bare(_xml.content(choice).strip()),
                choice.get("identifier") in key,
                points.get(
                    choice.get("identifier", ""),
                    FULL if choice.get("identifier") in key else NOTHING,
                ),
            )
            for choice in choices
        )
        shuffle = one.get("shuffle") == "true"
        return Item(Kind.SINGLE_CHOICE, NO_TEXT, options=options, shuffle=shuffle)

    def _stem(self, body: Element | None) -> Text:
        """Return everything of the body that is no interaction, as HTML."""
        if body is None:
            return NO_TEXT
        for one in list(body.iter(*_INTERACTIONS, "rubricBlock")):
            prompt = _xml.child(one, "prompt")
            parent, at = one.getparent(), one.getparent().index(one)
            if prompt is not None:
                prompt.tag, prompt.tail = "div", one.tail
                parent.replace(one, prompt)
                continue
            before = parent[at - 1] if at else None
            if before is None:
                parent.text = f"{parent.text or ''}{one.tail or ''}"
            else:
                before.tail = f"{before.tail or ''}{one.tail or ''}"
            parent.remove(one)
        for one in [*body.iter("p", "div")]:
            if one is not body and not len(one) and not (one.text or "").strip():
                _dropped(one)
        return self._text(body)

    def _text(self, element: Element) -> Text:
        """Return the inside of an element; one ``div`` around all of it is no part of it."""
        for _around in range(2):  # 3.0 puts a body around the one of ours
            inner = _xml.children(element)
            only = len(inner) == 1 and _xml.local(inner[0]) == "div" and not inner[0].attrib
            if not only or (element.text or "").strip() or (inner[0].tail or "").strip():
                break
            element = inner[0]
        return _simplest(_xml.inner_html(element))

    def _point_at_media(self) -> None:
        for one in self.root.iter("img", "object", "audio", "video", "source"):
            key = "data" if one.get("data") else "src"
            stored = self.media(one.get(key) or "")
            if stored:
                one.set("src", stored)
            elif one.get(key):
                self._note("media_missing", N_("文件里没有 %(name)s"), name=one.get(key))

    def _feedback(self) -> tuple[Text, dict[str, Text]]:
        general, found = NO_TEXT, {}
        for one in _xml.children(self.root, "modalFeedback"):
            if (
                one.get("identifier", "").startswith("choice")
                or one.get("identifier") in self._all_correct()
            ):
                found[one.get("identifier", "")] = self._text(one)
            elif general:
                self._note("more_feedback", N_("不止一段解析，只读入第一段"))
            else:
                general = self._text(one)
        return general, found

    def _all_correct(self) -> set[str]:
        return {_xml.content(v) for one in self.declared.values() for v in one.iter("value")}

    def _most(self) -> Decimal | None:
        for one in _xml.children(self.root, "outcomeDeclaration"):
            if one.get("identifier") == "MAXSCORE":
                return _text.number(_xml.content(one))
        return None

    def _declaration(self, interaction: Element) -> Element | None:
        return self.declared.get(interaction.get("responseIdentifier", ""))

    def _base(self, interaction: Element) -> str:
        found = self._declaration(interaction)
        return "" if found is None else found.get("baseType", "")

    def _cardinality(self, interaction: Element) -> str:
        found = self._declaration(interaction)
        return "single" if found is None else found.get("cardinality", "single")

    def _correct(self, interaction: Element) -> list[str]:
        found = self._declaration(interaction)
        key = None if found is None else _xml.child(found, "correctResponse")
        return [_xml.content(value) for value in _xml.children(key, "value")]

    def _points(self, interaction: Element) -> dict[str, Decimal]:
        """Return the mapping in percent of what the best entry earns."""
        found = self._declaration(interaction)
        mapping = None if found is None else _xml.child(found, "mapping")
        points = {
            one.get("mapKey", ""): _text.number(one.get("mappedValue") or "") or NOTHING
            for one in _xml.children(mapping, "mapEntry")
        }
        return {key: value * FULL for key, value in points.items()}

    def _is_case_sensitive(self, interaction: Element) -> bool:
        found = self._declaration(interaction)
        entries = [] if found is None else list(found.iter("mapEntry"))
        return any(one.get("caseSensitive") == "true" for one in entries)

    def _tolerances(self) -> Mapping[str, Decimal | None]:
        margins = {}
        for one in self.root.iter("equal"):
            value = _xml.content(_xml.child(one, "baseValue"))
            margin = (one.get("tolerance") or "").split(" ")[0]
            if one.get("toleranceMode") == "absolute":
                found = _text.number(margin)
                margins[value] = found or None
        return margins

    def _note(self, code: str, message: str, **params: Any) -> None:
        self.notes.append(note(code, message, line=None, path=self.path, **params))


def _interactions(body: Element | None) -> list[Element]:
    found = [] if body is None else list(body.iter())
    return [one for one in found if str(one.tag).endswith("Interaction")]


def _keys(interactions: Sequence[Element]) -> Iterator[str]:
    for one in interactions[:1]:
        for choice in _xml.children(one, "simpleChoice"):
            yield choice.get("identifier", "")


def _dropped(element: Element) -> None:
    """Take an element out, keeping what stands behind it."""
    parent, tail = element.getparent(), element.tail or ""
    before = element.getprevious()
    if before is None:
        parent.text = f"{parent.text or ''}{tail}"
    else:
        before.tail = f"{before.tail or ''}{tail}"
    parent.remove(element)


def _simplest(text: Text) -> Text:
    """A text without a tag is plain."""
    if "<" in text.source:
        return text
    bare = _text.plain(text)
    return _text.bare(bare) if Text(bare).html == text.source else text
