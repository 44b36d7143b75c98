"""What an administrator does to a certificate, and when the world knows."""

import pytest

from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser


def standing(page, code):
    page.goto(f"/verify/{code}")
    return page.locator(".bx-verdict").get_attribute("data-standing")


def note(page, code, kind):
    """Find the certificate as anybody does, go on to its handling, and note something."""
    page.goto(f"/verify/{code}")
    page.get_by_role("link", name="撤销、暂停或恢复这张证书").click()
    page.get_by_label("处理方式").select_option(label=kind)
    page.get_by_label("原因").fill("核查培训签到")
    page.get_by_label("依据").fill("核查通知（演练）")
    page.get_by_role("button", name="登记").click()
    page.get_by_text("已登记").wait_for()


def test_what_is_revoked_is_revoked_for_everybody_at_once(enter, site):
    code = site.codes["valid"]
    stranger, page = enter(), enter("admin", window=DESK)
    assert standing(stranger, code) == "valid"
    for kind, answer in (("撤销", "revoked"), ("恢复", "valid"), ("暂停使用", "suspended"), ("恢复", "valid")):  # fmt: skip
        note(page, code, kind)
        assert standing(stranger, code) == answer
    assert "核查培训签到" not in main_of(stranger)  # the reason is not the public's

    page.goto(f"/credentials/{code}/revoke")
    history = page.locator("ol.bx-list li").all_inner_texts()
    assert [text.split(" ")[0] for text in history[-4:]] == ["撤销", "恢复", "暂停使用", "恢复"]


def test_what_was_not_noted_fully_is_not_noted(enter, site):
    page = enter("admin", window=DESK)
    page.goto(f"/credentials/{site.codes['expired']}/revoke")
    page.get_by_role("button", name="登记").click()
    page.get_by_text("请填写原因").wait_for()
    page.get_by_text("请填写依据").wait_for()
    assert standing(enter(), site.codes["expired"]) == "expired"
