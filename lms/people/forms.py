from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from lms.http.forms import BaseForm, stripped
from lms.people.types import ClassKind, DocumentKind, Education, PostKind, RankBand, Role, State

POST_KINDS = {
    PostKind.STATION_WORKER: _l("驻站社工"),
    PostKind.COMMUNITY_WORKER: _l("社区工作者"),
    PostKind.CADRE: _l("干部"),
    PostKind.VOLUNTEER: _l("志愿者"),
    PostKind.INSTRUCTOR: _l("教师"),
    PostKind.STAFF: _l("机关（站所）工作人员"),
}
RANK_BANDS = {
    RankBand.STAFF: _l("科员及以下"),
    RankBand.TOWNSHIP: _l("乡科级"),
    RankBand.COUNTY: _l("县处级"),
    RankBand.BUREAU: _l("厅局级"),
    RankBand.PROVINCE: _l("省部级"),
}
EDUCATIONS = {
    Education.BELOW_SECONDARY: _l("初中及以下"),
    Education.SECONDARY: _l("高中、中专"),
    Education.ASSOCIATE: _l("大专"),
    Education.BACHELOR: _l("本科"),
    Education.MASTER: _l("硕士研究生"),
    Education.DOCTOR: _l("博士研究生"),
}
NUMBERS = {
    "phone": _l("手机号"),
    DocumentKind.RESIDENT_ID: _l("居民身份证"),
    DocumentKind.HK_MACAO_PERMIT: _l("港澳居民来往内地通行证"),
    DocumentKind.TAIWAN_PERMIT: _l("台湾居民来往大陆通行证"),
    DocumentKind.RESIDENCE_PERMIT: _l("港澳台居民居住证"),
    DocumentKind.FOREIGN_PERMANENT: _l("外国人永久居留身份证"),
    DocumentKind.PASSPORT: _l("护照"),
    DocumentKind.OFFICER: _l("军官证、警官证等"),
}
"""What numbers of people are called, the phone first."""

CLASS_KINDS = {
    ClassKind.SELECTED_GRADUATES: _l("选调班"),
    ClassKind.DIVISION_HEADS: _l("处长班"),
    ClassKind.NON_PARTY: _l("党外中青班"),
    ClassKind.ETHNIC: _l("民干班"),
    ClassKind.OTHER: _l("其他班"),
}
ROLES = {
    Role.LEARNER: _l("学员"),
    Role.INSTRUCTOR: _l("教师"),
    Role.REVIEWER: _l("审核员"),
    Role.HR_CHECKER: _l("人事核验员"),
    Role.STATION_MANAGER: _l("站点负责人"),
    Role.COUNTY_MANAGER: _l("县级管理员"),
    Role.PREFECTURE_MANAGER: _l("市（州）管理员"),
    Role.PROVINCE_MANAGER: _l("省级管理员"),
    Role.EVALUATOR: _l("第三方评估员"),
    Role.ADMINISTRATOR: _l("平台管理员"),
    Role.SECURITY_OFFICER: _l("安全员"),
    Role.AUDITOR: _l("审计员"),
}
DUTIES = {
    Role.LEARNER: _l("学习课程、参加考试、领取自己的证书"),
    Role.INSTRUCTOR: _l("查看课程和学员在各课卡在哪里"),
    Role.REVIEWER: _l("审核教师要发布的课程和试题"),
    Role.HR_CHECKER: _l("凭编号和姓名核验证书"),
    Role.STATION_MANAGER: _l("查看和修改本站人员档案、查看本站学习进度"),
    Role.COUNTY_MANAGER: _l("管理本县人员档案和角色、查看完整号码、导出名单、查看全县学习进度"),
    Role.PREFECTURE_MANAGER: _l("管理本市（州）人员档案和角色、合并重复档案、查看全市（州）进度"),
    Role.PROVINCE_MANAGER: _l("管理全省人员档案和角色、合并重复档案、查看全省进度"),
    Role.EVALUATOR: _l("在期限内查看人员（号码遮住）和学习进度，不能修改"),
    Role.ADMINISTRATOR: _l("管理单位、人员档案和平台设置；不授予角色，不看审计日志"),
    Role.SECURITY_OFFICER: _l("授予和收回角色、帮助登录不了的人；不改别人的资料"),
    Role.AUDITOR: _l("查看审计日志；不改任何资料"),
}
"""What each role lets somebody do, in words for whoever grants it."""

STATES = {
    State.ACTIVE: _l("在岗"),
    State.WITHOUT_POST: _l("没有岗位"),
    State.CLOSED: _l("已注销"),
}

_EMPTY = ("", _l("未填写"))
_ALL = ("", _l("全部"))
_DAY = _l("请填写日期，如 2026-11-01")


