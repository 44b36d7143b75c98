"""The pages: who gets in, what they say, what happens twice."""

import re

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.people.models import IdentityDocument, RoleGrant
from lms.people.types import Role
from lms.privacy import queries
from lms.privacy.models import ClosingRequest, Consent, CorrectionRequest
from lms.privacy.types import Answer, CorrectionField, Purpose, Wish
from tests import builders
from tests.privacy.builders import (
    ID_NUMBER,
    PHONE,
    answered,
    asked,
    changed,
    closing,
    county,
    published,
    sealed,
)


@pytest.fixture
def person(session, sign_in):
    published(session)
    made = builders.learner(session, name="杨梅")
    sign_in(made)
    return made


def count(session, model):
    session.expire_all()
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def give(client, session, key, answer, version=None):
    version = version or queries.find_text(session, key).version_id
    return client.post(f"/privacy/texts/{key}", data={"answer": answer, "version": version})


def test_ones_own_page_masks_numbers(client, session, person, vault):
    sealed(session, person, vault)
    page = client.get("/privacy")
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"
    assert PHONE not in page.text and ID_NUMBER not in page.text
    assert "138****1234" in page.text and "5201**********8812" in page.text


def test_ones_own_page_costs_eight_statements(client, session, person, vault, count_statements):
    sealed(session, person, vault)
    with count_statements() as seen:
        client.get("/privacy")
    assert len(seen) == 8  # who asks, five of the file, texts and answers, a closing


def test_anybody_reads_the_notice(client, session):
    assert "还没有发布告知书" in client.get("/privacy/notice").text
    published(session)
    page = client.get("/privacy/notice").text
    assert "个人信息处理告知" in page and "使用身份证件号码" in page and "一直保存" in page


def test_who_answers_for_the_data_is_a_setting(client, session, monkeypatch):
    published(session)
    monkeypatch.setitem(client.application.config, "PRIVACY_HANDLER", "某省社会工作部（示例）")
    monkeypatch.setitem(client.application.config, "PRIVACY_CONTACT", "0851-00000000")
    page = client.get("/privacy/notice").text
    assert "某省社会工作部（示例）" in page and "0851-00000000" in page


def test_a_consent_is_given_and_withdrawn(client, session, person):
    assert "我同意" in client.get("/privacy/texts/public_name").text
    assert give(client, session, "public_name", "given").status_code == 303
    assert give(client, session, "public_name", "given").status_code == 303  # sent twice
    assert count(session, Consent) == 1
    page = client.get("/privacy/texts/public_name").text
    assert "撤回同意" in page and "撤回后，公开查验页面立即" in page, "what follows, in words"
    give(client, session, "public_name", "withdrawn")
    assert not queries.has_consent(session, person.id, Purpose.PUBLIC_NAME)
    assert "我同意" in client.get("/privacy/texts/public_name").text
    assert client.get("/privacy/history").text.count("公开查验证书时显示全名") == 2


def test_what_was_read_is_what_is_answered(client, session, person):
    old = queries.find_text(session, "public_name").version_id
    changed(session, "public_name")
    assert give(client, session, "public_name", "given", old).status_code == 409
    assert count(session, Consent) == 0


@pytest.mark.parametrize("answer", ["", "acknowledged", "yes", "given\0"])
def test_an_answer_that_is_none_is_refused(client, session, person, answer):
    assert give(client, session, "public_name", answer).status_code == 422
    assert count(session, Consent) == 0


def test_an_old_text_can_still_be_read(client, session, person):
    answered(session, person, "evaluation")
    changed(session, "evaluation")
    assert "现在已有新版" in client.get("/privacy/texts/evaluation/1").text
    assert "内容有更新" in client.get("/privacy").text
    assert client.get("/privacy/texts/evaluation/9").status_code == 404
    assert client.get("/privacy/texts/none").status_code == 404


def test_the_notice_leads_on_within_the_site_only(client, session, person):
    assert 'href="/exams"' in client.get("/privacy/texts/service?next=/exams").text
    assert (
        "elsewhere.example"
        not in client.get("/privacy/texts/service?next=//elsewhere.example")
        .text.split("<main")[1]
        .split("</main>")[0]
    )


def ask(client, token="abc", **values):
    data = {"token": token, "field": "name", "wanted": "杨梅花", "reason": "写错了", "evidence": ""}
    return client.post("/privacy/corrections", data=data | values)


def test_a_correction_is_asked_once(client, session, person):
    first, second = ask(client), ask(client)
    assert first.headers["Location"] == second.headers["Location"] == "/privacy/corrections/1"
    assert count(session, CorrectionRequest) == 1
    page = client.get("/privacy/corrections/1").text
    assert "杨梅花" in page and "最晚答复" in page


