from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as MayBeEmpty

from lms.http.forms import BaseForm, stripped
from lms.organizations.rules import LONGEST_NAME
from lms.organizations.types import (
    GB_32100,
    GB_T_2260,
    MCA,
    NBS,
    OURS,
    Code,
    Details,
    File,
    OrganizationKind,
    Sector,
)

KINDS = {
    OrganizationKind.PROVINCE: _l("省"),
    OrganizationKind.PREFECTURE: _l("市（州）"),
    OrganizationKind.COUNTY: _l("县（市、区、特区）"),
    OrganizationKind.TOWNSHIP: _l("乡镇（街道）"),
    OrganizationKind.PREFECTURE_CENTER: _l("市级指导中心"),
    OrganizationKind.COUNTY_HUB: _l("县级社工总站"),
    OrganizationKind.TOWNSHIP_STATION: _l("乡镇（街道）社工站"),
    OrganizationKind.VILLAGE_ROOM: _l("村（社区）社工室"),
    OrganizationKind.DEPARTMENT: _l("部门"),
    OrganizationKind.PARTY_SCHOOL: _l("党校"),
    OrganizationKind.AGENCY: _l("社会工作服务机构"),
}
SECTORS = {
    Sector.SOCIAL_WORK: _l("社会工作部"),
    Sector.CIVIL_AFFAIRS: _l("民政"),
    Sector.PUBLIC_SECURITY: _l("公安"),
    Sector.JUSTICE: _l("司法行政"),
    Sector.HEALTH: _l("卫生健康"),
    Sector.EDUCATION: _l("教育"),
    Sector.PETITIONS: _l("信访"),
    Sector.TRADE_UNION: _l("工会"),
    Sector.YOUTH_LEAGUE: _l("共青团"),
    Sector.WOMENS_FEDERATION: _l("妇联"),
    Sector.DISABLED_FEDERATION: _l("残联"),
    Sector.HUMAN_RESOURCES: _l("人力资源社会保障"),
    Sector.VETERANS: _l("退役军人事务"),
    Sector.OTHER: _l("其他"),
}
SYSTEMS = {
    GB_T_2260: _l("行政区划代码（GB/T 2260）"),
    MCA: _l("民政部代码"),
    NBS: _l("统计局代码"),
    GB_32100: _l("统一社会信用代码"),
    OURS: _l("本平台编号"),
}
CODE_FIELDS = {
    GB_T_2260: "gb_code",
    MCA: "mca_code",
    NBS: "nbs_code",
    GB_32100: "credit_code",
    OURS: "own_code",
}
"""Code system -> the field in which its code is typed."""

_NAME = [
    DataRequired(_l("请填写单位名称")),
    Length(max=LONGEST_NAME, message=_l("单位名称最多 60 个字")),
]
_NUMERIC = {"inputmode": "numeric", "autocomplete": "off"}
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class CodesForm(BaseForm):
    """The codes and other facts that adding and editing share."""

    sector = SelectField(
        _l("条线（只有部门填）"),
        choices=[
            SelectChoice("", _l("不填")),
            *(SelectChoice(sector, words) for sector, words in SECTORS.items()),
        ],
        default="",
    )
    opened_on = DateField(_l("成立日期"), [MayBeEmpty()])
    short_names = TextAreaField(
        _l("简称"), [Length(max=700, message=_l("简称太长"))], render_kw={"rows": 2}
    )
    gb_code = StringField(SYSTEMS[GB_T_2260], filters=[stripped], render_kw=_NUMERIC)
    mca_code = StringField(SYSTEMS[MCA], filters=[stripped], render_kw=_NUMERIC)
    nbs_code = StringField(SYSTEMS[NBS], filters=[stripped], render_kw=_NUMERIC)
    credit_code = StringField(SYSTEMS[GB_32100], filters=[stripped], render_kw=_PLAIN)
    own_code = StringField(SYSTEMS[OURS], filters=[stripped], render_kw=_PLAIN)

    def codes(self) -> list[Code]:
        """Return the codes that were typed."""
        typed = ((system, self[field].data or "") for system, field in CODE_FIELDS.items())
        return [Code(system, code) for system, code in typed if code]

    def lines(self) -> tuple[str, ...]:
        """Return the short names, one of each line."""
        return tuple((self.short_names.data or "").replace("、", "\n").splitlines())

    def chosen_sector(self) -> Sector | None:
        """Return the sector, if one was chosen."""
        return Sector(self.sector.data) if self.sector.data else None


class AddForm(CodesForm):
    """A new organization."""

    kind = SelectField(_l("单位类型"))
    name = StringField(_l("单位名称"), _NAME, filters=[stripped], render_kw=_PLAIN)
    key = HiddenField()
    """Its own code, drawn when the form was shown: the same form sent twice adds one."""


class EditForm(CodesForm):
    """What is kept of an organization."""

    revision = HiddenField()
    forget_codes = BooleanField(_l("被换掉的代码是填错的，不留作旧代码"))

    def details(self) -> Details:
        """Return what was typed. A field that was not on the page leaves things as they are."""
        return Details(
            sector=self.chosen_sector(),
            opened_on=self.opened_on.data,
            forget_opening=self.opened_on.data is None,
            codes={system: self[field].data or "" for system, field in CODE_FIELDS.items()},
            short_names=self.lines(),
            forget_codes=bool(self.forget_codes.data),
        )

    @staticmethod
    def values(file: File) -> dict[str, object]:
        """Return what the fields hold for an organization as it is."""
        return {
            "sector": file.sector or "",
            "opened_on": file.opened_on,
            "short_names": "\n".join(file.short_names),
            "revision": str(file.revision),
            **{field: file.code_of(system) for system, field in CODE_FIELDS.items()},
        }


class DeedForm(BaseForm):
    """From which day on something is so, and why."""

    revision = HiddenField()
    on = DateField(_l("从哪一天起"), [DataRequired(_l("请填写日期，如 2026-11-01"))])
    reason = StringField(
        _l("原因或依据"),
        [Length(max=200, message=_l("原因最多 200 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )


class RenameForm(DeedForm):
    """Another name."""

    name = StringField(_l("新名称"), _NAME, filters=[stripped], render_kw=_PLAIN)
    mistyped = BooleanField(_l("只是改正错别字，不算改名"))


class TargetForm(DeedForm):
    """Another organization: where to, or into which one."""

    target = RadioField(
        _l("选择单位"), [DataRequired(_l("请选择一个单位"))], coerce=int, validate_choice=False
    )
