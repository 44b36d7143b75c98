"""``lms questions import`` and ``lms questions export``."""

import json

import pytest
import sqlalchemy as sa

from lms.interop.rules import all_formats
from lms.people.types import Role
from lms.question_bank.models import QuestionDraft
from tests import builders
from tests.interop.test_bank_import import GIFT
from tests.question_bank.builders import question


@pytest.fixture
def lms(app, client, session):
    builders.with_role(session, Role.INSTRUCTOR, user_name="teacher")
    session.commit()
    runner = app.test_cli_runner()
    return lambda *words, **more: runner.invoke(args=["questions", *map(str, words)], **more)


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "题.gift"
    made.write_bytes(GIFT.encode("gb18030"))
    return made


def drafts(session):
    return session.scalar(sa.select(sa.func.count()).select_from(QuestionDraft))


BY = ("--by", "teacher")


def test_a_dry_run_says_what_would_be_and_writes_nothing(lms, session, path):
    done = lms("import", path, *BY, "--dry-run", "--json")
    assert done.exit_code == 1, done.output  # one was not understood
    told = json.loads(done.stdout)
    assert (told["format"], told["encoding"], told["imported"]) == ("gift", "gb18030", False)
    assert told["counts"] == {"new": 3, "refused": 1}
    assert [one["verdict"] for one in told["questions"]] == ["new", "new", "refused", "new"]
    assert told["questions"][2]["line"] == 7 and told["questions"][2]["reasons"]
    assert told["questions"][1]["notes"] == ["第 5 行：选项 B 的反馈：再想想"]
    assert drafts(session) == 0


def test_it_asks_before_it_writes(lms, session, path):
    no = lms("import", path, *BY, input="n\n")
    assert "导入 3 道题为草稿？" in no.output and drafts(session) == 0
    yes = lms("import", path, *BY, "--point", "", input="y\n")
    assert "已导入 3 道题为草稿" in yes.output and yes.exit_code == 1
    assert drafts(session) == 3
    again = lms("import", path, *BY, "--yes", "--json")
    assert json.loads(again.stdout)["counts"] == {"identical": 3, "refused": 1}


def test_what_reads_alike_comes_in_only_if_somebody_says_so(lms, session, tmp_path):
    stem = "社工小李在走访中发现独居老人王奶奶家中断水断电，这时他首先应当采取的行动是哪一项？"
    question(session, key="old", stem=stem)
    session.commit()
    path = tmp_path / "x.gift"
    path.write_text(f"{stem.replace('王奶奶', '韦奶奶')}{{=甲 ~乙}}", "utf-8")
    left = lms("import", path, *BY, "--yes")
    assert (left.exit_code, drafts(session)) == (1, 0), left.output
    assert "old" in left.output
    taken = lms("import", path, *BY, "--yes", "--also", "alike")
    assert (taken.exit_code, drafts(session)) == (0, 1), taken.output


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        (b"hello", [], "看不出文件是什么格式"),
        (b"x{}", ["--from", "gifd"], "没有格式 gifd"),
        (b"x{}", ["--chapter", "1999/X/1"], "大纲里没有这一处"),
        (b"<quiz", ["--from", "moodle_xml"], "不是完整的 XML"),
    ],
)
def test_a_refused_file_ends_with_2(lms, session, tmp_path, data, more, said):
    path = tmp_path / "x.bin"
    path.write_bytes(data)
    done = lms("import", path, *BY, "--json", "--yes", *more)
    assert (done.exit_code, drafts(session)) == (2, 0)
    assert said in json.loads(done.stdout)["refused"] and said in done.stderr


def test_nobody_of_that_name(lms, path):
    assert lms("import", path, "--by", "nobody").exit_code == 2


@pytest.mark.parametrize("target", sorted(all_formats()))
def test_what_goes_out_comes_in_as_the_same(lms, session, tmp_path, target):
    for number in range(2):
        question(
            session, key=f"q{number}", stem=f"第{number}题问的是什么事？", explanation="因为。"
        )
    session.commit()
    out = tmp_path / f"out{all_formats()[target].suffix}"
    done = lms("export", "--to", target, "--out", out, "--subject", "J-COMP")
    assert done.exit_code == 0, done.stderr
    assert f"{target}，2 道题" in done.stderr
    back = lms("import", out, *BY, "--from", target, "--dry-run", "--json")
    assert json.loads(back.stdout)["counts"] == {"identical": 2}, back.stdout
    assert back.exit_code == 0


def test_an_export_that_finds_nothing(lms, tmp_path):
    out = tmp_path / "x"
    for more in (["--to", "gift"], ["--to", "gifd"]):
        done = lms("export", *more, "--out", out, "--subject", "none")
        assert (done.exit_code, out.exists()) == (2, False)
