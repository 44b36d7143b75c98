"""Verdicts and reasons in words. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from lms.interop.rules.layouts import letters
from lms.interop.types import Judged, Reason, Verdict
from lms.kernel.errors import N_

CHANGED_SINCE = N_("预览之后有人改过这条资料，没有导入；请重新上传、预览")

WORDS = {
    Verdict.NEW: N_("新增"),
    Verdict.CHANGED: N_("改动"),
    Verdict.SAME: N_("没有变化"),
    Verdict.REPEATED: N_("文件内重复"),
    Verdict.POSSIBLE: N_("可能重复"),
    Verdict.SKIPPED: N_("跳过"),
    Verdict.REFUSED: N_("不能导入"),
}
"""Verdict -> message id."""

Translate = Callable[..., str]


def plainly(message: str, **values: Any) -> str:
    """Return a message in Chinese, as it stands in the code."""
    return message % values if values else message.replace("%%", "%")


def verdict_word(verdict: Verdict, translate: Translate = plainly) -> str:
    """Return a verdict in words."""
    return translate(WORDS[verdict])


def reason_words(reason: Reason, row: int, translate: Translate = plainly) -> str:
    """Return why, after the cell that is meant if it is one: ``B7：``."""
    words = translate(reason.message, **reason.values)
    return f"{letters(reason.column)}{row}：{words}" if reason.column is not None else words


def words_of(judged: Judged, labels: Mapping[str, str], translate: Translate = plainly) -> str:
    """Return the reasons and changes of a row in one line."""
    parts = [reason_words(reason, judged.row, translate) for reason in judged.reasons]
    for change in judged.changes:
        label = translate(labels.get(change.field, change.field))
        parts.append(f"{label}：{change.before or '（空）'} → {change.after}")
    return "；".join(parts)
