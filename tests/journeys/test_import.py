"""A county's clerk imports a list on a phone: look, confirm, watch, download; and once more."""

import io

import pytest
import sqlalchemy as sa

from lms.interop.content import read_table
from lms.organizations.models import Closure, Organization
from lms.people.models import Person
from tests.interop.builders import number, phone, workbook
from tests.journeys.conftest import main_of

pytestmark = pytest.mark.browser

HEADINGS = ["岗位", "备注", "手机号码", "姓 名（必填）", "所在单位", "身份证号", "入职时间"]
WAIT = 30_000  # milliseconds: the worker is a process of its own


@pytest.fixture
def stations(site):
    """The names of some stations of the county."""
    above = sa.orm.aliased(Organization)
    with site.database.connect() as connection:
        return connection.scalars(
            sa.select(Organization.name)
            .join(Closure, Closure.descendant_id == Organization.id)
            .join(above, above.id == Closure.ancestor_id)
            .where(above.name == "兴义市", Organization.kind == "township_station")
            .order_by(Organization.code)
            .limit(3)
        ).all()


def people(site):
    with site.database.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(Person))


def send(page, data):
    page.goto("/imports/people")
    file = {"name": "兴义市名单.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/imports/preview/*")
    page.locator("#confirm").wait_for(timeout=WAIT)


def test_a_list_in_any_order_is_imported_once(enter, site, stations):
    rows = [
        [
            "驻站社工",
            "新来的",
            phone(700 + n),
            f"覃秋{'红兰月'[n]}",
            stations[n],
            number(700 + n),
            "2026年3月1日",
        ]
        for n in range(3)
    ]
    rows[2][5] = rows[2][5][:17] + (
        "1" if rows[2][5][17] != "1" else "2"
    )  # a check digit that is wrong
    data = workbook(["兴义市社会工作人员"], [], HEADINGS, *rows)
    before = people(site)
    page = enter("county")
    send(page, data)
    told = main_of(page)
    assert "将新增 2 条、改动 0 条" in told
    assert "F6：身份证号校验位不对" in told
    assert "备注" in told
    assert number(700) not in told
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert people(site) == before

    page.get_by_role("button", name="确认导入 2 条").click()
    page.wait_for_url("**/imports/outcome/*")
    page.locator("#files").wait_for(timeout=WAIT)
    assert "新增 2 条" in main_of(page)
    assert people(site) == before + 2
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 XLSX 文件").click()
    result = read_table(download.value.path().read_bytes(), name="x.xlsx")
    assert [row[7] for row in result.rows] == ["结果", "新增", "新增", "不能导入"]

    send(page, data)
    told = main_of(page)
    assert "没有要写入的内容" in told
    assert page.get_by_role("button", name="确认导入").count() == 0
    assert people(site) == before + 2

    page.goto("/jobs")
    assert page.locator("ul.bx-list > li").count() == 3


def test_without_script_one_reloads(enter, stations):
    page = enter("county", scripts=False)
    page.goto("/imports/people")
    data = ("姓名,单位\n谭某," + stations[0]).encode()
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": io.BytesIO(data).getvalue()}
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并核对").click()
    for _ in range(60):
        if page.locator("#confirm").count():
            break
        page.wait_for_timeout(500)
        page.locator("a", has_text="刷新，看最新进度").click()
    assert "新增的人至少要有证件号码或手机号" in main_of(page)
