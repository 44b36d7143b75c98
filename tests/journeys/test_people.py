"""What clerks do with files on a phone, and what a security officer does with roles."""

import pytest

from tests.journeys.conftest import main_of

pytestmark = pytest.mark.browser

SOMEBODY = "龙天松"


def find(page, wanted):
    page.goto("/people")
    page.get_by_label("姓名、手机号或证件号码").fill(wanted)
    page.get_by_role("button", name="查找").click()
    page.wait_for_load_state()
    return page


def open_file(page, name=SOMEBODY):
    find(page, name).get_by_role("link", name=name).click()
    page.locator("h1", has_text=name).wait_for()
    return page.url


def test_a_clerk_finds_somebody_and_sees_a_phone_for_a_reason(enter):
    page = enter("county")
    address = open_file(page)
    assert "190****" in main_of(page)
    page.get_by_text("查看完整号码").click()
    page.get_by_label("用途或原因").fill("核对考试报名")
    page.get_by_role("button", name="查看一次").click()
    phone = page.locator(".bx-revealed").inner_text()
    assert phone.startswith("190") and len(phone) == 11
    assert "只显示这一次" in main_of(page)
    page.goto(address)
    assert phone not in main_of(page)
    # the number finds its owner, and stands in no address
    find(page, phone)
    assert page.url == address


def test_a_clerk_ends_a_post_and_adds_another(enter):
    page = enter("county")
    address = open_file(page)
    page.get_by_role("link", name="添加岗位").click()
    page.get_by_label("单位").fill("兴义市社会工作总站")
    page.get_by_label("岗位类别").select_option("干部")
    page.get_by_label("干部职级").select_option("乡科级")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(address)
    assert "兴义市社会工作总站" in main_of(page) and "乡科级" in main_of(page)
    page.get_by_role("link", name="修改或结束岗位：兴义市社会工作总站").click()
    page.get_by_label("岗位名称").fill("副站长")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(address)
    assert "副站长" in main_of(page)


def test_the_slower_of_two_clerks_sees_what_the_other_changed(enter):
    first, second = enter("county"), enter("prefecture")
    address = open_file(first)
    for page in (first, second):
        page.goto(f"{address}/edit")
    first.get_by_label("学历").select_option("硕士研究生")
    first.get_by_role("button", name="保存").click()
    first.wait_for_url(address)
    second.get_by_label("学历").select_option("博士研究生")
    second.get_by_role("button", name="保存").click()
    warning = second.get_by_role("alert")
    warning.wait_for()
    words = warning.inner_text()
    assert "黄启云" in words and "现在是“硕士研究生”" in words and "您填的是“博士研究生”" in words
    second.get_by_role("button", name="保存").click()
    second.wait_for_url(address)
    assert "博士研究生" in main_of(second)


def test_a_security_officer_grants_a_role_after_reading_what_it_means(enter):
    page = enter("security")
    open_file(page, "岑佳敏")
    page.get_by_role("link", name="授予或收回角色").click()
    page.get_by_label("角色", exact=True).select_option("审核员")
    page.get_by_label("范围：哪个单位").fill("省委党校（演示）")
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_role("heading", name="请确认").wait_for()
    assert "审核教师要发布的课程和试题" in main_of(page)
    page.get_by_role("button", name="确认授予").click()
    page.get_by_text("已授予角色").wait_for()
    page.get_by_role("link", name="收回角色：审核员").click()
    page.get_by_role("button", name="确认收回").click()
    page.get_by_text("已收回角色").wait_for()


def test_a_duplicate_is_merged_and_taken_apart(enter):
    page = enter("prefecture")
    page.goto("/people/duplicates")
    page.get_by_role("link", name="对照并合并").first.click()
    page.get_by_label("用途或原因").fill("重复登记，已电话核实")
    page.get_by_role("button", name="合并").click()
    page.get_by_text("已合并").first.wait_for()
    page.get_by_role("link", name="撤销合并").click()
    page.get_by_role("button", name="确认撤销合并").click()
    page.get_by_text("已撤销合并").wait_for()


def test_a_list_is_downloaded(enter):
    page = enter("county")
    page.goto("/people/export?kind=cadre")
    with page.expect_download() as told:
        page.get_by_role("button", name="导出").click()
    assert told.value.suggested_filename.endswith(".xlsx")
