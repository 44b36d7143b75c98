"""What every exchange format promises. A new format is tested here without a new test.

It brings a sample: ``tests/interop/samples/sample…<suffix>``, or, where a file of bytes cannot be
kept as text, the JSON sample is written in it.
"""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lms.interop.formats import _archive, _media, _text
from lms.interop.formats._markdown import reads_as
from lms.interop.rules import all_formats, losses, recognized, restricted
from lms.interop.types import FIELDS, KINDS, Format, Item, Kind, Markup, Text, with_texts
from lms.kernel.errors import Invalid
from tests.interop.question_builders import EXACT, PICTURE, is_sayable, items

SAMPLES = Path(__file__).resolve().parents[1] / "interop" / "samples"
FORMATS = [found for _name, found in sorted(all_formats().items())]
each_format = pytest.mark.parametrize("target", FORMATS, ids=lambda found: found.name)
FILES = {
    "gift": "sample.gift",
    "aiken": "sample.aiken.txt",
    "csv": "sample.csv",
    "toml": "sample.toml",
    "json": "sample.json",
    "moodle_xml": "sample.xml",
}
quick = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def sample_of(target):
    """The format's sample: a file kept as text, else what it makes of the spreadsheet's."""
    if target.name in FILES:
        return FILES[target.name], (SAMPLES / FILES[target.name]).read_bytes()
    source = "moodle_xml" if target.name.startswith("qti") else "csv"
    read = all_formats()[source].read((SAMPLES / FILES[source]).read_bytes(), name=FILES[source])
    carried = [item for item in read.items if item.kind in target.kinds]
    return f"sample{target.suffix}", target.write(carried, read.media)


def as_kept(item, target):
    """An item as a format keeps it: formats of HTML keep how a text reads."""
    if target.name in EXACT:
        return item
    if target.name == "toml":
        return replace(
            with_texts(item, lambda text: Text(reads_as(text), Markup.HTML) if text else text),
            parts=tuple(as_kept(part, target) for part in item.parts),
        )
    parts = tuple(as_kept(part, target) for part in item.parts)
    return replace(with_texts(item, _read_as), parts=parts)


def _read_as(text):
    shown = " ".join(text.html.replace("<p>", "").replace("</p>", "").split())
    return Text(shown.replace("<br> ", "<br>"), Markup.HTML) if text else Text("")


@each_format
def test_is_complete(target):
    assert isinstance(target, Format)
    assert target.name and target.label and target.suffix.startswith(".")
    assert set(target.kinds) <= set(Kind) and target.kinds
    assert set(target.carries) <= set(FIELDS)
    assert target.cannot_carry, "say what it cannot carry"


@each_format
def test_the_sample_is_recognized_and_read(target):
    name, data = sample_of(target)
    assert recognized(data, name) is target
    read = target.read(data, name=name)
    assert len(read.items) >= 2
    assert {item.kind for item in read.items} - {Kind.UNSUPPORTED} <= set(target.kinds)
    understood = [item for item in read.items if item.kind is not Kind.UNSUPPORTED]
    assert all(item.stem for item in understood)


@each_format
def test_the_sample_comes_back_as_it_went(target):
    name, data = sample_of(target)
    read = target.read(data, name=name)
    kept = [item for item in read.items if item.kind in target.kinds]
    again = target.read(target.write(kept, read.media), name=name)
    assert [as_kept(item, target) for item in again.items] == [as_kept(i, target) for i in kept]
    if "media" in target.carries:
        assert again.media == read.media
    assert target.write(again.items, again.media) == target.write(again.items, again.media)


@each_format
@quick
@given(data=st.data())
def test_a_round_trip_loses_nothing_that_it_can_carry(target, data):
    made = data.draw(st.lists(items(target), min_size=1, max_size=3))
    made = [replace(item, chapter=made[0].chapter) for item in made]
    assume(all(is_sayable(item, target) for item in made))
    assert [*losses(made[0], target)] == [], "the strategy asks for more than it can carry"
    read = target.read(target.write(made), name=f"x{target.suffix}")
    assert [as_kept(item, target) for item in read.items] == [as_kept(i, target) for i in made]


