from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from lms.exam_sessions.rules import LONGEST_EXTENSION, MOST_POOL
from lms.exam_sessions.types import Window
from lms.http.forms import BaseForm, stripped
from lms.kernel.clock import CHINA

INVITED, ANYBODY = "invited", "anybody"


class PlanForm(BaseForm):
    """What an organiser says of a session. All times are those of China."""

    refused_with: int | None = None
    """The status of a refusal that is shown beside a field."""

    form_key = HiddenField(validators=[Optional(), Regexp(r"[0-9a-f]{16}\Z")])
    revision = IntegerField(validators=[Optional()])
    title = StringField(
        _l("场次名称"),
        [InputRequired(_l("请填场次名称")), Length(max=80, message=_l("最多 80 个字"))],
        filters=[stripped],
    )
    paper = SelectField(_l("试卷"), coerce=int)
    organization = StringField(
        _l("组织单位"), [InputRequired(_l("请填单位")), Length(max=120)], filters=[stripped]
    )
    opens_at = DateTimeLocalField(
        _l("开始入场（中国时间）"),
        [InputRequired(_l("请填时间"))],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    last_start_at = DateTimeLocalField(
        _l("最晚入场（中国时间）"),
        [InputRequired(_l("请填时间"))],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    closes_at = DateTimeLocalField(
        _l("结束（中国时间）"),
        [InputRequired(_l("请填时间"))],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    cut = BooleanField(_l("到结束时间统一收卷，晚到的人答题时间相应减少"), default=True)
    audience = RadioField(
        _l("谁可以考"),
        choices=[
            SelectChoice(INVITED, _l("只有名单里的人")),
            SelectChoice(ANYBODY, _l("凭入场码，谁都可以")),
        ],
        default=INVITED,
    )
    units = TextAreaField(_l("单位"), [Length(max=4000)], filters=[stripped])
    as_of_on = DateField(_l("按哪天的在岗人员"), [Optional()])
    classes = TextAreaField(_l("班次"), [Length(max=4000)], filters=[stripped])
    code = StringField(_l("入场码（可不设）"), [Length(max=40)], filters=[stripped])
    pool = IntegerField(
        _l("预备试卷份数"),
        [
            Optional(),
            NumberRange(0, MOST_POOL, message=_l("是 0 到 10000 的整数")),
        ],
        default=0,
    )
    open_outside = BooleanField(_l("场次结束以前，学员也可以在场次以外自己考这份卷"), default=True)

    def window(self) -> Window:
        """Return the window as instants."""
        fields = (self.opens_at, self.last_start_at, self.closes_at)
        return Window(*(_instant(field.data) for field in fields))


def _instant(said: datetime | None) -> datetime:
    if said is None:
        raise ValueError("a form that was not validated")
    return said.replace(tzinfo=CHINA).astimezone(UTC)


def in_china(at: datetime) -> datetime:
    """Return an instant as a form shows it."""
    return at.astimezone(CHINA).replace(tzinfo=None)


class ExtendForm(BaseForm):
    """A longer window for all."""

    revision = IntegerField(validators=[InputRequired()])
    minutes = IntegerField(
        _l("延长几分钟"),
        [
            InputRequired(_l("请填分钟数")),
            NumberRange(1, LONGEST_EXTENSION, message=_l("是 1 到 240 的整数")),
        ],
    )
    reason = StringField(
        _l("原因"), [InputRequired(_l("请写明原因")), Length(max=200)], filters=[stripped]
    )


class CancelForm(BaseForm):
    """A session that is cancelled."""

    reason = StringField(
        _l("原因"),
        [InputRequired(_l("请写明原因")), Length(max=200)],
        filters=[stripped],
        id="cancel-reason",  # both forms are on one page
    )


class PeopleForm(BaseForm):
    """People, pasted or in a file."""

    people = TextAreaField(_l("粘贴名单"), [Length(max=400_000)], filters=[stripped])
    file = FileField(_l("或上传表格（.xlsx 或 .csv）"))


class ConfirmForm(BaseForm):
    """The people that a page has shown, sent back to be written."""

    people = HiddenField(validators=[InputRequired(), Regexp(r"[0-9]+(,[0-9]+)*\Z")])


class CodeForm(BaseForm):
    """A code that somebody types."""

    code = StringField(_l("入场码"), [Length(max=40)], filters=[stripped])
