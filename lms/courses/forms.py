from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from lms.http.forms import BaseForm


class CheckForm(BaseForm):
    """One self-check question, read with the check's key as prefix: ``c1-version``.

    A lesson's page has several of them and writes their fields itself: the question is drawn by
    the kind's widget as ``c1-choice`` and read by :func:`lms.question_bank.showing.sent`.
    """

    version = IntegerField(
        widget=HiddenInput(), validators=[Optional(), NumberRange(min=1, max=2**63 - 1)]
    )
    """Names the text that was read."""
