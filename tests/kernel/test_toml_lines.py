import textwrap
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.toml_lines import locate


def lines(text):
    text = textwrap.dedent(text)
    tomllib.loads(text)  # only valid texts are located
    return locate(text)


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ('id = "a"\ntitle = "b"\n', ("title",), 2),
        ('# comment\n\n  id = "a"', ("id",), 3),
        ("[body]\nfull = 2\n", ("body",), 1),
        ("[body]\nfull = 2\n", ("body", "full"), 2),
        ("[a.b]\nx = 1\n[a]\ny = 2\n", ("a", "b", "x"), 2),
        ("[a.b]\nx = 1\n[a]\ny = 2\n", ("a",), 3),  # its own header, not the one of a part
        ("[a.b]\nx = 1\n", ("a",), 1),  # no header of its own
        ("[[q]]\nx = 1\n[[q]]\nx = 2\n", ("q", 0, "x"), 2),
        ("[[q]]\nx = 1\n[[q]]\nx = 2\n", ("q", 1), 3),
        ("[[q]]\nx = 1\n[[q]]\nx = 2\n", ("q", 1, "x"), 4),
        ("\n[[q]]\n[[q]]\n", ("q",), 2),  # the list is where it begins
        ("[[q]]\n[[q.o]]\nx=1\n[[q]]\n[[q.o]]\nx=2\n", ("q", 1, "o", 0, "x"), 6),
        ("[[q]]\n[q.source]\nx = 1\n", ("q", 0, "source", "x"), 3),
        # what only looks like a key or a header
        ('a = """\n[no]\nb = 1\n"""\nb = 2\n', ("b",), 5),
        ("a = '''\n[no]\nb = 1\n'''\nb = 2\n", ("b",), 5),
        ('a = """x"""\nb = 2\n', ("b",), 2),
        ('a = """"quoted" """"\nb = 2\n', ("b",), 2),
        ('a = """x\\""" # no end\n"""\nb = 2\n', ("b",), 3),
        ('a = [\n  "b = 1",\n  "[c]",\n]\nb = 2\n', ("b",), 5),
        ("a = [\n  [1],\n  [2]\n]\nb = 2\n", ("b",), 5),
        ("# b = 1\nb = 2\n", ("b",), 2),
        ('a = "#"\nb = 2 # b = 3\n', ("b",), 2),
        ("a = ']['\nb = 2\n", ("b",), 2),
        ('a = "\\"]"\nb = 2\n', ("b",), 2),
        # items of lists, and tables on one line
        ("a = [\n  1,\n  2,\n]\n", ("a",), 1),
        ("a = [\n  1,\n  2,\n]\n", ("a", 1), 3),
        ("a = [\n  { x = 1 },\n  { x = 2 },\n]\n", ("a", 1, "x"), 3),
        ("a = { x = 1, y = [\n  1,\n  2 ] }\n", ("a", "y", 1), 3),
        # names
        ("a.b = 1\na . c = 2\n", ("a", "c"), 2),
        ("\"a b\" = 1\n'c.d' = 2\n", ("c.d",), 2),
        ('[a."b.c"]\nx = 1\n', ("a", "b.c", "x"), 2),
        ("[ a . b ] # why\nx = 1\n", ("a", "b", "x"), 2),
        ("[[ a ]]\nx = 1\n", ("a", 0, "x"), 2),
        ("1 = 2\n3-x_y = 4\n", ("3-x_y",), 2),
        ("day = 2026-11-01 07:32:00\nb = 1.5\nc = -inf\n", ("c",), 3),
    ],
)
def test_a_place_has_its_line(text, place, line):
    assert lines(text)[place] == line


def test_lines_are_counted_in_the_file():
    assert locate("a = 1\nb = 2", offset=1) == {("a",): 2, ("b",): 3}


def test_nothing_has_no_lines():
    assert locate("") == {}
    assert locate("\n# nothing\n") == {}


