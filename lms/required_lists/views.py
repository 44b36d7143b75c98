from collections.abc import Callable
from functools import partial

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, get_translations
from flask_login import current_user

from lms.http.access import needs
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.required_lists import queries
from lms.required_lists.rules import what_is_due
from lms.requirements.rules import deadline_words, spoken
from lms.requirements.types import Words

bp = Blueprint("required_lists", __name__)


@bp.get("/required")
@needs("learning.use")
def overview() -> ResponseReturnValue:
    """Show one's own lists, and what of them is due first."""
    today = day_of(utc_now())
    lists = queries.own_lists(reading(), current_user.id, on=today)
    return render_template(
        "required_lists/overview.html",
        lists=lists,
        due=what_is_due(lists),
        today=today,
        tell=_teller(),
        deadline_words=deadline_words,
    )


@bp.get("/required/<list_key>")
@needs("learning.use")
def show(list_key: str) -> ResponseReturnValue:
    """Show one of one's own lists: each item, how it stands and the way to do it."""
    today = day_of(utc_now())
    return render_template(
        "required_lists/show.html",
        detail=queries.own_list(reading(), current_user.id, list_key, on=today),
        today=today,
        tell=_teller(),
        deadline_words=deadline_words,
    )


def _teller() -> Callable[[Words], str]:
    """Return how words are told in the page's language, looked up once for a page."""
    translate = get_translations().ugettext
    return partial(spoken, translate=translate, language=get_locale().language)
