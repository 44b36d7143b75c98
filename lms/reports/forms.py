from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import AnyOf, DataRequired, Length, NumberRange, Optional

from lms.audit.rules import FAMILIES, VERBS
from lms.exams.types import Cause, Policy
from lms.http.forms import BaseForm, stripped
from lms.question_bank.types import MISTAKES, MistakeKind
from lms.reports.types import Wanted

FORMATS = {
    "csv": _l("表格（CSV，Excel 可以打开）"),
    "jsonl": _l("数据（JSON Lines，供程序使用）"),
}
"""In which an export can be had, with its name."""

_SHORT = Length(max=128, message=_l("最多 128 个字"))


class MistakeForm(BaseForm):
    """What a learner finds wrong with a question."""

    kind = RadioField(
        _l("哪里有错"),
        [AnyOf([str(one) for one in MistakeKind], message=_l("请选一项"))],
        choices=[SelectChoice(str(one), _l(words)) for one, words in MISTAKES.items()],
        validate_choice=False,  # AnyOf does, in our own words
    )
    words = TextAreaField(
        _l("说说错在哪里"),
        [DataRequired(_l("请写几句话")), Length(max=500, message=_l("最多 500 个字"))],
        filters=[stripped],
    )


class TrailForm(BaseForm):
    """What of the trail is looked for. Sent by GET; posts are checked for all routes at once."""

    class Meta:
        csrf = False

    family = SelectField(
        _l("类别"),
        choices=[
            SelectChoice("", _l("全部")),
            *(SelectChoice(key, _l(words)) for key, words in FAMILIES.items()),
        ],
        default="",
    )
    verb = SelectField(
        _l("动作"),
        choices=[
            SelectChoice("", _l("全部")),
            *(SelectChoice(key, _l(words)) for key, words in VERBS.items()),
        ],
        default="",
    )
    actor = StringField(
        _l("谁（姓名或用户名）"),
        [Optional(), _SHORT],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )
    subject = StringField(
        _l("对象"), [Optional(), _SHORT], filters=[stripped], render_kw={"placeholder": "person:12"}
    )
    since = DateField(_l("从哪天"), [Optional()])
    until = DateField(_l("到哪天"), [Optional()])
    text = StringField(_l("内容含"), [Optional(), _SHORT], filters=[stripped])

    def wanted(self) -> Wanted:
        """Return what is looked for; a field that cannot be understood looks for nothing."""
        values: Mapping[str, object] = self.data
        bad = set(self.errors)
        return Wanted(
            **{
                name: values[name]
                for name in Wanted.__dataclass_fields__
                if name not in bad and values.get(name)
            }  # type: ignore[arg-type]  # each field gives what the value of its name is
        )


class TrailExportForm(TrailForm):
    """What of the trail is exported, in which format, and why."""

    format = SelectField(
        _l("文件格式"), choices=[SelectChoice(key, words) for key, words in FORMATS.items()]
    )
    reason = TextAreaField(
        _l("导出的理由"),
        [DataRequired(_l("请写明导出的理由")), Length(max=500, message=_l("最多 500 个字"))],
        filters=[stripped],
        render_kw={"rows": 2},
    )


CAUSES = {
    Cause.KEY_CORRECTED: _l("答案错了，已经改好"),
    Cause.QUESTION_STRUCK: _l("题目有毛病，作废"),
    Cause.RULE_CHANGED: _l("换评分规则"),
}
POLICIES = {
    Policy.CURRENT_KEY: _l("按新的重判，可能升也可能降"),
    Policy.BEST_OF_BOTH: _l("新旧取高，谁也不降"),
    Policy.FULL_CREDIT: _l("人人给满分"),
    Policy.NONE: _l("分数不变，只作说明"),
}

_REASON = (
    DataRequired(_l("请写明理由，学员会看到")),
    Length(max=300, message=_l("最多 300 个字")),
)
_VERSION = (Optional(), NumberRange(1, 9999, _l("请填版本的序号")))


class RegradeForm(BaseForm):
    """What is marked anew, and how."""

    cause = SelectField(
        _l("出了什么事"), choices=[SelectChoice(str(key), words) for key, words in CAUSES.items()]
    )
    question = StringField(
        _l("试题编号"), [Optional(), _SHORT], filters=[stripped], render_kw={"autocomplete": "off"}
    )
    from_version = IntegerField(_l("考的是第几版"), _VERSION)
    to_version = IntegerField(_l("答案正确的是第几版"), _VERSION)
    paper = SelectField(_l("哪份试卷"), choices=[])
    rule = SelectField(_l("新的评分规则"), choices=[])
    policy = SelectField(
        _l("怎么处理"), choices=[SelectChoice(str(key), words) for key, words in POLICIES.items()]
    )
    reason = TextAreaField(
        _l("理由（学员会看到）"), _REASON, filters=[stripped], render_kw={"rows": 3}
    )


class UndoForm(BaseForm):
    """Why a regrade is to be taken back."""

    reason = TextAreaField(
        _l("为什么撤销（学员会看到）"), _REASON, filters=[stripped], render_kw={"rows": 2}
    )
