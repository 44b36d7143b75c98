from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from lms.http.forms import BaseForm


class CheckForm(BaseForm):
    """One self-check question, read with the check's key as prefix: ``c1-version``, ``c1-choice``.

    A lesson's page has several of them and writes their fields itself: the options are drawn by
    the kind's widget, and a form object for each question would cost more than the text.
    """

    version = IntegerField(
        widget=HiddenInput(), validators=[Optional(), NumberRange(min=1, max=2**63 - 1)]
    )
    """Names the text that was read."""
    choice = SelectMultipleField(choices=[], validate_choice=False)
    """The letters of the author's order."""
