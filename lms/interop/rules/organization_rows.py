# ruff: noqa: E501 - a line of the table for each column, words included
"""What one row of a list of organizations says, checked cell by cell. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.interop.rules.people_rows import trouble_reason
from lms.interop.rules.units import unit_key
from lms.interop.rules.values import read_day
from lms.interop.types import Column, Layout, Reason, Table
from lms.kernel.errors import N_, Invalid
from lms.organizations.rules import clean_code, clean_name
from lms.organizations.types import (
    GB_32100,
    GB_T_2260,
    MCA,
    NBS,
    OURS,
    Code,
    OrganizationKind,
    Sector,
)

COLUMNS = (
    Column("code", N_("单位代码"), ("代码", "编号", "单位编号", "机构代码", "unit code"), "ST-522301-01", N_("必填；同一种代码里不能重复"), is_required=True),
    Column("system", N_("代码种类"), ("代码体系", "code system"), "本平台", N_("不填就是本平台编号；也可以是行政区划、民政部、统计局、统一社会信用代码")),
    Column("name", N_("单位名称"), ("单位", "名称", "机构名称", "单位全称", "unit", "organization"), "洒金街道社会工作和志愿服务站", N_("必填；全称"), is_required=True),
    Column("kind", N_("单位类型"), ("类型", "类别", "机构类型", "unit kind"), "乡镇（街道）社工站", N_("新增的单位必填：市级指导中心、县级社工总站、乡镇（街道）社工站、村（社区）社工室、部门、党校、服务机构等")),
    Column("parent_code", N_("上级单位代码"), ("上级代码", "主管单位代码", "parent code"), "522301", N_("新增的单位，上级单位代码和上级单位至少填一项；上级可以是同一张表里的单位")),
    Column("parent", N_("上级单位"), ("上级单位名称", "主管单位", "parent unit"), "兴义市", N_("上级单位的全称")),
    Column("sector", N_("条线"), ("部门条线",), "", N_("部门才填：社会工作部、民政、公安、司法、卫健、教育、信访、工会、共青团、妇联、残联等")),
    Column("short_names", N_("简称"), ("别名", "单位简称", "short name"), "洒金站", N_("几个简称用顿号隔开")),
    Column("opened_on", N_("成立日期"), ("成立时间", "开办日期", "启用日期", "opened"), "2021-06-01", N_("2021-06-01、2021年6月1日 都可以")),
)  # fmt: skip
LABELS = {column.name: column.label for column in COLUMNS}

_SYSTEMS = {
    OURS: "本平台 必学 平台编号",
    GB_T_2260: "行政区划 行政区划代码",
    MCA: "民政部 民政",
    NBS: "统计局 国家统计局 统计用区划代码",
    GB_32100: "统一社会信用代码 信用代码 社会信用代码",
}
_KINDS = {
    OrganizationKind.PROVINCE: "省",
    OrganizationKind.PREFECTURE: "市州 市 州 地级市 自治州",
    OrganizationKind.COUNTY: "县 县市区 区县 县级",
    OrganizationKind.TOWNSHIP: "乡镇 街道 乡镇街道 镇 乡",
    OrganizationKind.PREFECTURE_CENTER: "市级指导中心 指导中心 社工站市级指导中心 市级社工指导中心",
    OrganizationKind.COUNTY_HUB: "县级社工总站 县级总站 社工总站 总站",
    OrganizationKind.TOWNSHIP_STATION: "乡镇街道社工站 社工站 乡镇社工站 街道社工站 站点",
    OrganizationKind.VILLAGE_ROOM: "村社区社工室 社工室 村社工室 社区社工室",
    OrganizationKind.DEPARTMENT: "部门 机关 单位部门 委办局",
    OrganizationKind.PARTY_SCHOOL: "党校 行政学院",
    OrganizationKind.AGENCY: "服务机构 社工机构 社会工作服务机构 机构",
}
_SECTORS = {
    Sector.SOCIAL_WORK: "社会工作部 社工部",
    Sector.CIVIL_AFFAIRS: "民政 民政局 民政厅",
    Sector.PUBLIC_SECURITY: "公安 公安局",
    Sector.JUSTICE: "司法 司法局",
    Sector.HEALTH: "卫健 卫健局 卫生健康",
    Sector.EDUCATION: "教育 教育局",
    Sector.PETITIONS: "信访 信访局",
    Sector.TRADE_UNION: "工会 总工会",
    Sector.YOUTH_LEAGUE: "共青团 团委",
    Sector.WOMENS_FEDERATION: "妇联",
    Sector.DISABLED_FEDERATION: "残联",
    Sector.HUMAN_RESOURCES: "人社 人社局 人力资源社会保障",
    Sector.VETERANS: "退役军人 退役军人事务 退役军人事务局",
}


@dataclass(frozen=True, slots=True)
class OrganizationSaid:
    """What a row says about an organization, as far as it could be understood."""

    row: int
    """As people count, from 1."""
    name: str
    values: Mapping[str, Any]
    """Field -> value, without those that are empty."""
    faults: tuple[Reason, ...] = ()

    @property
    def code(self) -> Code:
        """The code; only of a row without faults."""
        found: Code = self.values["code"]
        return found


def read_organization(table: Table, layout: Layout, number: int, *, on: date) -> OrganizationSaid:
    """Return what a row says.

    :param number: of the row, from 0.
    :param on: the day of reading.
    """
    row = table.rows[number]
    values: dict[str, Any] = {}
    faults: list[Reason] = []
    system = layout.cell(row, "system")
    for name, column in layout.places.items():
        text = layout.cell(row, name)
        trouble = table.troubles.get((number, column))
        if trouble is not None:
            faults.append(trouble_reason(trouble, column))
        elif text:
            try:
                values[name] = _value(name, text, system, on)
            except Invalid as fault:
                faults.append(Reason(fault.message, fault.params, column))
    for name in ("code", "name"):
        if not layout.cell(row, name):
            words = N_("“%(label)s”没有填")
            faults.append(Reason(words, {"label": LABELS[name]}, layout.places[name]))
    written = layout.cell(row, "name")[:60]
    return OrganizationSaid(number + 1, values.get("name", written), values, tuple(faults))


def _value(name: str, text: str, system: str, on: date) -> Any:
    if name == "code":
        return clean_code(Code(read_system(system), text))
    if name == "opened_on":
        return read_day(text, latest=on)
    return _READERS[name](text)


def read_system(text: str) -> str:
    """Return the code system that a word means; empty is ours.

    :raises Invalid: ``bad_choice``.
    """
    return _chosen(text, _SYSTEM_WORDS) if text else OURS


def _short_names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (clean_name(one) for one in re.split(r"[、;；,，]", text) if one)))


def _chosen(text: str, words: Mapping[str, Any]) -> Any:
    found = words.get(_word(text))
    if found is None:
        raise Invalid(
            "bad_choice", N_("“%(text)s”不在可选的词里，见模板的填写说明"), text=text[:20]
        )
    return found


def _word(text: str) -> str:
    return re.sub(r"[()（）、/]", "", unit_key(text))


def _table(words: Mapping[Any, str]) -> dict[str, Any]:
    found = {_word(str(kind)): kind for kind in words}
    return found | {_word(word): kind for kind, line in words.items() for word in line.split()}


_SYSTEM_WORDS, _KIND_WORDS, _SECTOR_WORDS = _table(_SYSTEMS), _table(_KINDS), _table(_SECTORS)
_READERS: dict[str, Callable[[str], Any]] = {
    "system": read_system,
    "name": clean_name,
    "kind": lambda text: _chosen(text, _KIND_WORDS),
    "parent_code": lambda text: text[:60],
    "parent": lambda text: text[:200],
    "sector": lambda text: _chosen(text, _SECTOR_WORDS),
    "short_names": _short_names,
}
"""How the fields are read whose reading needs nothing else."""


def kind_word(kind: str) -> str:
    """Return the first word for a kind of organization."""
    return {
        OrganizationKind.TOWNSHIP_STATION: "乡镇（街道）社工站",
        OrganizationKind.VILLAGE_ROOM: "村（社区）社工室",
    }.get(OrganizationKind(kind), _KINDS[OrganizationKind(kind)].split()[0])


def sector_word(sector: str) -> str:
    """Return the first word for a sector."""
    return _SECTORS[Sector(sector)].split()[0]
