"""Lists of people: judged, confirmed, imported; on both databases, with the real operations."""

import io
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.interop import operations, queries
from lms.interop.operations import Tools
from lms.interop.operations.tools import Kind
from lms.interop.types import Judged, Mode, Verdict
from lms.jobs import queries as jobs
from lms.jobs.operations import Worker
from lms.jobs.types import JobState
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.files import Store
from lms.kernel.transaction import transaction
from lms.kernel.vault import Key
from lms.people import operations as people
from lms.people.models import FormerName, IdentityDocument, Person, Phone, Post, RoleGrant
from lms.people.rules import mask_document, mask_phone
from lms.people.types import (
    DocumentKind,
    Education,
    PersonChange,
    PersonRow,
    PostKind,
    PostRow,
    Role,
)
from lms.privacy.types import Answer
from tests import builders
from tests.builders import NOON, TODAY
from tests.interop.builders import HEADER, line, number, phone, text, workbook
from tests.privacy.builders import answered, published

RESIDENT = DocumentKind.RESIDENT_ID


class Desk:
    """What an importing person has before them."""

    def __init__(self, session, vault, folder):
        self.session, self.vault = session, vault
        self.store = Store(folder, [Key("t", b"t" * 32)])
        self.tools = Tools(vault, self.store, 20, 50, 10_000_000, 30)
        kinds = {kind.name: kind for kind in operations.kinds(self.tools)}

        @contextmanager
        def writing():
            with transaction(session):
                yield session

        @contextmanager
        def reading():
            session.flush()
            yield session

        self.worker = Worker(
            writing=writing,
            reading=reading,
            kinds=kinds,
            clock=lambda: NOON,
            store=self.store,
            put=lambda _job_id: None,
        )

    def preview(
        self, *rows, by=None, mode=Mode.BOTH, data=None, name="名单.csv", kind="people", **more
    ):
        content = data if data is not None else text(HEADER, *rows)
        with transaction(self.session):
            job_id = operations.ask_preview(
                self.session,
                self.tools,
                io.BytesIO(content),
                kind=kind,
                name=name,
                mode=mode,
                owner_id=by.id if by else None,
                now=NOON,
                put=None,
                **more,
            )
        self.worker.work(job_id)
        return self.job(job_id)

    def job(self, job_id):
        self.session.expire_all()
        return jobs.job(self.session, job_id)

    def confirm(self, preview, by=None, **more):
        with transaction(self.session):
            job_id = operations.ask_import(
                self.session, preview, owner_id=by.id if by else None, now=NOON, put=None, **more
            )
        self.worker.work(job_id)
        return self.job(job_id)

    def rows(self, job):
        return [Judged.read(one) for some in jobs.outcomes(self.session, job.id) for one in some]

    def verdicts(self, job):
        assert job.state == JobState.DONE, job.message % dict(job.values)
        return [row.verdict for row in self.rows(job)]

    def why(self, job):
        return [[r.message % dict(r.values) for r in row.reasons] for row in self.rows(job)]


@pytest.fixture
def desk(session, vault, tmp_path):
    return Desk(session, vault, tmp_path)


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county", name="兴义市")


@pytest.fixture
def station(session, county):
    return builders.organization(session, county, code="ST-1", name="第一社工站")


@pytest.fixture
def clerk(session, county):
    return builders.with_role(session, Role.COUNTY_MANAGER, at=county)


def count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def known(session, vault, station, order=1, name="杨梅", **values):
    """Somebody who is there as the row of the same order says."""
    row = PersonRow(
        name,
        phone=phone(order),
        documents={RESIDENT: number(order)},
        education=Education.BACHELOR,
        posts=(PostRow(station.id, PostKind.STATION_WORKER, "社工", date(2024, 3, 1)),),
        **values,
    )
    (person_id,) = people.add_many(session, [row], vault=vault, actor_id=None, now=NOON)
    return person_id


