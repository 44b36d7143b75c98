import json

import pytest

from lms.question_bank import operations
from tests import builders
from tests.question_bank.builders import bank, block, question

OUTLINE = """
edition = "2025"
title = "大纲"
[[subject]]
code = "J-COMP"
title = "综合能力"
certainty = "H"
[[subject.chapter]]
code = "06"
title = "个案"
certainty = "H"
[[subject.chapter.section]]
code = "1"
title = "模式"
certainty = "H"
"""


@pytest.fixture
def check(app, tmp_path):
    """Run the check over a bank with these blocks."""
    (tmp_path / "syllabus").mkdir()
    (tmp_path / "syllabus" / "2025.toml").write_text(OUTLINE, encoding="utf-8")

    def check(*blocks, deed="check", more=()):
        bank(tmp_path, *blocks)
        return app.test_cli_runner().invoke(args=["questions", deed, str(tmp_path), *more])

    return check


LAWS = """
[[law]]
title = "某法"
certainty = "H"
source = "测试"
edition = [
  { name = "2016", effective_from = 2016-09-01 },
  { name = "2023修正", effective_from = 2024-09-05 },
]
"""
PAPER = """
id = "p"
title = "卷"
title_en = "Paper"
subject = "J-COMP"
level = "junior"
minutes = 10
sittable = true
certainty = "settled"
source = "测试"
chapters = ["2025/J-COMP/06"]
[[section]]
kind = "single_choice"
title = "单选"
title_en = "Single"
count = 3
points_half = 2
chapter = "spread"
"""


def test_a_good_bank_is_counted(check):
    many = block(kind='"multiple_choice"', options='["甲", "乙", "丙", "丁", "戊"]', answer='"ABD"')
    done = check(block(), block(answer='"C"'), many)
    assert done.exit_code == 0, done.output
    assert "2025/J-COMP/06  多项选择题 1  单项选择题 2" in done.output
    assert "单项选择题  B 1 (50%)  C 1 (50%)" in done.output
    assert "共 3 道试题，0 处问题" in done.output


def test_every_fault_is_told_with_file_line_and_key(check, tmp_path):
    done = check(block(answer='"E"'), block(point='"2025/J-COMP/06/9"'))
    assert done.exit_code == 1
    path = tmp_path / "questions" / "J-COMP" / "06.toml"
    assert f"{path}:9: question.answer: 答案只能用字母 ABCD" in done.output
    assert f"{path}:24: question.point: 大纲里没有 2025/J-COMP/06/9" in done.output
    assert "共 1 道试题，2 处问题" in done.output


def test_the_bank_that_ships_has_no_faults(app):
    done = app.test_cli_runner().invoke(args=["questions", "check"])
    assert done.exit_code == 0, done.output


def test_a_warning_passes_unless_it_is_strict(check):
    odd = block(stem='"这里没有问什么"')
    done = check(odd)
    assert done.exit_code == 0 and "0 处问题，1 处提醒" in done.output
    assert "06.toml:7: " in done.output and "[no_question]" in done.output
    assert check(odd, more=["--strict"]).exit_code == 1


def test_a_superseded_law_is_a_fault_from_its_day_on(check, tmp_path):
    (tmp_path / "laws.toml").write_text(LAWS, encoding="utf-8")
    old = block(source='{ kind = "law", title = "某法", edition = "2016" }')
    before = check(old, more=["--on", "2024-09-04"])
    assert before.exit_code == 0 and "[law_ending]" in before.output
    after = check(old, more=["--on", "2024-09-05"])
    assert after.exit_code == 1
    assert "《某法》2016 已于 2024-09-05 被 2023修正 取代 [law_superseded]" in after.output


def test_a_faulty_file_of_laws_is_told_with_its_line(check, tmp_path):
    (tmp_path / "laws.toml").write_text(LAWS.replace('"H"', '"sure"'), encoding="utf-8")
    done = check(block())
    assert done.exit_code == 1 and "laws.toml:4: law.certainty: " in done.output


