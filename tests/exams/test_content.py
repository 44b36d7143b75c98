"""Authors' papers: what ships can be drawn; what is wrong is told with file and line."""

import shutil
from dataclasses import replace

import pytest

from lms.exams import content, rules
from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.question_bank import content as questions_content
from lms.question_bank.types import Marking
from lms.syllabus import content as syllabus_content

OFFICIAL = Marking.read({"single_choice": {"full": 2}, "multiple_choice": {"full": 4, "each": 1}})


@pytest.fixture
def root(tmp_path):
    """A copy of the shipped papers that a test may spoil."""
    shutil.copytree(shipped("question_bank") / "papers", tmp_path / "papers")
    return tmp_path


@pytest.fixture(scope="module")
def questions():
    return questions_content.read_all(shipped("question_bank"), Faults())


def spoil(root, old, new, *, name="j-comp-mock.toml"):
    path = root / "papers" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def place(root, text):
    path = root / "papers" / "j-comp-mock.toml"
    return path, path.read_text(encoding="utf-8").splitlines().index(text) + 1


def read(root):
    faults = Faults()
    return content.read_all(root, faults), [str(fault) for fault in faults.found]


def check(root, questions, named=None):
    faults = Faults()
    files = content.read_all(root, faults)
    assert faults.found == []
    editions = syllabus_content.read_all(shipped("question_bank"), Faults())
    content.check_references(
        files,
        questions=questions,
        points=syllabus_content.keys(editions),
        marking=OFFICIAL,
        named=named,
        faults=faults,
    )
    return [str(fault) for fault in faults.found]


def test_what_ships_is_complete_and_can_be_drawn(root, questions):
    files, faults = read(root)
    assert faults == []
    assert check(root, questions) == []
    assert [file.key for file in files if file.sittable] == [
        "j-comp-mock", "m-prac-mock", "s-prac-practice",
    ]  # fmt: skip
    assert {file.subject for file in files} == {
        "J-COMP", "J-PRAC", "M-COMP", "M-LAW", "M-PRAC", "S-PRAC",
    }  # fmt: skip
    mock = files[0].blueprint
    assert (mock.count, mock.out_of, files[0].minutes) == (80, 200, 120)
    assert [(s.kind, s.count, s.points_half) for s in mock.sections] == [
        ("single_choice", 60, 2),
        ("multiple_choice", 20, 4),
    ]


def test_the_shipped_mock_spreads_over_its_twelve_chapters(root, questions):
    mock = read(root)[0][0].blueprint
    candidates = content.candidates_of(questions)["J-COMP"]
    chapters = {candidate.version_id: candidate.chapter_key for candidate in candidates}
    for seed in range(20):
        picks = rules.draw(mock, candidates, seed=seed)
        for section, floor in ((0, 5), (1, 1)):
            drawn = [chapters[pick.version_id] for pick in picks if pick.section == section]
            counts = {key: drawn.count(key) for key in mock.sections[0].spread}
            assert set(counts.values()) <= {floor, floor + 1}


def test_an_uncertain_layout_says_so(root):
    by_key = {file.key: file for file in read(root)[0]}
    senior = by_key["s-prac"]
    assert (senior.certainty, senior.blueprint.count) == ("unsure", 0)
    assert {section.certainty for section in senior.blueprint.sections} == {"unsure"}
    assert by_key["m-prac"].blueprint.out_of == 200


