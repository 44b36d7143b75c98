import pytest

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.required_lists import content
from lms.requirements.rules import read_requirement
from tests.required_lists.builders import ITEMS, read, text


def places(faults):
    return [(fault.key, fault.path.name) for fault in faults.found]


def test_a_list_is_all_of_its_items_with_their_deadlines(tmp_path):
    (file,), faults = read(tmp_path, text())
    assert not faults.found
    requirement = read_requirement(file.requirement)
    assert requirement.kind == "all"
    assert [(node.id, node.title, node.due_days) for node in requirement.children] == [
        ("course", "认识低保", 30),
        ("mock", "模拟考试", 60),
    ]


def test_a_deadline_may_be_a_day(tmp_path):
    (file,), faults = read(
        tmp_path, text(items=ITEMS.replace("due_days = 30", "due_on = 2026-06-30"))
    )
    assert not faults.found
    assert file.items[0]["due_on"] == "2026-06-30"


def test_the_same_words_give_the_same_digest(tmp_path):
    (first,), _ = read(tmp_path, text())
    (second,), _ = read(tmp_path, "# a remark\n" + text())
    (third,), _ = read(tmp_path, text(title="另一份"))
    assert first.digest == second.digest != third.digest


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('id = "mock"', 'id = "course"', "item.id"),
        ("due_days = 60", "due_days = 60\ndue_on = 2026-06-30", "item.due_days"),
        ("due_days = 60", "due_dyas = 60", "item.due_dyas"),
        ('paper = "p"', 'papre = "p"', "item.requirement.papre"),
        ('paper = "p"', 'paper = "p", title = "x"', "item.requirement.title"),
        ('title_en = "Mock exam"\n', "", "item.title_en"),
        ('"station_worker"', '"astronaut"', "audience.post_kinds"),
        ('certainty = "L"', 'certainty = "sure"', "certainty"),
        ('issuer = "发布单位"\n', "", "issuer"),
    ],
)
def test_an_authors_fault_is_located(tmp_path, before, after, key):
    source = text()
    assert before in source
    _files, faults = read(tmp_path, source.replace(before, after))
    assert [fault.key for fault in faults.found] == [key]


def test_all_faults_are_reported_not_the_first(tmp_path):
    broken = text().replace('paper = "p"', "paper = 1").replace('course = "a"', "course = 1")
    _files, faults = read(tmp_path, broken, text(key="other").replace("issuer", "isuer"))
    assert [fault.key for fault in faults.found] == [
        "item.requirement.course",
        "item.requirement.paper",
        "isuer",
    ]


def test_two_files_cannot_be_the_same_list(tmp_path):
    files, faults = read(tmp_path, text(), text())
    assert len(files) == 1
    assert places(faults) == [("id", "1.toml")]


def test_what_nobody_provides_is_reported_with_its_place(tmp_path):
    files, faults = read(tmp_path, text())
    content.check_references(files, known={"course:a"}, faults=faults)
    ((fault),) = faults.found
    assert (fault.key, fault.what) == ("item.requirement", "没有 paper:p")
    assert "paper_passed" in fault.path.read_text(encoding="utf-8").split("\n")[fault.line - 1]


def test_what_ships_can_be_read():
    faults = Faults()
    files = content.read_all(shipped("courses"), faults)
    assert not faults.found, [str(fault) for fault in faults.found]
    assert {file.key for file in files} >= {"station-2026", "cadre-class-2026"}
    for file in files:
        assert file.certainty == "H" or "参考" in file.title