def test_a_faulty_request_is_shown_again(client, session, person):
    answer = ask(client, wanted="", reason="理由还在")
    assert answer.status_code == 422
    assert "请写明应该改成什么" in answer.text and "理由还在" in answer.text
    assert count(session, CorrectionRequest) == 0


def test_somebody_elses_request_does_not_exist(client, session, person, sign_in, vault):
    asked(session, person, vault)
    sign_in(builders.learner(session))
    assert client.get("/privacy/corrections/1").status_code == 404


@pytest.fixture
def office(client, session, sign_in, vault):
    """A request for a telephone of somebody of a county, and its clerk, who is signed in."""
    place = county(session)
    one = builders.learner(session, at=builders.organization(session, place), name="杨梅")
    wish = Wish(PHONE, "换号", "")
    asked(session, one, vault, field=CorrectionField.PHONE, wish=wish)
    actor = builders.with_role(session, Role.COUNTY_MANAGER, at=place)
    sign_in(actor)
    return place, one, f"/privacy/requests/{one.id}/1"


def test_a_clerk_sees_the_queue_and_a_masked_number(client, office):
    _place, _one, address = office
    queue = client.get("/privacy/requests").text
    assert address in queue and "手机号" in queue and PHONE not in queue
    page = client.get(address).text
    assert PHONE not in page and "138****1234" in page


def test_to_see_all_of_it_is_written_down(client, session, office):
    _place, one, address = office
    page = client.post(f"{address}/reveal")
    assert PHONE in page.text and page.headers["Cache-Control"] == "no-store"
    entry = session.scalars(sa.select(Entry).order_by(Entry.id.desc())).first()
    assert (entry.verb, entry.subject) == ("privacy.correction_revealed", f"person:{one.id}")


def test_a_clerk_answers(client, session, office, sign_in):
    _place, one, address = office
    data = {"outcome": "refused", "answer": ""}
    answer = client.post(address, data=data)
    assert answer.status_code == 422 and "要写明理由" in answer.text
    data["answer"] = "号码不是本人的"
    assert client.post(address, data=data).status_code == 303
    assert client.post(address, data=data).status_code == 303  # the same again
    other = client.post(address, data={"outcome": "done", "answer": "改了"})
    assert other.status_code == 409 and "已经有人答复" in other.text
    assert "不予更正" in client.get("/privacy/requests?show=answered").text
    sign_in(one)
    assert "号码不是本人的" in client.get("/privacy/corrections/1").text


def test_another_countys_people_do_not_exist(client, session, office, sign_in):
    _place, one, address = office
    elsewhere = builders.with_role(session, Role.COUNTY_MANAGER, at=county(session))
    sign_in(elsewhere)
    assert address not in client.get("/privacy/requests").text
    assert client.get(address).status_code == 404
    assert client.post(address, data={"outcome": "done", "answer": "x"}).status_code == 404
    assert client.post(f"{address}/reveal").status_code == 404
    closing_page = f"/privacy/closings/{one.id}"
    assert client.get(closing_page).status_code == 404
    assert client.post(closing_page, data={"reason": "x"}).status_code == 404
    assert client.post(f"{closing_page}/take-back").status_code == 404
    assert client.get(f"/privacy/closings?user_name={one.user_name}").headers["Location"] == (
        "/privacy/requests"
    )
    assert count(session, ClosingRequest) == 0


def test_the_queue_costs_the_same_however_long_it_is(
    client, session, office, vault, count_statements
):
    place, *_rest = office
    with count_statements() as few:
        client.get("/privacy/requests")
    for _ in range(5):
        asked(session, builders.learner(session, at=place), vault)
    with count_statements() as many:
        client.get("/privacy/requests")
    assert len(few) == len(many) == 3


def test_a_long_queue_goes_on(client, session, office, vault, monkeypatch):
    place, *_rest = office
    for module in ("lms.privacy.views", "lms.privacy.queries.corrections"):
        monkeypatch.setattr(f"{module}.PAGE", 2)
    for _ in range(4):
        asked(session, builders.learner(session, at=place), vault)
    seen, address = [], "/privacy/requests"
    while address:
        page = client.get(address).text
        seen += re.findall(r"/privacy/requests/(\d+)/1", page)
        more = re.search(r'href="(/privacy/requests\?after=[\d.]+)"', page)
        address = more and more[1]
    assert len(seen) == len(set(seen)) == 5


def test_a_clerk_closes_an_account_with_a_reason(client, session, office):
    _place, one, _address = office
    found = client.get(f"/privacy/closings?user_name={one.user_name.upper()}")
    assert found.headers["Location"] == f"/privacy/closings/{one.id}"
    page = f"/privacy/closings/{one.id}"
    assert client.post(page, data={"reason": ""}).status_code == 422
    assert client.post(page, data={"reason": "离职"}).status_code == 303
    assert client.post(page, data={"reason": "离职"}).status_code == 303
    assert count(session, ClosingRequest) == 1
    assert "离职" in client.get("/privacy/requests").text
    assert client.post(f"{page}/take-back").status_code == 303
    assert queries.open_closing(session, one.id) is None