SCALARS = [
    "12", "-1.5", "true", "2026-11-01", "2026-11-01 07:32:00", "0x1F", "nan",
    '"text"', "''", '""', '"社工"', '"a # b"', '"\\"]"', "'] = ['", '"\\\\"', "'\\'",
    '"""one line"""', '"""\nfirst\n[no.header]\nkey = 1\n"""', "'''\n]]\n# no comment\n'''",
    '""" ends in "quotes"""""', "''''one' '''", '"""\\"""\n"""', '"""a\\\n   b"""',
]  # fmt: skip


class Page:
    """A TOML text being written, and the line of everything in it."""

    def __init__(self, draw):
        self.draw, self.text, self.expected, self.serial = draw, "", {}, 0

    def write(self, *choices):
        self.text += choices[0] if len(choices) == 1 else self.draw(st.sampled_from(choices))

    def stands(self, place):
        self.expected.setdefault(place, self.text.count("\n") + 1)

    def name(self):
        self.serial += 1
        return f"k{self.serial}"

    def times(self, most):
        return range(self.draw(st.integers(0, most)))

    def value(self, place, depth=0):
        self.stands(place)
        shape = self.draw(st.sampled_from(["scalar", "list", "table"] if depth < 2 else ["scalar"]))
        if shape == "scalar":
            self.write(*SCALARS)
        elif shape == "list":
            self.write("[")
            for position in self.times(3):
                self.write("", " ", "\n", " # ],\n", "\n\n  ")
                self.value((*place, position), depth + 1)
                self.write(",", " ,", "\n,", ",# [\n")
            self.write("]", "\n]", " # ]\n]")
        else:
            self.write("{")
            for position in self.times(2):
                self.write(", " if position else " ")
                self.pair(place, depth + 1)
            self.write("}", " }")

    def pair(self, here, depth=0):
        name, inner = self.name(), self.name()
        written, place = self.draw(
            st.sampled_from(
                [
                    (name, (name,)),
                    (f'"{name} [x]"', (f"{name} [x]",)),
                    (f"'{name}.y = '", (f"{name}.y = ",)),
                    (f"{name} . {inner}", (name, inner)),
                    (f'{name}."{inner}.z"', (name, f"{inner}.z")),
                ]
            )
        )
        for length in range(1, len(place) + 1):
            self.stands((*here, *place[:length]))
        self.write(written)
        self.write(" = ", "=")
        self.value((*here, *place), depth)

    def pairs(self, here):
        for _ in self.times(3):
            self.write("", "\n", "# [comment]\n", "  ")
            self.pair(here)
            self.write("\n", " # = 1\n")

    def header(self, written, *places, is_list=False):
        self.write("", "\n", "  ", '# """\n')
        for place in places:
            self.stands(place)
        opening, closing = ("[[", "]]") if is_list else ("[", "]")
        self.write(opening, opening + " ")
        self.write(written)
        self.write(closing + "\n", f" {closing} # ]\n")

    def table(self):
        name, inner = self.name(), self.name()
        if self.draw(st.booleans()):
            self.header(name, (name,))
            self.pairs((name,))
        else:
            self.header(f'{name} . "{inner} x"', (name,), (name, f"{inner} x"))
            self.pairs((name, f"{inner} x"))

    def list_of_tables(self):
        name = self.name()
        for position in self.times(2):
            here = (name, position)
            self.header(name, (name,), here, is_list=True)
            self.pairs(here)
            for inner in self.times(2):
                self.header(f"{name}.in", (*here, "in"), (*here, "in", inner), is_list=True)
                self.pairs((*here, "in", inner))
            if self.draw(st.booleans()):
                self.header(f"{name}.own", (*here, "own"))
                self.pairs((*here, "own"))


@st.composite
def pages(draw):
    page = Page(draw)
    page.pairs(())
    for _ in page.times(3):
        draw(st.sampled_from([page.table, page.list_of_tables]))()
    return page


def places_in(value, here=()):
    """Every key and list position of a parsed text."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    for key, below in inner:
        yield (*here, key)
        yield from places_in(below, (*here, key))


@given(pages())
def test_every_key_is_found_on_the_line_it_was_written_on(page):
    found = locate(page.text)
    assert found == page.expected
    assert set(found) == set(places_in(tomllib.loads(page.text)))
