from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp
from wtforms.widgets import HiddenInput

from lms.http.forms import BaseForm


class DrillForm(BaseForm):
    """One question of a drill. The question itself is drawn by the kind's widget as ``choice``."""

    token = HiddenField(validators=[InputRequired(), Length(max=64), Regexp(r"[\w-]+\Z")])
    """Names the page, so that an answer sent twice is one answer."""
    version = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=2**63 - 1)]
    )
