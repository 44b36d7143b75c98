"""Authors' papers: what ships can be drawn; what is wrong is told with file and line."""

import shutil

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
    assert [file.key for file in files if file.sittable] == ["j-comp-mock"]
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


def test_a_kind_that_people_mark_cannot_be_sat(root, questions):
    spoil(root, 'kind = "multiple_choice"', 'kind = "essay"')
    told = check(root, questions)
    assert any("这种题要人阅卷，模考暂不支持" in fault for fault in told)


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
    (mock,) = [file for file in read(root)[0] if file.sittable]
    assert mock.blueprint.marking == mock.table["marking"] == "own"
    assert rules.read_blueprint(mock.table, sittable=True).marking == "own"


@pytest.mark.parametrize("value", ["3", '""', "[]", '"a b"'])
def test_a_rule_is_named_by_its_id(root, value):
    spoil(root, 'level = "junior"', f'level = "junior"\nmarking = {value}')
    _files, (fault,) = read(root)
    assert ": marking: " in fault
