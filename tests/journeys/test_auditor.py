"""What an auditor does: finds who did what, and what for; changes nothing."""

import pytest

from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser


def test_an_auditor_finds_what_an_employer_asked_and_why(enter, site):
    employer = enter("hr", window=DESK)
    employer.goto("/hr/check")
    employer.get_by_label("证书编号").fill(site.codes["expired"])
    employer.get_by_label("持证人姓名").fill("韦明霞")
    employer.get_by_label("核验用途").fill("职称评审第七批")
    employer.get_by_role("button", name="核验").click()
    employer.locator(".bx-verdict").wait_for()

    page = enter("auditor", window=DESK)
    page.goto("/")
    page.wait_for_url("**/audit")
    page.get_by_label("类别").select_option("credentials")
    page.get_by_role("button", name="查找").click()
    page.wait_for_url("**family=credentials**")
    rows = page.locator("#trail > li")
    assert all("credentials." in text for text in rows.all_inner_texts())
    newest = rows.first.inner_text()
    assert "何顺琴" in newest and "职称评审第七批" in newest


def test_the_trail_goes_on_page_by_page(enter):
    page = enter("auditor", window=DESK)
    page.goto("/audit")
    times = page.locator("#trail time").all_inner_texts()
    assert times == sorted(times, reverse=True)
    first = page.locator("#trail a").first.get_attribute("href")
    page.get_by_role("link", name="更早的记录").click()
    page.wait_for_url("**before=**")
    assert page.locator("#trail time").first.inner_text() <= times[-1]
    assert page.locator("#trail a").first.get_attribute("href") != first


def test_an_auditor_can_change_nothing(enter, site):
    page = enter("auditor", window=DESK)
    page.goto("/audit")
    posts = page.locator("form[method=post]")
    assert all(
        "/preferences" in f or "/sign-out" in f
        for f in posts.evaluate_all("fs => fs.map(f => f.action)")
    )
    for elsewhere in ("/team", "/teaching", "/exams", f"/credentials/{site.codes['valid']}/revoke"):
        assert page.goto(elsewhere).status == 403
    assert main_of(page)