def test_a_list_is_previewed_and_imported(desk, session, station, clerk):
    preview = desk.preview(line(1, "ST-1"), line(2, "ST-1", "阿卜杜·买买提"), by=clerk)
    before = count(session, Person)
    assert desk.verdicts(preview) == [Verdict.NEW, Verdict.NEW]
    assert preview.result["doubts"] == []
    done = desk.confirm(preview, by=clerk)
    assert desk.verdicts(done) == [Verdict.NEW, Verdict.NEW]
    assert count(session, Person) == before + 2
    person = session.get(Person, desk.rows(done)[1].subject_id)
    assert (person.name, person.password_hash, person.education) == (
        "阿卜杜·买买提",
        None,
        "bachelor",
    )
    post = session.scalars(sa.select(Post).where(Post.person_id == person.id)).one()
    assert (post.organization_id, post.kind, post.title) == (station.id, "station_worker", "社工")
    assert post.started_on == date(2024, 3, 1)
    grant = session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == person.id)).one()
    assert (grant.role, grant.organization_id, grant.granted_by) == (
        "learner",
        station.id,
        clerk.id,
    )
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "interop.list_imported")).one()
    assert entry.actor_id == clerk.id
    assert entry.facts["counts"] == {"new": 2}
    assert number(1) not in str(session.scalars(sa.select(Entry.facts)).all())


def test_importing_again_changes_nothing(desk, session, station):
    rows = [line(1, "ST-1"), line(2, "ST-1", "王明")]
    desk.confirm(desk.preview(*rows))
    entries = count(session, Entry)
    again = desk.preview(*rows)
    assert desk.verdicts(again) == [Verdict.SAME, Verdict.SAME]
    with pytest.raises(Conflict) as refused:
        desk.confirm(again)
    assert refused.value.code == "nothing_to_do"
    assert count(session, Entry) == entries + 2  # the preview was asked for and finished


def test_a_preview_writes_nobody(desk, session, station):
    before = [count(session, model) for model in (Person, Phone, IdentityDocument, Post, RoleGrant)]
    desk.preview(line(1, "ST-1"))
    after = [count(session, model) for model in (Person, Phone, IdentityDocument, Post, RoleGrant)]
    assert after == before


def test_bad_rows_name_their_cell_and_stop_no_other(desk, station):
    rows = [
        line(1, "ST-1"),
        line(2, "ST-1", 身份证号="522301199001011239"),
        line(3, "ST-1", 手机="12345"),
        line(4, "ST-9"),
        line(5, "ST-1", name=""),
        line(6, "ST-1", 入职日期="1/3/2024"),
        line(7, "ST-1", 岗位="局长"),
        line(8, "ST-1"),
    ]
    preview = desk.preview(*rows)
    assert desk.verdicts(preview) == [Verdict.NEW, *[Verdict.REFUSED] * 6, Verdict.NEW]
    assert [len(reasons) for reasons in desk.why(preview)] == [0, 1, 1, 1, 1, 1, 1, 0]
    columns = [row.reasons[0].column for row in desk.rows(preview)[1:-1]]
    assert columns == [1, 2, None, 0, 6, 4]
    assert preview.result["counts"] == {"new": 2, "refused": 6}
    assert desk.verdicts(desk.confirm(preview)).count(Verdict.NEW) == 2


def test_what_changes_is_told_masked(desk, session, vault, station):
    person_id = known(session, vault, station)
    row = line(1, "ST-1", "杨小梅", 手机=phone(9), 学历="硕士", 职务="站长")
    preview = desk.preview(row)
    (judged,) = desk.rows(preview)
    assert judged.verdict is Verdict.CHANGED
    assert {(c.field, c.before, c.after) for c in judged.changes} == {
        ("name", "杨梅", "杨小梅"),
        ("education", "本科", "硕士研究生"),
        ("phone", mask_phone(phone(1)), mask_phone(phone(9))),
        ("title", "社工", "站长"),
    }
    desk.confirm(preview)
    session.expire_all()
    person = session.get(Person, person_id)
    assert (person.name, person.education, person.revision) == ("杨小梅", "master", 2)
    assert session.scalars(sa.select(Post.title).where(Post.person_id == person_id)).all() == [
        "站长"
    ]
    assert desk.verdicts(desk.preview(row)) == [Verdict.SAME]