def test_one_closes_ones_own_account_and_takes_it_back(client, session, person):
    page = client.get("/privacy/close").text
    assert "错题本" in page and "必须保留的" in page and "15 天反悔期" in page
    assert client.post("/privacy/close", data={"reason": ""}).status_code == 303
    assert "撤回，不注销了" in client.get("/privacy").text
    assert "去撤回" in client.get("/privacy/close").text
    assert client.post("/privacy/close/take-back").status_code == 303
    assert client.post("/privacy/close/take-back").status_code == 303
    assert queries.open_closing(session, person.id) is None


@pytest.mark.parametrize("path", ["/privacy/close", "/privacy/data/export"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_cannot_be_undone_asks_for_the_password_again(client, session, person, path, method):
    for stale in (None, 1, "x", 2**40):
        with client.session_transaction() as cookie:
            cookie["fresh_at"] = stale
        came_from = {"Referer": f"http://localhost{path}"}
        answer = client.open(path, method=method, headers=came_from)
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/confirm?next={path}"
    assert count(session, ClosingRequest) == 0


def test_an_administrator_changes_a_period(client, session, sign_in):
    sign_in(builders.with_role(session, Role.ADMINISTRATOR))
    assert "网络安全法" in client.get("/privacy/settings").text
    save = {"key": "cooling", "days": "7"}
    assert client.post("/privacy/settings", data=save).status_code == 303
    assert queries.days_of(session, "cooling") == 7
    for days in ("0", "16", "-1", "x", "", "9" * 30, "\uff17"):
        answer = client.post("/privacy/settings", data=save | {"days": days})
        assert answer.status_code == 422, days
    assert (
        client.post("/privacy/settings", data={"key": "audit_trail", "days": "9"}).status_code
        == 422
    )
    assert client.post("/privacy/settings", data={"key": "none", "days": "9"}).status_code == 404
    assert queries.days_of(session, "cooling") == 7


def test_a_closing_in_its_cooling_period_shows_on_the_page(client, session, person):
    closing(session, person)
    assert "账号将于" in client.get("/privacy").text


def test_who_signs_in_reads_a_new_notice_first(client, session, person):
    from lms.web.welcome import asked_first

    with client.application.test_request_context():
        assert asked_first(person.id, "/exams") == "/privacy/texts/service?next=/exams"
        answered(session, person, "service", Answer.ACKNOWLEDGED)
        assert asked_first(person.id, "/exams") == "/exams"


@pytest.mark.parametrize("role", [Role.SECURITY_OFFICER, Role.PROVINCE_MANAGER])
def test_a_clerk_closes_no_account_of_whoever_may_more(client, session, sign_in, role):
    county = builders.organization(session, kind="county")
    above = builders.learner(session, at=county)
    elsewhere = builders.organization(session, kind="province")
    builders.added(session, RoleGrant(person_id=above.id, role=role, organization_id=elsewhere.id))
    sign_in(builders.with_role(session, Role.COUNTY_MANAGER, at=county))
    answer = client.post(f"/privacy/closings/{above.id}", data={"reason": "离职"})
    assert answer.status_code == 403
    assert count(session, ClosingRequest) == 0


def test_a_clerk_closes_the_own_account_elsewhere(client, session, sign_in):
    county = builders.organization(session, kind="county")
    clerk = builders.learner(session, at=county)
    builders.added(
        session,
        RoleGrant(person_id=clerk.id, role=Role.COUNTY_MANAGER, organization_id=county.id),
    )
    sign_in(clerk)
    assert client.post(f"/privacy/closings/{clerk.id}", data={"reason": "x"}).status_code == 409
    assert count(session, ClosingRequest) == 0


def test_a_number_that_was_withdrawn_is_not_entered_again(client, session, sign_in):
    county = builders.organization(session, kind="county")
    person = builders.learner(session, at=county)
    sign_in(builders.with_role(session, Role.COUNTY_MANAGER, at=county))
    published(session)
    answered(session, person, "identity_number", Answer.REFUSED)
    number = {"what": "resident_id", "number": "11010519491231002X"}
    refused = client.post(f"/people/{person.id}/numbers", data=number)
    assert refused.status_code == 409
    assert "本人不同意登记证件号码" in refused.text
    assert count(session, IdentityDocument) == 0
    answered(session, person, "identity_number", Answer.GIVEN)
    assert client.post(f"/people/{person.id}/numbers", data=number).status_code == 303
    assert count(session, IdentityDocument) == 1
