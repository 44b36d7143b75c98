from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange

from lms.http.addresses import BIGGEST_ROW
from lms.http.forms import BaseForm, stripped
from lms.question_bank import rules
from lms.question_bank.types import Draft, MistakeOutcome

OUTCOMES = {MistakeOutcome.ACCEPTED: _l("确实有错"), MistakeOutcome.REJECTED: _l("题目没有错")}
"""How a report can end, with its name."""


class SeenForm(BaseForm):
    """Which text somebody looked at when they pressed a button."""

    revision = IntegerField(validators=[InputRequired(), NumberRange(1, BIGGEST_ROW)])


class ReturnForm(SeenForm):
    """Why a reviewer returns a text."""

    reason = TextAreaField(
        _l("退回的原因"),
        [DataRequired(_l("请写明原因")), Length(max=1000, message=_l("最多 1000 个字"))],
        filters=[stripped],
    )


class AnswerForm(BaseForm):
    """What the one who reported a mistake is told."""

    reference = HiddenField(validators=[DataRequired(), Length(max=64)])
    outcome = RadioField(
        _l("结论"),
        [AnyOf([str(one) for one in MistakeOutcome], message=_l("请选一项"))],
        choices=[SelectChoice(str(one), words) for one, words in OUTCOMES.items()],
        validate_choice=False,  # AnyOf does, in our own words
    )
    words = TextAreaField(
        _l("给学员的答复"),
        [DataRequired(_l("请写答复")), Length(max=500, message=_l("最多 500 个字"))],
        filters=[stripped],
    )


def typed_draft(key: str) -> Draft:
    """Return the working text that the editor sent.

    :raises Invalid: see ``rules.read_form``.
    """
    values = request.form
    return rules.read_form(
        {name: values.get(name, "") for name in values},
        values.getlist("option"),
        "".join(values.getlist("right")),
        key,
    )
