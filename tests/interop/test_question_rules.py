"""What is lost; which format a file is in; the JSON shape; texts and their markup."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.interop.formats import _text
from lms.interop.rules import (
    all_formats,
    convert,
    format_named,
    json_schema,
    recognized,
)
from lms.interop.types import FULL, NOTHING, Answer, Item, Kind, Markup, Option, Text
from lms.kernel.errors import Invalid
from tests.contracts.test_formats import SAMPLES


def question(stem="下列属于个案工作的是（ ）。", right=0, **more):
    options = tuple(
        Option(Text(text), at == right, FULL if at == right else NOTHING)
        for at, text in enumerate(["个别辅导", "社区动员", "小组活动"])
    )
    return Item(Kind.SINGLE_CHOICE, Text(stem), options=options, **more)


def test_ids_that_come_twice_are_reported():
    source = b"// [id:a]\nx{}\n\n// [id:a]\ny{}\n\n// [id:b]\nz{}"
    done = convert(source, name="x.gift", source="auto", target="json")
    assert [(n, note.code) for n, note in done.not_understood] == [
        (1, "duplicate_id"),
        (2, "duplicate_id"),
    ]


def test_what_nobody_recognizes_is_refused():
    with pytest.raises(Invalid) as refusal:
        recognized(b"hello", "letter.pdf")
    assert refusal.value.code == "unrecognized"
    with pytest.raises(Invalid) as refusal:
        format_named("docs")
    assert refusal.value.code == "unknown_format" and "gift" in str(refusal.value)


def test_a_wrong_suffix_does_not_fool_anybody():
    data = format_named("docx").write([question()])
    assert recognized(data, "paper.xlsx").name == "docx"


def test_a_plug_in_of_somebody_else_is_found(monkeypatch):
    from lms.interop.rules import catalogue

    class Point:
        value = "theirs:FORMAT"

        def load(self):
            return plugin

    plugin = type("Theirs", (), {"name": "theirs"})()
    monkeypatch.setattr(
        catalogue, "entry_points", lambda group: [Point()] * (group == "bixue.formats")
    )
    all_formats.cache_clear()
    try:
        assert all_formats()["theirs"] is plugin
        plugin.name = "gift"
        all_formats.cache_clear()
        with pytest.raises(ValueError, match="is taken"):
            all_formats()
    finally:
        monkeypatch.undo()
        all_formats.cache_clear()


def test_the_schema_says_what_the_code_writes():
    schema = json_schema()
    for name in ("sample.json", "sample.gift", "sample.xml", "sample.csv"):
        data = (SAMPLES / name).read_bytes()
        done = convert(data, name=name, source="auto", target="json")
        check(json.loads(done.data), schema, schema["$defs"], name)


def check(value, schema, definitions, where):
    """As much of JSON Schema as ours uses."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        fitting = {type(None): "null", str: "string", list: "array"}.get(type(value))
        among = [s for s in schema["anyOf"] if s.get("type") == fitting]
        others = [s for s in schema["anyOf"] if s.get("type") != "null"]
        check(value, (among or others)[0], definitions, where)
        return
    if "enum" in schema:
        assert value in schema["enum"], where
        return
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool,
             "object": dict, "array": list, "null": type(None)}  # fmt: skip
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(value, kinds[name]) for name in names), (where, value)
    if isinstance(value, list):
        for at, one in enumerate(value):
            check(one, schema["items"], definitions, f"{where}.{at}")
    if isinstance(value, dict):
        assert set(schema.get("required", [])) <= set(value), where
        assert set(value) <= set(schema["properties"]), where
        for key, inner in schema["properties"].items():
            if key in value:
                check(value[key], inner, definitions, f"{where}.{key}")


def test_the_names_of_the_shape_are_those_that_were_promised():
    done = convert(b"::n:: 2 {#2:1}", name="x.gift", source="gift", target="json")
    (item,) = json.loads(done.data)
    promised = {"kind", "name", "stem", "options", "answers", "tolerance", "pairs",
                "general_feedback", "tags", "id"}  # fmt: skip
    assert promised <= set(item)
    assert item["tolerance"] == 1
    assert item["stem"] == {"html": "2", "source": "2", "markup": "moodle"}


def test_json_takes_short_forms_and_reports_the_rest():
    raw = [
        {"kind": "numeric", "stem": "?", "answers": ["3"], "tolerance": 0.1, "strange": 1},
        {"kind": "dragging", "stem": "?"},
        {"kind": "essay", "stem": {"html": "<b>x</b>"}, "parts": [{"kind": "essay"}]},
        7,
        {"kind": "essay", "stem": "x", "score": 10**13},
        {"kind": "essay", "stem": "x", "options": ["a"] * 501},
    ]
    read = format_named("json").read(json.dumps(raw).encode(), name="x")
    assert read.items[0].answers == (Answer(Text("3"), tolerance=Decimal("0.1")),)
    assert read.items[2].stem == Text("<b>x</b>", Markup.HTML)
    assert [(n, note.code, note.path) for n, note in read.all_notes()] == [
        (1, "unknown_key", "0.strange"),
        (2, "not_allowed", "1.kind"),
        (4, "not_table", "3"),
        (5, "not_number", "4.score"),
        (6, "too_many", "5.options"),
    ]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (Text("a < b\n& c"), "a &lt; b<br>\n&amp; c"),
        (Text("a\n<b>b</b>", Markup.MOODLE), "a<br>\n<b>b</b>"),
        (Text("**a**", Markup.MARKDOWN), "<p><strong>a</strong></p>"),
        (Text("<i onclick=x>a</i><script>b</script>", Markup.HTML), "<i>a</i>"),
        (Text("<a href='javascript:x'>a</a>", Markup.MARKDOWN), '<p><a rel="noopener noreferrer">a</a></p>'),
        (Text("[" * 201, Markup.MARKDOWN), "[" * 201),  # links without end are slow
        (Text("字" * 3000), "字" * 3000),
    ],
)  # fmt: skip
def test_a_text_as_html(text, html):
    assert text.html == html


def test_notes_survive_json():
    source = "二{ 没有括完\n\n三{=甲 ~%abc% 100%}".encode()
    once = convert(source, name="x.gift", source="auto", target="json")
    again = convert(once.data, name="x.json", source="auto", target="json")
    assert json.loads(again.data) == json.loads(once.data)
    assert [note.code for _number, note in again.not_understood] == ["unpaired_brace", "bad_weight"]


@settings(max_examples=60, deadline=None)
@given(bare=st.text("贵a1 .)#>+-=:!*_`[]<&\\~|^$\n", min_size=1, max_size=12).map(str.strip))
def test_plain_text_reads_the_same_as_markdown(bare):
    lines = "\n".join(" ".join(line.split()) for line in bare.split("\n") if line.strip())
    shown = Text(_text.as_markdown(lines), Markup.MARKDOWN)
    assert _text.plain(shown) == lines
