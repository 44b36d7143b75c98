"""The base of every form."""

import pytest
from wtforms import StringField
from wtforms.validators import DataRequired

from lms.http.forms import BaseForm, stripped


class NameForm(BaseForm):
    name = StringField("姓名", [DataRequired("请填写姓名")], filters=[stripped])


@pytest.mark.parametrize(
    ("typed", "value"), [(" 杨梅 ", "杨梅"), ("", ""), (None, None), ("　杨　梅　", "杨　梅")]
)
def test_white_space_around_a_text_is_dropped(typed, value):
    assert stripped(typed) == value


def test_a_page_being_shown_is_well_and_one_shown_again_is_not(app):
    with app.test_request_context(method="POST", data={"name": " "}):
        form = NameForm()
        assert form.status == 200
        assert not form.validate()
        assert form.status == 422
        assert form.name.errors == ["请填写姓名"]
