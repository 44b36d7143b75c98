"""What is kept for all readers alike holds nothing of any of them."""

import re

import pytest

from lms.people.types import Role
from tests import builders

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')


@pytest.fixture
def page(client, sign_in):
    def page(person, path="/courses", **cookies):
        sign_in(person)
        for name, value in cookies.items():
            client.set_cookie(name, value)
        return client.get(path).text

    return page


def test_everybody_reads_their_own_name(session, page):
    for name in ("龙安", "杨孃", "王<b>"):
        shown = page(builders.with_role(session, Role.LEARNER, name=name))
        assert f"<span>{name.replace('<', '&lt;').replace('>', '&gt;')}</span>" in shown
    assert "龙安" not in shown


def test_every_session_has_its_own_token_in_all_its_forms(app, client):
    pages = [app.test_client().get("/verify").text for _ in range(2)]
    tokens = [TOKEN.search(page)[1] for page in pages]
    assert len(set(tokens)) == 2
    for page, token in zip(pages, tokens, strict=True):
        assert set(re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)) == {token}


def test_a_token_is_signed_once_for_a_session(client):
    tokens = {TOKEN.search(client.get("/verify").text)[1] for _ in range(2)}
    assert len(tokens) == 1


def test_a_choice_leads_back_to_the_page_it_was_made_on(session, page):
    somebody = builders.with_role(session, Role.LEARNER)
    for path in ("/courses?page=2", "/courses?page=3"):
        assert f'name="back" value="{path}"' in page(somebody, path)


def test_permissions_and_choices_have_frames_of_their_own(session, page):
    learner = builders.with_role(session, Role.LEARNER)
    instructor = builders.with_role(session, Role.INSTRUCTOR)
    for _again in range(2):
        assert 'href="/teaching"' not in page(learner)
        assert 'href="/teaching"' in page(instructor)
    assert 'data-size="large"' in page(learner, size="large")
    assert 'data-size="normal"' in page(learner, size="normal")


def test_nothing_of_a_hole_is_left(session, page):
    shown = page(builders.with_role(session, Role.LEARNER))
    assert not {"\ue000", "\ue001"} & set(shown)
