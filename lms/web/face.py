"""What every page shares: language, appearance, navigation, the names of our own files."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

from babel import Locale
from flask import (
    Blueprint,
    Flask,
    Request,
    g,
    has_request_context,
    make_response,
    redirect,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import format_date, get_translations
from flask_login import current_user
from markupsafe import Markup, escape

from lms.http.access import public
from lms.http.addresses import within_site
from lms.http.errors import words_of
from lms.http.markdown import render, render_inline
from lms.kernel.clock import CHINA
from lms.kernel.errors import N_, DomainError
from lms.kernel.points import points

STATIC = Path(__file__).resolve().parent / "static"
LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
CHOICES = {
    "lang": tuple(LANGUAGES),
    "size": ("normal", "large"),
    "theme": ("auto", "light", "dark"),
}
"""The choices a visitor can make about every page, the first of each being the default."""

bp = Blueprint("face", __name__)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main menu."""

    endpoint: str
    label: str
    """A message id."""
    permission: str
    icon: str
    tab: bool = False
    """Whether it stands in the tab bar of a phone."""

    @property
    def address(self) -> str:
        """Where it leads."""
        return address(self.endpoint)


NAVIGATION = (
    NavItem("home.home", N_("首页"), "learning.use", "home", tab=True),
    NavItem("required_lists.overview", N_("必学"), "learning.use", "list", tab=True),
    NavItem("courses.catalogue", N_("课程"), "learning.use", "book", tab=True),
    NavItem("practice.overview", N_("练习"), "learning.use", "pencil", tab=True),
    NavItem("exams.overview", N_("考试"), "learning.use", "clock", tab=True),
    NavItem("programs.overview", N_("项目"), "learning.use", "flag"),
    NavItem("credentials.overview", N_("证书"), "learning.use", "seal"),
    NavItem("courses.teaching", N_("教学"), "teaching.view", "book"),
    NavItem("question_bank.bank", N_("题库"), "teaching.view", "list"),
    NavItem("papers.papers", N_("试卷分析"), "teaching.view", "clock"),
    NavItem("regrading.overview", N_("改分"), "teaching.regrade", "pencil"),
    NavItem("organising.overview", N_("考试场次"), "exam_sessions.watch", "clock"),
    NavItem("marking.queue", N_("阅卷"), "marking.mark", "pencil"),
    NavItem("marking.organise", N_("阅卷组织"), "marking.assign", "list"),
    NavItem("paper_form.overview", N_("纸质考试"), "exams.on_paper", "pencil"),
    NavItem("exam_time.overview", N_("考试时间"), "exams.give_time", "clock"),
    NavItem("reports.team", N_("单位进度"), "team.view", "people"),
    NavItem("organizations.overview", N_("单位"), "organizations.view", "people"),
    NavItem("people.people", N_("人员"), "people.view", "people"),
    NavItem("credentials.check", N_("证书核验"), "credentials.check", "seal"),
    NavItem("sign_in.desk", N_("登录帮助"), "accounts.help", "people"),
    NavItem("interop.overview", N_("导入"), "people.import", "list"),
    NavItem("jobs.overview", N_("后台任务"), "jobs.view", "clock"),
    NavItem("audit.search", N_("审计日志"), "audit.view", "list"),
    NavItem("privacy.requests", N_("个人信息申请"), "privacy.handle", "list"),
    NavItem("privacy.settings", N_("保存期限"), "privacy.settings", "list"),
)


def address(endpoint: str, **values: Any) -> str:
    """Return the address of a page within the site. The templates' ``url_for``.

    Worked out once: a page has some twenty addresses, and the router takes longer to build them
    than the page's facts take to be read.
    """
    if endpoint.startswith("."):
        endpoint = f"{request.blueprint or ''}{endpoint}".lstrip(".")
    return _address(request.script_root, endpoint, *values.items())


@lru_cache(maxsize=16_384)
def _address(_root: str, endpoint: str, *values: tuple[str, Any]) -> str:
    return url_for(endpoint, **dict(values))


class Asked(Request):
    """A request that knows what its visitor chose, and keeps what is worked out for its page."""

    frame: Any = None
    """Of :mod:`lms.web.frame`."""

    @cached_property
    def choices(self) -> dict[str, str]:
        """Each of :data:`CHOICES` as the visitor made it, or its default."""
        cookies = self.cookies
        # most visitors have none, and a MultiDict's get() is slow at saying so
        said = {name: cookies[name] for name in CHOICES if name in cookies}
        return {
            name: said[name] if said.get(name) in allowed else allowed[0]
            for name, allowed in CHOICES.items()
        }


