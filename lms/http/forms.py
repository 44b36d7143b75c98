"""The base of every form. CSRF is checked for every unsafe request by Flask-WTF's CSRFProtect."""

from flask_wtf import FlaskForm


class BaseForm(FlaskForm):
    """A form whose page answers 422 when it is shown again with faults."""

    @property
    def status(self) -> int:
        """200 for a page being shown, 422 for one being shown again with faults."""
        return 422 if self.errors else 200


def stripped(value: str | None) -> str | None:
    """Drop white space around what was typed. For ``filters=``."""
    return value.strip() if value else value
