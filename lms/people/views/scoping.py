"""What all pages about people share: whose people, which unit is meant, who is asking."""

import re
import secrets
from collections.abc import Collection
from datetime import date

from flask import Blueprint, Response, make_response
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import Form

from lms.http.errors import words_of
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Invalid, NotFound
from lms.people import queries
from lms.people.models import Person
from lms.people.rules import scope_of
from lms.people.types import Actor

bp = Blueprint("people", __name__)

_WITH_CODE = re.compile(r".*[（(]([^（()）]+)[)）]$")

TOKEN = re.compile(r"[0-9a-z]{7}")


def today() -> date:
    """Return the day of the request."""
    return day_of(utc_now())


def scope(permission: str) -> frozenset[int]:
    """Return the organizations over whose subtrees whoever asks holds a permission."""
    return scope_of(current_user.grants, permission)


def actor() -> Actor:
    """Return who is asking, for what is judged by the table of roles."""
    return Actor(current_user.id, current_user.grants)


def own(person_id: int, permission: str) -> Person:
    """Return somebody over whom whoever asks holds a permission.

    :raises NotFound: ``no_person``.
    """
    return queries.own_person(reading(), person_id, scope=scope(permission), on=today())


def standing(person_id: int, permission: str) -> Person:
    """Return somebody as :func:`own` does, whose file can be changed: neither closed nor merged.

    :raises NotFound: ``no_person``.
    """
    found = own(person_id, permission)
    if found.closed_at is not None or found.merged_into_id is not None:
        raise NotFound("no_person", N_("没有这个人"))
    return found


def unit_meant(text: str, *, within: Collection[int]) -> int:
    """Return the unit that a name, a code or both as in ``兴义市（522301）`` mean.

    :raises Invalid: ``no_unit``, ``many_units`` with what it may mean.
    """
    found = queries.units_named(reading(), text, scope=within, on=today())
    coded = _WITH_CODE.fullmatch(text)
    if not found and coded:
        found = queries.units_named(reading(), coded.group(1), scope=within, on=today())
    if not found:
        raise Invalid("no_unit", N_("您管的范围里没有这个单位"), where="unit")
    if len(found) > 1:
        listed = "、".join(f"{name}（{code}）" for _id, name, code in found[:8])
        raise Invalid("many_units", N_("有几个单位：%(units)s"), where="unit", units=listed)
    return found[0][0]


def show_fault(form: Form, refusal: Invalid) -> None:
    """Put a refusal beside the field it is about, or beside the first one."""
    field = form[refusal.where] if refusal.where in form else next(iter(form))
    field.errors = [*field.errors, words_of(refusal)]


def new_token() -> str:
    """Return what makes a form that is sent twice one deed."""
    return secrets.token_hex(4)[:7]


def unkept(answer: ResponseReturnValue) -> Response:
    """Let no browser keep a page with personal data that was shown for a reason."""
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    return response