@each_format
def test_pictures_come_along(target):
    if "media" not in target.carries:
        return
    stem = Text('<b>看图</b>：<img src="media/图.png">', Markup.HTML)
    item = replace(_item(target), stem=stem)
    read = target.read(target.write([item], [PICTURE]), name=f"x{target.suffix}")
    assert [(one.data, one.type) for one in read.media] == [(PICTURE.data, PICTURE.type)]
    assert f'src="media/{read.media[0].name}"' in read.items[0].stem.html


@each_format
def test_what_it_cannot_carry_is_said_and_still_written(target):
    everything = Item(
        Kind.CASE_ANALYSIS, Text("**a**", Markup.MARKDOWN), name="n", id="i", tags=("t",)
    )
    if everything.kind not in target.kinds:
        assert [found.code for found in losses(everything, target)] == ["lost_kind"]
    target.write([everything])
    full = replace(_item(target), name="n", id="i", tags=("t",), category="c", difficulty=2)
    said = {found.code for found in losses(full, target)}
    for name in ("name", "id", "tags", "category", "difficulty"):
        assert (f"lost_{name}" in said) == (name not in target.carries)
    assert not [*losses(restricted(full, target), target)]


@each_format
@pytest.mark.parametrize("kind", list(Kind))
def test_writes_every_kind_without_falling_over(target, kind):
    item = Item(kind, Text("题干"), raw="raw\nraw")
    assert isinstance(target.write([item, item]), bytes)
    assert KINDS[kind]


@each_format
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(target, data):
    _read_or_refuse(target, data)


@each_format
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_sample_is_read_or_refused(target, data):
    _name, sample = sample_of(target)
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(len(sample), start + 60)))
    filling = data.draw(
        st.sampled_from([b"", b"\x00", b"{", b"<", b"\xff\xfe", b"}=~#", b'"[', b"9" * 40])
    )
    _read_or_refuse(target, sample[:start] + filling + sample[end:])


@each_format
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_text_file_is_read_in_any_encoding(target, encoding):
    if target.name not in FILES:
        return
    name, data = sample_of(target)
    text = data.decode("utf-8-sig")
    if "encoding=" in text[:60]:
        text = text.replace('encoding="UTF-8"', f'encoding="{encoding}"', 1)
    read = target.read(text.encode(encoding), name=name)
    assert [*read.items] == [*target.read(data, name=name).items]
    assert read.encoding.replace("-sig", "") in {encoding.replace("-sig", ""), "utf-8"}


@each_format
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused_or_noted(target, cut):
    _name, sample = sample_of(target)
    _read_or_refuse(target, sample[: int(len(sample) * cut)])


@each_format
def test_an_empty_file_holds_nothing(target):
    try:
        assert target.read(b"", name="x").items == ()
    except Invalid as refusal:
        assert refusal.code


@each_format
def test_a_file_that_is_too_big_is_refused(target, monkeypatch):
    _name, sample = sample_of(target)
    monkeypatch.setattr(_text, "BIGGEST_FILE", 10)
    with pytest.raises(Invalid) as refusal:
        target.read(sample, name="x")
    assert refusal.value.code == "too_big"


@each_format
def test_script_never_reaches_the_page(target):
    evil = Text('<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:x">k</a>',
                Markup.HTML)  # fmt: skip
    item = replace(_item(target), stem=evil)
    try:
        read = target.read(target.write([item]), name="x")
    except Invalid:
        return  # nothing was left to write
    for found in read.items:
        html = found.stem.html.lower()
        assert ("<script" not in html and "onerror=" not in html.replace("&", "")) or "&lt;" in html
        assert 'href="javascript' not in html


ZIPPED = [found for found in FORMATS if found.name in {"docx", "spreadsheet", "qti22", "qti30"}]
each_package = pytest.mark.parametrize("target", ZIPPED, ids=lambda found: found.name)


@each_package
@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil", "..\\evil", "C:evil"])
def test_a_name_that_leaves_the_package_is_refused(target, name):
    _name, sample = sample_of(target)
    made = io.BytesIO(sample)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(Invalid) as refusal:
        target.read(made.getvalue(), name="x")
    assert refusal.value.code == "zip_slip"