def test_the_binding_cell_is_named(root, questions):
    third = [
        q for q in questions if q.chapter_key == "2025/J-COMP/03" and q.kind == "multiple_choice"
    ]
    short = [q for q in questions if q not in third]
    spoil(root, "count = 20", "count = 24")
    [fault] = check(root, [*short, third[0]])
    path, line = place(root, "count = 24")
    assert fault == (f"{path}:{line}: section.count: J-COMP 第3章 多项选择题：需要 2 题，现有 1 题")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("minutes = 120", "minutes = 0", "minutes"),
        ("sittable = true", 'sittable = "yes"', "sittable"),
        ('certainty = "settled"', 'certainty = "sure"', "certainty"),
        ('level = "junior"', 'level = "first"', "level"),
        ("count = 60", "count = 60\nweight = 3", "section.weight"),
        ('kind = "multiple_choice"', 'kind = "single_choice"', "section.kind"),
        ('chapter = "spread"', "", None),  # from anywhere
        ("[[section]]", "[[section", "TOML"),
    ],
)
def test_a_faulty_paper_is_told_with_its_line(root, old, new, told):
    spoil(root, old, new)
    _files, faults = read(root)
    if told is None:
        assert faults == []
        return
    assert len(faults) == 1
    assert "j-comp-mock.toml:" in faults[0]
    assert told in faults[0]


def test_two_papers_with_one_id(root):
    spoil(root, 'id = "m-law"', 'id = "m-comp"', name="m-law.toml")
    _files, faults = read(root)
    assert "与 m-comp.toml 的 id 相同" in faults[0]


def test_a_chapter_that_no_outline_has(root, questions):
    spoil(root, "2025/J-COMP/12", "2025/J-COMP/13")
    told = check(root, questions)
    assert any("大纲里没有 2025/J-COMP/13" in fault for fault in told)
    assert any("第13章 单项选择题：需要 5 题，现有 0 题" in fault for fault in told)


def test_marks_that_the_marking_rule_does_not_give(root, questions):
    spoil(root, "points_half = 4", "points_half = 2")
    told = check(root, questions)
    path = root / "papers" / "j-comp-mock.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    last = max(n for n, line in enumerate(lines, start=1) if line == "points_half = 2")
    assert told == [f"{path}:{last}: section.points_half: 评分规则给的满分是 4 个半分"]


def test_a_kind_that_nobody_can_mark(root, questions):
    spoil(root, 'kind = "multiple_choice"', 'kind = "hologram"')
    told = check(root, questions)
    assert any("没有题型 hologram" in fault for fault in told)


def test_questions_that_people_mark_are_worth_what_their_section_says(root, questions):
    """Their marks stand in the question; the marking rule says nothing about them."""
    spoil(root, "points_half = 40", "points_half = 30", name="s-prac-practice.toml")
    (fault,) = check(root, questions)
    assert "section.points_half: sp04-e01 等 4 题的满分与这里写的不同" in fault


# --- rules of their own ---

WEIGHTS = {"method": "weights", "wrong": "deduct"}


def thirds(unit, **more):
    """Shares of options, counted in parts of a point."""
    return Marking.read(
        {
            "unit": unit,
            "single_choice": {"full": unit},
            "multiple_choice": {**WEIGHTS, **more, "full": 2 * unit},
        }
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (thirds(12), []),  # two, three or four right ones of five
        (thirds(2, round="down"), []),
        (thirds(2), ["marking"]),  # a third of two points is no half points
        (Marking.read({"single_choice": {"full": 2}}), ["section"]),  # nothing of the other kind
    ],
)
def test_a_paper_may_name_a_rule(root, questions, rule, told):
    spoil(root, 'level = "junior"', 'level = "junior"\nmarking = "own"')
    line = place(root, 'marking = "own"')[1]
    found = check(root, questions, {"own": rule})
    assert [fault.split(": ")[1].split(".")[0] for fault in found] == told
    if told == ["marking"]:
        assert f":{line}: marking: " in found[0] and 'round = "down"' in found[0]


def test_a_rule_that_nobody_has_is_told_with_its_line(root, questions):
    spoil(root, 'level = "junior"', 'level = "junior"\nmarking = "own"')
    path, line = place(root, 'marking = "own"')
    assert check(root, questions, {"other": OFFICIAL}) == [
        f"{path}:{line}: marking: 没有现行的评分规则 own"
    ]


