from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs are of 3.2
from wtforms.validators import Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from lms.http.forms import BaseForm
from lms.interop.types import Mode

MODES = (
    SelectChoice(Mode.BOTH, _l("新增和更新：名单里没有的人新增，已有的人按名单更新")),
    SelectChoice(Mode.ADD, _l("只新增：已有的不动")),
    SelectChoice(Mode.UPDATE, _l("只更新：没有的不新增")),
    SelectChoice(Mode.FILL, _l("只补空缺：没有的新增，已有的只补上没填过的内容")),
)


class UploadForm(BaseForm):
    """A list, and what may be done with it."""

    file = FileField(_l("文件（.xlsx 或 .csv）"), [FileRequired(_l("请先选择文件"))])
    mode = RadioField(_l("怎样处理"), choices=list(MODES), default=Mode.BOTH)
    encoding = SelectField(
        _l("文字编码（只对 .csv）"),
        choices=[
            SelectChoice("", _l("自动识别")),
            SelectChoice("utf-8", "UTF-8"),
            SelectChoice("gb18030", "GB18030（GBK）"),
            SelectChoice("utf-16", "UTF-16"),
            SelectChoice("big5", "Big5"),
        ],
        default="",
    )
    form_key = HiddenField(validators=[Length(min=16, max=64)])
    """Made anew for each form, so that a form sent twice is one upload."""


class ConfirmForm(BaseForm):
    """The second question about a list that looks strange."""

    typed = IntegerField(_l("将写入的行数"), [MayBeEmpty(), NumberRange(min=0, max=10_000_000)])
