import pytest

from lms.kernel.authoring import Faults
from lms.question_bank import content
from tests.question_bank.builders import bank, block

FIRST = 4
"""The line of the first [[question]] in a file made by builders.bank."""


def read(root):
    faults = Faults()
    return content.read_all(root, faults), faults.found


def line_in_block(key):
    """The line of a key in the first block: the builder writes them in this order."""
    order = ("id", "kind", "stem", "options", "answer", "explanation", "point", "difficulty", "valid_on", "source", "tags")  # fmt: skip
    return FIRST + 1 + order.index(key)


def test_a_good_file_is_read_whole(tmp_path):
    files, faults = read(bank(tmp_path, block(id='"jc06-s01"', tags='["模拟"]')))
    assert faults == []
    (file,) = files
    assert (file.key, file.kind, file.subject) == ("jc06-s01", "single_choice", "J-COMP")
    assert (file.chapter_key, file.point_key) == ("2025/J-COMP/06", "2025/J-COMP/06/1")
    assert file.spec == {"options": ["独居", "高龄", "失能", "空巢"], "answer": "B"}
    assert file.source == {"kind": "concept", "title": "个案", "edition": "", "article": ""}
    assert file.tags == ("模拟",)
    assert file.valid_on.isoformat() == "2026-01-01"


def test_a_point_may_be_the_chapter_itself(tmp_path):
    _files, faults = read(bank(tmp_path, block(point='"2025/J-COMP/06"')))
    assert faults == []


def test_text_with_lines_that_look_like_keys_does_not_shift_the_lines(tmp_path):
    stem = '"""\n下列做法：\nanswer = "B"\n[[question]]\n正确的是"""'
    _files, faults = read(bank(tmp_path, block(stem=stem, difficulty="9")))
    (fault,) = faults
    assert (fault.key, fault.line) == ("question.difficulty", line_in_block("difficulty") + 4)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", '"有空格 的"'),
        ("id", "3"),
        ("kind", '"hologram"'),
        ("kind", '["single_choice"]'),
        ("stem", '"  "'),
        ("options", '["甲", "甲", "丙", "丁"]'),  # two alike
        ("options", '["甲", "甲 ", "丙", "丁"]'),  # alike but for a space
        ("options", '["甲", "乙", "丙", "以上都是"]'),
        ("options", '["甲", "乙", "丙", "以上皆是"]'),
        ("options", '["甲", "乙", "丙", "都不是"]'),
        ("options", '["甲", "", "丙", "丁"]'),
        ("options", '["甲"]'),
        ("answer", '"E"'),  # no such option
        ("answer", '"AB"'),  # two answers to a single choice
        ("answer", '"b"'),
        ("explanation", '""'),
        ("point", '"2025/J-COMP/07/1"'),  # another chapter
        ("point", '"2025/J-COMP/060"'),  # only begins alike
        ("difficulty", "0"),
        ("difficulty", "4"),
        ("difficulty", "true"),
        ("valid_on", '"昨天"'),
        ("source", '{ kind = "rumour", title = "听说" }'),
        ("source", '{ kind = "law", title = "" }'),
        ("source", '{ kind = "law", title = "慈善法", page = "3" }'),
        ("source", '"慈善法"'),
        ("tags", "[1]"),
    ],
)
def test_a_fault_is_told_with_its_line_and_key(tmp_path, key, value):
    files, faults = read(bank(tmp_path, block(**{key: value})))
    assert files == []
    (fault,) = faults
    assert fault.path.name == "06.toml"
    assert fault.line == line_in_block(key)
    assert fault.key.startswith(f"question.{key}")
    assert fault.what


@pytest.mark.parametrize(
    "key",
    [
        "id",
        "kind",
        "stem",
        "answer",
        "explanation",
        "point",
        "difficulty",
        "valid_on",
        "source",
    ],
)
def test_a_missing_key_is_told_at_the_question(tmp_path, key):
    _files, faults = read(bank(tmp_path, block(**{key: ""})))
    (fault,) = faults
    assert (fault.line, fault.key) == (FIRST, f"question.{key}")


def test_an_unknown_key_is_told(tmp_path):
    _files, faults = read(bank(tmp_path, block(dificulty="2")))
    (fault,) = faults
    assert (fault.line, fault.key) == (line_in_block("tags") + 1, "question.dificulty")


def test_every_fault_of_every_question_is_told(tmp_path):
    root = bank(
        tmp_path,
        block(answer='"E"', difficulty="7"),
        block(),
        block(stem='""', valid_on="3"),
    )
    files, faults = read(root)
    assert len(files) == 1
    assert [fault.key for fault in faults] == [
        "question.answer",
        "question.difficulty",
        "question.stem",
        "question.valid_on",
    ]


