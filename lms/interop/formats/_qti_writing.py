"""Write QTI: one file for each item and a manifest, in the names of 2.2, renamed for 3.0.

The official rule (any wrong option nothing, the whole key everything, else a part for each right
option) is a ``responseCondition``: the key matches, else ``mapResponse`` with a heavy loss for a
wrong option and 0 as the lower bound.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from lxml import etree

from lms.interop.formats import _media, _text, _xml
from lms.interop.formats._archive import packed
from lms.interop.formats._qti_names import Dialect, renamed
from lms.interop.formats._xml import Element, add
from lms.interop.types import FULL, NOTHING, Item, Kind, Markup, Media, Text

_POINTED = re.compile(r"media/([\w.-]+)")
_PLACE = re.compile(r"\{#([0-9]+)\}")
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LOM = "http://www.imsglobal.org/xsd/imsmd_v1p2"
_DIFFICULTY = {1: "easy", 2: "medium", 3: "difficult"}
FULL_POINTS = 2
EACH_POINTS = "0.5"
WRONG_POINTS = "-100"
"""The official rule, in points: docs of the marking rule that ships."""


def write(items: Sequence[Item], media: Sequence[Media], dialect: Dialect) -> bytes:
    """Return a package."""
    kept = {one.name: one for one in media}
    files = []
    resources = []
    used: dict[str, None] = {}
    for number, item in enumerate(items, start=1):
        name = f"items/item{number:05}.xml"
        made = _Writer(item, f"item{number:05}", dialect).write()
        # the item lies in a folder beside the one of the media
        for one in made.iter():
            if isinstance(one.tag, str) and (one.get("src") or "").startswith(_media.FOLDER):
                one.set("src", f"../{one.get('src')}")
        data = etree.tostring(renamed(made, dialect), encoding="UTF-8", xml_declaration=True)
        pointed = [x for x in _pointed(data.decode()) if x in kept]
        used.update(dict.fromkeys(pointed))
        files.append((name, data))
        resources.append((f"item{number:05}", name, item, pointed))
    manifest = _manifest(resources, list(used), dialect)
    pictures = [(f"{_media.FOLDER}{name}", kept[name].data) for name in used]
    return packed([("imsmanifest.xml", manifest), *files, *pictures])


def _pointed(text: str) -> list[str]:
    return list(dict.fromkeys(_POINTED.findall(text)))


def _manifest(
    resources: Sequence[tuple[str, str, Item, list[str]]], media: Sequence[str], dialect: Dialect
) -> bytes:
    root = etree.Element("manifest", nsmap={None: dialect.manifest, "imsmd": _LOM, "xsi": _XSI})
    root.set("identifier", "bixue-questions")
    root.set(f"{{{_XSI}}}schemaLocation", f"{dialect.manifest} {dialect.manifest_schema}")
    about = add(root, "metadata")
    add(about, "schema", "QTI Package" if dialect.kebab else "QTIv2.2 Package")
    add(about, "schemaversion", dialect.schema_version)
    add(root, "organizations")
    listed = add(root, "resources")
    numbers = {picture: f"media-{number:05}" for number, picture in enumerate(media, start=1)}
    for identifier, name, item, pointed in resources:
        one = add(listed, "resource", identifier=identifier, type=dialect.item_type, href=name)
        _describe(one, item)
        add(one, "file", href=name)
        for picture in pointed:
            add(one, "dependency", identifierref=numbers[picture])
    for picture, identifier in numbers.items():
        name = f"{_media.FOLDER}{picture}"
        one = add(listed, "resource", identifier=identifier, type="webcontent", href=name)
        add(one, "file", href=name)
    return _xml.serialized(_xml.indented(root))


def _describe(resource: Element, item: Item) -> None:
    """Id, tags and difficulty as learning object metadata."""
    if not (item.id or item.tags or item.difficulty):
        return
    lom = etree.SubElement(add(resource, "metadata"), f"{{{_LOM}}}lom")
    general = etree.SubElement(lom, f"{{{_LOM}}}general")
    if item.id:
        etree.SubElement(general, f"{{{_LOM}}}identifier").text = item.id
    for tag in item.tags:
        word = etree.SubElement(general, f"{{{_LOM}}}keyword")
        etree.SubElement(word, f"{{{_LOM}}}langstring").text = tag
    if item.difficulty:
        taught = etree.SubElement(lom, f"{{{_LOM}}}educational")
        level = etree.SubElement(taught, f"{{{_LOM}}}difficulty")
        value = etree.SubElement(level, f"{{{_LOM}}}value")
        etree.SubElement(value, f"{{{_LOM}}}langstring").text = _DIFFICULTY[item.difficulty]


class _Writer:
    """One item on its way into ``assessmentItem``."""

    def __init__(self, item: Item, identifier: str, dialect: Dialect) -> None:
        self._item = item
        self._dialect = dialect
        namespace = dialect.namespace
        self._root = etree.Element("assessmentItem", nsmap={None: namespace, "xsi": _XSI})
        self._root.set(f"{{{_XSI}}}schemaLocation", f"{namespace} {dialect.schema}")
        self._root.set("identifier", identifier)
        self._root.set("title", _text.without_controls(item.name) or identifier)
        self._root.set("adaptive", "false")
        self._root.set("timeDependent", "false")
        if item.name:
            self._root.set("label", "named")

    def write(self) -> Element:
        item = self._item
        body = etree.Element("itemBody")
        _WRITERS.get(item.kind, _Writer.described)(self, body)
        self._outcome("SCORE", "float", "0")
        if item.score is not None:
            self._outcome("MAXSCORE", "float", _text.digits(item.score))
        feedback = self._feedback()
        if self._hints:
            several = item.kind is Kind.MULTIPLE_CHOICE
            self._outcome(
                "FEEDBACK", "identifier", "", cardinality="multiple" if several else "single"
            )
        if item.general_feedback:
            self._outcome("SOLUTION", "identifier", "solution")
        self._root.append(body)
        self._processing()
        for outcome, key, text in feedback:
            made = add(
                self._root, "modalFeedback", outcomeIdentifier=outcome, identifier=key,
                showHide="show",
            )  # fmt: skip
            made.append(_xml.as_html(text))
        return self._namespaced()

    def _namespaced(self) -> Element:
        for one in self._root.iter():
            if isinstance(one.tag, str) and not one.tag.startswith("{"):
                one.tag = f"{{{self._dialect.namespace}}}{one.tag}"
        return self._root

    def _outcome(self, name: str, base: str, value: str, *, cardinality: str = "single") -> None:
        made = add(
            self._root, "outcomeDeclaration", identifier=name, cardinality=cardinality,
            baseType=base,
        )  # fmt: skip
        if value:
            add(add(made, "defaultValue"), "value", value)

    def _declare(
        self, correct: Sequence[str], *, cardinality: str, base: str, name: str = "RESPONSE"
    ) -> Element:
        made = add(
            self._root, "responseDeclaration", identifier=name, cardinality=cardinality,
            baseType=base,
        )  # fmt: skip
        if correct:
            key = add(made, "correctResponse")
            for value in correct:
                add(key, "value", value)
        return made

    def _map(self, declaration: Element, entries: Sequence[tuple[str, str]], wrong: str) -> None:
        if not entries:
            return  # the schema wants at least one
        made = add(declaration, "mapping", defaultValue=wrong, lowerBound="0")
        sensitive = "true" if self._item.case_sensitive else "false"
        for key, value in entries:
            add(made, "mapEntry", mapKey=key, mappedValue=value, caseSensitive=sensitive)

    def _stem(self, body: Element) -> None:
        if self._item.stem:
            body.append(_xml.as_html(self._item.stem))

    def choice(self, body: Element) -> None:
        item = self._item
        single = item.kind is not Kind.MULTIPLE_CHOICE
        keys = [f"choice{at}" for at in range(1, len(item.options) + 1)]
        correct = [key for key, option in zip(keys, item.options, strict=True) if option.correct]
        declared = self._declare(
            correct, cardinality="single" if single else "multiple", base="identifier"
        )
        self._map(declared, self._weights(keys), WRONG_POINTS if self._official() else "0")
        self._stem(body)
        interaction = add(
            body, "choiceInteraction", responseIdentifier="RESPONSE",
            shuffle=_flag(item.shuffle and item.kind is not Kind.TRUE_FALSE),
            maxChoices="1" if single else "0",
        )  # fmt: skip
        if item.kind is Kind.TRUE_FALSE:
            interaction.set("class", "true-false")
        for key, option in zip(keys, item.options, strict=True):
            made = add(interaction, "simpleChoice", identifier=key)
            made.append(_xml.as_html(option.text))

    def _official(self) -> bool:
        """Say whether the marking rule decides and not the weights of the item."""
        item = self._item
        return item.kind is Kind.MULTIPLE_CHOICE and all(
            option.weight is None for option in item.options
        )

    def _weights(self, keys: Sequence[str]) -> list[tuple[str, str]]:
        if self._official():
            right = [
                x for x, option in zip(keys, self._item.options, strict=True) if option.correct
            ]
            return [(key, EACH_POINTS) for key in right]
        weighted = zip(keys, self._item.options, strict=True)
        return [
            (key, _points(FULL if option.correct else NOTHING, option.weight))
            for key, option in weighted
        ]

    def ordering(self, body: Element) -> None:
        options = self._item.options
        keys = [f"choice{at}" for at in range(1, len(options) + 1)]
        self._declare(keys, cardinality="ordered", base="identifier")
        self._stem(body)
        interaction = add(body, "orderInteraction", responseIdentifier="RESPONSE", shuffle="true")
        for key, option in zip(keys, options, strict=True):
            add(interaction, "simpleChoice", identifier=key).append(_xml.as_html(option.text))

    def matching(self, body: Element) -> None:
        pairs = self._item.pairs
        lefts = [(f"left{at}", f"right{at}", pair) for at, pair in enumerate(pairs, start=1)]
        correct = [f"{left} {right}" for left, right, pair in lefts if pair.left]
        declared = self._declare(correct, cardinality="multiple", base="directedPair")
        self._map(declared, [(key, "1") for key in correct], "0")
        self._stem(body)
        interaction = add(
            body, "matchInteraction", responseIdentifier="RESPONSE",
            shuffle=_flag(self._item.shuffle), maxAssociations=str(max(1, len(correct))),
        )  # fmt: skip
        first, second = add(interaction, "simpleMatchSet"), add(interaction, "simpleMatchSet")
        for left, right, pair in lefts:
            if pair.left:
                made = add(first, "simpleAssociableChoice", identifier=left, matchMax="1")
                made.append(_xml.as_html(pair.left))
            made = add(second, "simpleAssociableChoice", identifier=right, matchMax="1")
            made.append(_xml.as_html(pair.right))

    def typed(self, body: Element) -> None:
        self._stem(body)
        line = add(body, "p")
        self._entry(line, self._item, "RESPONSE")

    def _entry(self, parent: Element, item: Item, name: str) -> Element:
        """Declare and place one gap to type into."""
        numeric = item.kind is Kind.NUMERIC
        said = [(_text.plain(answer.text), answer) for answer in item.answers]
        right = [value for value, answer in said if answer.weight in {None, FULL}]
        base = "float" if numeric else "string"
        declared = self._declare(right[:1], cardinality="single", base=base, name=name)
        self._map(declared, [(value, _points(FULL, answer.weight)) for value, answer in said], "0")
        length = str(max(10, *map(len, right or [""])))
        return add(parent, "textEntryInteraction", responseIdentifier=name, expectedLength=length)

    def cloze(self, body: Element) -> None:
        item = self._item
        holder = _xml.as_html(Text(item.stem.html, Markup.HTML))
        for one in list(holder.iter()):
            self._fill(one, "text")
            if one is not holder:
                self._fill(one, "tail")
        body.append(holder)

    def _fill(self, element: Element, side: str) -> None:
        """Put interactions where the places stand in a text of the tree."""
        said = getattr(element, side)
        if not said or not _PLACE.search(said):
            return
        pieces = _PLACE.split(said)
        setattr(element, side, pieces[0])
        parent = element if side == "text" else element.getparent()
        at = 0 if side == "text" else parent.index(element) + 1
        for number, tail in zip(pieces[1::2], pieces[2::2], strict=True):
            made = self._part(int(number))
            made.tail = tail
            parent.insert(at, made)
            at += 1

    def _part(self, number: int) -> Element:
        part = self._item.parts[number - 1]
        name = f"RESPONSE{number}"
        if not part.options:
            return self._entry(etree.Element("p"), part, name)
        keys = [f"choice{at}" for at in range(1, len(part.options) + 1)]
        correct = [key for key, option in zip(keys, part.options, strict=True) if option.correct]
        declared = self._declare(correct, cardinality="single", base="identifier", name=name)
        weighted = zip(keys, part.options, strict=True)
        self._map(
            declared,
            [(x, _points(FULL if one.correct else NOTHING, one.weight)) for x, one in weighted],
            "0",
        )
        made = etree.Element("inlineChoiceInteraction", responseIdentifier=name,
                             shuffle=_flag(part.shuffle))  # fmt: skip
        for key, option in zip(keys, part.options, strict=True):
            add(made, "inlineChoice", _text.plain(option.text), identifier=key)
        return made

    def open(self, body: Element) -> None:
        self._declare((), cardinality="single", base="string")
        self._stem(body)
        for answer in self._item.answers[:1]:
            rubric = add(body, "rubricBlock", view="scorer")
            rubric.append(_xml.as_html(answer.text))
        add(body, "extendedTextInteraction", responseIdentifier="RESPONSE", expectedLines="8")

    def described(self, body: Element) -> None:
        stem = self._item.stem or Text(self._item.raw)
        body.append(_xml.as_html(stem))

    @property
    def _hints(self) -> bool:
        """Say whether what is chosen has something to tell."""
        return any(option.feedback for option in self._item.options)

    def _feedback(self) -> list[tuple[str, str, Text]]:
        found = [
            ("FEEDBACK", f"choice{at}", option.feedback)
            for at, option in enumerate(self._item.options, start=1)
            if option.feedback
        ]
        if self._item.general_feedback:
            found.append(("SOLUTION", "solution", self._item.general_feedback))
        return found

    def _processing(self) -> None:
        kind = self._item.kind
        if kind in {Kind.ESSAY, Kind.PLAN_DESIGN} or kind not in _WRITERS:
            return
        made = etree.SubElement(self._root, "responseProcessing")
        if self._official():
            _official_rule(made)
        elif kind is Kind.NUMERIC:
            self._within_tolerance(made)
        elif kind is Kind.CLOZE:
            total = add(add(made, "setOutcomeValue", identifier="SCORE"), "sum")
            for number in range(1, len(self._item.parts) + 1):
                add(total, "mapResponse", identifier=f"RESPONSE{number}")
        elif self._hints:
            score = add(made, "setOutcomeValue", identifier="SCORE")
            add(score, "mapResponse", identifier="RESPONSE")
        else:
            template = "match_correct" if kind is Kind.ORDERING else "map_response"
            suffix = ".xml" if self._dialect.kebab else ""
            made.set("template", f"{self._dialect.templates}{template}{suffix}")
        if self._hints:
            chosen = add(made, "setOutcomeValue", identifier="FEEDBACK")
            add(chosen, "variable", identifier="RESPONSE")

    def _within_tolerance(self, made: Element) -> None:
        """One branch for each answer: near enough earns its share."""
        condition = add(made, "responseCondition")
        for at, answer in enumerate(self._item.answers):
            branch = add(condition, "responseElseIf" if at else "responseIf")
            margin = _text.digits(answer.tolerance or NOTHING)
            equal = add(branch, "equal", toleranceMode="absolute", tolerance=f"{margin} {margin}")
            add(equal, "variable", identifier="RESPONSE")
            add(equal, "baseValue", _text.plain(answer.text), baseType="float")
            _score(branch, _points(FULL, answer.weight))


def _official_rule(made: Element) -> None:
    condition = add(made, "responseCondition")
    whole = add(condition, "responseIf")
    match = add(whole, "match")
    add(match, "variable", identifier="RESPONSE")
    add(match, "correct", identifier="RESPONSE")
    _score(whole, str(FULL_POINTS))
    rest = add(add(condition, "responseElse"), "setOutcomeValue", identifier="SCORE")
    add(rest, "mapResponse", identifier="RESPONSE")


def _score(branch: Element, points: str) -> None:
    made = add(branch, "setOutcomeValue", identifier="SCORE")
    add(made, "baseValue", points, baseType="float")


def _points(usual: Decimal, weight: Decimal | None) -> str:
    return _text.digits((usual if weight is None else weight) / FULL)


def _flag(value: bool) -> str:  # noqa: FBT001 - a value on its way into an attribute
    return "true" if value else "false"


_WRITERS = {
    Kind.SINGLE_CHOICE: _Writer.choice,
    Kind.MULTIPLE_CHOICE: _Writer.choice,
    Kind.TRUE_FALSE: _Writer.choice,
    Kind.ORDERING: _Writer.ordering,
    Kind.MATCHING: _Writer.matching,
    Kind.SHORT_ANSWER: _Writer.typed,
    Kind.FILL_BLANK: _Writer.typed,
    Kind.NUMERIC: _Writer.typed,
    Kind.CLOZE: _Writer.cloze,
    Kind.ESSAY: _Writer.open,
}
