"""Pages of the import: who gets in, what is refused early, what they say."""

import io
import re

import pytest
import sqlalchemy as sa
import time_machine

from lms.jobs import queries as jobs
from lms.jobs.models import Job, StoredFile
from lms.people.models import Phone
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.interop.builders import HEADER, line, number, phone, text, workbook

KEY = "k" * 32


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county")


@pytest.fixture
def station(session, county):
    return builders.organization(session, county, code="ST-1")


@pytest.fixture
def clerk(session, sign_in, county):
    made = builders.with_role(session, Role.COUNTY_MANAGER, at=county)
    sign_in(made)
    return made


def upload(client, data, name="名单.csv", key=KEY, **more):
    form = {
        "file": (io.BytesIO(data), name),
        "mode": "both",
        "encoding": "",
        "form_key": key,
    } | more
    return client.post("/imports/people", data=form, content_type="multipart/form-data")


def work(app):
    with app.app_context():
        from lms.jobs.operations.office import Office

        worker = app.extensions[f"lms_service:{Office.__name__}"].worker()
        worker.work(_last(app))


def _last(app):
    from lms.http.extensions import db

    return db.session().scalar(sa.select(sa.func.max(Job.id)))


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_a_list_travels_from_upload_to_result(client, app, session, clerk, station):
    answer = upload(client, text(HEADER, line(1, "ST-1"), line(2, "ST-9", "王明")))
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert "正在逐行核对" in read(client, place)
    work(app)
    page = read(client, place)
    assert "确认导入 1 条" in page
    assert "代码为“ST-9”" in page
    assert number(1) not in page
    assert phone(1) not in page
    answer = client.post(f"{place}/confirm")
    assert answer.status_code == 303
    outcome = answer.headers["Location"]
    assert client.post(f"{place}/confirm").headers["Location"] == outcome
    work(app)
    page = read(client, outcome)
    assert "新增 1 条" in page
    (csv,) = re.findall(r'href="([^"]+result\.csv)"', page)
    assert "不能导入" in client.get(csv).data.decode()
    assert session.scalar(sa.select(sa.func.count()).select_from(Phone)) == 1
    assert "看导入的进度和结果" in read(client, place)