@pytest.mark.parametrize(
    ("head", "key"),
    [
        ('subject = "J-COMP"\nchapter = "2025/M-COMP/06"\n', "chapter"),  # they disagree
        ('subject = "J-COMP"\nchapter = "06"\n', "chapter"),
        ('subject = "J-COMP"\nchapter = "2025/J-COMP/06/1"\n', "chapter"),
        ('subject = "J-COMP"\nchapter = "/J-COMP/06"\n', "chapter"),
        ('subject = "J-COMP"\n', "chapter"),
        ('chapter = "2025/J-COMP/06"\n', "subject"),
        ('subject = "J-COMP"\nchapter = "2025/J-COMP/06"\nauthor = "张"\n', "author"),
    ],
)
def test_a_fault_at_the_head_of_a_file_is_told(tmp_path, head, key):
    files, faults = read(bank(tmp_path, block(), head=head))
    assert files == []
    assert [fault.key for fault in faults] == [key]


def test_a_file_without_questions_is_told(tmp_path):
    _files, faults = read(bank(tmp_path))
    assert [fault.key for fault in faults] == ["question"]


def test_a_broken_file_does_not_hide_the_others(tmp_path):
    bank(tmp_path, "[[question]]\nid = \n", name="J-COMP/01.toml")
    (tmp_path / "questions" / "J-COMP" / "02.toml").write_bytes(b'subject = "\xff"')
    files, faults = read(bank(tmp_path, block()))
    assert len(files) == 1
    assert [(fault.path.name, fault.line) for fault in faults] == [("01.toml", 5), ("02.toml", 1)]


def test_two_questions_with_one_id_are_told_at_the_second(tmp_path):
    bank(tmp_path, block(), block(id='"same"'), name="J-COMP/05.toml")
    _files, faults = read(bank(tmp_path, block(id='"same"')))
    (fault,) = faults
    assert (fault.path.name, fault.line, fault.key) == ("06.toml", FIRST + 1, "question.id")
    assert "05.toml:18" in fault.what  # where the first one stands


def test_equal_text_has_an_equal_digest_and_other_text_another(tmp_path):
    one, two = block(id='"a"'), block(id='"a"', difficulty="3")
    digests = []
    for number, written in enumerate((one, one + "# 备注\n", two)):
        (file,), _faults = read(bank(tmp_path / str(number), written))
        digests.append(file.digest)
    assert digests[0] == digests[1] != digests[2]


def test_moving_a_question_to_another_chapter_is_another_text(tmp_path):
    moved = 'subject = "J-COMP"\nchapter = "2025/J-COMP/07"\n'
    here = block(id='"a"', stem='"同一题"')
    there = here.replace("2025/J-COMP/06/1", "2025/J-COMP/07/1")
    (one,), _faults = read(bank(tmp_path / "1", here))
    (two,), _faults = read(bank(tmp_path / "2", there, head=moved))
    assert one.digest != two.digest


def test_chapters_and_points_that_no_outline_has_are_told(tmp_path):
    root = bank(tmp_path, block(), block(point='"2025/J-COMP/06/9"'), block())
    files, faults = read(root)
    assert faults == []

    found = Faults()
    known = {"2025/J-COMP/06", "2025/J-COMP/06/1"}
    content.check_references(files, nodes=known, faults=found)
    (fault,) = found.found
    assert (fault.line, fault.key) == (24, "question.point")

    found = Faults()
    content.check_references(files, nodes=known - {"2025/J-COMP/06"}, faults=found)
    # the chapter once, however many questions stand under it
    assert [(f.line, f.key) for f in found.found] == [(2, "chapter"), (24, "question.point")]


def test_the_statistics_count_chapters_kinds_and_letters(tmp_path):
    many = block(kind='"multiple_choice"', options='["甲", "乙", "丙", "丁", "戊"]', answer='"ABD"')
    files, _faults = read(bank(tmp_path, block(), block(answer='"C"'), many))
    found = content.statistics(files)
    assert found.by_chapter == {"2025/J-COMP/06": {"single_choice": 2, "multiple_choice": 1}}
    assert found.letters == {
        "single_choice": {"B": 1, "C": 1},
        "multiple_choice": {"A": 1, "B": 1, "D": 1},
    }


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"kind": '"cloze"', "stem": '"先[[1]]。"', "gaps": '[{ answers = ["接案"] }]'}, ""),
        ({"kind": '"cloze"', "stem": '"先做什么？"', "gaps": '[{ answers = ["接案"] }]'}, "stem"),
        ({"kind": '"cloze"', "stem": '"先[[1]]。"', "gaps": "[{ answers = [] }]"}, "gaps"),
        ({"kind": '"fill_blank"', "stem": '"先（ ）后（ ）。"', "blanks": '[["接案"]]'}, "stem"),
        ({"kind": '"fill_blank"', "stem": '"先（ ）。"', "blanks": '[["接案"]]'}, ""),
    ],
)
def test_a_stem_is_read_beside_what_it_asks(tmp_path, values, key):
    files, faults = read(bank(tmp_path, block(options="", answer="", **values)))
    assert len(files) == (0 if key else 1)
    assert [fault.key.split(".")[1] for fault in faults] == ([key] if key else [])


def test_a_stem_that_is_missing_is_told_once(tmp_path):
    values = {"kind": '"cloze"', "gaps": '[{ answers = ["接案"] }]', "stem": ""}
    _files, faults = read(bank(tmp_path, block(options="", answer="", **values)))
    assert [fault.key for fault in faults] == ["question.stem"]
