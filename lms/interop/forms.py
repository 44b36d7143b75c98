from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from lms.http.forms import BaseForm, stripped
from lms.interop.types import Mode

MODES = (
    SelectChoice(Mode.BOTH, _l("新增和更新：名单里没有的人新增，已有的人按名单更新")),
    SelectChoice(Mode.ADD, _l("只新增：已有的不动")),
    SelectChoice(Mode.UPDATE, _l("只更新：没有的不新增")),
    SelectChoice(Mode.FILL, _l("只补空缺：没有的新增，已有的只补上没填过的内容")),
)


ENCODINGS = (
    SelectChoice("", _l("自动识别")),
    SelectChoice("utf-8", "UTF-8"),
    SelectChoice("gb18030", "GB18030（GBK）"),
    SelectChoice("utf-16", "UTF-16"),
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


class QuestionUploadForm(BaseForm):
    """A file of questions, and what is said of those whose file does not say it."""

    file = FileField(_l("文件"), [FileRequired(_l("请先选择文件"))])
    format = SelectField(_l("格式"), default="")
    """Its choices are the formats there are: the view fills them in."""
    encoding = SelectField(_l("文字编码（只对文本文件）"), choices=list(ENCODINGS), default="")
    place = SelectField(_l("放在大纲的哪里"), default="")
    """Its choices are the places of the outline: the view fills them in."""
    difficulty = SelectField(
        _l("难度"),
        choices=[
            SelectChoice("1", _l("易")),
            SelectChoice("2", _l("中")),
            SelectChoice("3", _l("难")),
        ],
        default="2",
    )
    resting_on = StringField(_l("依据或考点"), [Length(max=200)], filters=[stripped])
    valid_on = DateField(_l("核对日期"), [MayBeEmpty()])
    tags = StringField(_l("标签"), [Length(max=200)], filters=[stripped])
    form_key = HiddenField(validators=[Length(min=16, max=64)])
    """Made anew for each form, so that a form sent twice is one upload."""


class QuestionExportForm(BaseForm):
    """Which questions to take out, and in which format."""

    format = RadioField(_l("格式"), [InputRequired(_l("请选择格式"))])
    form_key = HiddenField(validators=[Length(min=16, max=64)])
