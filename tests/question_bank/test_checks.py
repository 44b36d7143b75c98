"""What is suspicious about questions: each finding, and what is not one."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from lms.kernel.authoring import Faults
from lms.kernel.errors import Invalid
from lms.kernel.places import shipped
from lms.question_bank import content, rules
from lms.question_bank.rules.spread import cochran_q
from lms.question_bank.types import Need, Severity

FOUR = ("接案", "预估", "介入", "结案")
CONCEPT = {"kind": "concept", "title": "个案", "edition": "", "article": ""}


@dataclass(frozen=True)
class Asked:
    """A question as a check sees it."""

    stem: str = "属于个案工作第一步的是（ ）。"
    options: Any = FOUR
    answer: Any = "A"
    key: str = "q1"
    kind: str = "single_choice"
    chapter_key: str = "2025/J-COMP/06"
    difficulty: int = 1
    source: dict = field(default_factory=lambda: CONCEPT)
    valid_on: date = date(2026, 1, 1)

    @property
    def spec(self):
        return {"options": self.options, "answer": self.answer}


def codes(found):
    return [finding.code for finding in found]


def test_a_good_question_has_no_finding():
    assert rules.check_question(Asked()) == []


@pytest.mark.parametrize(
    ("values", "code", "place", "severity"),
    [
        ({"answer": ""}, "no_key", "answer", "fault"),
        ({"answer": "E"}, "foreign_key", "answer", "fault"),
        ({"answer": "AE", "kind": "multiple_choice"}, "foreign_key", "answer", "fault"),
        ({"options": ("接案", "接 案。", "介入", "结案")}, "same_options", "options.1", "fault"),
        ({"options": ("\uff21\uff22", "介入", "ab", "结案")}, "same_options", "options.2", "fault"),
        ({"options": ("接案", "接案和预估", "介入", "结案")}, "overlapping_options", "options.1", "warning"),
        ({"options": ("接案", "预估", "介入", "以上都是")}, "about_others", "options.3", "fault"),
        ({"options": ("接案", "预估", "介入", "以上说法都不对哦")}, "about_others", "options.3", "warning"),
        ({"options": ("接案", "预估", "介入", "A和B")}, "about_others", "options.3", "warning"),
        ({"options": ("x", "y", "z", "All of the above")}, "about_others", "options.3", "warning"),
        ({"stem": "社会工作是一门专业。"}, "no_question", "stem", "warning"),
        ({"options": ("甲乙丙丁戊己庚辛壬癸子丑", "预估", "介入", "结案")}, "key_stands_out", "options.0", "warning"),
    ],
)  # fmt: skip
def test_each_finding_says_what_and_where(values, code, place, severity):
    (finding,) = rules.check_question(Asked(**values))
    assert (finding.code, finding.place, finding.severity) == (code, place, severity)
    assert finding.keys == ("q1",)
    assert "%(" not in finding.words


@pytest.mark.parametrize(
    "options",
    [
        ("应当告知", "不应当告知", "介入", "结案"),  # the opposite, not a part
        ("3年", "13年", "5年", "10年"),  # a part of a number
        ("三年", "十三年", "五年", "十年"),
        ("3", "30", "5", "10"),
    ],
)
def test_what_only_looks_like_a_part_is_none(options):
    assert rules.check_question(Asked(options=options)) == []


@pytest.mark.parametrize(
    "stem", ["哪一项是对的？", "第一步是____。", "第一步是（　）。", "Which one?"]
)
def test_a_blank_or_a_question_is_enough(stem):
    assert rules.check_question(Asked(stem=stem)) == []


@pytest.mark.parametrize("options", [None, (), [{"text": "甲"}], 3])
def test_a_kind_without_options_is_judged_by_its_stem(options):
    assert rules.check_question(Asked(options=options, answer="")) == []


def test_a_long_option_beside_another_does_not_stand_out():
    options = ("甲乙丙丁戊己庚辛壬癸子丑", "子丑寅卯辰巳午未申酉", "介入", "结案")
    assert rules.check_question(Asked(options=options)) == []


# ---- the bank as a whole ----


def keyed(answers, **values):
    return [Asked(answer=answer, key=f"q{at}", **values) for at, answer in enumerate(answers)]


def test_cochran_is_pearson_where_there_is_one_right_letter():
    keys = ["A"] * 30 + ["B"] * 20 + ["C"] * 30 + ["D"] * 20
    pearson = sum((count - 25) ** 2 / 25 for count in (30, 20, 30, 20))
    assert cochran_q(4, keys) == pytest.approx(pearson)


def test_cochran_by_hand_where_there_are_two():
    # three letters, two of them right, three questions: AB AB AC; even is 2 each
    # (3-2)^2 + (2-2)^2 + (1-2)^2 = 2; variance 3 * 2 * 1 / (3 * 2) = 1
    assert cochran_q(3, ["AB", "AB", "AC"]) == pytest.approx(2.0)


def test_uneven_letters_are_told_with_the_worst():
    (finding,) = rules.check_spread(keyed("A" * 30 + "BCD" * 10))
    assert finding.code == "uneven_letters" and finding.severity is Severity.WARNING
    assert "A 出现 30 次，匀的话约 15 次" in finding.words


@pytest.mark.parametrize("answers", ["ABCD" * 15, "A" * 39])  # even; too few to say
def test_even_letters_and_few_questions_are_no_finding(answers):
    assert rules.check_spread(keyed(answers)) == []


def test_keys_that_are_often_the_longest_are_told():
    long = ("甲乙丙丁戊己", "甲乙", "丙丁", "戊己")
    answers = "A" * 15
    even = [
        Asked(options=(*long[i:], *long[:i]), answer="ABCD"[-i % 4], key=f"r{i}{n}")
        for i in range(4)
        for n in range(15)
    ]
    assert codes(rules.check_spread(even)) == ["long_keys"]
    fair = [Asked(options=long, answer="ABCD"[n % 4], key=f"f{n}") for n in range(60)]
    assert rules.check_spread([*fair, *keyed(answers, options=FOUR)][:60]) == []


def test_stems_that_repeat_are_told_of_the_later_question():
    one = Asked(stem="社区工作者入户走访时发现独居老人王某行动不便，应当（ ）。", key="a")
    other = Asked(stem="社区工作者入户走访时发现独居老人李某行动不便，应当（ ）。", key="b")
    (finding,) = rules.check_repeats([one, Asked(), other])
    assert finding.code == "near_duplicate" and finding.keys == ("b", "a")
    assert finding.words == "题干与 a 相似 76%，选项相似 100%"


# ---- laws ----

LAW = {
    "title": "某法",
    "certainty": "H",
    "source": "测试",
    "edition": [
        {"name": "2016", "effective_from": date(2016, 9, 1)},
        {"name": "2023修正", "effective_from": date(2024, 9, 5)},
    ],
}
ENDED = {
    "title": "旧法",
    "certainty": "H",
    "source": "测试",
    "edition": [
        {
            "name": "1980",
            "effective_from": date(1981, 1, 1),
            "effective_to": date(2020, 12, 31),
            "replaced_by": "《新法》",
        }
    ],
}


@pytest.fixture(scope="module")
def laws():
    return rules.by_title([rules.read_law(LAW), rules.read_law(ENDED)])


def resting(title, edition, kind="law", **values):
    return Asked(source={"kind": kind, "title": title, "edition": edition}, **values)


@pytest.mark.parametrize(
    ("question", "on", "code"),
    [
        (resting("某法", "2023修正"), date(2026, 1, 1), None),
        (resting("《某法》", "2023修正"), date(2026, 1, 1), None),
        (resting("某法", "2016"), date(2024, 9, 4), "law_ending"),  # its last day
        (resting("某法", "2016"), date(2024, 9, 5), "law_superseded"),
        (resting("某法", "2023修正"), date(2024, 9, 4), "law_not_yet"),
        (
            resting("某法", "2023修正", valid_on=date(2024, 9, 4)),
            date(2026, 1, 1),
            "checked_too_early",
        ),
        (resting("某法", "2023修正", valid_on=date(2024, 9, 5)), date(2026, 1, 1), None),
        (resting("旧法", "1980"), date(2021, 1, 1), "law_superseded"),
        (resting("某法", "2023"), date(2026, 1, 1), "edition_unknown"),
        (resting("别法", "2023"), date(2026, 1, 1), "law_unknown"),
        (resting("某政策", "2023", kind="policy"), date(2026, 1, 1), None),
        (Asked(), date(2026, 1, 1), None),
    ],
)
def test_what_is_stale(laws, question, on, code):
    found = rules.check_law(question, laws, on=on)
    assert (found and found.code) == code
    if found:
        assert found.severity == ("fault" if code == "law_superseded" else "warning")
        assert "%(" not in found.words


def test_a_superseded_law_is_told_with_its_day_and_what_came(laws):
    found = rules.check_law(resting("某法", "2016"), laws, on=date(2026, 1, 1))
    assert found.words == "《某法》2016 已于 2024-09-05 被 2023修正 取代"
    found = rules.check_law(resting("旧法", "1980"), laws, on=date(2026, 1, 1))
    assert found.words == "《旧法》1980 已于 2021-01-01 被 《新法》 取代"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"edition": []}, "edition"),
        ({"edition": list(reversed(LAW["edition"]))}, "edition.1.effective_from"),
        ({"certainty": "sure"}, "certainty"),
        ({"issuer": "某"}, "issuer"),
        ({"source": ""}, "source"),
    ],
)
def test_a_fault_of_a_law_is_told_with_its_key(change, where):
    with pytest.raises(Invalid) as refused:
        rules.read_law({**LAW, **change})
    assert refused.value.where == where


def test_the_laws_that_ship_can_be_read_and_every_question_knows_its_law():
    faults = Faults()
    root = shipped("question_bank")
    laws = rules.by_title(content.read_laws(root, faults))
    files = content.read_all(root, faults)
    assert faults.found == []
    stale = [rules.check_law(file, laws, on=date(2026, 11, 24)) for file in files]
    assert [finding.words for finding in stale if finding] == []


# ---- coverage ----


def need(**values):
    values = {
        "paper": "p", "kind": "single_choice", "chapter_key": "2025/J-COMP/06", "subject": "J-COMP",
        "least": 2, "most": 2, "is_drawn": True,
    } | values  # fmt: skip
    return Need(**values)


def covered(needs, *difficulties, **values):
    asked = [("J-COMP", Asked(difficulty=d, **values)) for d in difficulties]
    return rules.check_coverage(rules.cover(needs, asked), {"2025/J-COMP/06": "个案"})


def test_a_cell_that_cannot_be_filled_is_a_fault():
    (finding,) = covered([need()], 1)
    assert (finding.code, finding.severity) == ("short_cell", "fault")
    assert finding.words == "p：2025/J-COMP/06 个案 单项选择题 要 2 题，题库只有 1 题"


def test_a_layout_that_is_not_drawn_is_only_told():
    (finding,) = covered([need(is_drawn=False, chapter_key="")])
    assert (finding.code, finding.severity) == ("short_cell", "warning")


def test_one_more_of_an_even_spread_may_come_from_another_chapter():
    (finding,) = covered([need(least=1, most=2)], 1)
    assert (finding.code, finding.severity) == ("short_cell", "warning")


def test_a_thin_cell_and_a_difficulty_that_is_missing():
    assert codes(covered([need()], 1, 2, 3)) == ["thin_cell"]
    assert codes(covered([need()], 1, 1, 3, 3)) == ["no_difficulty"]
    assert covered([need()], 1, 2, 3, 3) == []
    assert covered([need(chapter_key="")], 1, 2, 3, 3) == []


def test_only_the_same_subject_kind_and_chapter_count():
    cells = rules.cover([need()], [
        ("J-PRAC", Asked()), ("J-COMP", Asked(kind="multiple_choice")),
        ("J-COMP", Asked(chapter_key="2025/J-COMP/07")), ("J-COMP", Asked(difficulty=3)),
    ])  # fmt: skip
    assert cells[0].by_difficulty == (0, 0, 1) and cells[0].have == 1


@dataclass(frozen=True)
class Written(Asked):
    """A question that is not answered with letters."""

    table: dict = field(default_factory=dict)

    @property
    def spec(self):
        return self.table


def written(kind, table, stem="属于个案工作第一步的是（ ）。", key="q1"):
    return Written(stem=stem, kind=kind, table=table, key=key)


@pytest.mark.parametrize(
    ("kind", "table", "stem"),
    [
        ("true_false", {"answer": True}, "接案是个案工作的第一步。"),  # judged, not asked
        ("short_answer", {"answers": ["接案"]}, "个案工作的第一步叫什么？"),
        ("fill_blank", {"blanks": [["接案"]]}, "个案工作的第一步是（ ）。"),
        ("numeric", {"answer": "3"}, "三加零得几？"),
        ("cloze", {"gaps": [{"answers": ["接案"]}]}, "个案工作的第一步是[[1]]。"),
    ],
)
def test_a_good_question_of_each_kind_has_no_finding(kind, table, stem):
    assert rules.check_question(written(kind, table, stem)) == []


@pytest.mark.parametrize(
    ("kind", "table", "stem", "code", "place", "severity"),
    [
        ("true_false", {}, "对吗？", "unreadable", "answer", "fault"),
        ("short_answer", {"answers": []}, "什么？", "unreadable", "answers", "fault"),
        ("fill_blank", {"blanks": [["甲"], []]}, "（ ）", "unreadable", "blanks.1", "fault"),
        ("numeric", {"answer": "三"}, "几？", "unreadable", "answer", "fault"),
        ("cloze", {"gaps": [{"answers": ["甲"]}]}, "没有空？", "unreadable", "stem", "fault"),
        ("fill_blank", {"blanks": [["甲"]]}, "（ ）与（ ）", "unreadable", "stem", "fault"),
        ("short_answer", {"answers": ["接案"]}, "写出接案。", "no_question", "stem", "warning"),
        ("short_answer", {"answers": ["接案"]}, "接 案是什么？", "given_away", "stem", "warning"),
    ],
)
def test_what_is_suspicious_about_a_written_question(kind, table, stem, code, place, severity):
    found = rules.check_question(written(kind, table, stem))
    (one,) = [finding for finding in found if finding.code == code]
    assert (one.place, one.severity.value, one.keys) == (place, severity, ("q1",))
    assert one.words


def test_a_short_answer_that_happens_to_be_in_the_stem_is_not_given_away():
    assert rules.check_question(written("short_answer", {"answers": ["三"]}, "三加零得几？")) == []


def test_uneven_judgements_are_told_in_words():
    keys = [True] * 45 + [False] * 15
    questions = [written("true_false", {"answer": key}, f"第{n}句。") for n, key in enumerate(keys)]
    (finding,) = rules.check_spread(questions)
    assert finding.code == "uneven_letters"
    assert "判断题" in finding.words and "正确 出现 45 次，匀的话约 30 次" in finding.words
    assert rules.check_spread(questions[15:]) == []


def test_all_keys_alike_are_as_uneven_as_can_be():
    assert cochran_q(2, ["T"] * 60) == pytest.approx(60)
    questions = [written("true_false", {"answer": True}, f"第{n}句。") for n in range(60)]
    assert codes(rules.check_spread(questions)) == ["uneven_letters"]


def test_broken_questions_do_not_break_the_look_at_the_bank():
    broken = [written("true_false", {"answer": "?"}, f"第{n}句。") for n in range(60)]
    assert rules.check_spread(broken) == []


@pytest.mark.parametrize(
    ("kind", "one", "other", "words"),
    [
        ("short_answer", {"answers": ["接案"]}, {"answers": ["接案"]}, "，答案相似 100%"),
        ("short_answer", {"answers": ["接案"]}, {"answers": ["结案"]}, "，答案相似 0%"),
        ("true_false", {"answer": True}, {"answer": False}, ""),
    ],
)
def test_written_questions_that_repeat_are_told(kind, one, other, words):
    stem = "社区工作者入户走访时发现独居老人行动不便，第一步做什么？"
    pair = [written(kind, one, stem, "a"), written(kind, other, stem, "b")]
    (finding,) = rules.check_repeats(pair)
    assert finding.words == f"题干与 a 相似 100%{words}"
