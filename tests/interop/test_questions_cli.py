"""``lms questions convert`` and ``lms questions formats``."""

import json

import pytest
from click.testing import CliRunner

from lms.interop.cli import convert, formats
from lms.interop.rules import all_formats
from tests.contracts.test_formats import SAMPLES


@pytest.fixture
def run():
    return lambda command, *args: CliRunner().invoke(command, [str(arg) for arg in args])


def test_converts_to_an_array_of_the_documented_shape(run):
    done = run(convert, SAMPLES / "sample.gift", "--from", "gift", "--to", "json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found[0]["id"] == "gift-s01" and found[0]["options"][0]["correct"] is True
    assert "gift，编码 utf-8，10 道题" in done.stderr


@pytest.mark.parametrize("target", sorted(all_formats()))
def test_converts_to_every_format_and_says_what_is_lost(run, tmp_path, target):
    out = tmp_path / "out"
    done = run(convert, SAMPLES / "sample.gift", "--to", target, "--out", out)
    assert done.exit_code == 0, done.stderr
    assert out.stat().st_size > 0 and done.stdout == ""
    assert ("写不下" in done.stderr) == (target not in {"gift", "json"}) or target == "moodle_xml"


def test_says_by_line_what_it_did_not_understand_and_converts_the_rest(run, tmp_path):
    path = tmp_path / "x.gift"
    path.write_text("一{}\n\n二{ 没有括完\n\n三{=甲 ~乙}", "utf-8")
    done = run(convert, path, "--to", "json")
    assert done.exit_code == 1
    assert f"{path}:3: 第 2 题: 花括号没有成对" in done.stderr
    found = json.loads(done.stdout)
    assert [item["kind"] for item in found] == ["essay", "unsupported", "single_choice"]
    assert found[1]["raw"] == "二{ 没有括完"
    assert found[1]["notes"][0]["line"] == 3


@pytest.mark.parametrize(
    ("data", "args", "said"),
    [
        (b"<quiz", ["--from", "moodle_xml"], "x.bin:1: "),
        (b"PK\x03\x04", ["--from", "docx"], "压缩包损坏"),
        (b"hello", [], "请指定格式"),
        (b"x{}", ["--from", "gifd"], "没有格式 gifd"),
        (b"\xff\xff", ["--from", "gift", "--encoding", "utf-8"], "不是 utf-8"),
        (b"x{}", ["--from", "gift", "--encoding", "latin-1"], "只认识这些编码"),
        (b"a\x00b{}", ["--from", "gift"], "空字节"),
    ],
)
def test_refuses_with_status_2_and_writes_nothing(run, tmp_path, data, args, said):
    path, out = tmp_path / "x.bin", tmp_path / "out"
    path.write_bytes(data)
    done = run(convert, path, *args, "--to", "json", "--out", out)
    assert (done.exit_code, out.exists()) == (2, False)
    assert said in done.stderr


def test_a_missing_file_is_refused(run, tmp_path):
    done = run(convert, tmp_path / "nothing.gift", "--to", "json")
    assert done.exit_code == 2 and "nothing.gift" in done.stderr


def test_many_notes_are_counted(run, tmp_path):
    path = tmp_path / "x.gift"
    path.write_text("}\n\n" * 250, "utf-8")
    done = run(convert, path, "--to", "json")
    assert "还有 50 处没有读懂" in done.stderr


def test_reads_the_encodings_of_offices(run, tmp_path):
    path = tmp_path / "x.gift"
    path.write_bytes("贵阳在哪里？{=贵州 ~云南}".encode("gb18030"))
    done = run(convert, path, "--to", "json")
    assert json.loads(done.stdout)[0]["stem"]["source"] == "贵阳在哪里？"
    assert "编码 gb18030" in done.stderr


def test_lists_the_formats_and_what_each_cannot_carry(run):
    done = run(formats)
    assert done.exit_code == 0
    for name in all_formats():
        assert f"\n{name}  " in f"\n{done.stdout}"
    told = json.loads(run(formats, "--json").stdout)
    assert "排序题" in told["gift"]["cannot_carry"]
    schema = json.loads(run(formats, "--schema").stdout)
    assert schema["type"] == "array"