def asked() -> Asked:
    """Return the request itself: asking what stands for it takes longer than what is asked."""
    return cast(Asked, request._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - public in spite of its name


def preference(name: str) -> str:
    """Return a visitor's choice, or its default."""
    return asked().choices[name]


def chosen_locale() -> str:
    """Return the locale of the page: Chinese unless somebody chose English, or nobody asks."""
    if not has_request_context():
        return LANGUAGES["zh"]
    return LANGUAGES[asked().choices["lang"]]


def page_locale() -> Locale:
    """Return :func:`chosen_locale` as Babel has it, which looks at its files to find one."""
    return _locale(chosen_locale())


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def is_english() -> bool:
    """Say whether the page is in English."""
    return chosen_locale() == LANGUAGES["en"]


def pick(chinese: str, english: str | None) -> str:
    """Return content in the page's language; Chinese where there is no English."""
    return english if english and is_english() else chinese


def day(value: date | datetime | None) -> str:
    """Return a day in words: 2026年5月24日, or 24 May 2026. Instants by the calendar of China."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(CHINA)
    if is_english():
        return str(format_date(value, "d MMM y", rebase=False))
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """Return an instant by the clock of China: 2026-05-24 09:30."""
    at = value.astimezone(CHINA)  # strftime() takes ten times as long
    return f"{at.year:04}-{at.month:02}-{at.day:02} {at.hour:02}:{at.minute:02}"


def half_points(value: int) -> str:
    """Return half points as people write marks: 147 are 73.5."""
    return points(value)


@cache
def _version(filename: str) -> str:
    return hashlib.sha256((STATIC / filename).read_bytes()).hexdigest()[:10]


def asset(filename: str) -> str:
    """Return the address of one of our own files; it changes when the file does."""
    return _asset(request.script_root, filename)


@cache
def _asset(_root: str, filename: str) -> str:
    return url_for("static", filename=filename, v=_version(filename))


def navigation() -> list[NavItem]:
    """Return the entries of the main menu for whoever is asking."""
    if not current_user.is_authenticated:
        return []
    may = current_user.may
    return [item for item in NAVIGATION if may(item.permission)]


_SENTENCES: dict[str, dict[str, str]] = {}
"""Locale -> sentence -> what it is in that locale. Filled as pages need it: looking a sentence up
in its catalogue is what costs most."""


def say_in_page(message: str, **values: object) -> str:
    """Return a sentence in the page's language. The templates' ``_``.

    Sentences that a template says in so many words never get here, see :mod:`lms.web.pages`.
    Values are escaped where they are put in; the sentence itself is ours.
    """
    known: dict[str, str] | None = g.get("lms_sentences")
    if known is None:
        known = g.lms_sentences = _SENTENCES.setdefault(chosen_locale(), {})
    sentence = known.get(message)
    if sentence is None:
        sentence = known[message] = str(get_translations().ugettext(message))
    if not values:
        return sentence.replace("%%", "%")
    safe = {name: escape(value) for name, value in values.items()}
    return Markup(sentence % safe)  # noqa: S704 - our own sentence, with escaped values


def register(app: Flask) -> None:
    """Give templates what every page shares."""
    app.jinja_env.globals.update(_=say_in_page, gettext=say_in_page, url_for=address)
    app.jinja_env.filters["markdown"] = render
    app.jinja_env.filters["markdown_inline"] = render_inline
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["points"] = points
    app.jinja_env.filters["half_points"] = half_points
    app.jinja_env.globals.update(
        pick=pick,
        asset=asset,
        preference=preference,
        navigation=navigation,
        is_english=is_english,
        say=say,
    )


def say(error: DomainError) -> str:
    """Return a refusal's sentence in the page's language."""
    return words_of(error)


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Remember a choice in a cookie, and go back to the page it was made on."""
    back = within_site(request.form.get("back", "")) or "/"
    response = make_response(redirect(back, code=303))
    for name, allowed in CHOICES.items():
        value = request.form.get(name)
        if value in allowed:
            response.set_cookie(
                name,
                value,
                max_age=365 * 24 * 3600,  # seconds
                secure=request.is_secure,
                samesite="Lax",
                httponly=True,
            )
    return response
