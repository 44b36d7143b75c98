"""A sitting on paper: printed, looked at, typed in from a list and by hand, seen by the learner."""

import io
import re
import shutil
import subprocess

import pytest

from lms.http.sheets import to_csv
from tests.conftest import missing
from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser


def poppler(tool, data, *more):
    if shutil.which(tool) is None:
        missing("poppler", tool)
    return subprocess.run([tool, *more], input=data, capture_output=True, check=True).stdout


def fetched(page, words):
    with page.expect_download() as waiting:
        page.get_by_role("link", name=words, exact=True).click()
    return waiting.value.path().read_bytes()


def key_of(page):
    """The key of the print that a page is about, from the teacher's copy: slot -> letters."""
    told = poppler("pdftotext", fetched(page, "教师用卷 PDF"), "-layout", "-", "-").decode()
    keys = re.findall(r"答案：([A-E]+)", told)
    return dict(enumerate(keys, start=1))


def test_from_the_print_to_the_result(enter):
    page = enter("admin", window=DESK)
    page.goto("/teaching/prints")
    page.get_by_label("班次或场次").fill("第 1 期培训班")
    page.get_by_role("button", name="组卷").click()
    page.wait_for_url(re.compile(r"/teaching/prints/\d+$"))
    shown = page.url

    paper = fetched(page, "试卷 PDF")
    assert poppler("pdftotext", paper, "-", "-").decode().count("\f") >= 6
    picture = poppler("pdftoppm", paper, "-png", "-r", "40", "-f", "1", "-l", "1", "-gray")
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000  # a page full of letters is not a white one
    key = key_of(page)
    assert len(key) == 80

    # by hand: all right but the first, which is left blank
    page.get_by_label("考生姓名").fill("龙天松")
    page.get_by_role("button", name="找人").click()
    page.locator("main ul.bx-list a").first.click()
    name = page.locator("h1").inner_text()
    for slot, letters in key.items():
        if slot > 1:
            page.locator(f"#a{slot}").fill(letters.lower())
    page.get_by_role("button", name="核对").click()
    assert "未作答 1 题" in main_of(page)
    page.get_by_role("button", name="确认录入 1 份").click()
    page.wait_for_url(shown)
    assert name in main_of(page)
    assert "99 / 100 分" in main_of(page)

    # the same once more, as a list: nothing is written twice
    rows = [["learner3", *("" if slot == 1 else letters for slot, letters in key.items())]]
    data = to_csv(["用户名", *map(str, key)], rows)
    page.set_input_files("#file", {"name": "l.csv", "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name="上传并核对").click()
    assert "以前录过" in main_of(page)
    page.get_by_role("button", name="确认").click()
    page.wait_for_url(shown)
    assert "没有重复录入" in page.content()

    learner = enter("learner3")
    learner.goto("/exams")
    learner.locator("section[aria-labelledby=own] a").first.click()
    told = main_of(learner)
    assert "99 / 100 分" in told
    assert "纸质考试" in told
    report = fetched(learner, "下载成绩单 PDF")
    assert "99" in poppler("pdftotext", report, "-", "-").decode()
    assert io.BytesIO(report).read(5) == b"%PDF-"
