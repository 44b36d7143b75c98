"""What HTTP adds: who gets in, which status, which page, how many statements."""

import json
import re
from datetime import date, timedelta

import html5lib
import pytest
import sqlalchemy as sa
import time_machine

from lms.audit.models import Entry
from lms.credentials.models import Credential, CredentialEvent
from lms.credentials.rules import ANSWERS, new_code
from lms.credentials.types import EventKind, Standing
from lms.http.extensions import limiter
from lms.organizations.models import Organization
from lms.people.models import Post
from lms.people.types import Role
from lms.web import create_app
from tests import builders
from tests.builders import NOON, TODAY
from tests.credentials.builders import HOLDER, change, complete, credential, join, program

REVOKED, SUSPENDED, REINSTATED = EventKind.REVOKED, EventKind.SUSPENDED, EventKind.REINSTATED
NOBODYS = new_code(b"nobody has it").shown
MISCHIEF = ["' OR 1=1 --", "<script>alert(1)</script>", "%00", "../../etc/passwd", "\ud83e\udd21"]


@pytest.fixture(autouse=True)
def now():
    """Pages read the clock; here it stands still unless a test moves it."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def issued(session):
    return credential(session)


@pytest.fixture
def ming(session, sign_in):
    made = builders.learner(session, name=HOLDER)
    sign_in(made)
    return made


@pytest.fixture
def checker(session, sign_in):
    made = builders.with_role(session, Role.HR_CHECKER)
    sign_in(made)
    return made


def standing_on(page):
    return re.search(r'data-standing="(\w+)"', page.text).group(1)


def assert_valid_html(page):
    parser = html5lib.HTMLParser()
    parser.parse(page.text)
    faults = [(place, code) for place, code, _data in parser.errors]
    assert not faults
    assert page.text.count("<h1") == 1


# ---- the public check

CASES = {
    Standing.VALID: ([], TODAY, 200),
    Standing.EXPIRED: ([], date(2029, 3, 2), 200),
    Standing.REVOKED: ([REVOKED], date(2026, 4, 1), 200),
    Standing.SUSPENDED: ([SUSPENDED], date(2026, 4, 1), 200),
}


@pytest.mark.parametrize("expected", CASES)
def test_each_standing_is_told_in_its_own_words(client, session, issued, now, expected):
    events, on, status = CASES[expected]
    now.move_to(NOON + (on - TODAY))
    for kind in events:
        change(session, issued, kind, on=on)
    page = client.get(f"/verify/{issued.shown}")
    assert (page.status_code, standing_on(page)) == (status, expected)
    assert ANSWERS[expected].heading in page.text and ANSWERS[expected].advice in page.text
    assert "王*明" in page.text and issued.title in page.text and issued.issuer in page.text
    assert "2026年3月2日" in page.text and "2029年3月1日" in page.text and "40 学时" in page.text
    assert_valid_html(page)


def test_reinstated_it_is_valid_again(client, session, issued, now):
    now.move_to(NOON + timedelta(days=60))
    change(session, issued, SUSPENDED, on=date(2026, 4, 1))
    change(session, issued, REINSTATED, on=date(2026, 4, 2))
    assert standing_on(client.get(f"/verify/{issued.shown}")) == "valid"


def test_since_when_it_is_revoked_is_told_but_not_why(client, session, issued, now):
    now.move_to(NOON + timedelta(days=60))
    change(session, issued, REVOKED, on=date(2026, 4, 1), reason="内部调查结论")
    page = client.get(f"/verify/{issued.shown}").text
    assert "自 2026年4月1日 起" in page
    assert "内部调查结论" not in page


@pytest.mark.parametrize(
    ("typed", "expected", "status"),
    [(NOBODYS, "unknown", 404), ("BX-1234-5678-9ABC-D", "mistyped", 422), ("x", "mistyped", 422)],
)
def test_unknown_and_mistyped_are_different_answers(client, typed, expected, status):
    page = client.get(f"/verify/{typed}")
    assert (page.status_code, standing_on(page)) == (status, expected)
    assert_valid_html(page)
    assert client.get("/verify", query_string={"code": typed}).location == (
        f"/verify/{NOBODYS}" if typed == NOBODYS else None
    )


def test_on_its_last_day_it_is_valid_and_the_next_it_is_not(client, issued, now):
    now.move_to("2029-03-01T15:59:59Z")  # a second to midnight in China
    assert standing_on(client.get(f"/verify/{issued.shown}")) == "valid"
    now.move_to("2029-03-01T16:00:00Z")
    assert standing_on(client.get(f"/verify/{issued.shown}")) == "expired"


def test_the_number_may_be_written_as_people_do(client, issued):
    for typed in (
        issued.code,
        issued.code.lower(),
        issued.shown.lower(),
        issued.shown.replace("-", " "),
    ):
        assert client.get(f"/verify/{typed}").status_code == 200
        answer = client.get("/verify", query_string={"code": typed})
        assert (answer.status_code, answer.location) == (303, f"/verify/{issued.shown}")


def test_the_form_takes_a_pasted_address(client, issued):
    pasted = f"https://bixue.example/verify/{issued.shown}?lang=en"
    assert (
        client.get("/verify", query_string={"code": pasted}).location == f"/verify/{issued.shown}"
    )


def test_the_form_asks(client):
    page = client.get("/verify")
    assert page.status_code == 200 and "证书编号" in page.text
    assert_valid_html(page)


def test_a_mistyped_number_in_the_form_can_be_mended(client):
    page = client.get("/verify", query_string={"code": "BX-1234"})
    assert page.status_code == 422
    assert 'value="BX-1234"' in page.text


@pytest.mark.parametrize("typed", MISCHIEF)
def test_mischief_is_only_a_mistyped_number(client, issued, typed):
    for page in (
        client.get("/verify", query_string={"code": typed.encode("utf-8", "replace")}),
        client.post("/verify/x/name", data={"name": typed.encode("utf-8", "replace")}),
    ):
        assert page.status_code == 422
        assert "<script>alert" not in page.text
        assert issued.title not in page.text


def test_a_name_with_a_nul_does_not_match(client, issued):
    page = client.post(f"/verify/{issued.shown}/name", data={"name": f"{HOLDER}\0"})
    assert page.status_code == 200 and "姓名不符" in page.text


@pytest.mark.parametrize("path", ["/verify/%3Cscript%3E", "/verify/%00", "/api/verify/%27--"])
def test_mischief_in_the_path(client, path):
    page = client.get(path)
    assert page.status_code == 422
    assert "<script>" not in page.text.replace('<script type="module"', "")


def test_the_page_never_holds_the_full_name(client, issued):
    for address in (f"/verify/{issued.shown}", f"/api/verify/{issued.shown}"):
        assert HOLDER not in client.get(address).text
    page = client.post(f"/verify/{issued.shown}/name", data={"name": "李不对"})
    assert HOLDER not in page.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (HOLDER, "姓名相符"),
        (" 王 小 明", "姓名相符"),
        ("王小朋", "姓名不符"),
        ("王*明", "姓名不符"),
    ],
)
def test_a_name_is_compared(client, issued, name, words):
    page = client.post(f"/verify/{issued.shown}/name", data={"name": name})
    assert page.status_code == 200
    assert words in page.text
    assert_valid_html(page)


def test_a_name_is_asked_for(client, issued):
    page = client.post(f"/verify/{issued.shown}/name", data={"name": " "})
    assert page.status_code == 422 and "请填写姓名" in page.text


def test_the_name_of_nothing_is_no_name(client):
    page = client.post(f"/verify/{NOBODYS}/name", data={"name": HOLDER})
    assert (page.status_code, standing_on(page)) == (404, "unknown")
    assert "姓名不符" not in page.text


def test_answers_are_not_kept_nor_found_by_searching(client, issued):
    for answer in (
        client.get(f"/verify/{issued.shown}"),
        client.get(f"/verify/{NOBODYS}"),
        client.get(f"/api/verify/{issued.shown}"),
        client.post(f"/verify/{issued.shown}/name", data={"name": "x"}),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_a_look_up_costs_one_statement(client, session, issued, count_statements):
    for day in range(1, 4):
        change(session, issued, SUSPENDED, on=TODAY, reason=f"{day}")
        change(session, issued, REINSTATED, on=TODAY, reason=f"{day}")
    for ask in (
        lambda: client.get(f"/verify/{issued.shown}"),
        lambda: client.get(f"/api/verify/{issued.shown}"),
        lambda: client.post(f"/verify/{issued.shown}/name", data={"name": HOLDER}),
    ):
        with count_statements() as seen:
            assert ask().status_code == 200
        assert len(seen) == 1


def test_a_look_up_writes_nothing(client, session, issued, count_statements):
    with count_statements() as seen:
        client.get(f"/verify/{issued.shown}")
        client.post(f"/verify/{issued.shown}/name", data={"name": HOLDER})
    assert all(statement.lstrip().startswith("SELECT") for statement in seen)


def test_in_english_the_page_is_english(client, issued):
    client.set_cookie("lang", "en")
    page = client.get(f"/verify/{issued.shown}").text
    assert "Certificate of Completion" in page and "Key worker program" in page
    assert "2 Mar 2026" in page


@pytest.fixture
def limited(client, engine, monkeypatch):
    """A client of an application with rate limits, and few."""
    monkeypatch.setattr(limiter, "enabled", True)
    limits = {
        "VERIFY_LIMIT": "5 per minute",
        "VERIFY_NAME_LIMIT": "3 per minute",
        "VERIFY_NAME_LIMIT_OF_ONE": "4 per hour",
    }
    url = engine.url.render_as_string(hide_password=False)
    app = create_app({"SECRET_KEY": "x", "DATABASE_URL": url, "WTF_CSRF_ENABLED": False, **limits})
    limiter.reset()
    return app.test_client()


def guess(client, code, *, address="198.51.100.1"):
    return client.post(
        f"/verify/{code}/name", data={"name": "王一明"}, environ_base={"REMOTE_ADDR": address}
    ).status_code


def test_names_are_guessed_only_so_often(limited, issued):
    assert [guess(limited, issued.shown) for _ in range(4)] == [200, 200, 200, 429]
    assert guess(limited, issued.shown, address="198.51.100.2") == 200


def test_one_credential_is_guessed_at_only_so_often_from_everywhere(limited, issued):
    spellings = [issued.shown, issued.code, issued.code.lower(), issued.shown.lower(), issued.shown]
    answers = [
        guess(limited, typed, address=f"198.51.100.{number}")
        for number, typed in enumerate(spellings)
    ]
    assert answers == [200, 200, 200, 200, 429]


def test_numbers_are_looked_up_only_so_often(limited, issued):
    answers = [limited.get(f"/api/verify/{issued.shown}") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json["error"]["code"] == "http_429"


# ---- for programs


@pytest.mark.parametrize("expected", CASES)
def test_the_interface_gives_the_same_answer(client, session, issued, now, expected):
    events, on, status = CASES[expected]
    now.move_to(NOON + (on - TODAY))
    for kind in events:
        change(session, issued, kind, on=on)
    answer = client.get(f"/api/verify/{issued.code.lower()}")
    assert answer.status_code == status
    told = answer.json
    assert (told["code"], told["standing"]) == (issued.shown, expected)
    assert told["heading"] == ANSWERS[expected].heading
    assert told["since"] == (None if expected is Standing.VALID else on.isoformat())
    assert told["checked_at"].endswith("+00:00")
    assert told["credential"] == {
        "holder": "王*明",
        "title": issued.title,
        "title_en": issued.title_en,
        "program": "骨干培养项目",
        "program_en": "Key worker program",
        "issuer": "某县社会工作站",
        "credit_hours": 40,
        "issued_on": "2026-03-02",
        "expires_on": "2029-03-01",
    }


@pytest.mark.parametrize(
    ("typed", "standing", "status"), [(NOBODYS, "unknown", 404), ("x", "mistyped", 422)]
)
def test_the_interface_tells_unknown_from_mistyped(client, typed, standing, status):
    answer = client.get(f"/api/verify/{typed}")
    assert answer.status_code == status
    assert (answer.json["standing"], answer.json["credential"]) == (standing, None)


# ---- the square on the paper


def test_the_square_is_a_picture_and_asks_nobody(client, issued, count_statements):
    with count_statements() as seen:
        answer = client.get(f"/verify/{issued.code}/qr.svg")
    assert answer.status_code == 200 and answer.mimetype == "image/svg+xml"
    assert answer.text.startswith("<svg") and "<script" not in answer.text
    assert not seen


def test_a_mistyped_number_has_no_square(client):
    assert client.get("/verify/nonsense/qr.svg").status_code == 404


@pytest.fixture
def drawn(monkeypatch):
    """What the squares say."""
    import segno

    said = []
    make = segno.make
    monkeypatch.setattr(segno, "make", lambda text, **how: said.append(text) or make(text, **how))
    return said


def test_the_square_says_where_the_check_is(client, issued, drawn):
    client.get(f"/verify/{issued.code}/qr.svg", base_url="https://bixue.example")
    assert drawn == [f"https://bixue.example/verify/{issued.shown}"]


def test_behind_another_address_the_square_says_the_public_one(
    client, app, issued, drawn, monkeypatch
):
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://study.example/bixue/")
    client.get(f"/verify/{issued.code}/qr.svg")
    assert drawn == [f"https://study.example/bixue/verify/{issued.shown}"]


# ---- one's own


def test_claim_show_and_claim_again(client, session, ming):
    key = program(session)
    join(session, ming, key)
    complete(session, ming)
    first = client.post(f"/programs/{key}/credential")
    assert first.status_code == 303
    again = client.post(f"/programs/{key}/credential")
    assert again.location == first.location
    assert session.scalar(sa.select(sa.func.count()).select_from(Credential)) == 1
    page = client.get(first.location)
    assert page.status_code == 200
    assert HOLDER in page.text and "共 40 学时" in page.text
    assert "2026年3月2日" in page.text and "2029年3月1日" in page.text
    assert f"{first.location.replace('credentials', 'verify')}/qr.svg" in page.text
    assert_valid_html(page)


def test_too_early_the_page_says_what_is_missing(client, session, ming):
    key = program(session)
    join(session, ming, key)
    page = client.post(f"/programs/{key}/credential")
    assert page.status_code == 409 and "社会救助基础" in page.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Credential)) == 0


def test_who_does_not_take_part_cannot_claim(client, session, ming):
    key = program(session)
    complete(session, ming)
    assert client.post(f"/programs/{key}/credential").status_code == 409
    assert client.post("/programs/nothing/credential").status_code == 404


def test_a_claim_is_a_learners(client, session, checker):
    assert client.post(f"/programs/{program(session)}/credential").status_code == 403


def test_a_stranger_is_asked_to_sign_in(client, issued):
    for address in (
        "/credentials",
        f"/credentials/{issued.shown}",
        "/hr/check",
        f"/credentials/{issued.shown}/revoke",
    ):
        answer = client.get(address)
        assert answer.status_code == 303 and "/sign-in" in answer.location


def test_somebody_elses_credential_does_not_exist(client, issued, ming):
    for typed in (issued.shown, issued.code, NOBODYS, "x"):
        page = client.get(f"/credentials/{typed}")
        assert page.status_code == 404
        assert issued.title not in page.text


def test_own_credentials_are_listed_and_the_rest_can_be_claimed(client, session, ming):
    mine = credential(session, ming)
    other = program(session)
    join(session, ming, other)
    not_yet = program(session, course="another")
    join(session, ming, not_yet)
    page = client.get("/credentials")
    assert page.status_code == 200
    assert mine.shown in page.text and "证书有效" in page.text
    assert f"/programs/{other}/credential" in page.text
    assert f"/programs/{not_yet}/credential" not in page.text
    assert f"/programs/{mine.program_key}/credential" not in page.text
    assert_valid_html(page)


def test_without_a_credential_the_list_says_how_to_get_one(client, ming):
    page = client.get("/credentials")
    assert "还没有证书" in page.text
    assert_valid_html(page)


def test_the_list_costs_the_same_for_one_and_for_many(client, session, ming, count_statements):
    costs = []
    for _ in range(2):
        for _ in range(2):
            change(session, credential(session, ming), REVOKED)
        with count_statements() as seen:
            client.get("/credentials")
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 4


def test_a_certificate_that_is_not_good_says_so(client, session, ming, now):
    mine = credential(session, ming)
    change(session, mine, REVOKED, on=TODAY)
    page = client.get(f"/credentials/{mine.shown}")
    assert "证书已撤销" in page.text and "自 2026年3月2日 起" in page.text
    assert_valid_html(page)


def test_a_certificate_costs_two_statements(client, session, ming, count_statements):
    mine = credential(session, ming)
    with count_statements() as seen:
        assert client.get(f"/credentials/{mine.shown}").status_code == 200
    assert len(seen) == 2  # who is asking, and the credential


def test_rare_characters_are_on_the_paper(client, session, sign_in):
    rare = builders.learner(session, name="㛃𬱖·阿依古丽")
    sign_in(rare)
    mine = credential(session, rare)
    assert "㛃𬱖·阿依古丽" in client.get(f"/credentials/{mine.shown}").text
    assert "㛃**·**" in client.get(f"/verify/{mine.shown}").text


# ---- the employer's check


def ask(client, code, name=HOLDER, purpose="招聘录用"):
    return client.post("/hr/check", data={"code": code, "name": name, "purpose": purpose})


def test_number_and_name_together_open_everything(client, session, issued, checker):
    page = ask(client, issued.shown.lower())
    assert (page.status_code, standing_on(page)) == (200, "valid")
    assert "姓名相符" in page.text and issued.title in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert_valid_html(page)
    (line,) = session.scalars(sa.select(Entry).where(Entry.verb == "credentials.checked"))
    assert (line.actor_id, line.facts["purpose"]) == (checker.id, "招聘录用")


def test_a_wrong_name_opens_nothing_and_is_written_down(client, session, issued, checker):
    page = ask(client, issued.shown, name="李不对")
    assert "姓名不符" in page.text
    assert HOLDER not in page.text and issued.title not in page.text
    (line,) = session.scalars(sa.select(Entry).where(Entry.verb == "credentials.checked"))
    assert line.facts["name_matches"] is False
    assert "李不对" not in str(line.facts)


def test_the_employer_sees_why_it_was_revoked(client, session, issued, checker):
    change(session, issued, REVOKED, reason="材料不实", authority="某局文件")
    page = ask(client, issued.shown)
    assert standing_on(page) == "revoked"
    assert "材料不实" in page.text and "某局文件" in page.text
    assert_valid_html(page)


@pytest.mark.parametrize(("typed", "expected"), [(NOBODYS, "unknown"), ("x", "mistyped")])
def test_what_is_not_found_is_told(client, checker, typed, expected):
    page = ask(client, typed)
    assert (page.status_code, standing_on(page)) == (200, expected)
    assert "姓名不符" not in page.text


@pytest.mark.parametrize("missing", ["code", "name", "purpose"])
def test_a_check_needs_number_name_and_purpose(client, session, issued, checker, missing):
    page = ask(client, **{"code": issued.shown, missing: " "})
    assert page.status_code == 422 and "请填写" in page.text
    assert not session.scalars(sa.select(Entry).where(Entry.verb == "credentials.checked")).all()


def test_the_check_is_the_checkers(client, ming):
    assert client.get("/hr/check").status_code == 403


def test_the_check_form(client, checker):
    page = client.get("/hr/check")
    assert page.status_code == 200
    assert_valid_html(page)


# ---- the administrator's


@pytest.fixture
def overseer(session, sign_in, issued):
    """An administrator of the place where the holder works."""
    place = session.scalar(
        sa.select(Organization)
        .join(Post, Post.organization_id == Organization.id)
        .where(Post.person_id == issued.learner_id)
    )
    made = builders.with_role(session, Role.ADMINISTRATOR, at=place)
    sign_in(made)
    return made


def send(client, issued, kind=REVOKED, **values):
    values = {
        "kind": str(kind),
        "on": "2026-03-02",
        "reason": "材料不实",
        "authority": "某局文件",
    } | values
    return client.post(f"/credentials/{issued.shown}/revoke", data=values)


def events(session):
    return session.scalars(sa.select(CredentialEvent).order_by(CredentialEvent.number)).all()


def test_revoke_and_everybody_sees_it(client, session, issued, overseer):
    form = client.get(f"/credentials/{issued.shown}/revoke")
    assert form.status_code == 200 and 'value="2026-03-02"' in form.text
    assert_valid_html(form)
    answer = send(client, issued)
    assert (answer.status_code, answer.location) == (303, f"/credentials/{issued.shown}/revoke")
    page = client.get(answer.location)
    assert "材料不实" in page.text and "已登记" in page.text
    assert_valid_html(page)
    assert standing_on(client.get(f"/verify/{issued.shown}")) == "revoked"
    (event,) = events(session)
    assert (event.kind, event.actor_id, event.on) == ("revoked", overseer.id, TODAY)


def test_sent_twice_it_happened_once(client, session, issued, overseer):
    assert [send(client, issued).status_code for _ in range(2)] == [303, 303]
    assert len(events(session)) == 1


def test_revoked_already_is_a_conflict(client, session, issued, overseer):
    send(client, issued)
    page = send(client, issued, reason="另一个原因")
    assert page.status_code == 409 and "已经撤销" in page.text
    assert "另一个原因" in page.text  # what was typed is still there
    assert len(events(session)) == 1
    assert_valid_html(page)


def test_suspend_then_reinstate(client, session, issued, overseer):
    send(client, issued, SUSPENDED)
    assert standing_on(client.get(f"/verify/{issued.shown}")) == "suspended"
    send(client, issued, REINSTATED)
    assert standing_on(client.get(f"/verify/{issued.shown}")) == "valid"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"on": "2026-03-03"}, "不能晚于今天"),
        ({"on": "2026-03-01"}, "不能早于颁发日期"),
        ({"on": "yesterday"}, "on-fault"),
        ({"on": ""}, "请填写日期"),
        ({"reason": " "}, "请填写原因"),
        ({"authority": ""}, "请填写依据"),
        ({"reason": "长" * 501}, "最多 500 个字"),
        ({"kind": "burned"}, "kind-fault"),
    ],
)
@pytest.mark.usefixtures("overseer")
def test_what_cannot_be_is_told_beside_the_field(client, session, issued, values, words):
    page = send(client, issued, **values)
    assert page.status_code == 422
    assert words in page.text
    assert not events(session)
    assert_valid_html(page)


def test_what_does_not_exist_cannot_be_revoked(client, overseer):
    assert client.get(f"/credentials/{NOBODYS}/revoke").status_code == 404


def test_an_administrator_of_another_county_cannot_revoke(client, session, sign_in):
    province = builders.organization(session, kind="province")
    here, there = (builders.organization(session, province, kind="county") for _ in range(2))
    mine = credential(session, builders.learner(session, at=here, name=HOLDER))
    sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=there))
    assert send(client, mine).status_code == 404
    assert not events(session)
    sign_in(builders.with_role(session, Role.ADMINISTRATOR, at=here))
    assert send(client, mine).status_code == 303


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_can_revoke(client, session, sign_in, issued, role):
    sign_in(builders.with_role(session, role))
    assert client.get(f"/credentials/{issued.shown}/revoke").status_code == 403
    assert send(client, issued).status_code == 403
    assert not events(session)


# ---- the command line


@pytest.fixture
def run(app, client):
    """Runs a command on the test's database."""
    return lambda *words: app.test_cli_runner().invoke(args=["credentials", *words])


