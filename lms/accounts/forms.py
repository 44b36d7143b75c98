from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional

from lms.http.forms import BaseForm, stripped

_NO_HELP = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _present_password() -> PasswordField:
    return PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码")), Length(max=256, message=_l("密码最多 256 个字"))],
        render_kw={"autocomplete": "current-password"},
    )


def _name(label: str) -> StringField:
    return StringField(
        label,
        [DataRequired(_l("请填写用户名")), Length(max=64, message=_l("用户名最多 64 个字"))],
        filters=[stripped],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


def _code(*validators: object) -> StringField:
    return StringField(
        _l("动态验证码"),
        [*validators, Length(max=20, message=_l("验证码太长"))],
        filters=[stripped],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "spellcheck": "false",
        },
    )


class SignInForm(BaseForm):
    """A name or number, and a password."""

    user_name = _name(_l("用户名、手机号或证件号"))
    password = _present_password()


class CodeForm(BaseForm):
    """A code of the telephone, or a recovery code."""

    code = _code(DataRequired(_l("请填写验证码")))


class LinkForm(SignInForm):
    """Name and password, once, to show that the account here and the one there are one person's."""

    code = _code(Optional())


class ConfirmForm(BaseForm):
    """The password again, and a code of whoever has a second factor."""

    password = _present_password()
    code = _code(Optional())


class NewPasswordForm(BaseForm):
    """A new password, twice."""

    password = PasswordField(
        _l("新密码"),
        [InputRequired(_l("请填写新密码")), Length(max=256, message=_l("密码最多 256 个字"))],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再输一次新密码"),
        [InputRequired(_l("请再输一次新密码")), EqualTo("password", _l("两次输入的密码不一样"))],
        render_kw={"autocomplete": "new-password"},
    )


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    present = PasswordField(
        _l("现在的密码"),
        [InputRequired(_l("请填写现在的密码")), Length(max=256, message=_l("密码最多 256 个字"))],
        render_kw={"autocomplete": "current-password"},
    )


class LostForm(BaseForm):
    """Who asks for help."""

    user_name = _name(_l("用户名、手机号或证件号"))


class FindForm(BaseForm):
    """Whom a clerk looks for."""

    user_name = StringField(
        _l("用户名或手机号"),
        [DataRequired(_l("请填写用户名或手机号")), Length(max=64, message=_l("最多 64 个字"))],
        filters=[stripped],
        render_kw=_NO_HELP,
    )


class SlipsForm(BaseForm):
    """For which unit slips are printed."""

    unit = SelectField(_l("单位"), coerce=int)
    everybody = BooleanField(_l("已设过密码的人也发（他们原来的密码在用新单子之前照样能用）"))


class ResetForm(BaseForm):
    """Why a second factor is reset."""

    reason = TextAreaField(
        _l("原因"),
        [DataRequired(_l("请写明原因")), Length(max=500, message=_l("原因最多 500 个字"))],
        filters=[stripped],
        render_kw={"rows": 2},
    )
