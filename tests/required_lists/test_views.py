from datetime import timedelta

import pytest

from lms.kernel.clock import day_of, utc_now
from lms.people.types import Role
from lms.required_lists import operations
from tests import builders
from tests.builders import NOON
from tests.required_lists.builders import ITEMS, load, text


@pytest.fixture
def today():
    return day_of(utc_now())


@pytest.fixture
def learner(session, sign_in):
    made = builders.learner(session)
    sign_in(made)
    return made


def given(session, folder, learner, on, *texts):
    load(session, folder, *(texts or [text()]))
    for number in range(len(texts) or 1):
        operations.assign(
            session,
            list_key="station" if number == 0 else f"other{number}",
            learner_ids=[learner.id],
            on=on,
            actor_id=None,
            now=NOON,
        )
    session.flush()


def test_without_lists_the_page_says_so(client, learner):
    page = client.get("/required")
    assert page.status_code == 200
    assert "目前没有分给您的必学清单" in page.text


def test_the_overview_says_what_is_due_and_what_is_late(client, session, learner, tmp_path, today):
    given(session, tmp_path, learner, today - timedelta(33))
    page = client.get("/required").text
    assert "已逾期 3 天" in page
    assert "还有 27 天" in page
    assert page.index("认识低保") < page.index("模拟考试")


def test_a_list_shows_each_item_with_its_deadline_and_what_it_asks(
    client, session, learner, tmp_path, today
):
    given(session, tmp_path, learner, today - timedelta(18))
    page = client.get("/required/station").text
    assert "还有 12 天" in page
    assert "考到 60 分以上" in page
    assert "这是参考清单，不是官方文本" in page
    assert 'id="item-mock"' in page


def test_a_list_in_english(client, session, learner, tmp_path, today):
    given(session, tmp_path, learner, today)
    client.set_cookie("lang", "en")
    page = client.get("/required/station").text
    assert "Station list" in page
    assert "Mock exam" in page


def test_a_strangers_list_does_not_exist(*, client, session, learner, tmp_path, today, sign_in):
    given(session, tmp_path, learner, today)
    sign_in(builders.learner(session))
    assert client.get("/required/station").status_code == 404
    assert "认识低保" not in client.get("/required").text


def test_guests_and_people_who_do_not_learn_stay_out(client, session, sign_in):
    assert client.get("/required").status_code == 303
    sign_in(builders.with_role(session, Role.AUDITOR))
    assert client.get("/required").status_code == 403


@pytest.mark.parametrize(("path", "most"), [("/required", 2), ("/required/station", 3)])
def test_pages_cost_the_same_whatever_there_is(
    *, client, session, learner, tmp_path, today, count_statements, path, most
):
    def cost(*texts):
        given(session, tmp_path, learner, today, *texts)
        with count_statements() as statements:
            assert client.get(path).status_code == 200
        return len(statements)

    many = "".join(ITEMS.replace('id = "', f'id = "n{n}-') for n in range(12))
    assert cost(text()) == cost(text(), text(key="other1", items=many)) <= most
