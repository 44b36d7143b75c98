"""What a county clerk does to the units of the county, on a phone."""

import re

import pytest

from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser

STATION, RENAMED = "南山新区社会工作和志愿服务站", "南山街道社会工作和志愿服务站"
HUB = "兴义市社会工作总站"


def confirm(page, words, button):
    """Read what would happen, and do it."""
    page.get_by_role("button", name="下一步：核对").click()
    page.locator("h1", has_text="请核对").wait_for()
    assert words in main_of(page)
    page.get_by_role("button", name=button).click()
    page.locator(".bx-flash, .alert-success").first.wait_for()


def go(page, name):
    page.get_by_role("navigation", name="可以做的事").get_by_role(
        "link", name=name, exact=True
    ).click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_station_is_added_renamed_moved_and_tells_it(enter, scripts):
    mark = "" if scripts else "二"
    page = enter("county", scripts=scripts)
    page.goto("/organizations")
    page.get_by_role("link", name="兴义市").click()
    go(page, "新增下级单位")
    assert page.get_by_label("单位类型").input_value() == "township_station"
    page.get_by_label("单位名称").fill(mark + STATION)
    page.get_by_label("成立日期").fill("2025-03-01")
    confirm(page, f"将在“兴义市”下面新增一个乡镇（街道）社工站：{mark}{STATION}", "确认新增")
    address = page.url
    go(page, "改名")
    page.get_by_label("新名称").fill(mark + RENAMED)
    page.get_by_label("原因或依据").fill("街道设立")
    confirm(page, f"改名为“{mark}{RENAMED}”", "确认保存")
    go(page, "划转")
    page.get_by_label(re.compile(HUB)).check()
    confirm(page, f"从“兴义市”划到“{HUB}”下面", "确认划转")
    assert page.url == address
    told = main_of(page)
    assert f"由“{mark}{STATION}”改名为“{mark}{RENAMED}”" in told
    assert "街道设立" in told
    assert HUB in main_of(page, ".bx-crumbs")
    page.goto("/organizations?q=" + mark + STATION[:4])  # the former name finds it
    page.get_by_role("link", name=mark + RENAMED).click()
    page.locator("h1", has_text=mark + RENAMED).wait_for()
    page.get_by_label("看某一天的情况").fill("2025-06-01")
    page.get_by_role("button", name="查看").click()
    page.locator("h1", has_text=mark + STATION).wait_for()
    assert "兴义市" in main_of(page, "dl")
    assert HUB not in main_of(page, "dl")


def test_a_county_does_not_see_the_units_of_another(enter):
    above = enter("province", window=DESK)
    above.goto("/organizations?q=522326")
    above.get_by_role("link", name="望谟县").click()
    above.locator("h1", has_text="望谟县").wait_for()
    elsewhere = above.url

    page = enter("county")
    for what in ("", "/past", "/add", "/edit", "/rename", "/move", "/merge", "/close"):
        assert page.goto(elsewhere + what).status == 404
        assert "望谟" not in main_of(page)
    page.goto("/organizations?q=望谟")
    assert "没有找到" in main_of(page)


def test_a_merged_office_leads_to_its_successor(enter):
    page = enter("county")
    page.goto("/organizations?q=易地扶贫搬迁")
    page.get_by_role("link", name="兴义市易地扶贫搬迁社区服务办公室").click()
    page.locator(".alert-warning").get_by_role("link", name="兴义市民政局").click()
    page.locator("h1", has_text="兴义市民政局").wait_for()
    assert "并入本单位" in main_of(page)
