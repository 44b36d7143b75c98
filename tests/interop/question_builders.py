"""Items of every kind, and Hypothesis strategies for what a format can carry."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from lms.interop.formats import _text, _word_layout
from lms.interop.rules import restricted
from lms.interop.types import (
    BLANK,
    FULL,
    NO_TEXT,
    NOTHING,
    Answer,
    Item,
    Kind,
    Markup,
    Media,
    Option,
    Pair,
    ScoringPoint,
    Source,
    Text,
    Unit,
    clean,
    true_false,
)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d4944415478da63fccfc0500f0004850180a4d5a2d50000000049454e44ae426082"
)
PICTURE = Media("图.png", PNG, "image/png")
EXACT = {"gift", "json", "moodle_xml", "aiken", "csv", "spreadsheet"}
"""Formats in which texts come back as they were written, character by character."""

# letters of every width, quotes, and everything that some format gives a meaning
_CHARACTERS = "贵州社工站驻𠮷😀寨aB7é“”‘’\"'`~=#{}:\\<>&%*_-+.,;|｜；（）()[]!?/@$^，。、：１Ａ ￥"  # noqa: RUF001 - what people type
_PIECES = st.sampled_from(
    ["->", "::", "####", "//", "$CATEGORY:", "[html]", "[id:x]", "~%50%", "&amp;", "&lt;b&gt;",
     "\\n", "{1:SA:=x}", "答", "选 A", "1.5", "']]>", "<!--", "&#10;", "1. ", "\u3000字"]
)  # fmt: skip
_line = st.lists(st.one_of(st.text(_CHARACTERS, min_size=1, max_size=8), _PIECES), min_size=1,
                 max_size=3).map(lambda parts: " ".join("".join(parts).split()))  # fmt: skip
line = _line.filter(bool)
lines = st.lists(line, min_size=1, max_size=3).map("\n".join)
word = st.text("贵州社工abc12-", min_size=1, max_size=6)
_tagged = st.sampled_from(
    ["<b>{}</b>", "<i>{}</i>", "{}<br>{}", "<sub>{}</sub>", "{}", "<u>{}</u>"]
)
_blocks = st.sampled_from(
    ["<p>{}</p>", "<ul><li>{}</li><li>x</li></ul>", "<blockquote>{}</blockquote>"]
)
_escaped = line.map(lambda text: Text(text).html)
_inline = st.tuples(_tagged, _escaped, _escaped).map(lambda parts: parts[0].format(*parts[1:]))
html = st.one_of(_inline, st.tuples(_blocks, _inline).map(lambda two: two[0].format(two[1])))
weights = st.sampled_from(["100", "50", "33.33333", "25", "10", "-5", "-33.33333", "-100"]).map(
    Decimal
)
numbers = st.decimals(-9999, 9999, places=3).map(lambda n: Decimal(_text.digits(n + 0)))


def texts(target, *, plain=False):
    """Texts in the markups that a format can say."""
    body = lines if "newlines" in target.carries and target.name != "aiken" else line
    made = {
        Markup.PLAIN: body.map(Text),
        Markup.HTML: (_inline if target.name == "docx" else html).map(
            lambda source: Text(clean(source), Markup.HTML)
        ),
        Markup.MARKDOWN: body.map(lambda source: Text(source, Markup.MARKDOWN)),
        Markup.MOODLE: body.map(lambda source: Text(source, Markup.MOODLE)),
    }
    if plain or "markup" not in target.carries:
        return made[Markup.PLAIN]
    return st.one_of(*(made[markup] for markup in sorted(target.markups)))


@st.composite
def items(draw, target):
    """One item of a kind that a format can carry, with nothing else in it."""
    kind = draw(st.sampled_from(sorted(set(target.kinds) - {Kind.UNSUPPORTED})))
    text = texts(target)
    made = Item(kind, draw(text), general_feedback=draw(st.one_of(st.just(NO_TEXT), text)))
    if kind is Kind.DESCRIPTION:
        made = replace(made, general_feedback=NO_TEXT)
    made = _key(draw, made, target)
    made = replace(
        made,
        name=draw(st.one_of(st.just(""), line)),
        id=draw(st.one_of(st.just(""), word)),
        tags=tuple(draw(st.lists(word, max_size=3, unique=True))),
        category=draw(st.one_of(st.just(""), word)),
        chapter="2025/J-COMP/06",
        point=draw(st.sampled_from(["", "2025/J-COMP/06/1"])),
        difficulty=draw(st.sampled_from([None, 1, 2, 3])),
        score=draw(st.sampled_from([None, Decimal(2), Decimal("0.5")])),
        source=Source(draw(st.one_of(st.just(""), line))),
        scoring_points=tuple(
            draw(
                st.lists(
                    st.builds(ScoringPoint, text, st.just(Decimal("1.5")), st.tuples(word)),
                    max_size=2,
                )
            )
        ),
    )
    if target.name == "toml":
        made = as_authored(made)
    return restricted(made, target)


def as_authored(item):
    """An item as our own tables can say it, apart from how its texts are written."""
    if item.kind in {Kind.PLAN_DESIGN, Kind.ESSAY}:
        item = replace(
            item,
            answers=tuple(replace(one, text=_bare(one.text)) for one in item.answers),
            scoring_points=tuple(replace(one, text=_bare(one.text)) for one in item.scoring_points),
        )
    if item.kind is Kind.PLAN_DESIGN:
        part = Item(Kind.ESSAY, item.stem, "一", answers=item.answers,
                    scoring_points=item.scoring_points)  # fmt: skip
        return replace(item, answers=(), scoring_points=(), parts=(part,))
    if item.kind is not Kind.ESSAY:
        item = replace(item, scoring_points=())
    if item.kind is Kind.NUMERIC:
        return replace(item, answers=item.answers[:1])
    if item.kind is Kind.MULTIPLE_CHOICE:
        return replace(item, options=tuple(replace(one, weight=None) for one in item.options))
    parts = tuple(replace(part, kind=Kind.ESSAY) if part.kind is Kind.PLAN_DESIGN else part
                  for part in item.parts)  # fmt: skip
    return replace(item, parts=tuple(map(as_authored, parts)))


def _bare(text):
    return Text(_text.plain(text))


def _key(draw, item, target):  # noqa: C901, PLR0911 - one case for each kind
    kind = item.kind
    text = texts(target)
    feedback = st.one_of(st.just(NO_TEXT), text)
    match kind:
        case Kind.SINGLE_CHOICE | Kind.MULTIPLE_CHOICE:
            return _choice(draw, item, target)
        case Kind.TRUE_FALSE:
            key = true_false(truth=draw(st.booleans()), if_true=draw(feedback),
                             if_false=draw(feedback))  # fmt: skip
            return replace(item, **key)
        case Kind.SHORT_ANSWER | Kind.FILL_BLANK:
            # formats with short answers in markup are none but ours
            plain = texts(target, plain=target.name not in {"gift", "json"})
            if target.name == "gift":
                plain = st.one_of(plain, line.map(lambda t: Text(t, item.stem.markup)))
            said = draw(st.lists(plain, min_size=1, max_size=3, unique_by=lambda t: t.html))
            answers = [Answer(_no_arrow(t), draw(st.one_of(st.just(FULL), weights)), draw(feedback))
                       for t in said]  # fmt: skip
            answers[0] = replace(answers[0], weight=FULL)
            stem = _with_blank(item.stem) if kind is Kind.FILL_BLANK else item.stem
            return replace(item, stem=stem, answers=tuple(answers))
        case Kind.NUMERIC:
            said = draw(st.lists(numbers, min_size=1, max_size=3, unique=True))
            margin = st.sampled_from([None, Decimal("0.1"), Decimal(2)])
            answers = [Answer(Text(_text.digits(n)), tolerance=draw(margin)) for n in said]
            units = draw(st.sampled_from([(), (Unit("公里"), Unit("里", Decimal(2)))]))
            return replace(item, answers=tuple(answers), units=units)
        case Kind.MATCHING:
            right = texts(target, plain=target.name in {"gift", "moodle_xml", "docx"})
            text = texts(target, plain=target.name == "docx")
            pairs = draw(st.lists(st.builds(Pair, text, right), min_size=2, max_size=4))
            pairs = [Pair(_no_arrow(pair.left), pair.right) for pair in pairs]
            more = [Pair(NO_TEXT, draw(right))] if draw(st.booleans()) else []
            return replace(item, pairs=(*pairs, *more))
        case Kind.ORDERING:
            return replace(item, options=tuple(
                Option(draw(text)) for _ in range(draw(st.integers(2, 5)))
            ))  # fmt: skip
        case Kind.ESSAY | Kind.PLAN_DESIGN:
            return replace(item, answers=draw(st.sampled_from([(), (Answer(draw(text)),)])))
        case Kind.CLOZE:
            return _cloze(item)
        case Kind.CASE_ANALYSIS:
            return replace(
                item, parts=(Item(Kind.ESSAY, draw(text)), Item(Kind.PLAN_DESIGN, draw(text)))
            )
    return item


def _choice(draw, item, target):
    text = texts(target)
    feedback = st.one_of(st.just(NO_TEXT), text)
    many = item.kind is Kind.MULTIPLE_CHOICE
    right = (
        draw(st.sets(st.integers(0, 2), min_size=2, max_size=3))
        if many
        else {draw(st.integers(0, 3))}
    )
    options = []
    for at in range(4):
        if many:
            weight = draw(weights.filter(lambda w, at=at: (w > 0) == (at in right)))
            if target.name in {"qti22", "qti30", "json"} and 0 in right:
                weight = None  # the marking rule decides
        else:
            weight = FULL if at in right else draw(st.sampled_from([NOTHING, Decimal(25)]))
        options.append(Option(draw(text), at in right, weight, draw(feedback)))
    return replace(item, options=tuple(options))


def _with_blank(stem):
    source = stem.source.replace(BLANK, "")
    return Text(f"{source} {BLANK} 。", stem.markup)


def _no_arrow(text):
    return Text(text.source.replace("->", "→").strip("-> \n") or "x", text.markup)


def _cloze(item):
    parts = (
        Item(
            Kind.SHORT_ANSWER, NO_TEXT, answers=(Answer(Text("a < b & c#~}")), Answer(Text("贵阳")))
        ),
        Item(Kind.NUMERIC, NO_TEXT, answers=(Answer(Text("45")),)),
        Item(
            Kind.SINGLE_CHOICE,
            NO_TEXT,
            options=(Option(Text("=甲"), True, FULL), Option(Text("~乙"), False, NOTHING)),
        ),
    )
    return replace(item, stem=Text("<p>一 {#1} 二 {#2}，{#3}</p>", Markup.HTML), parts=parts)


def is_sayable(item, target):
    """Say whether no text of an item looks like the layout of a format that has no escapes."""
    said = [text for text in _all(item) if text]
    if target.name == "aiken":
        return not any(_like_aiken(text.source) for text in said)
    if target.name == "docx":
        return not any(_looks_like_layout(line) for text in said
                       for line in _text.plain(text).split("\n"))  # fmt: skip
    if target.name == "gift":
        return not any(text.source.startswith("]") for text in said)
    return True


def _all(item):
    from lms.interop.types import each_text

    return each_text(item)


def _like_aiken(source):
    from lms.interop.formats import aiken

    return aiken._OPTION.fullmatch(source) or aiken._ANSWER.fullmatch(source)


def _looks_like_layout(line):
    found = (
        _word_layout._SECTION.fullmatch(line),
        _word_layout._NUMBERED.fullmatch(line),
        _word_layout._OPTION.match(line),
        _word_layout._NEXT_OPTION.search(line),
        _word_layout._LABELLED.fullmatch(line),
    )
    return any(found)
