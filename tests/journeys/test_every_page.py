"""Every page that anybody can reach keeps what every page promises."""

import functools
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.credentials.models import CredentialEvent
from lms.organizations.models import Organization
from lms.people.models import CadreClass, Person
from lms.programs.models import ProgramVersion
from lms.required_lists.models import RequiredListVersion
from tests.journeys.crawling import WIDTHS, Crawl, read

pytestmark = pytest.mark.browser

STRANGER = "stranger"
PEOPLE = (
    STRANGER,
    "learner1",
    "learner2",
    "instructor",
    "hr",
    "station",
    "county",
    "security",
    "province",
    "admin",
    "auditor",
)
HREFS = "links => links.map(link => link.href)"
CHINESE = re.compile("[\u3400-\u9fff]")
LESSON = "/courses/frontline-practice/lessons/plan-and-act"


@pytest.fixture(scope="package")
def known():
    """Endpoints of pages that the browser has looked at."""
    return set()


@pytest.fixture(scope="package", params=PEOPLE)
def seen(request, windows, site, known):
    """What one person's pages are like."""
    who = request.param
    with windows.open(None if who == STRANGER else who) as page:
        begins = starts(who, page, site)
        crawl = Crawl(page, site.url, known=known)
        yield crawl.go(begins)
        crawl.leave()


def starts(who, page, site):
    """Pages to begin with: the first one, what no link leads to, what is another page for them."""
    certificates = [f"/verify/{code}" for code in site.codes.values()]
    if who == "learner1":
        page.goto("/exams")
        page.get_by_role("button", name="开始考试").first.click()
        page.wait_for_url("**/attempts/*")
        paper = page.url.removeprefix(site.url)
        return ["/", paper, f"{paper}/hand-in", "/practice/answers/1"]
    return {
        STRANGER: ["/sign-in", "/no-such-page", *certificates],
        "learner2": ["/credentials"],
        "instructor": ["/", LESSON, "/exams"],  # a lesson with its keys; a refusal
        "admin": ["/", f"/credentials/{site.codes['revoked']}/revoke"],
    }.get(who, ["/"])


@pytest.fixture(scope="package")
def names(site):
    """What is Chinese in every language: names, and what people have written."""
    written = (
        sa.select(Person.name),
        sa.select(Organization.name),
        sa.select(CadreClass.name),
        sa.select(RequiredListVersion.issuer),
        sa.select(ProgramVersion.sponsor),
        sa.select(CredentialEvent.reason),
        sa.select(CredentialEvent.authority),
    )
    with Session(site.database) as session:
        found = {name for column in written for name in session.scalars(column)}
    return sorted(found, key=len, reverse=True)


def faults(seen, name):
    return [(one.path, found) for one in seen for found in getattr(one, name)]


def test_every_page_answers(seen):
    refusals = {one.path: one.status for one in seen if one.status != 200}
    assert set(refusals.values()) <= {403, 404, 422}
    assert len(refusals) <= 2, refusals


def test_every_page_is_valid_html(seen):
    assert faults(seen, "invalid") == []


def test_nothing_is_said_in_the_console(seen):
    assert faults(seen, "said") == []


def test_nothing_is_asked_of_anybody_else(seen):
    assert faults(seen, "foreign") == []


def test_no_page_scrolls_sideways(seen):
    assert faults(seen, "wide") == []


def test_no_page_has_a_serious_barrier(seen):
    assert faults(seen, "barriers") == []


def test_english_pages_are_in_english(seen, names):
    left = [
        (path, words)
        for path, words in faults(seen, "chinese")
        if CHINESE.search(functools.reduce(lambda text, name: text.replace(name, ""), names, words))
    ]
    assert left == []


def test_no_lesson_scrolls_sideways(enter):
    """Authors write tables and long words; a phone in large letters has room for few of them."""
    page = enter("instructor", size="large")
    page.goto("/courses")
    wide = []
    courses = page.locator("main h3 a").evaluate_all(HREFS)
    for course in courses:
        page.goto(course)
        for lesson in page.locator("main ol a").evaluate_all(HREFS):
            page.goto(lesson)
            needed, given = page.evaluate(WIDTHS)
            wide += [(lesson, needed)] if needed > given else []
    assert len(courses) > 1
    assert wide == []


@pytest.mark.parametrize(
    ("who", "path", "fill_in", "button"),
    [
        (None, "/sign-in", {"用户名、手机号或证件号": "nobody", "密码": "wrong"}, "登录"),
        (None, "/sign-in/help", {"用户名、手机号或证件号": "nobody"}, "请管理员帮忙"),
        ("learner2", "/account/password", {}, "保存新密码"),
        ("learner2", "/account/second-factor", {"动态验证码": "000000"}, "启用"),
        ("learner2", "/confirm", {"密码": "wrong"}, "确认"),
        ("county", "/help-desk", {"用户名或手机号": "nobody"}, "查找"),
        (None, "/verify/{valid}", {"持证人姓名": "不是他"}, "核对"),
        (
            "hr",
            "/hr/check",
            {"证书编号": "{revoked}", "持证人姓名": "不是他", "核验用途": "招聘"},
            "核验",
        ),
        ("hr", "/hr/check", {}, "核验"),
        ("admin", "/credentials/{expired}/revoke", {}, "登记"),
        ("learner2", "/practice/J-COMP/01", {}, "提交答案"),
        ("county", "/people/add", {"姓名": "3"}, "添加"),
        ("security", "/people/2/roles", {"范围：哪个单位": "贵州省"}, "下一步：核对"),
    ],
)
def test_answers_to_forms_are_pages_like_others(enter, site, *, who, path, fill_in, button):
    page = enter(who)
    crawl = Crawl(page, site.url, known=set())
    page.goto(path.format(**site.codes))
    for label, words in fill_in.items():
        page.get_by_label(label).fill(words.format(**site.codes))
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()
    found = crawl.look_here()
    crawl.leave()
    assert (found.wide, found.barriers, found.said, found.foreign) == ([], [], [], [])


def test_a_colour_that_is_wrong_in_one_look_only_is_noticed(enter, site):
    """The two dark looks are judged apart as soon as a colour differs."""
    page = enter()
    page.goto("about:blank")
    page.set_content(
        "<!doctype html><html lang=en><title>x</title><style>html {background: #fff; color: #000}"
        "@media (prefers-color-scheme: dark) {p {color: #eee}}</style><main><h1>x</h1><p>words"
    )
    crawl = Crawl(page, site.url, known=set())
    found = crawl.look_here()
    crawl.leave()
    assert found.barriers == ["usual dark: color-contrast: <p>words</p>"]


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        (b"<!doctype html><html><head><title>x</title></head><body><p>x</p></body></html>", None),
        (b"<!doctype html><title>x</title><p id=a><b id=a>x</b>", "id a twice"),
        (b"<!doctype html><title>x</title><p>x</div>", "end-tag-too-early"),
        (b"<title>x</title><p>x", "expected-doctype"),
    ],
)
def test_what_is_no_html_is_noticed(html, fault):
    found = read(html)[1]
    assert fault in found[0] if fault else found == []
