"""What single and multiple choice share: options, letters, the key. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw

LETTERS = "ABCDEFGH"

_ABOUT_OTHERS = re.compile(
    r"(以上|上述|前述|前面)?(各项|选项|说法|[三四五几]项|[三四五几]者)*(全部?|都|均|皆)(不|没有)?(是|对|选|正确|错误|错)(的|选项)?[。．.]?"
)
"""An option about the other options makes no sense once options are shuffled."""


@dataclass(frozen=True, slots=True)
class ChoiceSpec:
    options: tuple[str, ...]
    answer: frozenset[str]
    """The right letters."""

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
    return spec


def is_about_others(option: str) -> bool:
    """Say whether an option speaks of the other options and of nothing else."""
    return _ABOUT_OTHERS.fullmatch(option.strip()) is not None


def read_stored(raw: Raw) -> ChoiceSpec:
    """Take options and key that were checked before they were stored."""
    return ChoiceSpec(tuple(raw["options"]), frozenset(raw["answer"]))


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
