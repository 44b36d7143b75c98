"""Pages of the import and the export of questions: who gets in, what they say, what is kept."""

import io
import re

import pytest
import sqlalchemy as sa
import time_machine

from lms.interop.models import QuestionMedium
from lms.jobs.models import Job
from lms.people.types import Role
from lms.question_bank.models import QuestionDraft
from lms.question_bank.operations import reindex
from lms.syllabus.models import Edition, Node
from tests import builders
from tests.builders import NOON, added
from tests.interop.question_builders import PICTURE
from tests.interop.test_bank_import import GIFT, moodle
from tests.question_bank.builders import question

KEY = "k" * 32
FORM = {
    "format": "", "encoding": "", "place": "", "difficulty": "2", "resting_on": "",
    "valid_on": "", "tags": "", "form_key": KEY,
}  # fmt: skip


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def teacher(session, sign_in):
    made = builders.with_role(session, Role.INSTRUCTOR)
    sign_in(made)
    return made


@pytest.fixture
def outline(session):
    edition = added(
        session, Edition(key="2025", number=1, digest="", title="大纲", published_at=NOON)
    )
    places = ["2025/J-COMP", "2025/J-COMP/06", "2025/J-COMP/06/1"]
    for at, (key, level) in enumerate(zip(places, ["subject", "chapter", "point"], strict=True)):
        session.add(Node(edition_id=edition.id, key=key, level=level, subject="J-COMP", position=at,
                         parent_key=key.rpartition("/")[0] if at else None, title="个案工作",
                         title_en="", certainty="settled", source=""))  # fmt: skip
    session.flush()


def upload(client, data, name="题.gift", **more):
    form = FORM | {"file": (io.BytesIO(data), name)} | more
    return client.post("/teaching/bank/import", data=form, content_type="multipart/form-data")


def work(app):
    with app.app_context():
        from lms.http.extensions import db
        from lms.jobs.operations.office import Office

        last = db.session().scalar(sa.select(sa.func.max(Job.id)))
        app.extensions[f"lms_service:{Office.__name__}"].worker().work(last)


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def drafts(session):
    return list(session.scalars(sa.select(QuestionDraft).order_by(QuestionDraft.id)))


def test_questions_travel_from_the_file_to_drafts(client, app, session, teacher, outline):
    question(session, key="q1", stem="旧题？", options=["甲", "乙", "丙"], answer="A")
    answer = upload(client, GIFT.encode("gb18030"), place="2025/J-COMP/06/1", tags="甲，乙",
                    resting_on="《慈善法》")  # fmt: skip
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert "正在逐题核对" in read(client, place)
    work(app)
    page = read(client, place)
    assert "gb18030" in page and "已勾选 3 道" in page
    assert "花括号没有成对" in page and "第 7 行" in page
    assert "选项 B 的反馈：再想想" in page
    assert "改了题干" in page and "<del>旧题</del>" in page
    assert page.count("学员看到的样子和答案") == 3
    assert drafts(session) == []
    answer = client.post(f"{place}/confirm", data={"shown": ["1", "2", "4"], "take": ["2", "4"]})
    outcome = answer.headers["Location"]
    assert "/outcome/" in outcome
    assert client.post(f"{place}/confirm").headers["Location"] == outcome
    work(app)
    assert "2 道题成为草稿" in read(client, outcome)
    one, other = drafts(session)
    assert (one.key, one.point_key, one.tags) == ("q2", "2025/J-COMP/06/1", ["甲", "乙"])
    assert one.source == {"kind": "law", "title": "《慈善法》"} and "再想想" in one.note
    assert other.stem == "四？"
    assert "看导入的进度和结果" in read(client, place)


