from pathlib import Path

import pytest

from lms.courses import content
from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.syllabus import content as outlines
from tests.courses.builders import BODY, MANY, OUTLINE, check, course, fresh, lesson, module, read

WHO = "10-first/10-who.md"


def told(root):
    """The faults, as (file, line, key)."""
    _files, faults = read(root)
    return [(fault.path.name, fault.line, fault.key) for fault in faults]


def with_lesson(tmp_path, **values):
    return course(tmp_path, files={**OUTLINE, WHO: lesson(**values)})


def line_of(text: str, beginning: str) -> int:
    return next(n for n, line in enumerate(text.split("\n"), start=1) if line.startswith(beginning))


def test_a_good_course_is_read_whole(tmp_path):
    files, faults = read(course(tmp_path))
    assert faults == []
    (file,) = files
    assert (file.key, file.title, file.credit_hours) == ("basics", "低保入门", 2)
    assert file.audience == ("station_worker",)
    assert [(le.module.key, le.key) for le in file.lessons] == [
        ("first", "who"),
        ("first", "how"),
        ("second", "after"),
    ]
    first = file.lessons[0]
    assert (first.minutes, first.points, first.source) == (20, ("2025/J-COMP/12",), BODY)
    assert [(c.key, c.kind, c.spec["answer"]) for c in first.checks] == [
        ("c1", "single_choice", "B"),
        ("c2", "multiple_choice", "ABE"),
    ]


def test_the_number_gives_the_order_not_the_alphabet(tmp_path):
    files = {
        "9-late/module.toml": module("late"),
        "9-late/100-c.md": lesson("c"),
        "9-late/20-b.md": lesson("b"),
        "9-late/3-a.md": lesson("a"),
        "10-z/module.toml": module("z"),
        "10-z/1-d.md": lesson("d"),
    }
    (file,), faults = read(course(tmp_path, files=files))
    assert faults == []
    assert [le.key for le in file.lessons] == ["a", "b", "c", "d"]


def test_renaming_files_and_folders_changes_nothing(tmp_path):
    renamed = {
        name.replace("10-who", "15-anybody").replace("20-second", "30-third"): text
        for name, text in OUTLINE.items()
    }
    (one,), _faults = read(course(fresh(tmp_path)))
    (two,), _faults = read(course(fresh(tmp_path), "other-folder", files=renamed))
    assert one == two


def test_a_change_anywhere_gives_the_course_another_digest_and_only_that_lesson(tmp_path):
    (one,), _faults = read(course(fresh(tmp_path)))
    (two,), _faults = read(with_lesson(fresh(tmp_path), body=BODY + "\n\n再看一次。"))
    assert one.digest != two.digest
    assert [a.digest == b.digest for a, b in zip(one.lessons, two.lessons, strict=True)] == [
        False,
        True,
        True,
    ]
    renamed = {**OUTLINE, "10-first/module.toml": module("first", title='"新名"')}
    (three,), _faults = read(course(fresh(tmp_path), files=renamed))
    assert three.digest != one.digest
    assert [le.digest for le in three.lessons] == [le.digest for le in one.lessons]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", '"Basics"'),  # ids are lower case
        ("id", '"a_b"'),
        ("id", '"-a"'),
        ("id", ""),
        ("title", '""'),
        ("title", ""),
        ("summary", "3"),
        ("audience", "[]"),
        ("audience", '["everybody"]'),
        ("audience", ""),
        ("credit_hours", "0"),
        ("credit_hours", "1.5"),
        ("category", '"专业"'),
        ("valid_on", '"soon"'),
        ("sources", "[]"),
        ("source", '"《社会救助法》"'),  # mistyped
    ],
)
def test_a_fault_in_the_course_is_told_with_its_line_and_key(tmp_path, key, value):
    root = course(tmp_path, **{key: value})
    text = (root / "catalog/basics/course.toml").read_text(encoding="utf-8")
    line = line_of(text, f"{key} =") if value else 1
    assert told(root) == [("course.toml", line, key)]
    assert read(root)[0] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("id", '"大"'), ("title", "1"), ("title_en", '" "'), ("position", "1")],
)
def test_a_fault_in_a_module_is_told(tmp_path, key, value):
    text = module("first", **{key: value})
    root = course(tmp_path, files={**OUTLINE, "10-first/module.toml": text})
    assert told(root) == [("module.toml", line_of(text, f"{key} ="), key)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", '"who may"'),
        ("title", '""'),
        ("minutes", "0"),
        ("minutes", "true"),
        ("points", '["2025/J-COMP/12", "2025/J-COMP/12"]'),
        ("minute", "20"),  # mistyped
    ],
)
def test_a_fault_in_a_lesson_is_told(tmp_path, key, value):
    text = lesson(**{key: value})
    root = course(tmp_path, files={**OUTLINE, WHO: text})
    assert told(root) == [("10-who.md", line_of(text, f"{key} ="), key)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", '"C1"'),
        ("kind", '"hologram"'),
        ("kind", '"essay"'),  # nobody would mark it
        ("stem", '""'),
        ("options", '["甲", "乙", "丙", "以上都是"]'),
        ("answer", '"E"'),
        ("answer", '"AB"'),  # a single choice
        ("explanation", '" "'),
        ("difficulty", "2"),  # questions of the bank have one, checks have not
    ],
)
def test_a_fault_in_a_check_is_told(tmp_path, key, value):
    text = lesson(checks=check(**{key: value}) + check(MANY))
    root = course(tmp_path, files={**OUTLINE, WHO: text})
    ((file, line, where),) = told(root)
    head, block = text.split("[[check]]\n", 1)
    assert (file, line) == ("10-who.md", head.count("\n") + 1 + line_of(block, f"{key} ="))
    assert where.startswith(f"check.{key}")