@pytest.mark.parametrize(
    ("mode", "verdicts"),
    [
        (Mode.ADD, [Verdict.SKIPPED, Verdict.NEW]),
        (Mode.UPDATE, [Verdict.CHANGED, Verdict.SKIPPED]),
        (Mode.BOTH, [Verdict.CHANGED, Verdict.NEW]),
        (Mode.FILL, [Verdict.SAME, Verdict.NEW]),  # an education is there already
    ],
)
def test_the_modes(desk, session, vault, station, mode, verdicts):
    known(session, vault, station)
    rows = [line(1, "ST-1", 学历="博士"), line(2, "ST-1", "王明")]
    assert desk.verdicts(desk.preview(*rows, mode=mode)) == verdicts


def test_filling_adds_only_what_is_missing(desk, session, station):
    person = builders.learner(session, at=station, name="杨梅", user_name="yang")
    data = text((*HEADER, "用户名"), [*line(1, "ST-1", 职务="站长"), "yang"])
    done = desk.confirm(desk.preview(data=data, mode=Mode.FILL))
    (judged,) = desk.rows(done)
    assert {c.field for c in judged.changes} == {"phone", "number", "education"}
    session.expire_all()
    assert session.get(Person, person.id).education == "bachelor"


def test_former_names_are_noted_once(desk, session, vault, station):
    known(session, vault, station)
    header = (*HEADER, "曾用名")
    data = text(header, [*line(1, "ST-1"), "杨小梅"], [*line(2, "ST-1", "王明"), "王小明"])
    done = desk.confirm(desk.preview(data=data))
    assert desk.verdicts(done) == [Verdict.CHANGED, Verdict.NEW]
    names = session.scalars(sa.select(FormerName.name).order_by(FormerName.id)).all()
    assert names == ["杨小梅", "王小明"]
    assert desk.verdicts(desk.preview(data=data)) == [Verdict.SAME] * 2


def test_the_same_person_twice_in_a_file(desk, station):
    rows = [
        line(1, "ST-1"),
        line(1, "ST-1", 手机=phone(2)),
        line(3, "ST-1", 手机=phone(1)),  # another document, the first one's phone
    ]
    preview = desk.preview(*rows)
    assert desk.verdicts(preview) == [Verdict.NEW, Verdict.REPEATED, Verdict.REFUSED]
    assert "第 2 行" in desk.why(preview)[1][0]


def test_whose_number_it_is_decides(desk, session, vault, station):
    known(session, vault, station, 1, "杨梅")
    known(session, vault, station, 2, "王明")
    rows = [
        line(1, "ST-1", 手机=phone(2)),  # 王明's phone
        line(3, "ST-1", "杨梅", 手机=phone(1)),  # 杨梅's phone, another document
        line(4, "ST-1", "李四", 身份证号="", 手机=phone(2)),  # another name
        line(2, "ST-1", "王明", 身份证号=""),
    ]
    assert desk.verdicts(desk.preview(*rows)) == [*[Verdict.REFUSED] * 3, Verdict.SAME]


def test_a_clerk_reaches_only_their_own_units(desk, session, vault, clerk, station):
    elsewhere = builders.organization(session, code="ST-2")
    known(session, vault, elsewhere, 2, "王明")
    rows = [line(1, "ST-2"), line(2, "ST-1", "王明"), line(3, "ST-1")]
    preview = desk.preview(*rows, by=clerk)
    assert desk.verdicts(preview) == [Verdict.REFUSED, Verdict.REFUSED, Verdict.NEW]
    assert "代码为“ST-2”" in desk.why(preview)[0][0]
    assert "管辖" in desk.why(preview)[1][0]


