"""The terminal: marking and assembling need no database; the job hands in what is overdue."""

import json
import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner

from lms.exams import queries
from lms.exams.cli import group
from lms.kernel.clock import utc_now
from lms.kernel.places import shipped
from tests.exams import builders as exams


def run(*arguments):
    return CliRunner().invoke(group, [*arguments])


@pytest.mark.parametrize(
    ("key", "chosen", "half_points", "out_of"),
    [
        ("ABD", "A", 1, 4),
        ("ABD", "AB", 2, 4),
        ("ABD", "ABD", 4, 4),
        ("ABD", "DBA", 4, 4),  # in whatever order
        ("ABD", "AC", 0, 4),  # one wrong option
        ("ABD", "ABCD", 0, 4),
        ("ABD", "", 0, 4),
        ("ABCD", "ABC", 3, 4),
        ("AB", "A", 1, 4),
        ("B", "B", 2, 2),
        ("B", "C", 0, 2),
        ("B", "", 0, 2),
        ("B", "BC", 0, 2),  # two marks on the card
    ],
)
def test_mark_as_the_national_exam_does(key, chosen, half_points, out_of):
    result = run("mark", "--rule", "official", "--key", key, "--chosen", chosen, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"half_points": half_points, "out_of": out_of}


@pytest.mark.parametrize(
    ("rule", "key", "chosen", "told"),
    [
        ("all-or-nothing", "ABD", "ABD", {"half_points": 4, "out_of": 4}),
        ("all-or-nothing", "ABD", "AB", {"half_points": 0, "out_of": 4}),
        ("marking-all-or-nothing", "B", "B", {"half_points": 2, "out_of": 2}),
        ("moodle-weights", "ABD", "AB", {"units": 16, "unit": 12, "out_of": 24}),
        ("moodle-weights", "ABD", "ABC", {"units": 4, "unit": 12, "out_of": 24}),
        ("moodle-weights", "AB", "A", {"units": 12, "unit": 12, "out_of": 24, "half_points": 2}),
        ("moodle-weights", "ABD", "", {"units": 0, "unit": 12, "out_of": 24, "half_points": 0}),
        ("moodle-weights", "ABD", "ABCDE", {"units": 0, "unit": 12, "out_of": 24, "half_points": 0}),
        ("negative", "B", "B", {"units": 6, "unit": 6, "out_of": 6, "half_points": 2}),
        ("negative", "B", "C", {"units": -2, "unit": 6, "out_of": 6}),
        ("negative", "B", "BC", {"units": -2, "unit": 6, "out_of": 6}),  # two marks: wrong
        ("negative", "B", "", {"units": 0, "unit": 6, "out_of": 6, "half_points": 0}),
        ("negative", "ABD", "AC", {"units": -6, "unit": 6, "out_of": 12, "half_points": -2}),
        ("negative", "ABD", "AB", {"units": 6, "unit": 6, "out_of": 12, "half_points": 2}),
    ],
)  # fmt: skip
def test_mark_under_the_rules_for_practice(rule, key, chosen, told):
    result = run("mark", "--rule", rule, "--key", key, "--chosen", chosen, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == told


def test_mark_with_shares_of_its_own():
    weights = ("--weights", "1/2,1/4,-1/2,0.25,-1")
    rule = ("mark", "--rule", "moodle-weights", "--key", "ABD")
    assert run(*rule, "--chosen", "AB", *weights).stdout == "1.5 / 2\n"
    assert run(*rule, "--chosen", "ABC", *weights).stdout == "0.5 / 2\n"
    assert run(*rule, "--chosen", "AB", "--weights", "1,0").exit_code == 1
    assert run(*rule, "--chosen", "AB").stdout == "1 1/3 / 2\n"
    assert run("mark", "--rule", "negative", "--key", "B", "--chosen", "A").stdout == "-1/3 / 1\n"


def test_mark_in_points():
    assert run("mark", "--key", "ABD", "--chosen", "A").stdout == "0.5 / 2\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--rule", "nobodys", "--key", "A"),
        ("--key", "ABCDE"),  # no wrong option is left
        ("--key", "A1"),
        ("--key", "A", "--chosen", "E"),
        ("--key", "A", "--kind", "essay"),
    ],
)
def test_what_cannot_be_marked_is_status_1(arguments):
    result = run("mark", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr


def test_the_same_seed_assembles_the_same_paper():
    first, again, other = (
        json.loads(run("assemble", "j-comp-mock", "--seed", seed, "--json").stdout)
        for seed in ("7", "7", "8")
    )
    assert first == again
    assert first["questions"] != other["questions"]
    assert (first["out_of"], len(first["questions"])) == (200, 80)
    assert len({question["id"] for question in first["questions"]}) == 80
    assert {len(question["options"]) for question in first["questions"]} == {4, 5}


def test_assemble_writes_a_line_for_each_question():
    lines = run("assemble", "j-comp-mock", "--seed", "7").stdout.splitlines()
    assert len(lines) == 80
    assert lines[0].split("\t")[0] == "1"


@pytest.mark.parametrize("paper", ["nothing", "m-law"])
def test_a_paper_that_cannot_be_assembled_is_status_1(paper):
    assert run("assemble", paper, "--seed", "1").exit_code == 1


def test_a_bank_that_is_too_small_is_status_3_and_names_the_cells(tmp_path):
    bank = tmp_path / "bank"
    shutil.copytree(shipped("question_bank"), bank)
    (bank / "questions" / "J-COMP" / "03.toml").unlink()

    result = run("assemble", "j-comp-mock", "--seed", "1", "--bank", str(bank))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "J-COMP 第3章 多项选择题：需要 1 题，现有 0 题" in result.stderr

    result = run("assemble", "j-comp-mock", "--seed", "1", "--bank", str(bank), "--json")
    assert result.exit_code == 3
    [single, multiple] = json.loads(result.stdout)["shortages"]
    assert (single["chapter"], single["need"], single["have"]) == ("2025/J-COMP/03", 5, 0)
    assert multiple["kind"] == "multiple_choice"


def test_parallel_papers_are_told_apart():
    told = json.loads(
        run("assemble", "j-comp-mock", "--seed", "7", "--parallel", "2", "--json").stdout
    )
    assert (told["shared"], told["is_best"]) == (0, True)
    one, other = ({q["id"] for q in paper["questions"]} for paper in told["papers"])
    assert len(one) == len(other) == 80
    assert not one & other
    sums = [paper["difficulty"] for paper in told["papers"]]
    assert abs(sums[0] - sums[1]) <= 1

    result = run("assemble", "j-comp-mock", "--seed", "7", "--parallel", "3")
    assert len(result.stdout.splitlines()) == 240
    assert "重题 60 题；难度合计" in result.stderr and "已证明不能更好" in result.stderr


def test_overlapping_cells_that_bind_are_told(tmp_path):
    bank = tmp_path / "bank"
    shutil.copytree(shipped("question_bank"), bank)
    with (bank / "papers" / "j-comp-mock.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[section.cell]]\nat_least = 9\nchapters = ['2025/J-COMP/03']\n")
    for more in ((), ("--parallel", "2")):
        result = run("assemble", "j-comp-mock", "--seed", "1", "--bank", str(bank), "--json", *more)
        assert result.exit_code == 3
        [short] = json.loads(result.stdout)["shortages"]
        assert (short["need"], short["have"]) == (9, 4)
        assert short["limits"] == ["第3章 多项选择题至少 9 题"]


def test_the_job_hands_in_what_is_overdue(app, client, session):
    late = exams.started(session, now=utc_now() - timedelta(hours=3))
    running = exams.started(session, now=utc_now())

    result = app.test_cli_runner().invoke(group, ["hand-in-expired"])

    assert result.exit_code == 0
    assert "1" in result.output
    session.expire_all()
    states = [
        queries.sitting(session, learner_id=learner_id, number=number).state
        for learner_id, number in (late, running)
    ]
    assert states == ["abandoned", "open"]  # the late one had no answer


def test_more_time_from_the_command_line(app, client, session):
    learner_id, number = exams.started(session, now=utc_now())
    found = queries.sitting(session, learner_id=learner_id, number=number)
    asked = ["extend", found.paper_key, "--minutes", "15", "--reason", "停电"]

    def run_there(*more):
        return app.test_cli_runner().invoke(group, [*asked, *more])

    result = run_there()
    assert (result.exit_code, result.output) == (0, "延长了 1 份正在考的卷子\n")
    session.expire_all()
    longer = queries.sitting(session, learner_id=learner_id, number=number)
    assert longer.deadline_at == found.deadline_at + timedelta(minutes=15)

    assert run_there("--learner", "nobody").exit_code == 1
    asked[3] = "0"
    assert run_there().exit_code == 1
    asked[1] = "nothing"
    assert run_there().exit_code == 1


def test_more_time_when_nobody_sits_the_paper_is_status_1(app, client, session):
    exams.rules(session)
    key = exams.paper(session)
    result = app.test_cli_runner().invoke(
        group, ["extend", key, "--minutes", "15", "--reason", "停电"]
    )
    assert result.exit_code == 1
    assert "没有人在考" in result.output