def test_one_check_is_too_few(tmp_path):
    text = lesson(checks=check())
    assert told(course(tmp_path, files={**OUTLINE, WHO: text})) == [
        ("10-who.md", line_of(text, "[[check]]"), "check")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "# 一级标题",
        "#没有空格也是标题",
        "    # 缩进里的也是",
        "<div>原始 HTML</div>",
        "一行 <b>加粗</b>",
        "<!-- 注释 -->",
        "[链接](https://example.org)",
        "[链接](../other.md)",
        "![图](a.png)",
        "[一]: https://example.org",
        "<https://example.org>",
        "见 http://example.org 说明",
        "见 WWW.example.org",
    ],
)
def test_what_no_text_may_hold_is_told_with_its_line(tmp_path, line):
    body = f"## 一\n\n第一段。\n\n{line}\n\n最后一段。"
    text = lesson(body=body)
    root = course(tmp_path, files={**OUTLINE, WHO: text})
    assert told(root) == [("10-who.md", line_of(text, line), "body")]


def test_a_title_underlined_is_a_title_too(tmp_path):
    text = lesson(body="一级标题\n========\n\n正文。")
    root = course(tmp_path, files={**OUTLINE, WHO: text})
    assert told(root) == [("10-who.md", line_of(text, "===="), "body")]


@pytest.mark.parametrize(
    "line",
    [
        "体温<38度，收入 < 1000 元",
        "`<b>` 和 `[a](b)` 只是代码",
        "见[上文](#who)",
        "注意[^1]",
        "[^1]: 脚注",
        "（一）[甲]（乙）",
        "- [ ] 带身份证",
        "### 三级标题",
        "编号#3",
        '!!! note "提示"',
    ],
)
def test_what_only_looks_alike_is_let_be(tmp_path, line):
    assert told(with_lesson(tmp_path, body=f"## 一\n\n{line}\n\n正文。")) == []


def test_code_blocks_may_hold_anything(tmp_path):
    body = "## 一\n\n```\n# 注释\n<b>\n```\n\n正文。\n\n# 这里不行"
    text = lesson(body=body)
    assert told(course(tmp_path, files={**OUTLINE, WHO: text})) == [
        ("10-who.md", line_of(text, "# 这里不行"), "body")
    ]


@pytest.mark.parametrize("body", ["", "  \n\n  "])
def test_an_empty_text_is_told(tmp_path, body):
    text = lesson(body=body)
    ((file, line, key),) = told(course(tmp_path, files={**OUTLINE, WHO: text}))
    assert (file, key) == ("10-who.md", "body")
    assert line == len(text.rstrip().split("\n"))


@pytest.mark.parametrize("text", ["## 没有开头\n", '+++\nid = "who"\n\n没有结尾\n', ""])
def test_a_lesson_without_front_matter_is_told(tmp_path, text):
    assert told(course(tmp_path, files={**OUTLINE, WHO: text})) == [("10-who.md", 1, "-")]


def test_a_missing_file_is_told_once_and_the_rest_is_still_read(tmp_path):
    files = {name: text for name, text in OUTLINE.items() if name != "10-first/module.toml"}
    files["20-second/10-after.md"] = lesson("after", minutes="0")
    root = course(tmp_path, files=files)
    (root / "catalog/basics/course.toml").unlink()
    assert [(file, key) for file, _line, key in told(root)] == [
        ("course.toml", "-"),
        ("module.toml", "-"),
        ("10-after.md", "minutes"),
    ]