def test_forged_columns_do_nothing(desk, session, station, clerk):
    data = text((*HEADER, "角色", "role", "organization_id", "scope"), [*line(1, "ST-1"), "administrator", "administrator", "1", "1"])  # fmt: skip
    preview = desk.preview(data=data, by=clerk)
    assert preview.result["unknown"] == ["角色", "role", "organization_id", "scope"]
    (judged,) = desk.rows(desk.confirm(preview, by=clerk))
    grants = session.scalars(
        sa.select(RoleGrant.role).where(RoleGrant.person_id == judged.subject_id)
    )
    assert grants.all() == ["learner"]


def test_who_lost_the_permission_imports_nothing(desk, session, station, clerk):
    preview = desk.preview(line(1, "ST-1"), by=clerk)
    session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == clerk.id))
    done = desk.confirm(preview, by=clerk)
    assert done.state == JobState.FAILED
    assert count(session, Phone) == 0


def test_who_is_possibly_there_waits_for_a_decision(desk, session, station, clerk):
    there = builders.learner(session, at=station, name="杨梅")
    rows = [line(1, "ST-1"), line(2, "ST-1")]
    preview = desk.preview(*rows, by=clerk)
    assert desk.verdicts(preview) == [Verdict.POSSIBLE, Verdict.POSSIBLE]
    with pytest.raises(Conflict):
        desk.confirm(preview, by=clerk)

    def choose(**said):
        with transaction(session):
            chosen = {int(row[1:]): choice for row, choice in said.items()}
            operations.choose(session, preview, chosen, actor_id=clerk.id, now=NOON)

    with pytest.raises(Invalid):
        choose(r9="same")
    choose(r2="another", r3="same")
    choose(r2="same", r3="another")
    assert queries.choices(session, preview.id) == {2: "same", 3: "another"}
    done = desk.confirm(preview, by=clerk)
    assert desk.verdicts(done) == [Verdict.CHANGED, Verdict.NEW]
    assert desk.rows(done)[0].subject_id == there.id
    with pytest.raises(Conflict):
        choose(r2="another")


def test_what_somebody_changed_in_between_is_not_overwritten(desk, session, vault, station):
    person_id = known(session, vault, station)
    preview = desk.preview(
        line(1, "ST-1", "杨小梅"), line(2, "ST-1", "王明"), line(3, "ST-1", "李四")
    )
    change = PersonChange(person_id, name="杨大梅")
    people.update_many(session, [change], vault=vault, actor_id=None, now=NOON)
    known(session, vault, station, 3, "李五")
    done = desk.confirm(preview)
    assert desk.verdicts(done) == [Verdict.REFUSED, Verdict.NEW, Verdict.REFUSED]
    assert "预览之后有人改过" in desk.why(done)[0][0]
    session.expire_all()
    assert session.get(Person, person_id).name == "杨大梅"


def test_what_came_about_in_between_is_the_same(desk, session, vault, station):
    preview = desk.preview(line(1, "ST-1"), line(2, "ST-1", "王明"))
    known(session, vault, station)
    assert desk.verdicts(desk.confirm(preview)) == [Verdict.SAME, Verdict.NEW]


def test_confirming_twice_is_one_import(desk, session, station):
    preview = desk.preview(line(1, "ST-1"))
    one, two = desk.confirm(preview), desk.confirm(preview)
    assert one.id == two.id
    assert count(session, Phone) == 1


def test_the_same_form_sent_twice_is_one_preview(desk, station):
    one = desk.preview(line(1, "ST-1"), idempotency_key="upload:1:abc")
    two = desk.preview(line(1, "ST-1"), idempotency_key="upload:1:abc")
    assert one.id == two.id


def test_the_same_list_by_two_people_adds_everybody_once(desk, session, station, clerk):
    rows = [line(1, "ST-1"), line(2, "ST-1", "王明")]
    one, two = desk.preview(*rows, by=clerk), desk.preview(*rows)
    assert desk.verdicts(desk.confirm(one, by=clerk)) == [Verdict.NEW] * 2
    assert desk.verdicts(desk.confirm(two)) == [Verdict.SAME] * 2
    assert count(session, Phone) == 2


def test_nobody_who_is_absent_is_dropped(desk, session, vault, station):
    person_id = known(session, vault, station)
    desk.confirm(desk.preview(line(2, "ST-1", "王明")))
    post = session.scalars(sa.select(Post).where(Post.person_id == person_id)).one()
    assert post.ended_on is None