def test_ticks_are_kept_page_by_page_and_all_at_once(client, app, session, teacher):
    many = "\n\n".join(
        f"第{n}题问什么{chr(0x4E00 + n)}{chr(0x5E00 + n)}？{{=甲 ~乙}}" for n in range(1, 31)
    )
    place = upload(client, many.encode()).headers["Location"]
    work(app)
    first = read(client, place)
    assert first.count('name="take"') == 20 and "已勾选 30 道" in first
    shown = re.findall(r'name="shown" value="(\d+)"', first)
    answer = client.post(f"{place}/ticks", data={"shown": shown, "take": shown[5:], "next": "20"})
    assert answer.headers["Location"] == f"{place}?after=20"
    second = read(client, f"{place}?after=20")
    assert second.count('name="take"') == 10 and "已勾选 25 道" in second
    client.post(f"{place}/ticks", data={"standing": "new", "every": "leave"})
    assert "已勾选 0 道" in read(client, place)
    answer = client.post(f"{place}/confirm")
    assert answer.headers["Location"].endswith("#confirm")
    assert "没有要导入的试题" in read(client, place)
    client.post(f"{place}/ticks", data={"standing": "new", "every": "take"})
    assert "已勾选 30 道" in read(client, f"{place}?standing=new")
    assert (
        client.post(f"{place}/ticks", data={"standing": "refused", "every": "take"}).status_code
        == 422
    )
    assert client.post(f"{place}/ticks", data={"shown": ["99"], "take": ["99"]}).status_code == 422


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"hello", "letter.pdf", "看不出文件是什么格式"),
        (b"<quiz", "x.xml", "不是完整的 XML"),
        (b"PK\x03\x04", "x.docx", "看不出文件是什么格式"),
        (b"", "x.gift", "0 道题"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(client, app, teacher, data, name, said):
    place = upload(client, data, name).headers["Location"]
    work(app)
    assert said in read(client, place)


def test_what_the_form_refuses(client, teacher, outline):
    for more, status in (
        ({"place": "1999/X"}, 422),
        ({"format": "gifd"}, 422),
        ({"file": ""}, 422),
    ):
        assert upload(client, b"x{}", **more).status_code == status


def test_the_same_form_sent_twice_is_one_preview(client, session, teacher):
    first, second = (upload(client, b"x{}").headers["Location"] for _ in range(2))
    assert first == second
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "docx", "gift", "toml"])
def test_a_template_is_a_file_that_comes_in(client, app, teacher, suffix):
    answer = client.get(f"/teaching/bank/import/template.{suffix}")
    assert "attachment" in answer.headers["Content-Disposition"]
    place = upload(client, answer.data, f"模板.{suffix}").headers["Location"]
    work(app)
    page = read(client, place)
    assert "（示例）社工初次接触服务对象时" in page and "已勾选" in page
    assert client.get("/teaching/bank/import/template.exe").status_code == 404


def test_a_picture_is_shown_to_who_may_see_the_question(client, app, session, teacher, sign_in):
    place = upload(client, moodle(PICTURE), "图.xml").headers["Location"]
    work(app)
    assert "1 张图片" in read(client, place)
    client.post(f"{place}/confirm")
    work(app)
    digest = session.scalars(sa.select(QuestionMedium.digest)).one()
    address = f"/question-media/{digest}.png"
    answer = client.get(address)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PICTURE.data, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(address, headers=etag).status_code == 304
    for wrong in (f"/question-media/{digest}.gif", f"/question-media/{'0' * 64}.png"):
        assert client.get(wrong).status_code == 404
    client.post("/sign-out")
    sign_in(builders.with_role(session, Role.LEARNER))
    assert client.get(address).status_code == 404, "a draft is nobody's yet"
    (draft,) = drafts(session)
    question(session, key=draft.key, stem=draft.stem, options=["甲", "乙", "丙"], answer="A")
    session.commit()
    assert client.get(address).status_code == 200
    client.post("/sign-out")
    assert client.get(address).status_code == 303


def test_questions_go_out_once_it_was_said_what_is_lost(client, app, session, teacher):
    question(session, key="q1", stem="一？")
    question(session, key="q2", stem="二？", difficulty=3)
    reindex(session)
    session.commit()
    page = read(client, "/teaching/bank/export?difficulty=3")
    assert "将导出 1 道题" in page and "写不下什么" in page
    form = {"format": "aiken", "form_key": KEY, "difficulty": "3"}
    assert client.post("/teaching/bank/export", data=form | {"format": "x"}).status_code == 422
    place = client.post("/teaching/bank/export", data=form).headers["Location"]
    assert client.post("/teaching/bank/export", data=form).headers["Location"] == place
    assert client.get(f"{place}/file").status_code == 404
    work(app)
    page = read(client, place)
    assert "Aiken 文本 写不下：编号" in page and "下载文件" in page
    answer = client.get(f"{place}/file")
    assert "二？" in answer.data.decode() and "一？" not in answer.data.decode()
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "没有可导出的" in read(client, "/teaching/bank/export?subject=none")


def test_learners_and_managers_do_not_get_in(client, session, sign_in):
    for role in (Role.LEARNER, Role.COUNTY_MANAGER):
        sign_in(builders.with_role(session, role, at=builders.organization(session)))
        for path in ("/teaching/bank/import", "/teaching/bank/export"):
            assert client.get(path).status_code == 403
        client.post("/sign-out")


def test_the_bank_leads_to_both(client, teacher):
    page = read(client, "/teaching/bank?difficulty=3")
    assert "/teaching/bank/import" in page
    assert "/teaching/bank/export?difficulty=3" in page
