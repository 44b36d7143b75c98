import pytest

from tests.question_bank.builders import bank, block

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

    def check(*blocks):
        bank(tmp_path, *blocks)
        return app.test_cli_runner().invoke(args=["questions", "check", str(tmp_path)])

    return check


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
