# ruff: noqa: E501 - a line of the table for each column, words included
"""What one row of a list of people says, checked cell by cell. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.interop.rules.values import read_day, read_education, read_post, read_rank, read_yes
from lms.interop.types import Column, Layout, Reason, Table, Trouble
from lms.kernel.errors import N_, Invalid
from lms.people.rules import check_document_number, clean_name, read_phone
from lms.people.types import DocumentKind

COLUMNS = (
    Column("name", N_("姓名"), ("名字", "人员姓名", "full name"), "潘玉兰", N_("必填"), is_required=True),
    Column(
        "number",
        N_("身份证号"),
        ("证件号码", "证件号", "身份证", "身份证号码", "居民身份证号", "公民身份号码", "id number", "id", "document number"),
        "522301199001011230",
        N_("18 位；单元格要设成“文本”，否则表格软件会丢掉后几位"),
    ),
    Column(
        "document",
        N_("证件类型"),
        ("证件种类", "document kind", "document"),
        "居民身份证",
        N_("不填就是居民身份证；也可以是护照、港澳居民来往内地通行证、台湾居民来往大陆通行证、居住证、外国人永久居留身份证、军官证"),
    ),
    Column(
        "phone",
        N_("手机"),
        ("手机号", "手机号码", "联系电话", "电话", "联系方式", "移动电话", "mobile", "phone number"),
        "13900001111",
        N_("11 位手机号；新增的人，证件号码和手机至少填一项"),
    ),
    Column(
        "unit_code",
        N_("单位代码"),
        ("机构代码", "社工站代码", "站点代码", "组织代码", "unit code", "organization code"),
        "ST-522301-01",
        N_("单位代码和所在单位至少填一项；单位有同名时要填代码"),
    ),
    Column(
        "unit",
        N_("所在单位"),
        ("单位", "社工站", "工作单位", "单位名称", "站点", "所属单位", "organization", "station"),
        "洒金街道社会工作和志愿服务站",
        N_("单位的全称，要和系统里的一样"),
    ),
    Column(
        "post",
        N_("岗位"),
        ("岗位类别", "人员类别", "人员类型", "岗位类型", "post kind"),
        "驻站社工",
        N_("驻站社工、社区工作者、干部、志愿者、教师、工作人员之一；新增的人必填"),
    ),
    Column("title", N_("职务"), ("职务名称", "岗位名称", "职位", "job title"), "社工", N_("最多 60 个字")),
    Column(
        "started_on",
        N_("入职日期"),
        ("入职时间", "到岗日期", "到岗时间", "任职日期", "任职时间", "上岗时间", "start date", "started"),
        "2024-03-01",
        N_("2024-03-01、2024/3/1、2024年3月1日、20240301 都可以；新增的人不填就是导入当天"),
    ),
    Column(
        "rank",
        N_("职级"),
        ("干部职级", "级别", "rank band"),
        "",
        N_("干部才填：科员及以下、乡科级、县处级、厅局级、省部级"),
    ),
    Column(
        "education",
        N_("学历"),
        ("最高学历", "文化程度", "学历层次"),
        "本科",
        N_("初中及以下、高中、大专、本科、硕士研究生、博士研究生"),
    ),
    Column(
        "major",
        N_("是否社工专业"),
        ("社工专业", "是否社会工作专业", "社会工作专业", "social work major"),
        "否",
        N_("是或否"),
    ),
    Column(
        "social_work_started_on",
        N_("从事社会工作起始"),
        ("从事社会工作起始日期", "从事社会工作时间", "从事社工起始", "社会工作起始", "social work since"),
        "2020-07-01",
        N_("从哪天起做社会工作；报考年限由此算起"),
    ),
    Column(
        "user_name",
        N_("用户名"),
        ("登录名", "账号", "帐号", "username", "login"),
        "",
        N_("字母开头，小写字母、数字、点和横线，2 至 32 位；不填由系统生成"),
    ),
    Column("former_name", N_("曾用名"), ("原名", "former name"), "", N_("以前的姓名")),
)  # fmt: skip
LABELS = {column.name: column.label for column in COLUMNS}

_DOCUMENTS = {
    "居民身份证": DocumentKind.RESIDENT_ID,
    "身份证": DocumentKind.RESIDENT_ID,
    "港澳居民来往内地通行证": DocumentKind.HK_MACAO_PERMIT,
    "回乡证": DocumentKind.HK_MACAO_PERMIT,
    "台湾居民来往大陆通行证": DocumentKind.TAIWAN_PERMIT,
    "台胞证": DocumentKind.TAIWAN_PERMIT,
    "港澳台居民居住证": DocumentKind.RESIDENCE_PERMIT,
    "居住证": DocumentKind.RESIDENCE_PERMIT,
    "外国人永久居留身份证": DocumentKind.FOREIGN_PERMANENT,
    "护照": DocumentKind.PASSPORT,
    "军官证": DocumentKind.OFFICER,
    "警官证": DocumentKind.OFFICER,
} | {str(kind): kind for kind in DocumentKind}

LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class PersonSaid:
    """What a row says about somebody, as far as it could be understood."""

    row: int
    """As people count, from 1."""
    name: str
    """Cleaned; as it was written if it could not be."""
    values: Mapping[str, Any]
    """Field -> value, without those that are empty: ``phone`` 11 digits, ``number`` in its one
    spelling, days, kinds; ``document`` is there whenever ``number`` is."""
    faults: tuple[Reason, ...] = ()

    @property
    def document(self) -> tuple[DocumentKind, str] | None:
        """Kind and number of the document, if there is one."""
        number = self.values.get("number")
        return (self.values["document"], number) if number else None


def read_row(table: Table, layout: Layout, number: int, *, on: date) -> PersonSaid:
    """Return what a row says.

    :param number: of the row, from 0.
    :param on: the day of reading.
    """
    row = table.rows[number]
    values: dict[str, Any] = {}
    faults: list[Reason] = []
    document = layout.cell(row, "document")
    for name, column in layout.places.items():
        text = layout.cell(row, name)
        trouble = table.troubles.get((number, column))
        if trouble is not None:
            faults.append(trouble_reason(trouble, column))
        elif text:
            try:
                values[name] = _value(name, text, document, on)
            except Invalid as fault:
                faults.append(Reason(fault.message, fault.params, column))
    if "number" in values:
        values.setdefault("document", DocumentKind.RESIDENT_ID)
    written = layout.cell(row, "name")
    if not written:
        faults.append(Reason(N_("姓名没有填"), {}, layout.places["name"]))
    if "unit_code" not in values and "unit" not in values:
        place = layout.places.get("unit_code", layout.places.get("unit"))
        faults.append(Reason(N_("单位没有填"), {}, place))
    return PersonSaid(number + 1, values.get("name", written[:60]), values, tuple(faults))


def trouble_reason(trouble: Trouble, column: int) -> Reason:
    """Return the reason why a cell is not believed."""
    words = {
        Trouble.DIGITS_LOST: N_("超过 15 位的号码存成了数字，后几位已经丢失；请把这一列设成“文本”后重新填写"),
        Trouble.TOO_LONG: N_("这一格的字太多"),
        Trouble.FORMULA_FAULT: N_("这一格的公式算不出结果"),
    }  # fmt: skip
    return Reason(words[trouble], {}, column)


def _value(name: str, text: str, document: str, on: date) -> Any:
    """Return what a cell says for a field.

    :raises Invalid: it says nothing that could be understood.
    """
    if name == "number":
        kind = _DOCUMENTS.get(document.casefold(), DocumentKind.RESIDENT_ID)
        return check_document_number(kind, text, on=on)
    if name in _DAYS:
        return read_day(text, latest=on)
    return _READERS[name](text)


def _read_document(text: str) -> DocumentKind:
    found = _DOCUMENTS.get(text.strip().casefold())
    if found is None:
        raise Invalid("bad_choice", N_("没有这种证件"))
    return found


def _read_title(text: str) -> str:
    if len(text) > LONGEST_TITLE or any(ord(character) < 32 for character in text):
        raise Invalid("bad_title", N_("职务最多 %(n)s 个字，不能换行"), n=LONGEST_TITLE)
    return text


def read_user_name(text: str) -> str:
    """Return a user name as it is stored. Digits alone are none: phones and numbers sign in too.

    :raises Invalid: ``bad_user_name``.
    """
    name = text.strip().lower()
    shaped = name.isascii() and name[:1].isalpha() and 2 <= len(name) <= 32
    if not shaped or not all(c.isalnum() or c in "._-" for c in name):
        raise Invalid(
            "bad_user_name", N_("用户名要字母开头，只用小写字母、数字、点和横线，2 至 32 位")
        )
    return name


_DAYS = frozenset({"started_on", "social_work_started_on"})
_READERS: dict[str, Callable[[str], Any]] = {
    "name": clean_name,
    "document": _read_document,
    "phone": read_phone,
    "unit_code": lambda text: text[:200],
    "unit": lambda text: text[:200],
    "post": read_post,
    "title": _read_title,
    "rank": read_rank,
    "education": read_education,
    "major": read_yes,
    "user_name": read_user_name,
    "former_name": clean_name,
}
"""How the fields are read whose reading needs nothing else."""
