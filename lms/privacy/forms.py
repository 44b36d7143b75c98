from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange

from lms.http.addresses import BIGGEST_ROW
from lms.http.forms import BaseForm, stripped
from lms.privacy.types import Answer, CorrectionField, Outcome

FIELDS = {
    CorrectionField.NAME: _l("姓名"),
    CorrectionField.PHONE: _l("手机号"),
    CorrectionField.IDENTITY_NUMBER: _l("证件号码"),
    CorrectionField.EDUCATION: _l("学历"),
    CorrectionField.SOCIAL_WORK_START: _l("从事社会工作起始日期"),
    CorrectionField.POST: _l("单位或岗位"),
    CorrectionField.LEARNING_RECORD: _l("学习或考试记录"),
    CorrectionField.CREDENTIAL: _l("证书"),
    CorrectionField.OTHER: _l("其他"),
}
"""What can be asked to be corrected, with its name."""

OUTCOMES = {
    Outcome.DONE: _l("已更正"),
    Outcome.REFUSED: _l("不予更正"),
}
"""How a request can end, with its name."""

ANSWERS = {
    Answer.ACKNOWLEDGED: _l("已阅读"),
    Answer.GIVEN: _l("已同意"),
    Answer.REFUSED: _l("不同意"),
    Answer.WITHDRAWN: _l("已撤回"),
}
"""What somebody answered, with its name."""

_WORDS = Length(max=500, message=_l("最多 500 个字"))


class AnswerForm(BaseForm):
    """What somebody answers to a text, and which version they read."""

    answer = HiddenField(validators=[AnyOf([str(answer) for answer in Answer])])
    version = IntegerField(validators=[InputRequired(), NumberRange(1, BIGGEST_ROW)])


class CorrectionForm(BaseForm):
    """What is wrong, and what it should be."""

    token = HiddenField(validators=[DataRequired(), Length(max=64)])
    field = SelectField(
        _l("哪一项不对"), choices=[SelectChoice(one, words) for one, words in FIELDS.items()]
    )
    wanted = StringField(
        _l("应该是什么"), [DataRequired(_l("请写明应该改成什么")), _WORDS], filters=[stripped]
    )
    reason = TextAreaField(
        _l("为什么"),
        [DataRequired(_l("请写明理由，例如：登记时写错了")), _WORDS],
        filters=[stripped],
        render_kw={"rows": 3},
    )
    evidence = TextAreaField(
        _l("有什么可以证明（可不填）"), [_WORDS], filters=[stripped], render_kw={"rows": 2}
    )


class CorrectionAnswerForm(BaseForm):
    """A clerk's answer."""

    outcome = SelectField(
        _l("结果"), choices=[SelectChoice(one, words) for one, words in OUTCOMES.items()]
    )
    answer = TextAreaField(_l("答复"), [_WORDS], filters=[stripped], render_kw={"rows": 3})


class ClosingForm(BaseForm):
    """Why an account is to be closed."""

    reason = TextAreaField(
        _l("理由（可不填）"), [_WORDS], filters=[stripped], render_kw={"rows": 2}
    )


class ClerkClosingForm(BaseForm):
    """Why a clerk closes somebody's account."""

    reason = TextAreaField(
        _l("理由"),
        [DataRequired(_l("请写明注销的理由，例如：本人离职并书面申请")), _WORDS],
        filters=[stripped],
        render_kw={"rows": 3},
    )
