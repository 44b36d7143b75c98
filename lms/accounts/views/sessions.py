"""What the pages of accounts share: the blueprint, and how a session begins."""

from collections.abc import Callable
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import login_user

from lms.accounts import queries
from lms.accounts.rules import device_words, is_aged, is_staff, mask_address, what_first
from lms.accounts.types import Attempt, Factor, Must, Origin
from lms.http.access import FRESH_AT
from lms.http.addresses import within_site
from lms.http.headers import RESEND
from lms.http.unit_of_work import reading
from lms.people.types import Principal

bp = Blueprint("sign_in", __name__)

LANDING = "lms_landing"
"""The key in ``app.extensions`` of the function that :mod:`lms.web` hands in: the first page of
whoever signed in."""

BEFORE = "lms_before_landing"
"""The key in ``app.extensions`` of the function that :mod:`lms.web` hands in: whom and where they
wanted to go -> where they go, for what is shown once on the way."""

IN_AT, FACTOR, MUST, HALF, IDENTITY = "in_at", "factor", "must", "half", "identity"
"""Keys of the session: when it began, with which factor, what its person must do first; who has
given a password and not yet a code; who comes from an issuer."""

HALF_SECONDS = 600
"""How long one may look for the telephone."""

_STAFF_RESEND_SECONDS = 60

PAGES = {Must.NEW_PASSWORD: "sign_in.password", Must.SECOND_FACTOR: "sign_in.factor"}
"""Where somebody does what they must do first."""


def origin() -> Origin:
    """Return where this request comes from, as far as it is kept."""
    return Origin(mask_address(request.remote_addr or ""), device_words(str(request.user_agent)))


def asks_factor() -> bool:
    """Say whether staff need a second factor here."""
    return bool(current_app.config["SECOND_FACTOR"] != "off")


def must_choose(attempt: Attempt, principal: Principal, now: datetime) -> str:
    """Return ``new_password`` if the next thing to do is a new one, else nothing."""
    days = int(current_app.config["STAFF_PASSWORD_DAYS"]) if is_staff(principal.grants) else 0
    aged = is_aged(attempt.password_changed_at, now=now, days=days)
    return Must.NEW_PASSWORD if attempt.must_change or aged else ""


def begin(principal: Principal, *, now: datetime, factor: Factor, must: str = "") -> None:
    """Begin a session; whatever was in the one before is dropped."""
    session.clear()
    login_user(principal)
    session.permanent = True
    second = int(now.timestamp())
    session[IN_AT] = session[FRESH_AT] = second
    if factor:
        session[FACTOR] = factor.value
    if must:
        session[MUST] = str(must)
    if is_staff(principal.grants):
        session[RESEND] = _STAFF_RESEND_SECONDS


def onward(principal: Principal, *, wanted: str) -> ResponseReturnValue:
    """Send whoever has just signed in to what they must do first, or where they wanted to go."""
    first = what_first(
        must=session.get(MUST, ""),
        staff=is_staff(principal.grants),
        factor=session.get(FACTOR, ""),
        asks_factor=asks_factor(),
    )
    aim = within_site(wanted)
    if first is not None:
        return redirect(url_for(PAGES[first], next=aim), code=303)
    before: Callable[[int, str], str] = current_app.extensions[BEFORE]
    return redirect(before(principal.id, aim or landing(principal)), code=303)


def landing(principal: Principal) -> str:
    """Return the first page of somebody."""
    found: Callable[[Principal], str] = current_app.extensions[LANDING]
    return found(principal)


def wanted() -> str:
    """Return where the visitor wanted to go."""
    return request.args.get("next", "")


def secret_page(page: str, status: int = 200) -> Response:
    """Return a page that no cache keeps: it shows what is shown once."""
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def is_locked(person_id: int, *, now: datetime) -> bool:
    """Say whether somebody may not try now."""
    account = queries.account(reading(), person_id)
    return (
        account is not None
        and account.locked_until_at is not None
        and now < account.locked_until_at
    )
