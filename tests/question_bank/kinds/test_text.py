"""When two written answers are the same: what is folded, and that nothing else is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.question_bank.kinds import _text

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
WORDS = st.text(HAN, min_size=1, max_size=12)
ANY = st.text(max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\uff33\uff2dＡ\uff32\uff34", "smart"),  # width and case
        ("\uff11\uff12\uff13", "123"),
        ("㎡", "m2"),
        ("Straße", "STRASSE"),
        ("⼀", "一"),  # a radical that was copied out of a document
        ("助人自助。", "助人自助"),  # a full stop at the end
        ("助人自助!?", "助人自助"),
        ("助人自助……", "助人自助"),
        ("接案，预估", "接案,预估"),
        ("接案、预估", "接案，预估"),
        ("目标：减压", "目标:减压"),
        ("“三留守”人员", '"三留守"人员'),
        ("“三留守”人员", "「三留守」人员"),
        ("\u2018三留守\u2019人员", "“三留守”人员"),
        ("“三留守人员”", "三留守人员"),  # marks around the whole
        ("《慈善法》", "慈善法"),
        ("《慈善法》。", "〈慈善法〉"),
        ("（二）", "(二)"),
        ("民发\u30142009\u3015123号", "民发[2009]123号"),
        ("民发【2009】123号", "民发\uff3b2009\uff3d123号"),
        ("2020—2025", "2020-2025"),
        ("2020——2025", "2020–2025"),
        ("卡尔·罗杰斯", "卡尔•罗杰斯"),
        ("卡尔・罗杰斯", "卡尔‧罗杰斯"),
        ("18～60", "18~60"),
        ("等…", "等......"),
        ("30 天", "30天"),
        ("助 人\u3000自 助", "助人自助"),
        ("case  work", "CASE WORK"),
        ("社 工 A 站", "社工a站"),
        ("助人\u200b自助\ufeff", "助人自助"),
        ("葛\U000e0100", "葛"),  # a variant that was selected
    ],
)
def test_ways_to_type_the_same(one, other):
    assert _text.normal(one) == _text.normal(other)
    assert _text.is_accepted(one, [other]) and _text.is_accepted(other, [one])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("预估", "预古"),  # a wrong character
        ("预估", "预估估"),
        ("预估", "估"),
        ("预估", "预 估 值"),
        ("社會", "社会"),  # a traditional character
        ("三十", "30"),
        ("\u3007", "零"),
        ("“三留守”人员", "三留守人员"),  # marks inside count
        ("依据《慈善法》", "依据慈善法"),
        ("18-60", "18～60"),
        ("(2009)", "[2009]"),
        ("甲，乙", "甲；乙"),
        ("甲乙", "甲、乙"),
        ("case work", "casework"),
        ("卡尔·罗杰斯", "卡尔罗杰斯"),
        ("。甲", "甲"),
        ("3.5", "35"),
        ("café", "cafe"),
    ],
)
def test_what_is_not_the_same(one, other):
    assert not _text.is_accepted(one, [other])
    assert not _text.is_accepted(other, [one])


@pytest.mark.parametrize("text", ["", " ", "。", "……", "《》", "“”", "、，。", "\u200b", "?!"])
def test_what_says_nothing_is_accepted_nowhere(text):
    assert _text.normal(text) == ""
    with pytest.raises(Invalid) as refusal:
        _text.read_accepted({"answers": ["甲", text]}, "answers")
    assert (refusal.value.code, refusal.value.where) == ("blank", "answers")


@given(ANY)
@example("ﬃ。」")
@example("《《甲》》")
@example("\u0345a\u0300")
@example("a.\u200b.b")
@example('"甲"。"')
def test_normalising_twice_is_normalising_once(text):
    assert _text.normal(_text.normal(text)) == _text.normal(text)


@given(ANY)
def test_what_is_stored_is_one_line_and_says_the_same(text):
    stored = _text.tidy(text)
    assert _text.tidy(stored) == stored
    assert not set(stored) & set("\n\r\t\x00")
    assert _text.normal(stored) == _text.normal(text)


WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
ASCII_WORD = st.text("abcXYZ019", min_size=1, max_size=6)


@given(
    st.lists(st.one_of(WORDS, ASCII_WORD), min_size=1, max_size=4),
    st.sampled_from([("，", ","), ("：", ":"), ("“", '"'), ("—", "-"), ("（", "("), ("·", "•")]),
    st.sampled_from(["", "。", ".", "！", " ", "\u3000", "……"]),
    st.booleans(),
    st.booleans(),
)
def test_the_same_text_typed_otherwise_is_accepted(words, mark, end, is_wide, is_upper):
    chinese, western = mark
    accepted = chinese.join(words)
    typed = western.join(words) + end
    typed = typed.translate(WIDE) if is_wide else typed
    typed = typed.upper() if is_upper else typed
    assert _text.is_accepted(typed, [accepted])


@given(st.data(), WORDS)
def test_another_chinese_character_is_never_accepted(data, text):
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(HAN.filter(lambda c: c != text[at]))
    swapped = text[:at] + other + text[at + 1 :]
    assert not _text.is_accepted(swapped, [text])
    assert not _text.is_accepted(text[:at] + other + text[at:], [text])
    assert not _text.is_accepted(text[:at] + text[at + 1 :], [text])


@given(st.lists(st.one_of(WORDS, st.integers(1, 60).map("错".__mul__)), max_size=10))
def test_there_is_always_a_text_that_is_not_accepted(accepted):
    wrong = _text.not_among(accepted)
    assert _text.normal(wrong) and not _text.is_accepted(wrong, accepted)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([], "wrong_count"),
        (["甲"] * 51, "wrong_count"),
        (["甲", "甲"], "alike"),
        (["“甲”乙", "「甲」 乙。"], "alike"),  # the same anyway
        (["长" * 201], "too_long"),
        ("甲", "not_texts"),
        ([1], "not_texts"),
        ([" "], "blank"),
    ],
)
def test_refuses_accepted_texts(answers, code):
    with pytest.raises(Invalid) as refusal:
        _text.read_accepted({"answers": answers}, "answers")
    assert (refusal.value.code, refusal.value.where) == (code, "answers")


def test_the_longest_answer_is_taken_and_no_longer_one():
    assert _text.read_written(" " + "长" * 200 + "\n") == "长" * 200
    with pytest.raises(Invalid) as refusal:
        _text.read_written("长" * 201)
    assert refusal.value.code == "too_long"