@each_package
def test_a_bomb_is_refused(target, monkeypatch):
    monkeypatch.setattr(_archive, "BIGGEST_INSIDE", 2_000_000)
    _name, sample = sample_of(target)
    made = io.BytesIO(sample)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        for at in range(5):
            archive.writestr(f"bomb{at}", b"\x00" * 500_000)
    with pytest.raises(Invalid) as refusal:
        target.read(made.getvalue(), name="x")
    assert refusal.value.code == "zip_bomb"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question type="essay"><questiontext><text>&b;&x;
</text></questiontext></question></quiz>"""
PARTS = {"docx": "word/document.xml", "spreadsheet": "xl/workbook.xml"}


@pytest.mark.parametrize(
    "target", [*ZIPPED, all_formats()["moodle_xml"]], ids=lambda found: found.name
)
def test_a_dtd_is_refused(target):
    data = BOMB
    if target in ZIPPED:
        _name, sample = sample_of(target)
        made = io.BytesIO()
        part = PARTS.get(target.name, "imsmanifest.xml")
        with zipfile.ZipFile(io.BytesIO(sample)) as old, zipfile.ZipFile(made, "w") as new:
            for entry in old.namelist():
                new.writestr(entry, BOMB if entry == part else old.read(entry))
        data = made.getvalue()
    with pytest.raises(Invalid) as refusal:
        target.read(data, name="x")
    assert refusal.value.code == "has_dtd"


def test_a_picture_that_is_too_big_or_no_picture_is_left_out_with_a_note():
    kept, notes = _media.Bin(), []
    assert kept.add("a.png", PICTURE.data + b"\x00" * _media.BIGGEST, notes) == ""
    assert kept.add("a.svg", b"<svg onload=alert(1)>", notes) == ""
    huge = PICTURE.data[:16] + (30_000).to_bytes(4, "big") * 2 + PICTURE.data[24:]
    assert kept.add("a.png", huge, notes) == ""
    assert [found.code for found in notes] == ["media_too_big", "media_unknown", "media_too_big"]
    assert kept.add("../../etc/图 1.png", PICTURE.data, notes) == "图_1.png"
    assert kept.add("again.png", PICTURE.data, notes) == "图_1.png"


@pytest.mark.parametrize(
    ("data", "pixels"),
    [
        (PICTURE.data, 1),
        (b"GIF89a" + (3).to_bytes(2, "little") + (4).to_bytes(2, "little"), 12),
        (bytes.fromhex("ffd8ffe0000400000000ffc2001108000500070301"), 0),  # a segment that lies
        (bytes.fromhex("ffd8ffe00004aaaaffc2001108000500070301"), 35),
        (bytes.fromhex("ffd8ffe00004aaaa"), 0),
        (
            b"RIFF....WEBPVP8X" + bytes(8) + (9).to_bytes(3, "little") + (4).to_bytes(3, "little"),
            50,
        ),
        (b"RIFF....WEBPVP8L" + bytes(4) + b"/" + (9 | 4 << 14).to_bytes(4, "little"), 50),
        (b"RIFF....WEBPVP8 " + bytes(10) + bytes.fromhex("0a000500"), 50),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_head(data, pixels):
    assert _media._pixels(data) == pixels


def _read_or_refuse(target, data):
    """Any bytes give items or a refusal, and the refusal can be shown."""
    try:
        read = target.read(data, name="x")
    except Invalid as refusal:
        assert str(refusal)
        return
    for _number, found in read.all_notes():
        assert str(found)
    for item in read.items:
        assert isinstance(item.stem.html, str)
        if item.kind is Kind.UNSUPPORTED:
            assert item.notes, "what is not understood says why"


def _item(target):
    """A small question that a format can carry."""
    from lms.interop.types import FULL, NOTHING, Option

    options = (Option(Text("甲"), True, FULL), Option(Text("乙"), False, NOTHING))
    return Item(Kind.SINGLE_CHOICE, Text("题干"), options=options)