def test_a_second_unit_is_a_second_post(desk, session, vault, county, station):
    other = builders.organization(session, county, code="ST-2", name="第二社工站")
    person_id = known(session, vault, station)
    row = line(1, "ST-2", 入职日期="")
    done = desk.confirm(desk.preview(row))
    (judged,) = desk.rows(done)
    assert [(c.field, c.after) for c in judged.changes] == [("post", "第二社工站 驻站社工")]
    posts = session.scalars(
        sa.select(Post).where(Post.person_id == person_id).order_by(Post.id)
    ).all()
    assert [(p.organization_id, p.started_on) for p in posts] == [
        (station.id, date(2024, 3, 1)),
        (other.id, TODAY),
    ]
    assert desk.verdicts(desk.preview(row)) == [Verdict.SAME]


def test_another_first_day_is_told_and_left(desk, session, vault, station):
    known(session, vault, station)
    preview = desk.preview(line(1, "ST-1", 入职日期="2023-1-1"))
    assert desk.verdicts(preview) == [Verdict.SAME]
    assert "2024-03-01" in desk.why(preview)[0][0]


def test_units_by_name_and_what_is_ambiguous(desk, session, county, station):
    for code in ("ST-3", "ST-4"):
        builders.organization(session, county, code=code, name="同名社工站")
    header = ("单位", *HEADER)
    data = text(
        header,
        ["第一社工站", *line(1, "")],
        ["同名社工站", *line(2, "")],
        ["同名社工站", *line(3, "ST-4")],
        ["第一社工站", *line(4, "ST-4")],
        ["", *line(5, "")],
    )
    preview = desk.preview(data=data)
    assert desk.verdicts(preview) == [Verdict.NEW, Verdict.REFUSED, Verdict.NEW, Verdict.REFUSED, Verdict.REFUSED]  # fmt: skip


def test_a_list_that_would_change_too_much_is_asked_about(desk, session, vault, station):
    rows = []
    for order in range(1, 31):
        known(session, vault, station, order, f"杨{'一二三四五六七八九十'[order % 10]}")
        rows.append(line(order, "ST-1", "改名"))
    preview = desk.preview(*rows)
    assert [doubt[1]["n"] for doubt in preview.result["doubts"]] == [30, 30]  # changed, renamed
    for typed in (None, 29):
        with pytest.raises(Conflict) as refused:
            desk.confirm(preview, typed=typed)
        assert refused.value.code == "say_how_many"
    assert desk.confirm(preview, typed=30).result["counts"] == {"changed": 30}


def test_a_column_in_the_wrong_place_is_asked_about(desk, station):
    rows = [line(order, "ST-1", 手机="社工") for order in range(1, 25)]
    doubts = desk.preview(*rows).result["doubts"]
    assert [values.get("label") for _words, values in doubts] == [None, "手机"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([HEADER], "表头下面没有数据"),
        ([["甲", "乙"], ["1", "2"]], "找不到表头"),
        ([["姓名", "学历"], ["杨梅", "本科"]], None),
        ([["学历", "手机"], ["本科", phone(1)]], "缺少这些列：姓名"),
        ([["姓名", "手机", "姓 名（必填）"], ["甲", "乙", "丙"]], "A 列和 C 列都是“姓名”"),
    ],
)
def test_a_file_without_the_right_columns_is_refused(desk, rows, words):
    preview = desk.preview(data=text(*rows))
    if words is None:
        assert desk.verdicts(preview) == [Verdict.REFUSED]
    else:
        assert preview.state == JobState.FAILED
        assert words in preview.message % dict(preview.values)


def test_titles_above_the_header_and_any_order(desk, station):
    rows = [
        ["2026 年人员名单"],
        [],
        ["第 1 页"],
        list(reversed(HEADER)),
        list(reversed(line(1, "ST-1"))),
    ]
    preview = desk.preview(data=workbook(*rows), name="名单.xlsx")
    assert desk.verdicts(preview) == [Verdict.NEW]
    assert (preview.result["header"], preview.result["sheet"]) == (4, "名单")