def _choices(words: Mapping[Any, Any], *first: tuple[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in (*first, *words.items())]


def _hidden(name: str = "") -> StringField:
    return StringField(name, [Optional(), Length(max=200)], widget=HiddenInput())


class SearchForm(BaseForm):
    """A name or a number. Posted, so that a number never stands in an address."""

    wanted = StringField(
        _l("姓名、手机号或证件号码"),
        [DataRequired(_l("请填写姓名或号码")), Length(max=60, message=_l("最多 60 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class FilterForm(BaseForm):
    """Which people a list shows. Sent in the address."""

    class Meta:
        csrf = False

    name = StringField(
        _l("姓名"), [Optional(), Length(max=60)], filters=[stripped], render_kw={"maxlength": 60}
    )
    unit = StringField(
        _l("单位"), [Optional(), Length(max=80)], filters=[stripped], render_kw={"list": "units"}
    )
    kind = SelectField(_l("岗位类别"), choices=_choices(POST_KINDS, _ALL), default="")
    role = SelectField(_l("角色"), choices=_choices(ROLES, _ALL), default="")
    state = SelectField(_l("状态"), choices=_choices(STATES, _ALL), default="")


class ValuesForm(BaseForm):
    """What the personnel file says of a person besides posts and numbers."""

    name = StringField(
        _l("姓名"),
        [DataRequired(_l("请填写姓名")), Length(max=60, message=_l("姓名最多 60 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )
    education = SelectField(_l("学历"), choices=_choices(EDUCATIONS, _EMPTY), default="")
    social_work_major = BooleanField(_l("所学专业是社会工作"))
    social_work_started_on = DateField(_l("从事社会工作的开始日期"), [Optional()])


class EditForm(ValuesForm):
    """The same, with what it was when the page was opened."""

    was_name = _hidden()
    was_education = _hidden()
    was_social_work_major = _hidden()
    was_social_work_started_on = _hidden()


class PostFields(BaseForm):
    """Where somebody works, as what, from when to when."""

    unit = StringField(
        _l("单位"),
        [DataRequired(_l("请填写单位名称或代码")), Length(max=80)],
        filters=[stripped],
        render_kw={"list": "units", "autocomplete": "off"},
    )
    kind = SelectField(_l("岗位类别"), choices=_choices(POST_KINDS))
    title = StringField(
        _l("岗位名称"), [Length(max=60, message=_l("最多 60 个字"))], filters=[stripped]
    )
    rank_band = SelectField(_l("干部职级"), choices=_choices(RANK_BANDS, _EMPTY), default="")
    started_on = DateField(_l("第一天"), [InputRequired(_DAY)])


class PostForm(PostFields):
    """A post of somebody who is there, with what it was when the page was opened."""

    ended_on = DateField(_l("最后一天"), [Optional()])
    revision = IntegerField("", [Optional()], widget=HiddenInput())


class AddForm(ValuesForm, PostFields):
    """A new person with their first post."""

    phone = StringField(
        _l("手机号"),
        [Optional(), Length(max=30)],
        filters=[stripped],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    document_kind = SelectField(
        _l("证件种类"),
        choices=_choices({k: v for k, v in NUMBERS.items() if k != "phone"}),
    )
    document_number = StringField(
        _l("证件号码"),
        [Optional(), Length(max=40)],
        filters=[stripped],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    learns = BooleanField(_l("作为学员学习（授予“学员”角色）"), default=True)
    token = _hidden()
    not_the_same = BooleanField(_l("我核对过，不是上面这些人，仍然添加"))


class NumberForm(BaseForm):
    """One number of somebody, put in place of the one of its kind."""

    what = SelectField(_l("号码种类"), choices=_choices(NUMBERS))
    number = StringField(
        _l("号码"),
        [DataRequired(_l("请填写号码")), Length(max=40)],
        filters=[stripped],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class ReasonForm(BaseForm):
    """Why something sensitive is done."""

    reason = StringField(
        _l("用途或原因"),
        [DataRequired(_l("请写明用途或原因")), Length(max=200, message=_l("最多 200 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )


class RevealForm(ReasonForm):
    """Which number is shown, and why."""

    what = SelectField(_l("号码种类"), choices=_choices(NUMBERS))


class MergeForm(ReasonForm):
    """Why two files are one person's."""

    different = BooleanField(_l("两份档案的身份证号不同，我已核实确实是同一个人"))


class GrantForm(BaseForm):
    """A role over a subtree, from when to when."""

    role = SelectField(_l("角色"))
    unit = StringField(
        _l("范围：哪个单位（连同下级）"),
        [DataRequired(_l("请填写单位名称或代码")), Length(max=80)],
        filters=[stripped],
        render_kw={"list": "units", "autocomplete": "off"},
    )
    starts_on = DateField(_l("第一天"), [Optional()])
    ends_on = DateField(_l("最后一天"), [Optional()])
    sure = _hidden()


class ClassForm(BaseForm):
    """A class of cadres at a party school."""

    name = StringField(
        _l("班名"),
        [DataRequired(_l("请填写班名")), Length(max=60, message=_l("最多 60 个字"))],
        filters=[stripped],
    )
    kind = SelectField(_l("班次类别"), choices=_choices(CLASS_KINDS))
    unit = StringField(
        _l("举办单位"),
        [DataRequired(_l("请填写单位名称或代码")), Length(max=80)],
        filters=[stripped],
        render_kw={"list": "units", "autocomplete": "off"},
    )
    starts_on = DateField(_l("第一天"), [InputRequired(_DAY)])
    ends_on = DateField(_l("最后一天"), [InputRequired(_DAY)])
    token = _hidden()


class MembersForm(BaseForm):
    """Who joins a class: one a line."""

    people = TextAreaField(
        _l("名单，一行一人"),
        [DataRequired(_l("请填写名单")), Length(max=20_000, message=_l("名单太长，请分几次加入"))],
        render_kw={"rows": 8, "autocomplete": "off", "spellcheck": "false"},
    )


class ExportForm(BaseForm):
    """How a list is taken out."""

    form = SelectField(
        _l("文件格式"),
        choices=[SelectChoice("xlsx", _l("Excel 表格")), SelectChoice("csv", _l("CSV 文本"))],
    )
    in_clear = BooleanField(_l("包含完整的手机号和证件号码"))
    reason = StringField(
        _l("用途"),
        [Length(max=200, message=_l("最多 200 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )
