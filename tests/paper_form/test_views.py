"""What HTTP adds: who gets in, files, a list that comes back, and the way from print to result."""

import io
import re
import zipfile
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from lms.exams import queries
from lms.exams.models import Attempt, PaperPrint
from lms.http.sheets import to_xlsx
from lms.kernel.clock import day_of, utc_now
from lms.people.types import Role
from tests import builders
from tests.exams import builders as exams
from tests.paper_form.builders import printed as make_print
from tests.paper_form.builders import right_letters

ROOT = "/teaching/prints"


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county")


@pytest.fixture
def clerk(session, sign_in, county):
    made = builders.with_role(session, Role.INSTRUCTOR, at=county)
    sign_in(made)
    return made


@pytest.fixture
def printed(session, clerk, county):
    return make_print(session, at=county, by=clerk, now=utc_now())


@pytest.fixture
def learner(session, county):
    return builders.learner(session, at=builders.organization(session, county), name="杨梅")


def today():
    return day_of(utc_now()).isoformat()


def attempts(session):
    return session.scalar(sa.select(sa.func.count()).select_from(Attempt))


def upload(client, printed, data, *, name="list.csv", on=None, **more):
    form = {"file": (io.BytesIO(data), name), "sat_on": on or today(), "encoding": ""} | more
    return client.post(f"{ROOT}/{printed.id}/list", data=form, content_type="multipart/form-data")


def listed(printed, *people, head=("用户名", "姓名"), **cells):
    letters = right_letters(printed) | {int(k[1:]): v for k, v in cells.items()}
    rows = [",".join([*head, *(str(n) for n in letters)])]
    rows += [",".join([p.user_name, p.name, *letters.values()]) for p in people]
    return "\n".join(rows)


def confirmed(client, page):
    action = re.search(r'action="([^"]+/confirm)"', page.text).group(1)
    fields = dict(re.findall(r'name="(sat_on|cards)"[^>]*value="([^"]*)"', page.text))
    fields = {name: value.replace("&#34;", '"') for name, value in fields.items()}
    return client.post(action, data=fields)


@pytest.mark.parametrize("role", [Role.LEARNER, Role.COUNTY_MANAGER, Role.REVIEWER])
def test_others_have_no_business_here(client, session, sign_in, role):
    sign_in(builders.with_role(session, role))
    assert client.get(ROOT).status_code == 403
    assert client.post(ROOT).status_code == 403


def test_a_paper_is_printed_once_however_often_the_form_is_sent(client, session, clerk, county):
    exams.rules(session)
    key = exams.paper(session)
    form = {"paper": key, "organization": county.id, "note": "一班", "seed": "7"}
    first, second = client.post(ROOT, data=form), client.post(ROOT, data=form)
    assert (first.status_code, first.location) == (303, second.location)
    assert session.scalar(sa.select(sa.func.count()).select_from(PaperPrint)) == 1
    assert "一班" in client.get(first.location).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": "0"}, "编号"),
        ({"seed": "x"}, "编号"),
        ({"paper": "no-such"}, "试卷"),
        ({"note": "长" * 61}, "班次"),
    ],
)
def test_a_faulty_form_prints_nothing(client, session, clerk, county, change, words):
    exams.rules(session)
    form = {"paper": exams.paper(session), "organization": county.id, "note": "", "seed": "7"}
    answer = client.post(ROOT, data=form | change)
    assert answer.status_code == 422
    assert words in answer.text
    other = builders.organization(session, kind="county")
    foreign = client.post(ROOT, data=form | {"organization": other.id})
    assert foreign.status_code == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(PaperPrint)) == 0


@pytest.mark.parametrize(
    ("name", "begins", "called"),
    [
        ("paper.pdf", b"%PDF-", "试卷.pdf"),
        ("teacher.pdf", b"%PDF-", "教师用卷.pdf"),
        ("card.pdf", b"%PDF-", "答题卡.pdf"),
        ("paper.docx", b"PK", "试卷.docx"),
        ("teacher.docx", b"PK", "教师用卷.docx"),
        ("list.xlsx", b"PK", "答案表.xlsx"),
        ("list.csv", "\ufeff用户名".encode(), "答案表.csv"),
    ],
)
def test_files_are_sent_by_name(client, session, printed, name, begins, called):
    answer = client.get(f"{ROOT}/{printed.id}/files/{name}")
    assert answer.status_code == 200
    assert answer.data.startswith(begins)
    assert answer.headers["Cache-Control"] == "no-store"
    assert quote(called) in answer.headers["Content-Disposition"]


def test_files_of_others_and_files_that_are_none(client, session, printed):
    other = make_print(session, at=builders.organization(session, kind="county"), now=utc_now())
    for path in (f"{printed.id}/files/key.txt", f"{other.id}/files/teacher.docx", f"{other.id}"):
        assert client.get(f"{ROOT}/{path}").status_code == 404


