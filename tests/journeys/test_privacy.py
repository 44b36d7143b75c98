"""What people do about their own data, on a phone, and what a clerk and an auditor do then."""

import json
import zipfile

import pytest

from tests.journeys.conftest import main_of

pytestmark = pytest.mark.browser

NUMBER = "13812345678"


def test_a_newcomer_reads_the_notice_before_anything_else(enter, site):
    page = enter()
    page.goto("/sign-in")
    page.get_by_label("用户名").fill("learner3")
    page.get_by_label("密码").fill(site.password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/privacy/texts/service?next=/")
    assert "您的权利" in main_of(page)
    page.get_by_role("link", name="以后再看").click()
    page.wait_for_url(f"{site.url}/")


def test_a_consent_is_given_and_withdrawn_as_easily(enter, site):
    page = enter("learner1")
    page.goto("/privacy")
    page.get_by_role("link", name="公开查验证书时显示全名").click()
    page.get_by_role("button", name="我同意").click()
    page.get_by_text("已记下您的答复").wait_for()
    page.get_by_role("link", name="公开查验证书时显示全名").click()
    assert "撤回以后" in main_of(page)
    page.get_by_role("button", name="撤回同意").click()
    page.get_by_role("link", name="我答复过的全部记录").click()
    page.wait_for_url("**/privacy/history")
    told = main_of(page)
    assert told.index("已撤回") < told.index("已同意")


def test_everything_can_be_taken_away_and_read_without_a_network(enter, tmp_path):
    page = enter("learner1")
    page.goto("/privacy")
    page.get_by_role("link", name="查看和下载我的全部信息").click()
    page.get_by_role("link", name="下载我的全部信息").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="下载").click()
    path = tmp_path / coming.value.suggested_filename
    coming.value.save_as(path)
    with zipfile.ZipFile(path) as packed:
        packed.extractall(tmp_path)
    told = json.loads((tmp_path / "my-data.json").read_text("utf-8"))
    assert told["tables"]["person"]["rows"][0]["name"] == "潘玉兰"
    assert told["tables"]["record"]["rows"]
    page.context.set_offline(True)
    try:
        page.goto((tmp_path / "my-data.html").as_uri())
        assert "我的全部信息" in page.locator("h1").inner_text()
        assert "潘玉兰" in page.locator("#person + dl").inner_text()
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    finally:
        page.context.set_offline(False)


def test_a_correction_is_asked_answered_and_found_in_the_trail(enter, tmp_path):
    asker = enter("learner1")
    asker.goto("/privacy/corrections")
    asker.get_by_label("哪一项不对").select_option("phone")
    asker.get_by_label("应该是什么").fill(NUMBER)
    asker.get_by_label("为什么").fill("换了号码")
    asker.get_by_role("button", name="提交").click()
    asker.get_by_text("申请已提交").wait_for()

    clerk = enter("county")
    clerk.goto("/privacy/requests")
    clerk.get_by_role("link", name="潘玉兰 · 手机号").click()
    assert NUMBER not in clerk.content()
    clerk.get_by_role("button", name="查看完整内容").click()
    clerk.get_by_text(NUMBER).wait_for()
    clerk.get_by_label("结果").select_option("done")
    clerk.get_by_label("答复").fill("已核实并改好")
    clerk.get_by_role("button", name="答复").click()
    clerk.get_by_text("已答复", exact=True).wait_for()

    asker.reload()
    assert "已核实并改好" in main_of(asker)
    asker.goto("/privacy/looks")
    told = main_of(asker)
    assert "查看更正申请的完整内容" in told and "黄启云" not in told, "who looked, masked"

    auditor = enter("auditor")
    auditor.goto("/audit")
    auditor.get_by_label("类别").select_option("privacy")
    auditor.get_by_label("谁（姓名或用户名）").fill("黄启云")
    auditor.get_by_role("button", name="查找").click()
    auditor.wait_for_url("**family=privacy**")
    auditor.get_by_role("link", name="查看更正申请的完整内容").first.click()
    assert "黄启云（county）" in main_of(auditor) and "潘玉兰" in main_of(auditor)
    auditor.go_back()
    auditor.get_by_role("button", name="导出这些记录").click()
    auditor.wait_for_url("**/audit/export**")
    assert auditor.get_by_label("谁（姓名或用户名）").input_value() == "黄启云"
    auditor.get_by_label("导出的理由").fill("抽查查看记录")
    with auditor.expect_download() as coming:
        auditor.get_by_role("button", name="导出", exact=True).click()
    path = tmp_path / "trail.csv"
    coming.value.save_as(path)
    text = path.read_text("utf-8-sig")
    assert "privacy.correction_revealed" in text and "people.signed_in" not in text
    assert NUMBER not in text


def test_closing_an_account_can_be_taken_back(enter):
    page = enter("learner2")
    page.goto("/privacy")
    page.get_by_role("link", name="注销账号").click()
    assert "必须保留的" in main_of(page)
    page.get_by_role("button", name="申请注销").click()
    page.get_by_role("button", name="撤回，不注销了").click()
    page.get_by_text("账号照常使用").wait_for()


def test_an_administrator_changes_how_long_something_is_kept(enter):
    page = enter("admin")
    page.goto("/privacy/settings")
    card = page.locator("section", has=page.get_by_role("heading", name="注销账号的反悔期（天）"))
    card.get_by_role("textbox").fill("99")
    card.get_by_role("button", name="保存").click()
    page.get_by_text("要在 1 到 15 天之间").wait_for()
    card.get_by_role("textbox").fill("10")
    card.get_by_role("button", name="保存").click()
    page.get_by_text("已保存").wait_for()
    card.get_by_role("textbox").fill("15")
    card.get_by_role("button", name="保存").click()
