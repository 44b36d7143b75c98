"""What every page shares."""

from datetime import UTC, date, datetime

import pytest

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.people.rules import PERMISSIONS
from lms.people.types import Role
from lms.regulations import operations as regulations
from lms.regulations.content import read_all
from lms.web import face
from tests import builders

ENGLISH = {"Cookie": "lang=en"}


def choose(client, back="/sign-in", **choices):
    return client.post("/preferences", data={"back": back, **choices})


@pytest.mark.parametrize(
    ("choices", "cookies"),
    [
        ({"lang": "en"}, {"lang": "en"}),
        ({"size": "large", "theme": "dark"}, {"size": "large", "theme": "dark"}),
        ({"lang": "fr"}, {}),
        ({"lang": "en; Path=/x"}, {}),
        ({"theme": "<script>"}, {}),
        ({"size": ""}, {}),
        ({"role": "administrator", "bixue": "x"}, {}),  # no choice of ours
        ({}, {}),
    ],
)
def test_a_choice_is_one_that_there_is(client, choices, cookies):
    answer = choose(client, **choices)
    assert answer.status_code == 303
    for name in ("lang", "size", "theme", "role"):
        kept = client.get_cookie(name)
        assert (kept.value if kept else None) == cookies.get(name)
    assert client.get_cookie("bixue") is None


def test_a_choice_is_kept_for_a_year_out_of_scripts_reach(client):
    cookie = choose(client, size="large").headers["Set-Cookie"]
    assert "Max-Age=31536000" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/courses?page=2", "/courses?page=2"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/x", "/"),
        ("/\\elsewhere.example/", "/"),
        ("/\t/elsewhere.example/", "/"),
        ("/a\r\nX-Evil: 1", "/"),
        ("//[", "/"),
        ("", "/"),
    ],
)
def test_one_comes_back_to_a_page_of_ours(client, back, leads):
    assert choose(client, back=back, lang="en").headers["Location"] == leads


def test_the_page_is_as_it_was_chosen(client):
    assert '<html lang="zh-CN" data-size="normal" data-theme="auto">' in client.get("/sign-in").text
    choose(client, lang="en", size="large", theme="dark")
    page = client.get("/sign-in").text
    assert '<html lang="en" data-size="large" data-theme="dark" data-bs-theme="dark">' in page


@pytest.mark.parametrize(
    ("chinese", "english", "in_chinese", "in_english"),
    [
        ("低保", "Dibao", "低保", "Dibao"),
        ("低保", "", "低保", "低保"),
        ("低保", None, "低保", "低保"),
    ],
)
def test_content_is_in_the_language_of_the_page_if_it_can_be(app, chinese, english, in_chinese, in_english):  # fmt: skip
    with app.test_request_context():
        assert face.pick(chinese, english) == in_chinese
    with app.test_request_context(headers=ENGLISH):
        assert face.pick(chinese, english) == in_english


@pytest.mark.parametrize(
    ("value", "in_chinese", "in_english"),
    [
        (date(2026, 5, 24), "2026年5月24日", "24 May 2026"),
        (datetime(2026, 5, 23, 16, 0, tzinfo=UTC), "2026年5月24日", "24 May 2026"),  # midnight here
        (datetime(2026, 5, 23, 15, 59, tzinfo=UTC), "2026年5月23日", "23 May 2026"),
        (None, "", ""),
    ],
)
def test_a_day_in_words(app, value, in_chinese, in_english):
    with app.test_request_context():
        assert face.day(value) == in_chinese
    with app.test_request_context(headers=ENGLISH):
        assert face.day(value) == in_english


def test_a_moment_is_told_by_the_clock_of_china():
    assert face.moment(datetime(2026, 5, 23, 16, 5, tzinfo=UTC)) == "2026-05-24 00:05"


def test_a_file_is_named_by_what_is_in_it(app, client):
    with app.test_request_context():
        address = face.asset("css/bixue.css")
    assert "?v=" in address
    assert client.get(address, buffered=True).status_code == 200


def test_every_entry_of_the_menu_leads_somewhere(app):
    for item in face.NAVIGATION:
        assert item.endpoint in app.view_functions


@pytest.mark.parametrize("role", Role)
def test_the_menu_shows_what_one_may(app, client, session, sign_in, role):
    regulations.load(session, read_all(shipped("question_bank"), Faults()), now=builders.NOON)
    session.flush()
    sign_in(builders.with_role(session, role))
    page = client.get("/verify").text
    for item in face.NAVIGATION:
        address = app.url_map.bind("").build(item.endpoint)
        shown = f'<a href="{address}"' in page
        if address not in {"/", "/verify"}:  # the brand and the footer lead there for everybody
            assert shown == (role in PERMISSIONS[item.permission]), item.endpoint
        if shown and role in PERMISSIONS[item.permission]:
            assert client.get(address).status_code == 200


def test_strangers_have_no_menu(client):
    assert 'class="bx-nav"' not in client.get("/sign-in").text
