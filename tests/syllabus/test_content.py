"""The outline's files: what ships is a tree, and a fault is told with its line."""

import pytest

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.syllabus.content import keys, read_all
from lms.syllabus.types import CERTAINTIES, LEVELS

GOOD = """
edition = "2030"
title = "大纲"
title_en = "Outline"

[[subject]]
code = "J-COMP"
title = "综合能力"
level = "junior"
certainty = "H"

[[subject.chapter]]
code = "01"
title = "第一章"
title_en = "Chapter one"
certainty = "H"
source = "S01"

[[subject.chapter.section]]
code = "1"
title = "第一节"
certainty = "M"
points = ["甲", "乙"]

[[subject.chapter]]
code = "02"
title = "第二章"
certainty = "L"

[[subject]]
code = "J-PRAC"
title = "实务"
certainty = "H"
"""


@pytest.fixture
def read(tmp_path):
    """Read editions made of texts; return them and the faults as ``name:line: key``."""

    def read(**texts):
        (tmp_path / "syllabus").mkdir(exist_ok=True)
        for name, text in texts.items():
            (tmp_path / "syllabus" / f"{name}.toml").write_text(text, encoding="utf-8")
        faults = Faults()
        found = read_all(tmp_path, faults)
        return found, [f"{f.path.stem}:{f.line}: {f.key}" for f in faults.found]

    return read


@pytest.fixture(scope="module")
def edition():
    """The outline that ships."""
    faults = Faults()
    (found,) = read_all(shipped("question_bank"), faults)
    assert faults.found == []
    return found


def test_what_ships_is_one_tree(edition):
    known = {node.key: node for node in edition.nodes}
    assert len(known) == len(edition.nodes)
    for node in edition.nodes:
        if node.parent_key is None:
            assert node.level == "subject"
        else:
            parent = known[node.parent_key]
            assert parent.position < node.position  # parents come first
            assert LEVELS.index(parent.level) == LEVELS.index(node.level) - 1
            assert (node.subject, node.key.rpartition("/")[0]) == (parent.subject, parent.key)


def test_what_ships_has_the_subjects_of_the_examination(edition):
    subjects = {node.subject for node in edition.nodes if node.level == "subject"}
    assert subjects == {"J-COMP", "J-PRAC", "M-COMP", "M-PRAC", "M-LAW", "S-PRAC"}


@pytest.mark.parametrize(("subject", "chapters"), [("J-COMP", 12), ("J-PRAC", 17), ("M-PRAC", 18)])
def test_what_ships_has_every_chapter(edition, subject, chapters):
    found = [n for n in edition.nodes if n.level == "chapter" and n.subject == subject]
    assert len(found) == chapters


def test_every_node_says_how_certain_it_is(edition):
    assert {node.certainty for node in edition.nodes} <= set(CERTAINTIES)


def test_a_tree_is_read_in_its_order(read):
    (file,), faults = read(x=GOOD)
    assert faults == []
    assert [(n.position, n.level, n.key, n.title, n.certainty) for n in file.nodes] == [
        (0, "subject", "2030/J-COMP", "综合能力", "H"),
        (1, "chapter", "2030/J-COMP/01", "第一章", "H"),
        (2, "section", "2030/J-COMP/01/1", "第一节", "M"),
        (3, "point", "2030/J-COMP/01/1/1", "甲", "M"),  # a point is as certain as its section
        (4, "point", "2030/J-COMP/01/1/2", "乙", "M"),
        (5, "chapter", "2030/J-COMP/02", "第二章", "L"),
        (6, "subject", "2030/J-PRAC", "实务", "H"),
    ]


def test_the_keys_are_what_others_may_refer_to(read):
    files, _faults = read(x=GOOD)
    assert "2030/J-COMP/01/1/2" in keys(files)
    assert len(keys(files)) == 7


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('edition = "2030"', 'edition = "2030/1"', "x:2: edition"),
        ('edition = "2030"', 'editon = "2030"', "x:2: editon"),
        ('title = "大纲"', "title = 2030", "x:3: title"),
        ('code = "J-COMP"', 'code = "J COMP"', "x:7: subject.code"),
        ('title = "综合能力"\n', "", "x:6: subject.title"),
        ('level = "junior"', 'levle = "junior"', "x:9: subject.levle"),
        ('title = "第一章"', 'title = ""', "x:14: subject.chapter.title"),
        ('certainty = "M"', 'certainty = "X"', "x:22: subject.chapter.section.certainty"),
        ('["甲", "乙"]', '["甲", "甲"]', "x:23: subject.chapter.section.points"),
        ('code = "02"', 'code = "01"', "x:6: subject"),  # two chapters of one number
        ("[[subject.chapter.section]]", "[[subject.chapter.sektion]]", "x:19: subject.chapter.sektion"),
        ("[[subject]]", "[[sbject]]", "x:6: sbject"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_key(read, old, new, fault):
    text = GOOD.replace(old, new)
    if old == "[[subject]]":
        text = text.replace("[[subject.", "[[sbject.")
    assert text != GOOD
    found, faults = read(x=text)
    assert (found, faults) == ([], [fault])


def test_an_edition_has_one_file(read):
    _found, faults = read(a=GOOD, b=GOOD)
    assert faults == ["b:2: edition"]


def test_an_outline_without_subjects_is_none(read):
    _found, faults = read(x='edition = "2030"\ntitle = "大纲"\n')
    assert faults == ["x:1: subject"]
