import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from lms.kernel.errors import Invalid
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


@pytest.fixture
def evaluate(tmp_path):
    def evaluate(tree=TREE, facts=FACTS, *more):
        (tmp_path / "tree.toml").write_text(tree, encoding="utf-8")
        (tmp_path / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        files = [
            "--requirement",
            str(tmp_path / "tree.toml"),
            "--records",
            str(tmp_path / "facts.json"),
        ]
        return CliRunner().invoke(tools, ["evaluate", *files, "--on", "2026-03-02", *more])

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


def test_reads_the_requirement_of_a_program_file(evaluate):
    answer = evaluate('id = "x"\n[requirement]\nkind = "course_completed"\ncourse = "b"', FACTS)
    assert "met, 100%" in answer.output


@pytest.mark.parametrize(
    ("tree", "facts", "where"),
    [
        ("kind = ", FACTS, "tree.toml"),
        ('kind = "wish"', FACTS, "tree.toml.kind"),
        ('[requirement]\nkind = "all"', FACTS, "tree.toml.requirement.of"),
        (TREE, {}, "facts.json.records"),
        (TREE, [{"kind": "wish"}], "facts.json.0.kind"),
        (TREE, [*FACTS, {**FACTS[0], "on": "soon"}], "facts.json.1.on"),
        (TREE, [{**FACTS[0], "quantity": 1.5}], "facts.json.0.quantity"),
        (TREE, [{**FACTS[0], "wish": 1}], "facts.json.0.wish"),
    ],
)
def test_says_which_file_and_key_is_at_fault(evaluate, tree, facts, where):
    answer = evaluate(tree, facts)
    assert isinstance(answer.exception, Invalid)
    assert answer.exception.where == where


def test_records_that_are_not_json(evaluate, tmp_path):
    (tmp_path / "broken.json").write_text("[", encoding="utf-8")
    answer = evaluate(TREE, FACTS, "--records", str(tmp_path / "broken.json"))
    assert answer.exception.code == "unreadable"


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
