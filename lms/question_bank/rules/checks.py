"""What is suspicious about a question by itself: its options, its key, its stem. Pure.

The kinds refuse what cannot be marked; here questions are also looked at before they are read
(while they are imported, say), so a missing key is a finding and not an exception.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from lms.kernel.errors import N_, Invalid
from lms.kernel.searching import normal
from lms.question_bank.kinds import _choice
from lms.question_bank.rules.marking import LETTERS, all_kinds, check_stem
from lms.question_bank.rules.parts import is_lettered, parts_of
from lms.question_bank.types import Checkable, Finding, Input, Severity

LONGER_TIMES, LONGER_BY = 1.6, 6
"""A key stands out if it is so many times as long as the next, and so many characters longer."""

_SILENT = re.compile(r"[\W_]+")
_BLANK = re.compile(r"\[\[[0-9]+\]\]|[（(\[【]\s*[）)\]】]|_{2,}|\uff3f{2,}|…{2,}")
_ASKS = re.compile(r"[?？]")
_ABOUT_OTHERS = (
    re.compile(r"(以上|上述|前述|前面)(各项|选项|说法|[一二两三四五几]项|[一二两三四五几]者|所有)"),
    re.compile(r"(以上|上述)(全|都|均|皆)"),
    re.compile(r"^[A-H]([、,，和与及或/ ]*[A-H])+([都均皆全].*)?$"),
    re.compile(r"\b(all|none|both) of the above\b", re.IGNORECASE),
)
_NOT = tuple("不未非无没勿")
_FIGURE = re.compile(r"[a-z0-9零\u3007一二三四五六七八九十百千万两.]")


def check_question(question: Checkable) -> list[Finding]:
    """Return what is suspicious about one question, faults first."""
    options = options_of(question)
    found = [*_stem(question)]
    if question.kind in all_kinds() and not is_lettered(question.kind):
        found += _parts(question)
    elif options:
        found += [*_key(question, options), *_options(options), *_lengths(question, options)]
    keyed = [_about(finding, question.key) for finding in found]
    return sorted(keyed, key=lambda finding: finding.severity is not Severity.FAULT)


def options_of(question: Checkable) -> list[str]:
    """Return the options that a question is written with, as far as they are a list of texts."""
    options = question.spec.get("options", ())
    listed = isinstance(options, list | tuple)
    return list(options) if listed and all(isinstance(o, str) for o in options) else []


def key_of(question: Checkable) -> str:
    """Return the letters of a key as they are written; empty if there are none."""
    answer = question.spec.get("answer", "")
    return answer if isinstance(answer, str) else ""


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Return a text without punctuation, spaces, width and case: what of it is compared."""
    return _SILENT.sub("", normal(text))


def _about(finding: Finding, key: str) -> Finding:
    return Finding(
        finding.code, finding.severity, finding.place, finding.message, finding.params, (key,)
    )


def _parts(question: Checkable) -> Iterator[Finding]:
    """Look at a question that is not answered with letters."""
    try:
        parts = parts_of(question.kind, question.spec)
        check_stem(question.kind, question.spec, question.stem)
    except Invalid as fault:
        yield Finding("unreadable", Severity.FAULT, fault.where, fault.message, fault.params)
        return
    stem = bare(question.stem)
    for part in parts:
        words = bare(part.right)
        if part.field.input is Input.TEXT and len(words) > 1 and words in stem:
            message = N_("题干里就写着答案“%(words)s”")
            yield Finding("given_away", Severity.WARNING, "stem", message, {"words": part.right})


def _stem(question: Checkable) -> Iterator[Finding]:
    stem = question.stem
    kind = all_kinds().get(question.kind)
    if kind is not None and kind.is_statement:
        return
    if not (_BLANK.search(stem) or _ASKS.search(stem)):
        message = N_("题干里没有空位，也没有问句：看不出要答什么")
        yield Finding("no_question", Severity.WARNING, "stem", message)


def _key(question: Checkable, options: Sequence[str]) -> Iterator[Finding]:
    letters = LETTERS[: len(options)]
    key = key_of(question)
    if not key.strip():
        yield Finding("no_key", Severity.FAULT, "answer", N_("没有答案"))
    elif foreign := sorted(set(key) - set(letters)):
        message = N_("答案 %(letters)s 不在选项 %(known)s 之中")
        params = {"letters": "".join(foreign), "known": letters}
        yield Finding("foreign_key", Severity.FAULT, "answer", message, params)


def _options(options: Sequence[str]) -> Iterator[Finding]:
    for at, option in enumerate(options):
        if _choice.is_about_others(option):
            message = N_("选项 %(letter)s 说的是别的选项：选项会打乱顺序")
            params = {"letter": LETTERS[at]}
            yield Finding("about_others", Severity.FAULT, f"options.{at}", message, params)
        elif any(pattern.search(option) for pattern in _ABOUT_OTHERS):
            message = N_("选项 %(letter)s 像是在说别的选项：选项会打乱顺序")
            params = {"letter": LETTERS[at]}
            yield Finding("about_others", Severity.WARNING, f"options.{at}", message, params)
    for (a, one), (b, other) in combinations(enumerate(options), 2):
        params = {"one": LETTERS[a], "other": LETTERS[b]}
        if bare(one) == bare(other):
            message = N_("选项 %(one)s 和 %(other)s 只有标点、空格或大小写不同")
            yield Finding("same_options", Severity.FAULT, f"options.{b}", message, params)
        elif _within(bare(one), bare(other)) or _within(bare(other), bare(one)):
            message = N_("选项 %(one)s 和 %(other)s 一个包含另一个：可能两个都对")
            yield Finding("overlapping_options", Severity.WARNING, f"options.{b}", message, params)


def _within(inner: str, outer: str) -> bool:
    """Say whether an option holds another one, other than by denying it or as part of a number."""
    at = outer.find(inner) if inner else -1
    while at >= 0:
        before, after = outer[:at][-1:], outer[at + len(inner) :][:1]
        denied = before in _NOT if before else False
        cut = (_FIGURE.match(before) and _FIGURE.match(inner[0])) or (
            _FIGURE.match(after) and _FIGURE.match(inner[-1])
        )
        if not denied and not cut:
            return True
        at = outer.find(inner, at + 1)
    return False


def _lengths(question: Checkable, options: Sequence[str]) -> Iterator[Finding]:
    key = key_of(question)
    if len(key) != 1 or key not in LETTERS[: len(options)] or len(options) < 2:
        return
    lengths = [len(bare(option)) for option in options]
    own = lengths[LETTERS.index(key)]
    next_longest = sorted(lengths)[-2]
    if (
        own == max(lengths)
        and own >= next_longest * LONGER_TIMES
        and own >= next_longest + LONGER_BY
    ):
        message = N_(
            "正确选项 %(letter)s 比别的选项长得多（%(own)s 字，其次 %(next)s 字）：一眼能看出来"
        )
        params = {"letter": key, "own": own, "next": next_longest}
        place = f"options.{LETTERS.index(key)}"
        yield Finding("key_stands_out", Severity.WARNING, place, message, params)