def test_only_the_teachers_copy_holds_the_key(client, printed):
    def told(name):
        data = client.get(f"{ROOT}/{printed.id}/files/{name}").data
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return package.read("word/document.xml").decode()

    assert "的解析" in told("teacher.docx")
    assert "的解析" not in told("paper.docx")
    assert "答案" not in told("paper.docx")


# --- answers come back ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_shown_then_written(client, session, printed, learner, encoding):
    page = upload(client, printed, listed(printed, learner).encode(encoding))
    assert page.status_code == 200
    assert "杨梅" in page.text
    assert attempts(session) == 0  # looking writes nothing

    answer = confirmed(client, page)
    assert (answer.status_code, answer.location) == (303, f"{ROOT}/{printed.id}")
    assert attempts(session) == 1
    assert "杨梅" in client.get(answer.location).text


def test_a_workbook_does_as_well(client, session, printed, learner):
    head, row = (line.split(",") for line in listed(printed, learner).split("\n"))
    page = upload(client, printed, to_xlsx(head, [row]), name="list.xlsx")
    assert confirmed(client, page).status_code == 303
    assert queries.sitting(session, learner_id=learner.id, number=1).result.passed


def test_confirmed_twice_it_is_one_attempt(client, session, printed, learner):
    page = upload(client, printed, listed(printed, learner).encode())
    for _ in range(2):
        confirmed(client, page)
    assert attempts(session) == 1
    again = upload(client, printed, listed(printed, learner, a1="").encode())
    assert "以前录过" in again.text
    told = client.get(confirmed(client, again).location).text
    assert "内容不同" in told
    assert attempts(session) == 1


def test_one_faulty_row_holds_up_the_whole_list(client, session, county, printed, learner):
    stranger = builders.learner(session, name="外人甲")
    page = upload(client, printed, listed(printed, learner, stranger).encode())
    assert page.status_code == 422
    assert "找不到" in page.text
    assert "/confirm" not in page.text
    forged = client.post(
        f"{ROOT}/{printed.id}/confirm",
        data={"sat_on": today(), "cards": f'{{"{learner.id}": ["A"], "{stranger.id}": ["A"]}}'},
    )
    assert forged.status_code == 404
    assert attempts(session) == 0


@pytest.mark.parametrize(
    "cards",
    ["", "x", "[]", "{}", '{"x": ["A"]}', '{"1": 5}', '{"1": {"a": "b"}}', "null", "9" * 6000],
)
def test_a_forged_page_is_refused_by_name(client, session, printed, cards):
    answer = client.post(f"{ROOT}/{printed.id}/confirm", data={"sat_on": today(), "cards": cards})
    assert answer.status_code in {404, 422}
    assert attempts(session) == 0


@pytest.mark.parametrize(
    ("data", "more"),
    [
        (b"", {}),
        (b"PK\x03\x04 no workbook", {"name": "list.xlsx"}),
        ("姓名\n杨梅".encode(), {}),
        ("姓名,1,2,3,4,5\n杨梅,A,A,A,A,A".encode(), {"on": "2999-01-01"}),
        ("姓名,1,2,3,4,5\n杨梅,A,A,A,A,A".encode(), {"on": "2000-01-01"}),
        ("姓名,1,2,3,4,5\n杨梅,A,A,A,A,A".encode(), {"on": "x"}),
    ],
)
def test_a_file_that_cannot_be_read_is_told(client, printed, data, more):
    answer = upload(client, printed, data, **more)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text


def test_a_card_is_typed_in_and_the_learner_sees_the_result(
    client, session, printed, learner, sign_in
):
    found = client.get(f"{ROOT}/{printed.id}/cards?name=杨").text
    link = re.search(rf'href="({ROOT}/{printed.id}/cards\?person={learner.id})"', found).group(1)
    grid = client.get(link).text
    assert len(re.findall(r'<input [^>]*name="a\d+"', grid)) == 5
    letters = {f"a{n}": said for n, said in right_letters(printed).items()}
    form = {"person_id": str(learner.id), "sat_on": today()} | letters | {"a2": "AB"}
    page = client.post(f"{ROOT}/{printed.id}/cards", data=form)
    assert "按规则不得分" in page.text
    confirmed(client, page)

    sign_in(learner)
    text = client.get("/attempts/1/result").text
    assert "纸质考试" in text
    assert "6 / 7 分" in text
    assert "没有记时" in text
    assert client.get("/attempts/1").location == "/attempts/1/result"


def test_pages_cost_a_fixed_number_of_statements(
    client, session, printed, county, count_statements
):
    def cost(people):
        page = upload(client, printed, listed(printed, *people).encode())
        session.flush()
        with count_statements() as seen:
            page = upload(client, printed, listed(printed, *people).encode())
        assert page.status_code == 200
        return len(seen)

    place = builders.organization(session, county)
    few = [builders.learner(session, at=place)]
    many = few + [builders.learner(session, at=place) for _ in range(20)]
    assert cost(few) == cost(many) <= 10