def test_the_same_form_twice_is_one_upload(client, session, clerk, station):
    one, two = (upload(client, text(HEADER, line(1, "ST-1"))) for _ in range(2))
    assert one.headers["Location"] == two.headers["Location"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 1


@pytest.mark.parametrize("filters", [{}, {"verdict": "possible"}, {"verdict": "nonsense"}])
def test_a_preview_needs_few_statements(client, app, clerk, station, count_statements, filters):
    rows = [line(order, "ST-1", "杨梅") for order in range(120)]
    place = upload(client, text(HEADER, *rows)).headers["Location"]
    work(app)
    with count_statements() as seen:
        page = client.get(place, query_string=filters).get_data(as_text=True)
    assert len(seen) <= 6
    if not filters:
        assert "下一页" in page
        assert "第 52 行" in read(client, f"{place}?after=51")


def test_what_is_no_list_is_told_on_the_page(client, app, clerk):
    place = upload(client, b"a,b", name="名单.xlsx").headers["Location"]
    work(app)
    assert "内容却不是工作簿" in read(client, place)
    assert client.post(f"{place}/confirm").status_code == 303


@pytest.mark.parametrize(
    "form",
    [{"mode": "destroy"}, {"encoding": "ebcdic"}, {"form_key": "short"}],
)
def test_a_form_that_is_not_ours_is_refused(client, session, clerk, form):
    more = {"key" if name == "form_key" else name: value for name, value in form.items()}
    assert upload(client, text(HEADER), **more).status_code == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_no_file_is_told_beside_the_field(client, clerk):
    answer = client.post("/imports/people", data={"mode": "both", "encoding": "", "form_key": KEY})
    assert answer.status_code == 422
    assert "请先选择文件" in answer.get_data(as_text=True)


def huge(size):
    """A body that announces its size and is never read."""

    class Never(io.RawIOBase):
        at = 0

        def read(self, *_size):
            raise AssertionError("somebody reads it")

        def seek(self, offset, whence=0):
            self.at = size if whence == 2 else offset
            return self.at

        def tell(self):
            return self.at

    return {"input_stream": Never(), "content_type": "multipart/form-data; boundary=x"}  # fmt: skip


def test_200_megabytes_are_refused_unread(client, clerk):
    answer = client.post("/imports/people", **huge(200 * 1024 * 1024))
    assert answer.status_code == 413
    assert "最多 32 MB" in answer.get_data(as_text=True)


def test_a_stranger_may_send_less(client, session, sign_in):
    """Two megabytes from somebody who may not import are refused before they are read."""
    for somebody in (None, builders.with_role(session, Role.LEARNER)):
        if somebody:
            sign_in(somebody)
        answer = client.post("/imports/people", **huge(2 * 1024 * 1024))
        assert answer.status_code in {303, 403, 413}


def test_a_file_above_a_megabyte_is_taken(client, app, session, clerk, station):
    data = text(HEADER, *[line(1, "ST-1", 职务="x" * 50) for _ in range(14_000)])
    assert len(data) > 1024 * 1024
    fields = {"mode": "both", "encoding": "", "form_key": KEY}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
        for n, v in fields.items()
    ]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = "".join([*parts, head]).encode() + data + b"\r\n--x--\r\n"
    answer = client.post(
        "/imports/people", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 303


def test_somebody_elses_import_does_not_exist(client, app, session, clerk, station, sign_in):
    place = upload(client, text(HEADER, line(1, "ST-1"))).headers["Location"]
    sign_in(builders.with_role(session, Role.ADMINISTRATOR))
    for method, path in (
        ("GET", place),
        ("POST", f"{place}/confirm"),
        ("POST", f"{place}/choices"),
    ):
        assert client.open(path, method=method).status_code == 404
    assert client.get(place.replace("preview", "outcome")).status_code == 404


def test_choosing_for_rows_that_are_not_in_doubt_is_refused(client, app, session, clerk, station):
    builders.learner(session, at=station, name="杨梅")
    place = upload(client, text(HEADER, line(1, "ST-1"))).headers["Location"]
    work(app)
    assert "可能是同一个人" in read(client, f"{place}?verdict=possible")
    for form in ({"row-2": "destroy"}, {"row-7": "same"}):
        assert client.post(f"{place}/choices", data=form).status_code == 422
    assert client.post(f"{place}/choices", data={"row-2": "another"}).status_code == 303
    assert "确认导入 1 条" in read(client, place)


@pytest.mark.parametrize("kind", ["people", "organizations"])
def test_a_template_is_a_list_that_we_read(client, clerk, kind):
    from lms.interop.content import read_table
    from lms.interop.operations import KINDS
    from lms.interop.rules.layouts import find_layout
    from lms.kernel.errors import Invalid

    for form in ("xlsx", "csv"):
        data = client.get(f"/imports/{kind}/template.{form}").data
        table = read_table(data, name=f"x.{form}")
        with pytest.raises(Invalid) as refused:  # it has only the headings
            find_layout(table, KINDS[kind].columns, name="x")
        assert refused.value.code == "no_rows"
        assert table.rows[0] == [column.label for column in KINDS[kind].columns]
    assert client.get(f"/imports/{kind}/template.exe").status_code == 404
    assert client.get("/imports/nonsense/template.csv").status_code == 404


def test_a_workbook_is_taken_too(client, app, clerk, station):
    place = upload(client, workbook(HEADER, line(1, "ST-1")), name="名单.xlsx").headers["Location"]
    work(app)
    assert "确认导入 1 条" in read(client, place)


def test_a_doubted_list_asks_for_the_number(client, app, session, clerk, station):
    rows = [line(order, "ST-9") for order in range(30)] + [line(40, "ST-1")]
    place = upload(client, text(HEADER, *rows)).headers["Location"]
    work(app)
    assert "这份名单有可疑的地方" in read(client, place)
    for typed in ("", "2", "x"):
        answer = client.post(f"{place}/confirm", data={"typed": typed})
        assert "preview" in answer.headers["Location"]
    answer = client.post(f"{place}/confirm", data={"typed": "1"})
    assert "outcome" in answer.headers["Location"]
    assert jobs.job(session, _last(app)).arguments["confirmed"] == 1
