"""Find the line on which each key and list item of a JSON text stands.

The standard library's reader keeps no line numbers. This scan runs after that reader has accepted
the text, and its findings only ever point at faults: no value is read through it.
"""

import json
import re

from lms.kernel.toml_lines import Place

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[\[\]{},:]|[^\s\[\]{},:"]+')


def locate_json(source: str) -> dict[Place, int]:
    """Return the line, from 1, of every key and list item of a valid JSON text."""
    found: dict[Place, int] = {}
    open_: list[str | int] = []
    """The key or position at which each bracket that is open now stands."""
    last = ""
    line, seen = 1, 0
    for token in _TOKEN.finditer(source):
        line += source.count("\n", seen, token.start())
        seen = token.start()
        text = token.group()
        in_list = bool(open_) and isinstance(open_[-1], int)
        if in_list and last in {"[", ","} and text != "]":
            if last == ",":
                open_[-1] = int(open_[-1]) + 1
            found[tuple(open_)] = line
        if text in "{[":
            open_.append("" if text == "{" else 0)
        elif text in "}]":
            open_.pop()
        elif open_ and not in_list and last in {"{", ","} and text.startswith('"'):
            open_[-1] = json.loads(text)
            found[tuple(open_)] = line
        last = text
    return found
