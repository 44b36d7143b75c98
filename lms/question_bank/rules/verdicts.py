"""What the figures of an item analysis mean, in words. Pure.

Thresholds are the usual ones of classroom testing (Ebel and Frisbie, "Essentials of Educational
Measurement", 1991, ch. 13): a discrimination below 0.2 is poor, from 0.4 very good; a consistency
of 0.7 is wanted where single people are judged.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from lms.kernel.errors import N_
from lms.kernel.points import HALF
from lms.question_bank.rules.analysis import TestFigures
from lms.question_bank.rules.sittings import OptionFigures, OptionReport, SatItem
from lms.question_bank.types import Finding, Severity

FEW = 30
"""Papers below which nothing is concluded."""
POOR = 20.0
"""Discrimination, -100..100."""
HARD, EASY = 30.0, 95.0
"""Facility, 0..100."""
RELIABLE, DOUBTFUL = 70.0, 50.0
"""Internal consistency, up to 100."""
UNUSED_PERCENT = 5
"""A distractor that fewer choose distracts nobody."""
BLANK_PERCENT = 20


def judge_item(item: SatItem, guess: Fraction | None = None) -> list[Finding]:
    """Return what is bad about a question, the worst first; nothing for a good one.

    :param guess: what guessing earns on it, as a percentage.
    """
    if item.n < FEW:
        message = N_("只有 %(n)s 份答卷，不到 %(few)s 份，先不下结论")
        return [_said("few_papers", message, n=item.n, few=FEW)]
    return [*_discrimination(item.discrimination_index), *_facility(item, guess), *_blank(item)]


def judge_options(report: OptionReport) -> list[Finding]:
    """Return what is bad about the options of a question."""
    if report.n < FEW:
        return []
    found = []
    keys = [option for option in report.options if option.is_key]
    for option in report.options:
        place = f"options.{option.letter}"
        if not option.is_key:
            found += list(_distractor(option, report, keys, place))
        elif (option.point_biserial or 0) < 0:
            message = N_("正确选项 %(letter)s 反而是总分低的人选得多：先查答案对不对")
            found.append(_bad("key_against", message, place, letter=option.letter))
    return sorted(found, key=lambda finding: finding.severity is not Severity.FAULT)


def judge_test(
    test: TestFigures, guess_percent: Fraction | None, out_of: int, *, unit: int = HALF
) -> list[Finding]:
    """Return what the figures of a whole paper mean.

    :param guess_percent: what guessing earns on it.
    :param out_of: its full mark in units.
    :param unit: how many units make a mark.
    """
    if test.n < FEW:
        message = N_("只有 %(n)s 份答卷，不到 %(few)s 份，先不下结论")
        return [_said("few_papers", message, n=test.n, few=FEW)]
    found = []
    consistency = test.internal_consistency
    if consistency is None:
        found.append(_said("no_spread", N_("所有人的总分都一样，看不出谁强谁弱")))
    elif consistency < DOUBTFUL:
        message = N_("内部一致性只有 %(n)s%%：这份卷的分数很大一部分是运气，不要拿它定人")
        found.append(_bad("inconsistent", message, n=round(consistency)))
    elif consistency < RELIABLE:
        message = N_("内部一致性 %(n)s%%：看整体可以，拿来评判一个人还不够")
        found.append(_said("rather_consistent", message, n=round(consistency)))
    if guess_percent is not None and test.mean is not None and out_of:
        mean_percent = 100 * unit * test.mean / out_of
        if mean_percent < float(guess_percent) + 10:
            message = N_("平均得分率 %(mean)s%%，和瞎猜（约 %(guess)s%%）差不多")
            mean, guess = round(mean_percent), round(guess_percent)
            found.append(_bad("like_guessing", message, mean=mean, guess=guess))
    return found


def _discrimination(index: float | None) -> Iterator[Finding]:
    if index is None:
        message = N_("人人得分一样，分不出强弱")
        yield _said("no_discrimination", message)
    elif index < 0:
        message = N_("区分度是负的：总分低的人反而答得好，先查答案是不是错了")
        yield _bad("negative_discrimination", message)
    elif index < POOR:
        message = N_("区分度低于 0.2：弱者和强者答对的差不多一样多")
        yield _said("poor_discrimination", message)


def _facility(item: SatItem, guess: Fraction | None) -> Iterator[Finding]:
    facility = item.facility
    if facility is None:
        return
    if guess is not None and facility <= float(guess):
        message = N_("得分率 %(facility)s%%，还不如瞎猜（%(guess)s%%）")
        yield _bad("below_guessing", message, facility=round(facility), guess=round(guess))
    elif facility < HARD:
        message = N_("太难：得分率只有 %(facility)s%%")
        yield _said("hard", message, facility=round(facility))
    elif facility > EASY:
        message = N_("太容易：得分率 %(facility)s%%")
        yield _said("easy", message, facility=round(facility))


def _blank(item: SatItem) -> Iterator[Finding]:
    blank = item.n - item.answered
    if 100 * blank > BLANK_PERCENT * item.n:
        message = N_("%(n)s 人里有 %(blank)s 人没有作答")
        yield _said("many_blank", message, n=item.n, blank=blank)


def _distractor(
    option: OptionFigures, report: OptionReport, keys: Sequence[OptionFigures], place: str
) -> Iterator[Finding]:
    weakest_key = min((key.upper for key in keys), default=report.n)
    if option.upper > weakest_key and option.upper > option.lower:
        message = N_("强者更多选了 %(letter)s 而不是正确选项：看看 %(letter)s 是不是也对")
        yield _bad("strong_choose_wrong", message, place, letter=option.letter)
    elif (option.point_biserial or 0) > 0.05 and option.upper > option.lower:
        message = N_("错误选项 %(letter)s 是强者选得多：说法可能有歧义")
        yield _said("attracts_strong", message, place, letter=option.letter)
    if not option.chosen:
        message = N_("错误选项 %(letter)s 没有人选，等于少了一个选项")
        yield _said("unused_option", message, place, letter=option.letter)
    elif 100 * option.chosen < UNUSED_PERCENT * report.n:
        message = N_("错误选项 %(letter)s 几乎没有人选（%(chosen)s 人）")
        letter, chosen = option.letter, option.chosen
        yield _said("unused_option", message, place, letter=letter, chosen=chosen)


def _bad(code: str, message: str, place: str = "", **params: object) -> Finding:
    return Finding(code, Severity.FAULT, place, message, params)


def _said(code: str, message: str, place: str = "", **params: object) -> Finding:
    return Finding(code, Severity.WARNING, place, message, params)
