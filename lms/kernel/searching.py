"""Words for searching Chinese, with no dictionary: overlapping pairs of characters.

``网络安全`` is kept as ``网络 络安 安全 全``; a query ``络安全`` asks for ``络安 安全`` side
by side. So whatever stands in a text is found, however a dictionary would cut it. Letters and
digits are words of their own (``cve-2024`` is ``cve 2024``). Width and case do not count.

SQLite's FTS5 and PostgreSQL's ``tsvector`` are given the same words; both are handed the finished
words, never a text to cut up, because each cuts ``cve-2024-0007`` in its own way.
"""

import re
import unicodedata

from lms.kernel.errors import N_, Invalid

CJK = r"\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{CJK}]+|(?:(?![{CJK}])[^\W_])+")
_IS_CJK = re.compile(rf"[{CJK}]")

LONGEST_WORD = 64
"""Characters of a word that count; PostgreSQL refuses words beyond 2 KiB."""
LONGEST_QUERY = 200
"""Characters."""
LAST_POSITION = 16_383
"""Positions that a ``tsvector`` can tell apart (PostgreSQL documentation, 12.11)."""


def normal(text: str) -> str:
    """Return a text as it is compared: without width and case."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> list[str]:
    """Return the words under which a text is found, in order.

    A run of Chinese ends with its last character alone, so that no pair spans two runs and every
    character is the beginning of a word.
    """
    return [word for run in _RUN.findall(normal(text)) for word in _words(run)]


def phrases_of(query: str) -> list[tuple[str, ...]]:
    """Return what a query asks for: each part between spaces is words beside each other.

    A last word of one Chinese character ends with ``*``: anything that begins with it. Parts that
    hold no word, such as ``--``, are left out.

    :raises Invalid: ``long_query``.
    """
    if len(query) > LONGEST_QUERY:
        raise Invalid("long_query", N_("搜索的文字最多 %(n)s 个字"), where="q", n=LONGEST_QUERY)
    found = []
    for part in normal(query).split():
        words = words_of(part)
        runs = _RUN.findall(part)
        if not runs:
            continue
        if _IS_CJK.match(runs[-1]):
            words = words[:-1] if len(runs[-1]) > 1 else [*words[:-1], f"{words[-1]}*"]
        found.append(tuple(words))
    return found


def fts5_text(text: str) -> str:
    """Return the words of a text for an FTS5 table with ``tokenize = 'ascii'``."""
    return " ".join(words_of(text))


def fts5_query(query: str) -> str:
    """Return a query for FTS5's MATCH; empty if it holds no word.

    :raises Invalid: ``long_query``.
    """
    return " ".join(
        f'"{" ".join(words).removesuffix("*")}"{"*" if words[-1].endswith("*") else ""}'
        for words in phrases_of(query)
    )


def tsvector(text: str) -> str:
    """Return the words of a text as PostgreSQL writes a ``tsvector``."""
    return " ".join(
        f"'{word}':{min(place, LAST_POSITION)}" for place, word in enumerate(words_of(text), 1)
    )


def tsquery(query: str) -> str:
    """Return a query as PostgreSQL writes a ``tsquery``; empty if it holds no word.

    :raises Invalid: ``long_query``.
    """
    return " & ".join(
        "({})".format(
            " <-> ".join(
                f"'{word.removesuffix('*')}'{':*' if word.endswith('*') else ''}" for word in words
            )
        )
        for words in phrases_of(query)
    )


def _words(run: str) -> list[str]:
    if _IS_CJK.match(run):
        return [run[place : place + 2] for place in range(len(run))]
    return [run[:LONGEST_WORD]]