def test_a_paper_agrees_with_its_own_rule_in_whatever_unit(root, questions):
    spoil(root, 'level = "junior"', 'level = "junior"\nmarking = "own"')
    doubled = Marking.read(
        {"unit": 6, "single_choice": {"full": 9}, "multiple_choice": {"full": 12, "each": 3}}
    )
    (fault,) = check(root, questions, {"own": doubled})
    assert "points_half" in fault and fault.endswith("评分规则给的满分是 1.5 分")


def test_which_rule_a_paper_names_is_kept_with_its_version(root):
    spoil(root, 'level = "junior"', 'level = "junior"\nmarking = "own"')
    mock = next(file for file in read(root)[0] if file.key == "j-comp-mock")
    assert mock.blueprint.marking == mock.table["marking"] == "own"
    assert rules.read_blueprint(mock.table, sittable=True).marking == "own"


@pytest.mark.parametrize("value", ["3", '""', "[]", '"a b"'])
def test_a_rule_is_named_by_its_id(root, value):
    spoil(root, 'level = "junior"', f'level = "junior"\nmarking = {value}')
    _files, (fault,) = read(root)
    assert ": marking: " in fault


# --- cells that overlap ---


def add(root, text, *, name="j-comp-mock.toml"):
    """Write something into the last section, the multiple choices."""
    path = root / "papers" / name
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_overlapping_cells_are_read_and_can_be_drawn(root, questions):
    spoil(
        root,
        'count = 60\npoints_half = 2\nchapter = "spread"',
        """count = 60
points_half = 2
chapter = "spread"
difficulty = "30/50/20"
minutes = 60""",
    )
    add(
        root,
        """
[[section.cell]]
at_least = 2
difficulty = [2, 3]
chapters = ["2025/J-COMP/03", "2025/J-COMP/04"]

[[cell]]
at_most = 30
difficulty = [3]
""",
    )
    assert check(root, questions) == []
    mock = read(root)[0][0].blueprint
    assert mock.sections[0].difficulty == (18, 30, 12)
    assert (mock.sections[0].minutes, mock.is_simple, mock.needs_detail) == (60, False, False)
    supply = content.candidates_of(questions)["J-COMP"]
    by_id = {card.version_id: card for card in supply}
    drawn = [by_id[pick.version_id] for pick in rules.draw(mock, supply, seed=3)]
    assert [sum(c.difficulty == n for c in drawn[:60]) for n in (1, 2, 3)] == [18, 30, 12]
    asked = mock.sections[1].bounds[0]
    assert sum(asked.fits(card) for card in drawn[60:]) >= 2


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("at_least = 2", None),
        ("difficulty = [1]", "section.cell.count: 要写 count、at_least 或 at_most"),
        ("count = 2\nat_most = 3", "section.cell.count: count 不能与 at_least、at_most 同写"),
        ("at_least = 21", "section.cell.at_least: 最少的题数超过了最多的题数"),
        ("at_least = 2\nat_most = 1", "section.cell.at_least: 最少的题数"),
        ("at_least = 2\ndifficulty = [0]", "section.cell.difficulty: 难度只有"),
        ("at_least = 2\ndifficulty = 3", "section.cell.difficulty: 必须是数的列表"),
        ("at_least = 2\ntags = ['a']", "section.cell.tags: 不认识这个键"),
    ],
)
def test_a_faulty_cell_is_told_with_its_line(root, cell, what):
    add(root, f"\n[[section.cell]]\n{cell}\n")
    faults = read(root)[1]
    assert bool(faults) is (what is not None)
    assert all(what in fault and ".toml:" in fault for fault in faults)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ('"30/50/21"', "难度比例写成"),
        ('"a"', "难度比例写成"),
        ("[1, 2, 3]", "难度要写三个数"),
        ("[60]", "难度要写三个数"),
    ],
)
def test_a_faulty_mix_is_told(root, value, what):
    spoil(root, "count = 60", f"count = 60\ndifficulty = {value}")
    [fault] = read(root)[1]
    assert "section.difficulty" in fault and what in fault


