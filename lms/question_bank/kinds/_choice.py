"""What single and multiple choice share: options, letters, the key. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.methods import tables
from lms.question_bank.methods.base import Picked
from lms.question_bank.types import Mark, Marking, QuestionKind

LETTERS = "ABCDEFGH"

_ABOUT_OTHERS = re.compile(
    r"(以上|上述|前述|前面)?(各项|选项|说法|[三四五几]项|[三四五几]者)*(全部?|都|均|皆)(不|没有)?(是|对|选|正确|错误|错)(的|选项)?[。．.]?"
)
"""An option about the other options makes no sense once options are shuffled."""
_WEIGHT = re.compile(r"-?[0-9]{1,4}(/[1-9][0-9]{0,3}|\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class ChoiceSpec:
    options: tuple[str, ...]
    answer: frozenset[str]
    """The right letters."""
    weights: Mapping[str, Fraction] | None = None
    """The share of the full mark that each letter is worth, where a rule goes by weights; none:
    as the rule has it."""

    @property
    def letters(self) -> str:
        """The letters of the options, in the author's order."""
        return LETTERS[: len(self.options)]


def read_spec(raw: Raw, *, options: tuple[int, int]) -> ChoiceSpec:
    """Read options and key.

    :param options: the fewest and the most options.
    :raises Invalid: naming ``options`` or ``answer``.
    """
    low, high = options
    listed = reading.texts(raw, "options", at_least=low, at_most=high)
    if any(is_about_others(text) for text in listed):
        raise Invalid(
            "about_others", N_("不能写“以上都是”一类的选项：选项会打乱顺序"), where="options"
        )
    answer = reading.text(raw, "answer")
    spec = ChoiceSpec(listed, frozenset(answer))
    if not spec.answer <= set(spec.letters):
        raise Invalid(
            "foreign_letter",
            N_("答案只能用字母 %(letters)s"),
            where="answer",
            letters=spec.letters,
        )
    if answer != encode(spec.answer):
        raise Invalid("out_of_order", N_("答案的字母要按顺序写，不能重复"), where="answer")
    return replace(spec, weights=_read_weights(raw, spec)) if "weights" in raw else spec


def _read_weights(raw: Raw, spec: ChoiceSpec) -> Mapping[str, Fraction]:
    """Read what an author says each option is worth, as texts: ``1/3``, ``-0.25``.

    The right options add up to 1 and each is worth something, so that the key earns everything;
    in a multiple choice wrong ones are worth nothing or less, in a single choice one of them is.
    """
    listed = raw["weights"]
    if not isinstance(listed, list | tuple) or len(listed) != len(spec.options):
        raise Invalid("wrong_count", N_("每个选项要有一个分值，与选项一样多"), where="weights")
    if not all(isinstance(text, str) and _WEIGHT.fullmatch(text) for text in listed):
        raise Invalid(
            "not_weights", N_('分值要写成分数或小数的文字，如 "1/3"、"-0.25"'), where="weights"
        )
    weights = dict(zip(spec.letters, map(Fraction, listed), strict=True))
    right = [weights[letter] for letter in spec.letters if letter in spec.answer]
    wrong = [weights[letter] for letter in spec.letters if letter not in spec.answer]
    if sum(right) != 1 or min(right) <= 0:
        raise Invalid("bad_weights", N_("正确选项的分值都要大于 0，合计是 1"), where="weights")
    if not all(-1 <= weight < 1 for weight in wrong):
        raise Invalid("bad_weights", N_("错误选项的分值要小于 1，不小于 -1"), where="weights")
    if wrong and (min(wrong) if len(right) == 1 else max(wrong)) > 0:
        raise Invalid("bad_weights", N_("错误选项的分值不能大于 0"), where="weights")
    return weights


def is_about_others(option: str) -> bool:
    """Say whether an option speaks of the other options and of nothing else."""
    return _ABOUT_OTHERS.fullmatch(option.strip()) is not None


def read_stored(raw: Raw) -> ChoiceSpec:
    """Take options and key that were checked before they were stored."""
    spec = ChoiceSpec(tuple(raw["options"]), frozenset(raw["answer"]))
    if "weights" not in raw:
        return spec
    weights = dict(zip(spec.letters, map(Fraction, raw["weights"]), strict=True))
    return replace(spec, weights=weights)


def read_letters(spec: ChoiceSpec, parts: Sequence[str], order: Sequence[int]) -> frozenset[str]:
    """Return the author's letters of the letters that a page sent; an empty set if none were.

    :raises Invalid: ``foreign_option``.
    """
    sent = frozenset("".join(parts).replace(" ", ""))
    if not sent <= set(spec.letters):
        raise Invalid("foreign_option", N_("答案不在选项之中"), where="choice")
    return frozenset(LETTERS[order[LETTERS.index(letter)]] for letter in sent)


def shown_letters(letters: Iterable[str], order: Sequence[int]) -> str:
    """Return the author's letters as a page shows them, from the top: undoes ``read_letters``."""
    places = {LETTERS[position]: place for place, position in enumerate(order)}
    return encode(LETTERS[places[letter]] for letter in letters)


def encode(letters: Iterable[str]) -> str:
    """Return letters as they are stored: in the author's order."""
    return "".join(sorted(letters))


def choices(spec: ChoiceSpec, order: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """Return the options with the letters under which they are shown: A, B, C … from the top."""
    return tuple((LETTERS[place], spec.options[at]) for place, at in enumerate(order))


def mark(
    kind: QuestionKind[ChoiceSpec, Any], spec: ChoiceSpec, chosen: Iterable[str], marking: Marking
) -> Mark:
    """Mark the letters that were chosen, by the method of the rule."""
    return tables.mark_picked(marking, kind.name, kind.family, _picked(spec, chosen))


def comes_out(kind: QuestionKind[ChoiceSpec, Any], spec: ChoiceSpec, marking: Marking) -> bool:
    """Say whether every choice earns whole units of the rule, or the rule says how to round."""
    return tables.comes_out(marking, kind.name, kind.family, _picked(spec, spec.answer))


def _picked(spec: ChoiceSpec, chosen: Iterable[str]) -> Picked:
    wrong = frozenset(spec.letters) - spec.answer
    return Picked(spec.answer, wrong, frozenset(chosen), spec.weights)