def test_a_paper_that_cannot_be_filled_is_a_fault(check, tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "p.toml").write_text(PAPER, encoding="utf-8")
    done = check(block(), block())
    assert done.exit_code == 1
    assert "p：2025/J-COMP/06 个案 单项选择题 要 3 题，题库只有 2 题 [short_cell]" in done.output


def test_everything_is_told_as_json(check, tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "p.toml").write_text(PAPER, encoding="utf-8")
    done = check(
        block(id='"a"', answer='"E"'),
        block(id='"b"', options='["甲", "甲。", "乙", "丙"]'),
        block(id='"c"', stem='"没有问什么"'),
        more=["--json"],
    )
    told = json.loads(done.output)
    assert done.exit_code == 1 and told["questions"] == 2
    codes = {(one["code"], one["place"], *one["questions"]) for one in told["faults"]}
    assert codes == {
        ("foreign_letter", "question.answer"),
        ("same_options", "options.1", "b"),
        ("short_cell", ""),
    }
    assert {one["code"] for one in told["warnings"]} == {"no_question"}
    assert told["warnings"][0]["where"].endswith("06.toml:33")
    (cell,) = told["coverage"]
    assert (cell["most"], cell["have"], cell["by_difficulty"]) == (3, 2, [0, 2, 0])


def test_pairs_are_listed_the_most_alike_first(check):
    stems = [
        "独居老人王某行动不便，社区工作者首先应当（ ）。",
        "独居老人李某行动不便，社区工作者首先应当（ ）。",
        "另一题（ ）。",
    ]
    blocks = [block(id=f'"d{at}"', stem=f'"{stem}"') for at, stem in enumerate(stems)]
    done = check(*blocks, deed="duplicates")
    assert done.exit_code == 0 and "共 3 道试题，1 对相似" in done.output
    assert done.output.startswith("70%\n  ") and ": d0: " in done.output and ": d1: " in done.output
    told = json.loads(check(*blocks, deed="duplicates", more=["--json"]).output)
    assert told == {"pairs": [{"questions": ["d0", "d1"], "similarity": 70}], "is_complete": True}
    assert "0 对相似" in check(*blocks, deed="duplicates", more=["--threshold", "0.9"]).output


def test_the_search_words_can_be_written_anew(app, client):
    done = app.test_cli_runner().invoke(args=["questions", "reindex"])
    assert done.exit_code == 0 and done.output == "0 道试题\n"


def test_questions_on_an_ended_law_are_told(app, client, session, tmp_path):
    (tmp_path / "laws.toml").write_text(LAWS, encoding="utf-8")
    source = {"kind": "law", "title": "某法", "edition": "2016", "article": ""}
    question(session, source=source)
    operations.reindex(session)
    session.commit()
    args = ["questions", "laws", str(tmp_path)]
    told = app.test_cli_runner().invoke(args=args)
    assert (
        told.exit_code == 0 and "《某法》2016（到 2024-09-04，2023修正）: 1 道试题" in told.output
    )
    before = app.test_cli_runner().invoke(args=[*args, "--on", "2024-09-04"])
    assert before.exit_code == 0 and "道试题" not in before.output
    (tmp_path / "laws.toml").write_text("[[law]]", encoding="utf-8")
    assert app.test_cli_runner().invoke(args=args).exit_code == 1


def test_a_question_is_handed_back_to_its_file(app, client, session):
    made = question(session, key="kept")
    person = builders.person(session)
    operations.retire(
        session, ids=[made.question_id], reason="重复", actor_id=person.id, now=builders.NOON
    )
    session.commit()
    runner = app.test_cli_runner()
    told = runner.invoke(args=["questions", "hand-back", "kept"])
    assert (told.exit_code, told.output) == (0, "kept: 交回文件\n")
    again = runner.invoke(args=["questions", "hand-back", "kept"])
    assert "本来就由文件管理" in again.output
    assert runner.invoke(args=["questions", "hand-back", "nobody"]).exit_code == 1
