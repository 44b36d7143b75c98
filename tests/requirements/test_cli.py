import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from lms.requirements import operations
from lms.requirements.cli import group, tools
from lms.requirements.models import Progress
from tests import builders
from tests.builders import NOON, TODAY
from tests.requirements.builders import leaf

TREE = """
kind = "all"
[[of]]
kind = "course_completed"
course = "a"
title = "认识低保"
due_days = 30
[[of]]
kind = "course_completed"
course = "b"
"""
FACTS = [{"kind": "course_completed", "subject": "course:b", "on": "2026-02-01"}]

PRACTICE_IN_MAY = (
    "2027年5月23日 前：通过 2027 年度考试的“实务”（预计 2027年5月22日 起，尚未公布）；"
    "否则 综合能力、M-LAW 的合格成绩作废"
)


@pytest.fixture
def evaluate(tmp_path):
    def evaluate(tree=TREE, facts=FACTS, *more, command="evaluate"):
        (tmp_path / "tree.toml").write_text(tree, encoding="utf-8")
        (tmp_path / "facts.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        files = [
            "--requirement",
            str(tmp_path / "tree.toml"),
            "--records",
            str(tmp_path / "facts.json"),
        ]
        return CliRunner().invoke(tools, [command, *files, "--on", "2026-03-02", *more])

    return evaluate


def test_judges_files_in_words(evaluate):
    answer = evaluate(TREE, FACTS, "--started-on", "2026-03-01")
    assert answer.exit_code == 0
    assert answer.output.splitlines() == [
        "完成全部 2 项: in_progress, 50%",
        "  [x] 学完课程“b”",
        "  [ ] 认识低保 (2026-03-31)",
    ]


def test_judges_files_in_json(evaluate):
    answer = json.loads(evaluate(TREE, FACTS, "--json").output)
    assert (answer["state"], answer["percent"], answer["on"]) == ("in_progress", 50, "2026-03-02")
    assert [leaf["references"] for leaf in answer["missing"]] == [["course:a"]]
    assert answer["next_step"]["name"]["zh"] == "认识低保"


def test_explains_in_both_languages(evaluate):
    begun = "--started-on", "2026-03-01"
    answer = evaluate(TREE, FACTS, *begun, command="explain")
    assert answer.output.splitlines() == [
        "“完成全部 2 项”还差 1 项：认识低保",
        "下一步：认识低保，到 2026年3月31日 为止（还有 29 天）",
    ]
    english = json.loads(evaluate(TREE, FACTS, *begun, "--json", command="explain").output)
    assert set(english["sentences"]) == {"zh", "en"}
    assert english["hours"] == []


def test_plans_with_the_exam_days_that_were_shipped(evaluate):
    tree = """
kind = "subjects_passed"
subjects = ["M-COMP", "M-PRAC", "M-LAW"]
consecutive_years = 2
titles = { M-COMP = ["综合能力", "Comprehensive"], M-PRAC = ["实务", "Practice"] }
"""
    facts = [
        {"kind": "subject_passed", "subject": f"subject:{code}", "on": "2026-07-28"}
        for code in ("M-COMP", "M-LAW")
    ]
    by = "--on", "2026-11-24", "--by", "2027-12-31"
    answer = evaluate(tree, facts, *by, command="plan")
    assert answer.exit_code == 0, answer.output
    assert answer.output.splitlines() == [
        "到 2027年12月31日 达到“连续 2 个考试年度内通过全部 3 个科目”，最省的办法是 1 步",
        PRACTICE_IN_MAY,
    ]
    kept = json.loads(evaluate(tree, facts, *by, "--json", command="plan").output)
    assert [step["deed"] for step in kept["steps"]] == ["subject:M-PRAC@2027"]
    late = evaluate(tree, facts, *by[:3], "2027-01-01", command="plan")
    assert late.exit_code == 1
    assert evaluate(tree, facts, "--by", "2020-01-01", command="plan").exit_code == 2


