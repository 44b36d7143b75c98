from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from lms.http.forms import BaseForm


class CheckForm(BaseForm):
    """One self-check question; its fields are prefixed with the check's key, for a page has many.

    The options are drawn by the kind's widget.
    """

    version = IntegerField(
        widget=HiddenInput(), validators=[Optional(), NumberRange(min=1, max=2**63 - 1)]
    )
    """Names the text that was read."""
    choice = SelectMultipleField(choices=[], validate_choice=False)
    """The letters of the author's order."""
