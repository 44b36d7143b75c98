"""What managers do: go down from the province to one person, each within their own subtree."""

import pytest

from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser

WAY_DOWN = ("黔西南布依族苗族自治州", "兴义市", "洒金街道社会工作和志愿服务站")


def open_unit(page, name):
    page.locator("ul.bx-list").first.get_by_role("link", name=name).click()
    page.locator("h1", has_text=name).wait_for()
    return page.url


def test_the_province_is_opened_down_to_one_person(enter):
    page = enter("province", window=DESK)
    page.goto("/")
    page.wait_for_url("**/team")
    assert "完成率" in main_of(page)
    for name in WAY_DOWN:
        open_unit(page, name)
    page.get_by_role("link", name="潘玉兰").first.click()
    page.locator("h1", has_text="潘玉兰").wait_for()
    assert "社工站必学清单" in main_of(page)


def test_who_is_behind_is_one_tap_away(enter):
    page = enter("county")
    page.goto("/team")
    page.get_by_role("link", name="只看逾期的人").click()
    page.wait_for_url("**only=overdue")
    behind = page.locator("ul.bx-list").last.locator("li")
    assert behind.count() > 0
    assert all("已逾期" in text for text in behind.all_inner_texts())


def test_a_county_does_not_see_another_county(enter):
    above = enter("province", window=DESK)
    above.goto("/team")
    open_unit(above, "黔西南布依族苗族自治州")
    another_county = open_unit(above, "望谟县")
    above.locator("ul.bx-list").last.get_by_role("link").first.click()
    above.wait_for_url("**/team/people/*")
    somebody_there = above.url

    page = enter("county", window=DESK)
    assert page.goto("/team").status == 200
    assert page.locator("h1").inner_text() == "兴义市"
    for elsewhere in (another_county, somebody_there):
        assert page.goto(elsewhere).status == 404
        assert "望谟" not in main_of(page)


@pytest.mark.parametrize(
    ("user_name", "unit"),
    [
        ("station", "洒金街道社会工作和志愿服务站"),
        ("county", "兴义市"),
        ("prefecture", "黔西南布依族苗族自治州"),
        ("province", "贵州省"),
    ],
)
def test_each_begins_at_their_own_unit(enter, user_name, unit):
    page = enter(user_name)
    page.goto("/")
    assert page.locator("h1").inner_text() == unit
    assert page.goto("/audit").status == 403