def test_lost_digits_are_refused_in_their_cell(desk, station):
    data = workbook(HEADER, line(1, "ST-1"), numbers={(1, 1): int(number(1)[:17] + "0")})
    preview = desk.preview(data=data, name="名单.xlsx")
    assert desk.verdicts(preview) == [Verdict.REFUSED]
    assert "后几位已经丢失" in desk.why(preview)[0][0]


def test_the_result_files_hold_the_rows_and_why(desk, station):
    rows = [line(1, "ST-1", 职务="=1+1"), line(2, "ST-9")]
    done = desk.confirm(desk.preview(*rows))
    sheets = {}
    for form, file_id in done.files.items():
        stored = jobs.stored_file(desk.session, file_id)
        assert stored.name == f"名单-结果.{form}"
        sheets[form] = desk.store.read(stored.key)
    from lms.interop.content import read_table

    lines = {form: read_table(data, name=f"x.{form}").rows for form, data in sheets.items()}
    assert lines["csv"][0] == [*HEADER, "结果", "说明", "行号"]
    assert lines["csv"][1][5] == "'=1+1", "no formula comes back"
    assert lines["xlsx"][1][5] == "=1+1", "a text in a cell of texts is none"
    assert lines["xlsx"][1][1] == number(1)
    assert [row[8] for row in lines["xlsx"]] == ["结果", "新增", "不能导入"]
    assert "ST-9" in lines["xlsx"][2][9]
    assert mask_document(number(1)) not in sheets["csv"].decode()


def test_an_import_goes_on_after_its_last_portion(desk, session, station, monkeypatch):
    kind: Kind = operations.KINDS["people"]
    monkeypatch.setattr(type(kind), "size", 2)
    rows = [line(order, "ST-1", f"杨{'一二三四五六'[order]}") for order in range(6)]
    preview = desk.preview(*rows)
    with transaction(session):
        job_id = operations.ask_import(session, preview, owner_id=None, now=NOON, put=None)

    def fall(done, _total):
        if done == 4:
            raise RuntimeError("the machine is gone")

    desk.worker.work(job_id, told=fall)
    assert (desk.job(job_id).state, count(session, Phone)) == (JobState.QUEUED, 4)
    desk.worker.work(job_id)
    done = desk.job(job_id)
    assert desk.verdicts(done) == [Verdict.NEW] * 6
    assert count(session, Phone) == 6
    assert done.attempts == 2


def test_the_statements_do_not_grow_with_the_rows(desk, session, station, count_statements):
    def statements(rows):
        with count_statements() as seen:
            desk.confirm(desk.preview(*rows))
        return len(seen)

    few = statements([line(order, "ST-1", "杨梅") for order in range(3)])
    many = statements([line(order, "ST-1", "王明") for order in range(10, 60)])
    assert many <= few + 2


def test_a_file_is_gone_when_its_time_is_over(desk, session, station):
    preview = desk.preview(line(1, "ST-1"))
    from lms.jobs.operations import remove_old_files

    with transaction(session):
        remove_old_files(session, desk.store, now=NOON + timedelta(days=31))
    done = desk.confirm(preview)
    assert done.state == JobState.FAILED
    assert "已经删除" in done.message


def test_a_number_that_was_withdrawn_is_not_imported_again(desk, session, county, station):
    published(session)
    first = desk.confirm(desk.preview(line(1, station.code)))
    person = session.get(Person, desk.rows(first)[0].subject_id)
    for answer in (Answer.GIVEN, Answer.WITHDRAWN):
        answered(session, person, "identity_number", answer)
    session.execute(sa.delete(IdentityDocument))
    session.flush()
    again = desk.preview(line(1, station.code))
    assert desk.verdicts(again) == [Verdict.REFUSED]
    assert "不同意登记证件号码" in desk.why(again)[0][0]
    assert desk.verdicts(desk.preview(line(1, station.code, 身份证号=""))) == [Verdict.SAME]
