"""Into an account: a slip of paper, a second factor, the employer's own sign-in."""

import subprocess
import sys
import time
from pathlib import Path

import pyotp
import pytest
from sqlalchemy.orm import Session

from lms.accounts.operations.factors import remove_factor
from lms.kernel.clock import utc_now
from lms.people.queries import person_by_user_name
from lms.web.demo.accounts import FACTOR_SECRET, GUARDED
from tests.accounts import issuer
from tests.journeys.conftest import DESK, _environment, _free_port, _stop, _wait, main_of

pytestmark = pytest.mark.browser

NEWCOMER, NEW_PASSWORD = "x000008", "窗外的雨停了好久"
STEP_SECONDS = 30


def code_of(secret, *, steps=0):
    """What the telephone shows, now or some steps later."""
    return pyotp.TOTP(secret).at(time.time() + steps * STEP_SECONDS)


def sign_in(page, user_name, password, at=""):
    page.goto(f"{at}/sign-in")
    page.get_by_label("用户名、手机号或证件号").fill(user_name)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def set_up(page):
    """Set up a second factor on the page that asks for it; return its secret."""
    secret = page.locator(".bx-secret").inner_text().replace(" ", "")
    page.get_by_label("动态验证码").fill(code_of(secret))
    page.get_by_role("button", name="启用").click()
    page.locator("h1", has_text="恢复码").wait_for()
    assert page.locator(".bx-codes li").count() == 10
    return secret


def test_from_a_slip_to_a_second_factor_on_a_phone(enter):
    clerk = enter("county", window=DESK)
    clerk.goto("/help-desk")
    clerk.get_by_label("用户名或手机号").fill(NEWCOMER)
    clerk.get_by_role("button", name="查找").click()
    clerk.get_by_role("button", name="发一张设密码单").click()
    slip = clerk.locator(".bx-slip")
    assert NEWCOMER in slip.inner_text()
    address = slip.locator(".bx-slip-address").inner_text()

    page = enter()
    page.goto(address)
    assert "*" in page.locator(".bx-facts").inner_text()
    page.get_by_label("新密码", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("再输一次新密码").fill(NEW_PASSWORD)
    page.get_by_role("button", name="设好密码").click()
    page.get_by_text(f"请用用户名“{NEWCOMER}”").wait_for()
    sign_in(page, NEWCOMER, NEW_PASSWORD)
    page.wait_for_url("**/")

    page.locator(".bx-menu summary").click()
    page.get_by_role("link", name="我的账号").click()
    page.get_by_role("link", name="设置动态验证码").click()
    secret = set_up(page)
    recovery = page.locator(".bx-codes code").first.inner_text()
    page.get_by_role("link", name="收好了").click()
    assert "恢复码还剩 10 个" in main_of(page)

    other = enter()
    sign_in(other, NEWCOMER, NEW_PASSWORD)
    other.get_by_label("动态验证码").fill("000000")
    other.get_by_role("button", name="登录", exact=True).click()
    other.get_by_text("验证码不对").wait_for()
    other.get_by_label("动态验证码").fill(code_of(secret, steps=1))
    other.get_by_role("button", name="登录", exact=True).click()
    other.wait_for_url("**/")
    other.locator(".bx-menu summary").click()
    other.get_by_role("button", name="退出登录").click()
    sign_in(other, NEWCOMER, NEW_PASSWORD)
    other.get_by_label("动态验证码").fill(recovery)
    other.get_by_role("button", name="登录", exact=True).click()
    other.wait_for_url("**/")


def test_the_guarded_account_of_the_demonstration(enter, site):
    page = enter(scripts=False)
    sign_in(page, GUARDED, site.password)
    page.get_by_label("动态验证码").fill(code_of(FACTOR_SECRET, steps=1))
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/team")


@pytest.fixture(scope="module")
def joined(site):
    """The same demonstration with an issuer, and with a second factor asked of staff."""
    home, port = Path(site.database.url.database).parent, _free_port()
    url = f"http://127.0.0.1:{port}"
    people = {"s-cadre": {"name": "Tian"}, "s-reviewer": {"preferred_username": "reviewer"}}
    with (
        issuer.running(people, [f"{url}/sign-in/sso/back"]) as address,
        (home / "joined.log").open("wb") as log,
    ):
        server = subprocess.Popen(
            [sys.executable, "-m", "lms", "serve", "--port", str(port), "--workers", "1"],
            env=_environment(home)
            | {
                "LMS_DATABASE_URL": site.database.url.render_as_string(hide_password=False),
                "LMS_OIDC_ISSUER": address,
                "LMS_OIDC_CLIENT_ID": issuer.CLIENT_ID,
                "LMS_OIDC_CLIENT_SECRET": issuer.CLIENT_SECRET,
                "LMS_OIDC_LABEL": "省统一登录",
                "LMS_OIDC_CLAIM": "preferred_username",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(server, url, home / "joined.log")
            yield url
        finally:
            _stop(server)
    assert "Traceback" not in (home / "joined.log").read_text(encoding="utf-8")
    with Session(site.database) as session:  # others sign in as the same people after us
        staff = person_by_user_name(session, "reviewer")
        remove_factor(session, person_id=staff.id, now=utc_now())
        session.commit()


def go_to_issuer(page, url, login):
    page.goto(f"{url}/sign-in")
    page.get_by_role("link", name="省统一登录").click()
    page.get_by_label("Name").fill(login)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/sign-in/sso/enter*")


def test_the_employers_sign_in_is_linked_once_and_then_one_tap(enter, site, joined):
    page = enter()
    go_to_issuer(page, joined, "s-cadre")
    page.get_by_label("用户名、手机号或证件号").fill("cadre")
    page.get_by_label("密码", exact=True).fill(site.password)
    page.get_by_role("button", name="绑定并进入").click()
    page.wait_for_url(f"{joined}/")
    page.context.clear_cookies()
    go_to_issuer(page, joined, "s-cadre")
    assert "田*忠" in main_of(page)
    page.get_by_role("button", name="进入必学").click()
    page.wait_for_url(f"{joined}/")
    page.goto(f"{joined}/account")
    assert "省统一登录" in main_of(page)


def test_staff_come_in_by_it_and_set_up_a_second_factor_first(enter, joined):
    page = enter()
    go_to_issuer(page, joined, "s-reviewer")
    page.get_by_role("button", name="进入必学").click()
    page.wait_for_url(f"{joined}/account/second-factor*")
    page.goto(f"{joined}/teaching")
    page.wait_for_url(f"{joined}/account/second-factor?next=/teaching")
    set_up(page)
    page.get_by_role("link", name="收好了").click()
    page.wait_for_url(f"{joined}/teaching")
