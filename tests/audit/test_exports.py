"""The shape of an export: read back what was written, whatever stands in it."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.audit.rules import COLUMNS, end_row, read_csv, read_lines, row_of, whole_line
from lms.audit.types import ExportEnd, ExportLine
from lms.kernel.canonical import to_json
from lms.kernel.errors import Invalid
from tests.builders import NOON

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)


def line(**values):
    values = {
        "number": 1, "entry_id": 2, "at": NOON, "actor_id": None, "verb": "a.b", "subject": "c:1",
        "facts": {}, "previous": "0", "digest": "1",
    } | values  # fmt: skip
    return ExportLine(**values)


def through_csv(*lines, actor="甲"):
    target = io.StringIO()
    write = csv.writer(target).writerow
    write(COLUMNS)
    for one in lines:
        write(row_of(one, actor=actor, words="x") if isinstance(one, ExportLine) else end_row(one))
    return target.getvalue()


@given(subject=TEXT, fact=TEXT, actor_id=st.none() | st.integers(1, 2**63 - 1), actor=TEXT)
def test_what_is_written_is_read_back(subject, fact, actor_id, actor):
    one = line(subject=subject, facts={"x": fact, "n": [1, None, True]}, actor_id=actor_id)
    assert list(read_csv(io.StringIO(through_csv(one, actor=actor), newline=""))) == [one]
    text = to_json(whole_line(one, actor=actor, words="x"))
    assert list(read_lines([text])) == [one]


@given(cell=TEXT)
def test_no_cell_is_calculated(cell):
    rows = list(csv.reader(io.StringIO(through_csv(line(subject=cell, verb=cell), actor=cell))))
    for shown in rows[1]:
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\uff1d"))


def test_the_end_is_read_back():
    end = ExportEnd(7, "abc")
    assert list(read_csv(io.StringIO(through_csv(end)))) == [end]
    assert list(read_lines([json.dumps({"end": True, "lines": 7, "head": "abc"})])) == [end]


@pytest.mark.parametrize("text", ["a,b\n", "end,x,y\n", "1,2,nowhen,,,v,w,s,{},p,d\n", "1,2\n"])
def test_a_table_that_is_no_export_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        list(read_csv(io.StringIO(text)))
    assert refusal.value.code == "bad_export"


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", '{"end": true}', '{"number": "x"}', "{"])
def test_lines_that_are_no_export_are_refused(text):
    with pytest.raises(Invalid) as refusal:
        list(read_lines([text]))
    assert refusal.value.code == "bad_export"