def test_shares_become_the_nearest_numbers():
    assert rules.apportion(10, (1, 1, 1)) == (4, 3, 3)
    assert rules.apportion(7, (30, 50, 20)) == (2, 4, 1)  # 2.1 3.5 1.4
    assert rules.apportion(0, (30, 50, 20)) == (0, 0, 0)


def test_the_cells_that_bind_are_told_where_they_stand(root, questions):
    add(
        root,
        """
[[section.cell]]
at_least = 9
chapters = ["2025/J-COMP/03"]
difficulty = [3]
""",
    )
    faults = check(root, questions)
    assert len(faults) == 1
    assert "section.cell: J-COMP 第3章 多项选择题 难：需要 9 题，现有 " in faults[0]


def test_names_in_cells_must_exist(root, questions):
    add(
        root,
        """
[[section.cell]]
at_most = 9
point = "2025/J-COMP/99/1"

[[cell]]
at_most = 70
kinds = ["riddle"]
""",
    )
    faults = check(root, questions)
    assert any("section.cell.point: 大纲里没有 2025/J-COMP/99/1" in fault for fault in faults)
    assert any("cell.kinds: 这份卷没有题型 riddle" in fault for fault in faults)


FIXED = """
id = "fixed"
title = "指定题目的卷"
title_en = "Fixed"
subject = "J-COMP"
level = "junior"
minutes = 10
sittable = true
certainty = "settled"
source = "测试"

[[section]]
kind = ["single_choice", "multiple_choice"]
title = "选择题"
title_en = "Choice"
points_half = 2
questions = ["{}", "{}"]
"""


def fixed(root, *keys):
    (root / "papers" / "fixed.toml").write_text(FIXED.format(*keys), encoding="utf-8")


def test_a_fixed_paper_keeps_the_order_of_its_author(root, questions):
    keys = [file.key for file in questions if file.kind == "single_choice"][:2]
    fixed(root, keys[1], keys[0])
    files, faults = read(root)
    assert faults == []
    [paper] = [file for file in files if file.key == "fixed"]
    assert (paper.blueprint.count, paper.blueprint.needs_detail) == (2, True)
    supply = content.candidates_of(questions)["J-COMP"]
    by_id = {card.version_id: card.key for card in supply}
    assert [by_id[p.version_id] for p in rules.draw(paper.blueprint, supply, seed=1)] == [
        keys[1],
        keys[0],
    ]


def test_a_fixed_paper_names_questions_that_nobody_has(root, questions):
    fixed(root, "nobody", questions[0].key)
    faults = [fault for fault in check(root, questions) if "section.questions" in fault]
    assert ["nobody" in fault for fault in faults] == [True]


def test_a_fixed_section_is_not_drawn(root):
    fixed(root, "a", "b")
    spoil(root, "questions =", "count = 3\nquestions =", name="fixed.toml")
    assert any("列了 2 题" in fault for fault in read(root)[1])
    spoil(root, "count = 3", "count = 2\ndifficulty = [1, 1, 0]", name="fixed.toml")
    assert any("不再抽题" in fault for fault in read(root)[1])
    fixed(root, "a", "a")
    assert any("有两项相同" in fault for fault in read(root)[1])


def test_near_duplicates_cannot_both_be_fixed(root, questions):
    one = next(file for file in questions if file.kind == "single_choice")
    other = replace(one, key="zz-copy")
    fixed(root, one.key, other.key)
    faults = [fault for fault in check(root, [*questions, other]) if "不能同卷" in fault]
    assert len(faults) == 1


def test_check_overlaps_leaves_single_cells_to_others(root, questions):
    few = [file for file in questions if file.chapter_key != "2025/J-COMP/03"]
    faults = Faults()
    content.check_overlaps(content.read_all(root, faults), questions=few, faults=faults)
    assert faults.found == []
    add(root, "\n[[section.cell]]\nat_least = 1\nchapters = ['2025/J-COMP/03']\n")
    content.check_overlaps(content.read_all(root, faults), questions=few, faults=faults)
    assert any("第3章" in str(fault) for fault in faults.found)
