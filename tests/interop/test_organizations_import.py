"""Lists of organizations: judged, confirmed, imported; on both databases."""

from datetime import date

import pytest
import sqlalchemy as sa

from lms.interop.types import Mode, Verdict
from lms.organizations import operations as organizations
from lms.organizations.models import Organization
from lms.organizations.types import OrganizationKind
from lms.people.types import Role
from tests import builders
from tests.builders import NOON
from tests.interop.builders import text
from tests.interop.test_people_import import Desk

HEADER = ("单位名称", "代码", "类型", "上级单位代码", "条线", "简称", "成立日期")


class Office(Desk):
    def preview(self, *rows, **more):
        data = more.pop("data", None) or text(HEADER, *rows)
        return super().preview(data=data, kind="organizations", **more)


@pytest.fixture
def office(session, vault, tmp_path):
    return Office(session, vault, tmp_path)


def add(session, code, name, kind, parent, system="bixue", **values):
    return organizations.add(
        session,
        code=code,
        code_system=system,
        kind=kind,
        name=name,
        parent_id=parent.id if parent else None,
        now=NOON,
        **values,
    )


@pytest.fixture
def province(session):
    return add(session, "520000", "贵州省", OrganizationKind.PROVINCE, None, "GB/T 2260")


@pytest.fixture
def county(session, province):
    prefecture = add(
        session, "522300", "黔西南州", OrganizationKind.PREFECTURE, province, "GB/T 2260"
    )
    return add(session, "522301", "兴义市", OrganizationKind.COUNTY, prefecture, "GB/T 2260")


@pytest.fixture
def station(session, county):
    return add(session, "ST-1", "第一社工站", OrganizationKind.TOWNSHIP_STATION, county)


@pytest.fixture
def clerk(session, county):
    return builders.with_role(session, Role.COUNTY_MANAGER, at=county)


def row(
    name="第二社工站", code="ST-2", kind="社工站", parent="522301", sector="", short="", opened=""
):
    return [name, code, kind, parent, sector, short, opened]


def found(session, code):
    session.expire_all()
    return session.scalars(sa.select(Organization).where(Organization.code == code)).one()


def test_organizations_are_added_those_above_first(office, session, county):
    rows = [
        row("第二社工室", "R-2", "村（社区）社工室", "ST-2"),  # its station comes later
        row(),
        row("兴义市民政局", "MZ-1", "部门", "522301", "民政局", "市民政局、民政", "2001年5月"),
    ]
    preview = office.preview(*rows)
    assert office.verdicts(preview) == [Verdict.NEW] * 3
    assert office.verdicts(office.confirm(preview)) == [Verdict.NEW] * 3
    assert found(session, "R-2").parent_id == found(session, "ST-2").id
    bureau = found(session, "MZ-1")
    assert (bureau.sector, bureau.opened_on) == ("civil_affairs", date(2001, 5, 1))
    assert office.verdicts(office.preview(*rows)) == [Verdict.SAME] * 3


def test_an_organization_is_renamed_moved_and_described(office, session, county, station):
    rows = [
        row("兴义社工总站", "HUB", "县级社工总站"),
        row("新一社工站", "ST-1", "社工站", "HUB", short="一站", opened="2020-1-1"),
    ]
    preview = office.preview(*rows)
    changed = office.rows(preview)[1]
    assert {(c.field, c.before, c.after) for c in changed.changes} == {
        ("name", "第一社工站", "新一社工站"),
        ("parent", "兴义市", "HUB"),
        ("short_names", "", "一站"),
        ("opened_on", "", "2020-01-01"),
    }
    assert office.verdicts(office.confirm(preview)) == [Verdict.NEW, Verdict.CHANGED]
    moved = found(session, "ST-1")
    assert (moved.name, moved.parent_id) == ("新一社工站", found(session, "HUB").id)
    assert office.verdicts(office.preview(*rows)) == [Verdict.SAME] * 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (row(parent="999999"), "没有上级单位"),
        (row(parent=""), "要填上级单位"),
        (row(kind=""), "要填单位类型"),
        (row(kind="大楼"), "不在可选的词里"),
        (row(kind="市州"), "不能放在所选的上级单位下面"),
        (row(code="有中文"), "本平台编号只能用"),
        (row(code=""), "没有填"),
        (row(name=""), "没有填"),
        (row(name="第一社工站", code="ST-9"), "已有同名的单位，代码是 ST-1"),
    ],
)
def test_what_is_wrong_with_a_row(office, station, line, words):
    preview = office.preview(line, row("第三社工站", "ST-3"))
    assert office.verdicts(preview) == [Verdict.REFUSED, Verdict.NEW]
    assert words in office.why(preview)[0][0]


def test_a_code_twice_in_a_file(office, county):
    assert office.verdicts(office.preview(row(), row("另一站"))) == [Verdict.NEW, Verdict.REPEATED]


@pytest.mark.parametrize(
    ("mode", "verdicts"),
    [
        (Mode.ADD, [Verdict.SKIPPED, Verdict.NEW]),
        (Mode.UPDATE, [Verdict.CHANGED, Verdict.SKIPPED]),
        (Mode.FILL, [Verdict.SAME, Verdict.NEW]),
    ],
)
def test_the_modes(office, station, mode, verdicts):
    rows = [row("改名社工站", "ST-1"), row()]
    assert office.verdicts(office.preview(*rows, mode=mode)) == verdicts


def test_a_clerk_changes_only_what_is_below_their_own(office, session, clerk, county, station):
    elsewhere = add(
        session, "520103", "云岩区", OrganizationKind.COUNTY, found(session, "522300"), "GB/T 2260"
    )
    add(session, "ST-7", "云岩社工站", OrganizationKind.TOWNSHIP_STATION, elsewhere)
    header = (*HEADER, "代码种类")
    data = text(
        header,
        [*row("改名社工站", "ST-7", parent="520103"), ""],
        [*row("新站", "ST-8", parent="520103"), ""],
        [*row("兴义县", "522301", "县", ""), "行政区划"],
        [*row("改名社工站", "ST-1"), ""],
    )
    preview = office.preview(data=data, by=clerk)
    assert office.verdicts(preview) == [*[Verdict.REFUSED] * 3, Verdict.CHANGED]
    assert "由上级单位改" in office.why(preview)[2][0]
    office.confirm(preview, by=clerk)
    assert found(session, "ST-7").name == "云岩社工站"


def test_what_is_taken_elsewhere_spoils_no_other_row(office, session, clerk, county):
    """Codes outside the scope are not seen in the preview: the deed refuses them, row by row."""
    other = add(
        session, "520103", "云岩区", OrganizationKind.COUNTY, found(session, "522300"), "GB/T 2260"
    )
    add(session, "ST-5", "云岩社工站", OrganizationKind.TOWNSHIP_STATION, other)
    rows = [row(f"第{n}社工站", f"ST-{n}") for n in range(3, 9)]
    done = office.confirm(office.preview(*rows, by=clerk), by=clerk)
    verdicts = office.verdicts(done)
    assert verdicts.count(Verdict.NEW) == 5
    assert verdicts[2] == Verdict.REFUSED
    assert "ST-5" in office.why(done)[2][0]


def test_what_somebody_changed_in_between_is_not_overwritten(office, session, station):
    preview = office.preview(row("改名社工站", "ST-1"))
    found(session, "ST-1").revision += 1
    session.flush()
    assert office.verdicts(office.confirm(preview)) == [Verdict.REFUSED]
    assert found(session, "ST-1").name == "第一社工站"
