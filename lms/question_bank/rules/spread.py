"""What a bank gives away as a whole: letters and lengths of its keys, texts that repeat. Pure.

Letters are judged by Cochran's Q (Biometrika 37, 1950): of N questions with n options and k right
letters each, Q = sum (O - E)^2 / V with V = sum k(n-k)/(n(n-1)); with one right letter each it is
Pearson's chi-square against an even spread. Both have n - 1 degrees of freedom.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

from lms.kernel.errors import N_, Invalid
from lms.question_bank.rules.checks import bare, key_of, options_of
from lms.question_bank.rules.duplicates import THRESHOLD, near_duplicates, similarity
from lms.question_bank.rules.marking import LETTERS, all_kinds
from lms.question_bank.rules.parts import is_lettered, parts_of, texts_in
from lms.question_bank.types import Checkable, Finding, Input, Severity

ENOUGH = 40
"""Questions with the same number of options from which on a spread says anything."""
_CRITICAL = {1: 6.635, 2: 9.210, 3: 11.345, 4: 13.277, 5: 15.086, 6: 16.812, 7: 18.475}
"""Chi-square by degrees of freedom: chance exceeds it once in a hundred."""
_CRITICAL_Z = 2.326
"""The normal distribution: chance exceeds it once in a hundred."""


def check_spread(questions: Sequence[Checkable]) -> list[Finding]:
    """Return what the keys of a bank give away to somebody who knows nothing."""
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    """Kind and what there is to choose from -> keys."""
    lettered = []
    for question in questions:
        choices, key = _choices(question)
        if key and set(key) <= choices.keys() and len(key) < len(choices):
            groups.setdefault((question.kind, tuple(choices.items())), []).append(key)
            if options_of(question):
                lettered.append(question)
    found = [
        finding
        for (kind, choices), keys in sorted(groups.items())
        if len(keys) >= ENOUGH and len(choices) - 1 in _CRITICAL
        for finding in _letters(kind, dict(choices), keys)
    ]
    return found + list(_lengths(lettered))


def _choices(question: Checkable) -> tuple[Mapping[str, str], str]:
    """Return what one chooses from, by what a finding calls it, and the key; empty if nothing."""
    if options := options_of(question):
        return {letter: letter for letter in LETTERS[: len(options)]}, key_of(question)
    if is_lettered(question.kind):
        return {}, ""
    try:
        parts = parts_of(question.kind, question.spec)
    except Invalid:  # told by the check of the question itself
        return {}, ""
    if len(parts) != 1 or parts[0].field.input is not Input.ONE:
        return {}, ""
    return dict(parts[0].field.choices), parts[0].value


def check_repeats(questions: Sequence[Checkable], threshold: float = THRESHOLD) -> list[Finding]:
    """Return pairs of questions whose stems say nearly the same."""
    alike = near_duplicates([question.stem for question in questions], threshold)
    found = []
    for pair in alike.pairs:
        one, other = questions[pair.first], questions[pair.second]
        params: dict[str, object] = {"other": one.key, "stem": round(100 * pair.similarity)}
        message = N_("题干与 %(other)s 相似 %(stem)s%%")
        if any(map(_said, (one, other))):
            params["options"] = round(100 * similarity(_said(one), _said(other)))
            message = (
                N_("题干与 %(other)s 相似 %(stem)s%%，选项相似 %(options)s%%")
                if options_of(one) and options_of(other)
                else N_("题干与 %(other)s 相似 %(stem)s%%，答案相似 %(options)s%%")
            )
        finding = Finding(
            "near_duplicate", Severity.WARNING, "stem", message, params, (other.key, one.key)
        )
        found.append(finding)
    if not alike.is_complete:
        message = N_("相似的题太多，只列出前 %(n)s 对")
        found.append(
            Finding("many_duplicates", Severity.WARNING, "", message, {"n": len(alike.pairs)})
        )
    return found


def cochran_q(size: int, keys: Sequence[str]) -> float:
    """Return Cochran's Q of keys over the letters of ``size`` options; 0 of no key.

    Letters that are in no key are as far from an even spread as can be.
    """
    counts = Counter(letter for key in keys for letter in key)
    variance = sum(len(key) * (size - len(key)) for key in keys) / (size * (size - 1))
    even = sum(len(key) for key in keys) / size
    squares = sum((count - even) ** 2 for count in counts.values())
    return (squares + (size - len(counts)) * even**2) / variance if variance else 0.0


def _said(question: Checkable) -> str:
    """Return what a question says beside its stem: options, accepted answers, numbers."""
    return "\n".join(options_of(question) or texts_in(question.spec))


def _letters(kind: str, choices: Mapping[str, str], keys: Sequence[str]) -> Iterator[Finding]:
    size = len(choices)
    if cochran_q(size, keys) <= _CRITICAL[size - 1]:
        return
    counts = Counter(letter for key in keys for letter in key)
    even = sum(counts.values()) / size
    letter = max(choices, key=lambda x: (abs(counts[x] - even), x))
    params = {
        "kind": all_kinds()[kind].label if kind in all_kinds() else kind,
        "n": len(keys),
        "letter": choices[letter],
        "count": counts[letter],
        "even": round(even),
    }
    message = N_(
        "%(kind)s的答案字母不匀：%(n)s 道题里 %(letter)s 出现 %(count)s 次，匀的话约 %(even)s 次"
    )
    yield Finding("uneven_letters", Severity.WARNING, "answer", message, params)


def _lengths(questions: Sequence[Checkable]) -> Iterator[Finding]:
    """Compare how often the one right option is the longest with how often chance makes it so."""
    longest = n = 0
    expected = variance = 0.0
    for question in questions:
        key = key_of(question)
        if len(key) != 1:
            continue
        lengths = [len(bare(option)) for option in options_of(question)]
        own = lengths[LETTERS.index(key)]
        n += 1
        longest += own == max(lengths) and lengths.count(own) == 1
        chance = 1 / len(lengths)
        expected += chance
        variance += chance * (1 - chance)
    if n >= ENOUGH and longest > expected + _CRITICAL_Z * sqrt(variance):
        message = N_(
            "正确选项常常最长：%(n)s 道单选题里有 %(longest)s 道，碰巧的话约 %(even)s 道；"
            "光挑最长的就能多得分"
        )
        params = {"n": n, "longest": longest, "even": round(expected)}
        yield Finding("long_keys", Severity.WARNING, "options", message, params)