def test_says_what_more_records_would_change(evaluate, tmp_path):
    more = tmp_path / "more.json"
    more.write_text('[{"kind": "course_completed", "subject": "course:a", "on": "2026-03-01"}]')
    answer = evaluate(TREE, FACTS, "--add", str(more), command="what-if")
    assert answer.output.splitlines()[1:] == ["完成全部 2 项: met, 100%", "  + 认识低保"]
    kept = json.loads(evaluate(TREE, FACTS, "--add", str(more), "--json", command="what-if").output)
    assert (kept["before"]["percent"], kept["after"]["percent"]) == (50, 100)
    wrong = {"kind": "corrected", "subject": "course:b", "on": "2026-03-01", "corrects": 1}
    more.write_text(json.dumps([wrong]))
    answer = evaluate(TREE, FACTS, "--add", str(more), command="what-if")
    assert answer.output.splitlines()[1:] == ["完成全部 2 项: not_started, 0%", "  - 学完课程“b”"]


def test_reads_the_requirement_of_a_program_file(evaluate):
    answer = evaluate('id = "x"\n[requirement]\nkind = "course_completed"\ncourse = "b"', FACTS)
    assert "met, 100%" in answer.output


@pytest.mark.parametrize(
    ("tree", "facts", "where"),
    [
        ("kind = ", FACTS, "tree.toml:1: -"),
        ('kind = "wish"', FACTS, "tree.toml:1: kind"),
        ('[requirement]\nkind = "all"', FACTS, "tree.toml:1: requirement.of"),
        (TREE.replace('"b"', '"b"\nwish = 1'), FACTS, "tree.toml:11: of.1.wish"),
        (TREE, {}, "facts.json:1: -"),
        (TREE, [{"kind": "wish"}], "facts.json:3: 0.kind"),
        (TREE, [*FACTS, {**FACTS[0], "on": "soon"}], "facts.json:10: 1.on"),
        (TREE, [{**FACTS[0], "quantity": 1.5}], "facts.json:6: 0.quantity"),
        (TREE, [{**FACTS[0], "wish": 1}], "facts.json:6: 0.wish"),
        (
            TREE,
            [{**FACTS[0], "detail": {"expires_on": "soon"}}],
            "facts.json:7: 0.detail.expires_on",
        ),
        (TREE, [{**FACTS[0], "subject": "b"}], "facts.json:4: 0.subject"),
        (TREE, [{**FACTS[0], "number": 2}] * 2, "facts.json:12: 1.number"),
        (TREE, [{**FACTS[0], "corrects": 7}], "facts.json:6: 0.corrects"),
    ],
)
def test_says_which_line_and_key_is_at_fault(evaluate, tmp_path, tree, facts, where):
    answer = evaluate(tree, facts)
    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"{tmp_path}/{where}: "), answer.stderr


def test_records_that_are_not_json(evaluate, tmp_path):
    for number, text in enumerate(["[", "\n[1,\n}", "[" * 100_000]):
        path = tmp_path / f"broken{number}.json"
        path.write_text(text, encoding="utf-8")
        answer = evaluate(TREE, FACTS, "--records", str(path))
        assert answer.exit_code == 1
        assert answer.stderr.startswith(f"{path}:")
    (tmp_path / "latin.json").write_bytes(b"[\n\xff]")
    answer = evaluate(TREE, FACTS, "--records", str(tmp_path / "latin.json"))
    assert answer.stderr.startswith(f"{tmp_path}/latin.json:2: ")


def test_a_wrong_use_is_not_a_faulty_file(evaluate, tmp_path):
    assert evaluate(TREE, FACTS, "--on", "soon").exit_code == 2
    assert evaluate(TREE, FACTS, "--records", str(tmp_path / "nowhere.json")).exit_code == 2


def test_rebuild_repairs_what_was_broken(app, client, session):
    learner_id = builders.person(session).id
    goal_id = operations.publish_goal(
        session,
        kind="program",
        key="p",
        number=1,
        title="",
        title_en="",
        requirement=leaf("a"),
        now=NOON,
    )
    operations.pursue(session, learner_id=learner_id, goal_id=goal_id, started_on=TODAY, now=NOON)
    session.execute(sa.update(Progress).values(percent=7))
    with app.app_context():
        answer = CliRunner().invoke(group, ["rebuild"])
    assert answer.exit_code == 0, answer.output
    assert "1 rows changed" in answer.output
    session.expire_all()
    assert session.scalar(sa.select(Progress.percent)) == 0
