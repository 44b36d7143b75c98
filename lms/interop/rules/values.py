"""Single values as people write them: days, yes and no, words for kinds. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypeVar

from lms.kernel.errors import N_, Invalid
from lms.people.types import Education, PostKind, RankBand

_Kind = TypeVar("_Kind")

_DAY = re.compile(
    r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:(?:月|[-/.])\s*(\d{1,2})?\s*日?|月)?"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.0+)?")
_EPOCH = date(1899, 12, 30)
"""Day 0 of the spreadsheets' serial numbers (after their 29 February 1900, which never was)."""
_EARLIEST = date(1930, 1, 1)


def read_day(text: str, *, latest: date) -> date:
    """Return a day: 2024-3-1, 2024/3/1, 2024.3.1, 2024年3月1日, 20240301, 2024年3月, or a serial.

    A month without a day is its first. Days written the other way round (1/3/2024) are refused:
    nobody can tell which is the month.

    :raises Invalid: ``bad_day``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if match := (_PLAIN.fullmatch(plain) or _DAY.fullmatch(plain)):
        year, month, day = match[1], match[2], match[3]
    elif _SERIAL.fullmatch(plain):
        found = _EPOCH + timedelta(days=int(float(plain)))
        return _checked(found, latest)
    else:
        raise Invalid("bad_day", N_("日期看不懂，请写成 2024-03-01 这样"))
    try:
        return _checked(date(int(year), int(month), int(day or 1)), latest)
    except ValueError:
        raise Invalid("bad_day", N_("没有这一天")) from None


def _checked(found: date, latest: date) -> date:
    if not _EARLIEST <= found <= latest:
        raise Invalid("bad_day", N_("日期不可能：太早，或还没有到"))
    return found


_YES = frozenset({"是", "有", "对", "√", "✓", "y", "yes", "true", "1", "社工", "社会工作"})
_NO = frozenset({"否", "无", "不是", "没有", "×", "x", "n", "no", "false", "0", "非社工"})


def read_yes(text: str) -> bool:
    """Return what 是 or 否 means.

    :raises Invalid: ``bad_choice``.
    """
    word = _word(text)
    if word in _YES or word in _NO:
        return word in _YES
    raise Invalid("bad_choice", N_("只能填“是”或“否”"))


_EDUCATION: dict[Education, str] = {
    Education.BELOW_SECONDARY: "初中及以下 初中 小学 初中以下",
    Education.SECONDARY: "高中、中专 高中 中专 职高 中技 技校 高中中专 高中及中专",
    Education.ASSOCIATE: "大专 专科 大学专科 高职 大学专科",
    Education.BACHELOR: "本科 大学本科 大学 学士 全日制本科",
    Education.MASTER: "硕士研究生 硕士 研究生",
    Education.DOCTOR: "博士研究生 博士",
}
_POSTS: dict[PostKind, str] = {
    PostKind.STATION_WORKER: "驻站社工 社工 站点社工 社会工作者 社工站社工",
    PostKind.COMMUNITY_WORKER: "社区工作者 社区社工 社区",
    PostKind.CADRE: "干部 公务员 领导干部",
    PostKind.VOLUNTEER: "志愿者 志愿服务者",
    PostKind.INSTRUCTOR: "教师 讲师 授课教师 培训教师",
    PostKind.STAFF: "工作人员 机关工作人员 职员 办公人员",
}
_RANKS: dict[RankBand, str] = {
    RankBand.STAFF: "科员及以下 科员 办事员",
    RankBand.TOWNSHIP: "乡科级 科级 正科 副科 正科级 副科级",
    RankBand.COUNTY: "县处级 处级 正处 副处 正处级 副处级",
    RankBand.BUREAU: "厅局级 厅级 正厅 副厅 正厅级 副厅级",
    RankBand.PROVINCE: "省部级",
}


def _table(words: Mapping[_Kind, str]) -> dict[str, _Kind]:
    found = {_word(str(kind)): kind for kind in words}
    return found | {_word(word): kind for kind, line in words.items() for word in line.split()}


def _word(text: str) -> str:
    return re.sub(r"[\s、/（）()]", "", unicodedata.normalize("NFKC", text)).casefold()


_EDUCATION_WORDS, _POST_WORDS, _RANK_WORDS = _table(_EDUCATION), _table(_POSTS), _table(_RANKS)


def read_education(text: str) -> Education:
    """Return the education that a word means.

    :raises Invalid: ``bad_choice``.
    """
    return _chosen(text, _EDUCATION_WORDS, "初中及以下、高中、大专、本科、硕士研究生、博士研究生")


def read_post(text: str) -> PostKind:
    """Return the kind of post that a word means.

    :raises Invalid: ``bad_choice``.
    """
    return _chosen(text, _POST_WORDS, "驻站社工、社区工作者、干部、志愿者、教师、工作人员")


def read_rank(text: str) -> RankBand:
    """Return the band of rank that a word means.

    :raises Invalid: ``bad_choice``.
    """
    return _chosen(text, _RANK_WORDS, "科员及以下、乡科级、县处级、厅局级、省部级")


def _chosen(text: str, words: Mapping[str, _Kind], all_of_them: str) -> _Kind:
    found = words.get(_word(text))
    if found is None:
        raise Invalid("bad_choice", N_("只能填：%(words)s"), words=all_of_them)
    return found


def word_for(kind: PostKind | Education | RankBand) -> str:
    """Return the first word for a kind: how lists and pages write it."""
    if isinstance(kind, PostKind):
        words = _POSTS[kind]
    elif isinstance(kind, Education):
        words = _EDUCATION[kind]
    else:
        words = _RANKS[kind]
    return words.split()[0]