def test_an_empty_course_and_an_empty_module_are_told(tmp_path):
    course(tmp_path, "one", files={})
    course(tmp_path, "two", id='"two"', files={"10-first/module.toml": module()})
    assert told(tmp_path) == [("one", 1, "-"), ("10-first", 1, "-")]


def test_names_without_a_number_or_with_the_same_are_told(tmp_path):
    files = {
        **OUTLINE,
        "third/module.toml": module("third"),
        "third/10-x.md": lesson("x"),
        "10-first/who.md": lesson("nameless"),
        "10-first/20-twin.md": lesson("twin"),
    }
    assert [name for name, _line, _key in told(course(tmp_path, files=files))] == [
        "third",
        "20-twin.md",
        "who.md",
    ]


def test_a_file_nobody_reads_is_told(tmp_path):
    files = {
        **OUTLINE,
        "notes.txt": "备忘",
        "10-first/30-more.markdown": lesson("more"),
        "10-first/.DS_Store": "",
    }
    assert [name for name, _line, _key in told(course(tmp_path, files=files))] == [
        "notes.txt",
        "30-more.markdown",
    ]


def test_the_same_id_twice_is_told_at_the_second_with_the_place_of_the_first(tmp_path):
    files = {
        **OUTLINE,
        "20-second/module.toml": module("first"),
        "20-second/10-after.md": lesson("who", checks=check() + check(MANY, id='"c1"')),
    }
    course(tmp_path, files=files)
    course(tmp_path, "copy")
    _files, faults = read(tmp_path)
    found = {(fault.path.parent.name, fault.path.name, fault.key): fault.what for fault in faults}
    assert set(found) == {
        ("20-second", "module.toml", "id"),
        ("20-second", "10-after.md", "check.id"),
        ("copy", "course.toml", "id"),
    }
    assert "10-first/module.toml:1" in found["20-second", "module.toml", "id"]
    assert "basics/course.toml:1" in found["copy", "course.toml", "id"]


def test_two_lessons_with_one_id_are_told(tmp_path):
    files = {**OUTLINE, "20-second/10-after.md": lesson("who")}
    _files, (fault,) = read(course(tmp_path, files=files))
    assert (fault.path.name, fault.line, fault.key) == ("10-after.md", 2, "id")
    assert "10-first/10-who.md:2" in fault.what


def test_the_same_lesson_id_may_stand_in_two_courses(tmp_path):
    course(tmp_path)
    course(tmp_path, "other", id='"other"')
    files, faults = read(tmp_path)
    assert faults == []
    assert [file.key for file in files] == ["basics", "other"]


def test_a_broken_file_does_not_hide_the_others(tmp_path):
    root = course(tmp_path, files={**OUTLINE, WHO: "+++\nid = \n+++\n\n正文。\n"})
    (root / "catalog/basics/10-first/20-how.md").write_bytes(b"+++\n\xff\n+++\n")
    (root / "catalog/basics/20-second/module.toml").write_text("id = [\n", encoding="utf-8")
    course(root, "good", id='"good"')
    files, faults = read(root)
    assert [file.key for file in files] == ["good"]
    assert [(fault.path.name, fault.key) for fault in faults] == [
        ("10-who.md", "-"),
        ("20-how.md", "-"),
        ("module.toml", "-"),
    ]
    assert faults[0].line == 2


def test_points_that_no_outline_has_are_told(tmp_path):
    text = lesson(points='["2025/J-COMP/12", "2025/J-COMP/99"]')
    files, _faults = read(course(tmp_path, files={**OUTLINE, WHO: text}))
    faults = Faults()
    content.check_references(files, points={"2025/J-COMP/12"}, faults=faults)
    (fault,) = faults.found
    assert (fault.path.name, fault.line, fault.key) == (
        "10-who.md",
        line_of(text, "points"),
        "points",
    )
    assert "2025/J-COMP/99" in fault.what


def test_no_catalogue_is_no_course(tmp_path):
    assert read(tmp_path) == ([], [])


def test_the_text_may_use_windows_line_ends(tmp_path):
    root = course(tmp_path)
    path = root / "catalog/basics" / Path(WHO)
    path.write_bytes(lesson(body="## 一\n\n# 二").replace("\n", "\r\n").encode())
    text = lesson(body="## 一\n\n# 二")
    assert told(root) == [("10-who.md", line_of(text, "# 二"), "body")]


def test_what_ships_has_no_fault():
    faults = Faults()
    files = content.read_all(shipped("courses"), faults)
    points = outlines.keys(outlines.read_all(shipped("question_bank"), faults))
    content.check_references(files, points=points, faults=faults)
    assert [str(fault) for fault in faults.found] == []
    assert {"assistance-elder-child", "frontline-practice", "social-work-for-cadres"} <= {
        file.key for file in files
    }
