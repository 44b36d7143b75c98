import json
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import InputRequired, Length, NumberRange

from lms.http.addresses import row_number
from lms.http.forms import BaseForm, stripped
from lms.kernel.errors import N_, Invalid

MOST_SEED = 2**31 - 1


class PrintForm(BaseForm):
    """Which paper is printed, for whom."""

    paper = SelectField(_l("试卷"), validators=[InputRequired(_l("请选择试卷"))])
    organization = SelectField(_l("为哪个单位"), coerce=int)
    note = StringField(_l("班次或场次"), [Length(max=60)], filters=[stripped])
    seed = IntegerField(
        _l("组卷编号"),
        [
            InputRequired(_l("请填编号")),
            NumberRange(1, MOST_SEED, message=_l("编号是 1 到 2147483647 的整数")),
        ],
    )


class ListForm(BaseForm):
    """A list of answer cards."""

    file = FileField(_l("文件（.xlsx 或 .csv）"), [FileRequired(_l("请先选择文件"))])
    sat_on = DateField(_l("考试日期"), [InputRequired(_l("请填考试日期"))])
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


class CardForm(BaseForm):
    """One answer card, typed in: ``a1``, ``a2`` … beside it."""

    person_id = HiddenField(validators=[InputRequired(), Length(max=19)])
    sat_on = DateField(_l("考试日期"), [InputRequired(_l("请填考试日期"))])

    @staticmethod
    def answers(values: Mapping[str, str], count: int) -> dict[int, str]:
        """Return what was typed, by slot."""
        return {slot: values.get(f"a{slot}", "")[:40] for slot in range(1, count + 1)}


_REASON = (
    InputRequired(_l("请写明理由，学员会看到")),
    Length(max=300, message=_l("最多 300 个字")),
)


class CorrectionForm(BaseForm):
    """What a card says that was typed in wrongly: ``a1``, ``a2`` … beside it."""

    reason = TextAreaField(
        _l("哪里录错了（学员会看到）"), _REASON, filters=[stripped], render_kw={"rows": 2}
    )


class TakeBackForm(BaseForm):
    """Why a correction is to be taken back."""

    reason = TextAreaField(
        _l("为什么撤销（学员会看到）"), _REASON, filters=[stripped], render_kw={"rows": 2}
    )


class ConfirmForm(BaseForm):
    """What a page has shown, sent back to be written."""

    sat_on = DateField(validators=[InputRequired()])
    cards = HiddenField(validators=[InputRequired()])

    def read(self) -> dict[int, dict[int, str]]:
        """Return the letters by person and slot.

        :raises Invalid: ``bad_cards``.
        """
        try:
            said = json.loads(self.cards.data or "")
        except ValueError as fault:
            raise _unreadable() from fault
        if not isinstance(said, dict):
            raise _unreadable()
        return {_number(person): _cells(cells) for person, cells in said.items()}


def _number(person: str) -> int:
    try:
        return row_number(person)
    except ValueError as fault:
        raise _unreadable() from fault


def _cells(cells: object) -> dict[int, str]:
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise _unreadable()
    return dict(enumerate(cells, start=1))


def _unreadable() -> Invalid:
    return Invalid("bad_cards", N_("页面内容不完整，请重新上传"), where="cards")