def test_the_command_tells_a_standing(run, issued):
    result = run("verify", issued.shown)
    assert result.exit_code == 0
    assert "valid" in result.output and "王*明" in result.output
    assert HOLDER not in result.output


def test_the_command_tells_it_as_json(run, session, issued):
    change(session, issued, REVOKED, on=TODAY)
    result = run("verify", issued.code.lower(), "--json")
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert (told["code"], told["standing"], told["since"]) == (
        issued.shown,
        "revoked",
        "2026-03-02",
    )


@pytest.mark.parametrize(("typed", "expected"), [(NOBODYS, "unknown"), ("x", "mistyped")])
def test_the_command_tells_unknown_from_mistyped(run, typed, expected):
    result = run("verify", typed, "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["standing"] == expected


def test_the_command_revokes(run, session, issued):
    by = builders.with_role(session, Role.ADMINISTRATOR)
    words = ("revoke", issued.shown, "--reason", "材料不实", "--authority", "某局文件", "--by")
    assert run(*words, by.user_name).exit_code == 0
    (event,) = events(session)
    assert (event.kind, event.reason, event.actor_id) == ("revoked", "材料不实", by.id)
    refused = run(*words[:3], "别的原因", *words[4:], by.user_name)
    assert refused.exception.code == "already_revoked"


@pytest.mark.parametrize("role", [None, Role.HR_CHECKER])
def test_the_command_revokes_for_no_one_else(run, session, issued, role):
    name = builders.with_role(session, role).user_name if role else "nobody"
    refused = run("revoke", issued.shown, "--reason", "r", "--authority", "a", "--by", name)
    assert refused.exception.code == "may_not_revoke"
    assert not events(session)


def test_the_empty_field_for_a_name_is_nobody_elses(client, issued):
    """It is made once for all visitors of a language: nothing that was typed gets into it."""
    fresh = client.get(f"/verify/{issued.shown}").text
    assert 'name="name"' in fresh
    assert "is-invalid" not in fresh
    assert "请填写姓名" in client.post(f"/verify/{issued.shown}/name", data={"name": " "}).text
    typed = client.post(f"/verify/{issued.shown}/name", data={"name": "龙某某"}).text
    assert 'value="龙某某"' in typed
    again = client.get(f"/verify/{issued.shown}").text
    assert "龙某某" not in again
    assert "is-invalid" not in again
    client.set_cookie("lang", "en")
    assert "持证人姓名" not in client.get(f"/verify/{issued.shown}").text
    client.set_cookie("lang", "zh")
    assert "持证人姓名" in client.get(f"/verify/{issued.shown}").text
