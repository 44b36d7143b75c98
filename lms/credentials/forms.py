from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import DataRequired, Length

from lms.credentials.types import EventKind
from lms.http.forms import BaseForm, stripped

CHANGES = {
    EventKind.REVOKED: _l("撤销"),
    EventKind.SUSPENDED: _l("暂停使用"),
    EventKind.REINSTATED: _l("恢复"),
}
"""What an administrator can do to a credential, with its name."""


class NameForm(BaseForm):
    """A name, to be compared with the holder's."""

    name = StringField(
        _l("持证人姓名"),
        [DataRequired(_l("请填写姓名")), Length(max=100, message=_l("姓名最多 100 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )


class CheckForm(NameForm):
    """What an employer gives to have a credential checked."""

    code = StringField(
        _l("证书编号"),
        [DataRequired(_l("请填写证书编号")), Length(max=300, message=_l("编号太长"))],
        filters=[stripped],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    purpose = StringField(
        _l("核验用途"),
        [DataRequired(_l("请填写核验用途")), Length(max=200, message=_l("用途最多 200 个字"))],
        filters=[stripped],
    )


class ChangeForm(BaseForm):
    """What happens to a credential, from when on, why and on whose word."""

    kind = SelectField(
        _l("处理方式"), choices=[SelectChoice(kind, words) for kind, words in CHANGES.items()]
    )
    on = DateField(_l("从哪一天起"), [DataRequired(_l("请填写日期，如 2026-11-01"))])
    reason = TextAreaField(
        _l("原因"),
        [DataRequired(_l("请填写原因")), Length(max=500, message=_l("原因最多 500 个字"))],
        filters=[stripped],
        render_kw={"rows": 3},
    )
    authority = StringField(
        _l("依据"),
        [DataRequired(_l("请填写依据")), Length(max=200, message=_l("依据最多 200 个字"))],
        filters=[stripped],
    )
