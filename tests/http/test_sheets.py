"""Tables as files: every cell a text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from lms.http.sheets import as_text, to_csv, to_xlsx

RUN = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", '=HYPERLINK("x")']


@pytest.mark.parametrize("cell", RUN)
def test_what_would_run_is_a_text_in_a_csv_file(cell):
    [_head, row] = csv.reader(io.StringIO(to_csv(["a"], [[cell]]).decode("utf-8-sig"), newline=""))
    assert row == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["杨梅", "13900001111", "", "1-1", "a=b", "5223**********1230"])
def test_what_does_not_run_stays(cell):
    assert as_text(cell) == cell


@pytest.mark.parametrize("cell", RUN[:4])
def test_an_xlsx_file_holds_texts(cell):
    book = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(["a", "b"], [[cell, "13900001111"]])))
    assert book.get_sheet_by_index(0).to_python() == [["a", "b"], [cell, "13900001111"]]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00")), min_size=1))
def test_nothing_a_csv_file_holds_begins_like_a_formula(cells):
    text = to_csv(["head"] * len(cells), [cells]).decode("utf-8-sig")
    _head, row = csv.reader(io.StringIO(text, newline=""))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
