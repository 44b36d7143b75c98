"""What an employer does: asks whether a certificate is good, and whose it is."""

import pytest
from sqlalchemy.orm import Session

from lms.credentials import queries
from lms.credentials.rules import new_code
from tests.journeys.conftest import DESK, main_of

pytestmark = pytest.mark.browser

NEVER_ISSUED = new_code(b"never issued at all")


@pytest.fixture
def holder(site):
    with Session(site.database) as session:
        return queries.by_code(session, site.codes["valid"]).holder_name


def test_every_standing_has_a_page_of_its_own(enter, site):
    codes = {**site.codes, "unknown": NEVER_ISSUED.shown}
    page = enter()
    told = {}
    for standing, code in codes.items():
        answer = page.goto(f"/verify/{code}")
        banner = page.locator(".bx-verdict")
        assert banner.get_attribute("data-standing") == standing
        told[standing] = (answer.status, page.locator("h1").inner_text())
    assert told == {
        "valid": (200, "证书有效"),
        "expired": (200, "证书已过有效期"),
        "revoked": (200, "证书已撤销"),
        "unknown": (404, "没有这个编号的证书"),
        "mistyped": (422, "编号输错了"),
    }


def test_a_number_may_be_typed_carelessly(enter, site):
    page = enter()
    page.goto("/verify")
    page.get_by_label("证书编号").fill(site.codes["valid"].lower().replace("-", " "))
    page.get_by_role("button", name="查验").click()
    page.wait_for_url(f"**/verify/{site.codes['valid']}")
    assert "证书有效" in main_of(page)


def test_a_stranger_learns_whether_a_name_fits_and_never_the_name(enter, site, holder):
    page = enter()
    page.goto(f"/verify/{site.codes['valid']}")
    assert holder not in page.content()
    for name, answer in ((holder[:-1] + "某", "姓名不符"), (holder, "姓名相符")):
        page.get_by_label("持证人姓名").fill(name)
        page.get_by_role("button", name="核对").click()
        page.get_by_text(answer).wait_for()
        assert holder not in main_of(page)


def check(page, code, name):
    page.goto("/hr/check")
    page.get_by_label("证书编号").fill(code)
    page.get_by_label("持证人姓名").fill(name)
    page.get_by_label("核验用途").fill("招聘录用")
    page.get_by_role("button", name="核验").click()
    page.locator(".bx-verdict").wait_for()
    return main_of(page)


def test_an_employer_sees_all_of_it_when_number_and_name_fit(enter, site, holder):
    page = enter("hr", window=DESK)
    told = check(page, site.codes["valid"], holder)
    assert "证书有效" in told and "姓名相符" in told and holder in told

    told = check(page, site.codes["valid"], "不是他")
    assert "姓名不符" in told and holder not in told

    told = check(page, NEVER_ISSUED.shown, holder)
    assert "没有这个编号的证书" in told


def test_an_employer_says_what_for(enter, site, holder):
    page = enter("hr", window=DESK)
    page.goto("/hr/check")
    page.get_by_label("证书编号").fill(site.codes["valid"])
    page.get_by_label("持证人姓名").fill(holder)
    page.get_by_role("button", name="核验").click()
    page.get_by_text("请填写核验用途").wait_for()
    assert page.locator(".bx-verdict").count() == 0
