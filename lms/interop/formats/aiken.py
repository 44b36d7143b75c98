"""Aiken: https://docs.moodle.org/en/Aiken_format. A stem on one line, options, ``ANSWER: B``.

A stem over several lines is read as well, and full-width letters, colons and ``答案：B`` too.
"""

import re
from collections.abc import Iterator, Sequence
from string import ascii_uppercase

from lms.interop.formats import _text
from lms.interop.types import (
    FULL,
    NOTHING,
    Format,
    Item,
    Kind,
    Markup,
    Media,
    Note,
    Option,
    Read,
    Text,
    note,
)
from lms.kernel.errors import N_

_OPTION = re.compile(r"\s*([A-Za-zＡ-Ｚ])\s*[.)．、）]\s*(.*)")
_MOST_LINES = 1000
_BREAK = re.compile(r"[ \t]*\n\s*")
_ANSWER = re.compile(r"\s*(?:ANSWER|答案)\s*[:：]\s*(.*?)\s*", re.IGNORECASE)


class Aiken(Format):
    name = "aiken"
    label = N_("Aiken 文本")
    suffix = ".txt"
    kinds = frozenset({Kind.SINGLE_CHOICE})
    carries = frozenset[str]()
    markups = frozenset({Markup.PLAIN})
    remarks = (N_("第 26 个以后的选项"), N_("一题多个正确选项"))

    def recognizes(self, data: bytes, name: str) -> bool:
        return name.lower().endswith(".txt") and b"{" not in data and b"ANSWER" in data

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        text, taken, notes = _text.decode(data, encoding)
        items = []
        for item in _items(text):
            items.append(item)
            _text.check_count(len(items))
        return Read(tuple(items), tuple(notes), encoding=taken)

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        written = (_written(item) for item in items if item.kind is Kind.SINGLE_CHOICE)
        return "\n".join(filter(None, written)).encode()


FORMAT = Aiken()


def _items(text: str) -> Iterator[Item]:
    """Yield one item for each answer line; what has none is an unsupported item."""
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        found = _ANSWER.fullmatch(line)
        if found and lines:
            yield _item(lines, found.group(1), number)
            lines = []
        elif found:
            yield _unread([(number, line)], "no_stem", N_("答案前面没有题目"))
        elif line.strip():
            lines.append((number, line))
    if lines:
        yield _unread(lines, "no_answer", N_("没有答案行（ANSWER: A）"))


def _item(lines: Sequence[tuple[int, str]], answer: str, at: int) -> Item:
    if len(lines) > _MOST_LINES:
        return _unread(lines, "too_many", N_("一道题的行太多"))
    stem: list[str] = []
    options: list[tuple[str, str]] = []
    notes: list[Note] = []
    for number, line in lines:
        found = _OPTION.fullmatch(line)
        expected = ascii_uppercase[len(options)] if len(options) < 26 else ""
        letter = _half(found.group(1)) if found else ""
        if found and letter == expected:
            options.append((letter, found.group(2).strip()))
        elif options:
            text = N_("选项之间有读不懂的一行：%(text)s")
            notes.append(note("stray_line", text, line=number, text=line.strip()))
            options[-1] = (options[-1][0], f"{options[-1][1]} {line.strip()}")
        else:
            stem.append(line.strip())
    key = _half(answer)
    if not stem:
        return _unread(lines, "no_stem", N_("没有题干"))
    if key not in dict(options):
        notes.append(
            note("foreign_answer", N_("答案 %(key)s 不是一个选项"), line=at, key=answer or "-")
        )
    made = tuple(
        Option(_text.bare(text), letter == key, FULL if letter == key else NOTHING)
        for letter, text in options
    )
    return Item(
        Kind.SINGLE_CHOICE,
        Text(" ".join(stem)),
        options=made,
        notes=tuple(notes),
        line=lines[0][0],
    )


def _half(letter: str) -> str:
    """A full-width or small letter as a half-width capital."""
    wide = {chr(ord("Ａ") + at): capital for at, capital in enumerate(ascii_uppercase)}
    return wide.get(letter, letter.upper())


def _unread(lines: Sequence[tuple[int, str]], code: str, message: str) -> Item:
    raw = "\n".join(line for _number, line in lines)
    found = note(code, message, line=lines[0][0])
    return Item(Kind.UNSUPPORTED, Text(raw), raw=raw, notes=(found,), line=lines[0][0])


def _written(item: Item) -> str:
    key = next((at for at, option in enumerate(item.options[:26]) if option.correct), None)
    if key is None:
        return ""
    options = zip(ascii_uppercase, item.options, strict=False)
    said = [f"{letter}. {_line(option.text)}" for letter, option in options]
    return "\n".join([_line(item.stem), *said, f"ANSWER: {ascii_uppercase[key]}", ""])


def _line(text: Text) -> str:
    return _BREAK.sub(" ", _text.plain(text)).strip()
