"""Find the line on which each key of a TOML text stands.

The standard library's reader keeps no line numbers. This scan knows strings, comments, brackets
and headers; it runs after that reader has accepted the text, and its findings only ever point at
faults: no value is read through it.
"""

import re
import tomllib

Place = tuple[str | int, ...]
"""Keys and list positions, from the outside in: ``("question", 3, "options")``."""

_TOKEN = re.compile(
    r'''
      """(?:\\.|[^\\])*?"""+ | \'\'\'.*?\'\'\'+     # strings over several lines
    | "(?:\\.|[^"\\\n])*" | '[^'\n]*'               # strings on one line
    | \#[^\n]*                                      # comments
    | \n
    | [\[\]{},=.]
    | [^\s\[\]{},=.\#"']+                           # bare keys, numbers, dates, true, false
    ''',
    re.VERBOSE | re.DOTALL,
)


def locate(source: str, *, offset: int = 0) -> dict[Place, int]:
    """Return the line, from 1, of every table, key and list item of a valid TOML text.

    :param offset: how many lines stand above the text in its file.
    """
    scan = _Scan(source, first=1 + offset)
    scan.run()
    return scan.found


class _Scan:
    def __init__(self, source: str, *, first: int) -> None:
        self.found: dict[Place, int] = {}
        self._lists: dict[Place, int] = {}
        self._at = 0
        self._tokens: list[tuple[str, int]] = []
        line = first
        for match in _TOKEN.finditer(source):
            if not match.group().startswith("#"):
                self._tokens.append((match.group(), line))
            line += match.group().count("\n")
        self._tokens.append(("\n", line))

    def run(self) -> None:
        here: Place = ()
        while self._skip("\n"):
            if self._peek() == "[":
                here = self._header()
            else:
                self._pair(here)

    def _peek(self) -> str:
        return self._tokens[self._at][0]

    def _next(self) -> tuple[str, int]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, *marks: str) -> bool:
        """Pass over marks; say whether anything is left."""
        while self._at < len(self._tokens) and self._peek() in marks:
            self._at += 1
        return self._at < len(self._tokens)

    def _names(self) -> list[str]:
        names = []
        while True:
            text, _line = self._next()
            quoted = text[0] in "\"'"
            names.append(tomllib.loads(f"key = {text}")["key"] if quoted else text)
            if self._peek() != ".":
                return names
            self._next()

    def _header(self) -> Place:
        _mark, line = self._next()
        is_list = self._peek() == "["
        self._skip("[")
        *outer, last = self._names()
        self._skip("]")
        place: Place = ()
        for name in outer:
            place = (*place, name)
            self.found.setdefault(place, line)
            if place in self._lists:
                place = (*place, self._lists[place])
        place = (*place, last)
        if is_list:
            self.found.setdefault(place, line)
            self._lists[place] = self._lists.get(place, -1) + 1
            place = (*place, self._lists[place])
        self.found[place] = line
        return place

    def _pair(self, here: Place) -> None:
        line = self._tokens[self._at][1]
        for name in self._names():
            here = (*here, name)
            self.found.setdefault(here, line)
        self._skip("=")
        self._value(here)

    def _value(self, place: Place) -> None:
        opening, line = self._next()
        self.found.setdefault(place, line)
        if opening == "[":
            position = 0
            while self._skip("\n", ",") and self._peek() != "]":
                self._value((*place, position))
                position += 1
            self._next()
        elif opening == "{":
            while self._skip("\n", ",") and self._peek() != "}":
                self._pair(place)
            self._next()
        else:
            while self._peek() not in {"\n", ",", "]", "}"}:
                self._next()
