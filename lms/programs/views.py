from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, get_translations
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.programs import operations, queries
from lms.requirements.rules import deadline_words, explain, spoken
from lms.requirements.types import Words

bp = Blueprint("programs", __name__)


@bp.get("/programs")
@needs("learning.use")
def overview() -> ResponseReturnValue:
    """Show the programs that run, one's own first."""
    today = day_of(utc_now())
    return render_template(
        "programs/overview.html",
        programs=queries.programs(reading(), current_user.id, on=today),
        today=today,
        tell=_teller(),
        deadline_words=deadline_words,
    )


@bp.get("/programs/<program_key>")
@needs("learning.use")
def show(program_key: str) -> ResponseReturnValue:
    """Say what a program asks, what of it is met, what is missing and what comes next."""
    today = day_of(utc_now())
    detail = queries.program(reading(), current_user.id, program_key, on=today)
    return render_template(
        "programs/show.html",
        detail=detail,
        explanation=explain(detail.progress),
        today=today,
        tell=_teller(),
        deadline_words=deadline_words,
    )


@bp.post("/programs/<program_key>/join")
@needs("learning.use")
def join(program_key: str) -> ResponseReturnValue:
    """Take part in a program from today on."""
    with writing() as session:
        operations.join(
            session,
            program_key=program_key,
            learner_id=current_user.id,
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("您已参加这个项目"))
    return redirect(url_for(".show", program_key=program_key), code=303)


def _teller() -> Callable[[Words], str]:
    """Return how words are told in the page's language, looked up once for a page."""
    translate = get_translations().ugettext
    return partial(spoken, translate=translate, language=get_locale().language)
