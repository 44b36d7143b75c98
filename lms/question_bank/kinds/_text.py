"""When two written answers are the same. Pure.

A learner types on a telephone: full-width digits, English punctuation between Chinese characters,
a full stop at the end. None of that makes an answer wrong. *Nothing else is forgiven*: a wrong,
missing or surplus character is wrong, a traditional character is not the simplified one, and
``三`` is not ``3``. An author who wants both lists both.

What is done, in this order, until nothing changes any more:

1.  Width and compatibility forms are folded (Unicode NFKC): ``Ａ`` is ``A``, ``㎡`` is ``m2``.
2.  Case is folded: ``SOS`` is ``sos``.
3.  What cannot be seen is dropped: joiners, byte-order marks, soft hyphens, variation selectors.
4.  Punctuation that is typed in several ways is one: the Chinese full stop and ``.``;
    ``、``, ``，`` and ``,``; all quotation marks; ``【】``, hexagonal brackets and ``[]``;
    ``〈〉`` and ``《》``; every dash, also repeated, and ``-``; all middle dots; two dots or more
    are an ellipsis. NFKC has done ``；：？！（）``. ``-`` is not ``～``, nor ``()`` ``[]``.
5.  Spaces: one between two Latin words or numbers, else none.
6.  Full stops, commas, colons, semicolons, question and exclamation marks at the end are dropped.
7.  A pair of quotation marks or of ``《》`` around the whole is dropped; inside they count.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.kernel.searching import CJK

LONGEST = 200
"""Characters of a written answer. The same for every question: a length would give the key away."""
ALTERNATIVES = 50
"""Accepted texts for one answer."""

_SAME = str.maketrans(
    {  # by number, for many of them look like one another
        **dict.fromkeys("\u3002\uff61", "."),  # 。 and its narrow form
        **dict.fromkeys("\u3001\uff0c", ","),  # 、 and ，
        **dict.fromkeys(
            "\u201c\u201d\u201e\u201f\u2033\u2018\u2019\u201a\u201b\u2032`'", '"'
        ),  # Western marks, primes
        **dict.fromkeys(
            "\u300c\u300d\u300e\u300f\u301d\u301e\u00ab\u00bb\u2039\u203a", '"'
        ),  # corner marks, guillemets
        **dict.fromkeys("\u3010\u3014\u3016", "["),
        **dict.fromkeys("\u3011\u3015\u3017", "]"),
        "\u3008": "\u300a",  # 〈 and 《
        "\u3009": "\u300b",
        **dict.fromkeys(
            "\u2010\u2011\u2012\u2013\u2014\u2015\u2500\u2212\ufe58\ufe63", "-"
        ),  # hyphens, dashes, minus
        **dict.fromkeys("\u2022\u2027\u30fb\u22c5\u2219\u2218\u25cf", "\u00b7"),  # middle dots
        **dict.fromkeys("\uff5e\u301c\u223c", "~"),
        **dict.fromkeys("\u2044\u2215", "/"),
        "\u22ef": "...",
    }
)
_DASHES = re.compile(r"-{2,}")
_DOTS = re.compile(r"\.{2,}")
_SPACES = re.compile(r"\s+")
_WORD = rf"(?:(?![{CJK}])[^\W_])"
_USELESS_SPACE = re.compile(rf"(?<!{_WORD}) | (?!{_WORD})")
_AT_END = ".,;:?!"
_PAIRS = (('"', '"'), ("《", "》"))


def tidy(text: str) -> str:
    """Return what somebody typed as it is stored: in one line, without control characters.

    Spaces inside stay, so that a page that is still open finds what was typed in it.
    """
    line = "".join(" " if char.isspace() and char != "\u3000" else char for char in text)
    return "".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def normal(text: str) -> str:
    """Return a text as it is compared; twice is the same as once. See the list above."""
    before = None
    while text != before:
        before, text = text, _fold(text)
    return text


def is_accepted(given: str, accepted: Iterable[str]) -> bool:
    """Say whether what was written is one of the accepted texts."""
    return normal(given) in map(normal, accepted)


def not_among(accepted: Iterable[str]) -> str:
    """Return a text that is none of the accepted ones."""
    known = set(map(normal, accepted))
    return next(text for n in range(1, len(known) + 2) if normal(text := "错" * n) not in known)


def read_written(text: str) -> str:
    """Return one written answer as it is stored; empty if it is blank.

    :raises Invalid: ``too_long``.
    """
    found = tidy(text)
    if len(found) > LONGEST:
        raise Invalid("too_long", N_("答案最多写 %(n)s 个字"), where="choice", n=LONGEST)
    return found


def read_accepted(raw: Raw, key: str) -> tuple[str, ...]:
    """Read the accepted texts of one answer; the first is the one that is shown as right.

    :raises Invalid: naming the key: none, blank, too long, or two that are the same anyway.
    """
    listed = tuple(map(tidy, reading.texts(raw, key, at_least=1, at_most=ALTERNATIVES)))
    if not all(map(normal, listed)):
        raise Invalid("blank", N_("有一项除了标点什么都没有"), where=key)
    if max(map(len, listed)) > LONGEST:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=key, n=LONGEST)
    _refuse_alike(listed, key)
    return listed


def _refuse_alike(listed: Sequence[str], key: str) -> None:
    seen: dict[str, str] = {}
    for text in listed:
        other = seen.setdefault(normal(text), text)
        if other is not text:
            raise Invalid(
                "alike",
                N_("“%(one)s”和“%(other)s”本来就算同一个答案，只写一个"),
                where=key,
                one=other,
                other=text,
            )


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(c for c in text if not _is_unseen(c)).translate(_SAME)
    text = _DOTS.sub("...", _DASHES.sub("-", text))
    text = _USELESS_SPACE.sub("", _SPACES.sub(" ", text)).rstrip(_AT_END)
    for opening, closing in _PAIRS:
        inner = text[1:-1]
        is_pair = len(text) > 1 and text[0] == opening and text[-1] == closing
        if is_pair and opening not in inner and closing not in inner:
            return inner
    return text


def _is_unseen(char: str) -> bool:
    """Say whether a character cannot be seen: it joins, formats, controls or selects a variant."""
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True
    return unicodedata.category(char) in {"Cf", "Cc", "Cs"} and not char.isspace()
