"""Authors' files: what is wrong, in which file, on which line."""

from datetime import date, time

import pytest

from lms.kernel import reading
from lms.kernel.authoring import Faults, digest_of, plain, read_front_matter, read_toml
from lms.kernel.errors import Invalid


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def only_fault(path, *, read=read_toml):
    """Read a file that cannot be read, and return its one fault as line, key and words."""
    faults = Faults()
    with faults.reading(path):
        read(path)
    (fault,) = faults.found
    assert fault.path == path
    return fault.line, fault.key, fault.what


def test_a_document_knows_its_values_and_lines(write):
    document = read_toml(write("x.toml", 'id = "a"\n\n[body]\nfull = 2\n'))
    assert document.table == {"id": "a", "body": {"full": 2}}
    assert document.line_of(("body", "full")) == 4


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("body", "full"), 4),
        (("body", "none"), 3),  # what is missing is missing in its table
        (("body", "none", 3, "deep"), 3),
        (("none",), 1),
        ((), 1),
    ],
)
def test_what_is_not_there_is_missing_in_what_is_around_it(write, place, line):
    document = read_toml(write("x.toml", 'id = "a"\n\n[body]\nfull = 2\n'))
    assert document.line_of(place) == line


def test_a_lesson_is_toml_and_markdown(write):
    lesson = read_front_matter(
        write("x.md", '+++\nid = "a"\n\n[[check]]\nid = "c1"\n+++\n\n## 第一节\n\n+++ no fence\n')
    )
    assert lesson.table == {"id": "a", "check": [{"id": "c1"}]}
    assert lesson.line_of(("check", 0, "id")) == 5
    assert lesson.body == "## 第一节\n\n+++ no fence"


def test_files_of_windows_editors_are_read_too(write):
    assert read_toml(write("x.toml", b'\xef\xbb\xbfid = "a"\r\nb = 2\r\n')).line_of(("b",)) == 2
    lesson = read_front_matter(write("x.md", b'\xef\xbb\xbf+++\r\nid = "a"\r\n+++\r\ntext\r\n'))
    assert (lesson.table, lesson.body) == ({"id": "a"}, "text")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('id = "a"\nb = \n', 2),
        ('id = "a"\nid = "b"\n', 2),
        ("\n\n= 1\n", 3),
        ('id = "a"\nb = """\nnever\nclosed\n', 5),  # at the end of the file
        ("a = [1,\n2\n", 3),
    ],
)
def test_what_is_no_toml_is_a_fault_on_its_line(write, text, line):
    found, key, what = only_fault(write("x.toml", text))
    assert (found, key) == (line, "-")
    assert what.startswith("TOML: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("+++\nid = \n+++\ntext\n", 2),
        ('+++\nid = "a"\n\nb = [\n+++\ntext\n\nmore\n', 5),  # at the end of the front matter
    ],
)
def test_faulty_front_matter_is_a_fault_on_its_line(write, text, line):
    assert only_fault(write("x.md", text), read=read_front_matter)[0] == line


@pytest.mark.parametrize(
    "text", ["", "## no front matter\n", "+++\nid = 1\n", "id = 1\n+++\n+++\n"]
)
def test_a_lesson_without_front_matter_is_told(write, text):
    line, key, what = only_fault(write("x.md", text), read=read_front_matter)
    assert (line, key) == (1, "-")
    assert "+++" in what


def test_a_file_in_another_encoding_is_told_with_its_line(write):
    path = write("x.toml", 'id = "a"\ntitle = "低保"\n'.encode("gb18030"))
    assert only_fault(path) == (2, "-", "不是 UTF-8 文字，请改用 UTF-8 编码保存")


def test_a_folder_with_the_name_of_a_file_is_told(tmp_path):
    (tmp_path / "x.toml").mkdir()
    assert only_fault(tmp_path / "x.toml")[:2] == (1, "-")


def test_a_refusal_inside_a_document_gets_its_line(write):
    document = read_toml(write("x.toml", 'id = "a"\n\n[[question]]\nid = 7\n\n[[question]]\n'))
    faults = Faults()
    for index, raw in enumerate(document.table["question"]):
        with faults.guard(document, "question", index):
            reading.identifier(raw)
    assert [(f.line, f.key, f.what) for f in faults.found] == [
        (4, "question.id", "必须是文字，要加引号"),
        (6, "question.id", "缺少这一项"),
    ]


def test_a_refusal_names_positions_from_the_outside_in(write):
    document = read_toml(write("x.toml", "[[q]]\n[[q]]\n[[q.o]]\n[[q.o]]\nx = 1\n"))
    faults = Faults()
    with faults.guard(document), reading.within("q", 1, "o", 1):
        reading.text({"x": 1}, "x")
    assert [(f.line, f.key) for f in faults.found] == [(5, "q.o.x")]


def test_a_mistyped_header_is_pointed_at(write):
    document = read_toml(write("x.toml", 'id = "a"\n\n[[qestion]]\nid = "b"\n'))
    faults = Faults()
    with faults.guard(document):
        reading.only(document.table, ("id", "question"))
    assert [(f.line, f.key) for f in faults.found] == [(3, "qestion")]


def test_the_values_of_a_refusal_are_said(write):
    path = write("x.toml", "n = 7")
    document, faults = read_toml(path), Faults()
    with faults.guard(document):
        reading.whole(document.table, "n", low=1, high=5)
    with faults.reading(path):
        reading.whole(document.table, "n", low=1, high=5)
    assert [str(f) for f in faults.found] == [f"{path}:1: n: 必须是 1 到 5 的整数"] * 2


def test_a_fault_reads_like_a_compilers(write):
    path = write("x.toml", "[body]\nfull = 0\n")
    document, faults = read_toml(path), Faults()
    faults.note(document, ("body", "full"), "太小")
    faults.note(document, (), "不完整")
    assert [str(f) for f in faults.found] == [f"{path}:2: body.full: 太小", f"{path}:1: -: 不完整"]


def test_what_is_no_authors_fault_is_not_swallowed(write):
    faults = Faults()
    with pytest.raises(KeyError), faults.reading(write("x.toml", "")):
        raise KeyError
    with pytest.raises(Invalid):
        reading.text({}, "x")
    assert faults.found == []


def test_a_table_becomes_what_json_can_hold():
    assert plain({"on": date(2026, 11, 1), "at": time(9, 30), "of": ({"x": 1},)}) == {
        "on": "2026-11-01",
        "at": "09:30:00",
        "of": [{"x": 1}],
    }


def test_equal_content_has_one_digest_whatever_its_order_and_comments(write):
    one = read_toml(write("1.toml", 'id = "a"\non = 2026-11-01\n'))
    two = read_toml(write("2.toml", '# moved\non=2026-11-01\nid = "a"'))
    other = read_toml(write("3.toml", 'id = "a"\non = 2026-11-02\n'))
    digests = [digest_of(plain(document.table)) for document in (one, two, other)]
    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0]) == 64
