from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired

from lms.http.forms import BaseForm


class AssignForm(BaseForm):
    """Who marks which paper, of whose people."""

    paper = SelectField(_l("试卷"), validators=[InputRequired(_l("请选择试卷"))])
    marker = SelectField(_l("阅卷人"), coerce=int, validators=[InputRequired(_l("请选择阅卷人"))])
    organization = SelectField(_l("阅哪个单位（含下级）学员的卷"), coerce=int)
