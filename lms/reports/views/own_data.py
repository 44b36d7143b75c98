"""Everything that is held of oneself: look, take it away, see who looked."""

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.audit.rules import words_for
from lms.http.access import needs_fresh, signed_in
from lms.http.unit_of_work import reading, vault, writing
from lms.kernel.canonical import to_json
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.reports import operations
from lms.reports.queries import own_data as queries
from lms.reports.queries import trail
from lms.reports.rules import COLUMNS, HOLDINGS, Holding
from lms.reports.types import OwnTable

bp = Blueprint("own_data", __name__, url_prefix="/privacy")

FORMAT = "bixue-own-data/1"
"""The shape of the JSON file: see ``docs/privacy.md``."""


@bp.get("/data")
@signed_in
def held() -> ResponseReturnValue:
    """Say what is held of oneself, table by table, and what of it stays when one leaves."""
    return render_template(
        "own_data/held.html",
        counts=queries.counts(reading(), current_user.id),
        holdings=HOLDINGS,
        nameless=Holding,
    )


@bp.route("/data/export", methods=["GET", "POST"])
@signed_in
@needs_fresh
def export() -> ResponseReturnValue:
    """Ask for, and give away, everything that is held of oneself: JSON and a page, in one file."""
    if request.method == "GET":
        return render_template("own_data/export.html")
    now = utc_now()
    with writing() as session:
        tables = operations.export_own_data(
            session, person_id=current_user.id, vault=vault(), now=now
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("my-data.json", _as_json(tables, made_at=now.isoformat()))
        target.writestr("my-data.html", _as_page(tables, made_at=now))
    response = Response(packed.getvalue(), mimetype="application/zip")
    name = f"bixue-my-data-{day_of(now):%Y%m%d}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_json(tables: list[OwnTable], *, made_at: str) -> str:
    told = {
        "format": FORMAT,
        "made_at": made_at,
        "person_id": current_user.id,
        "tables": {
            table.name: {"title": _(table.title), "rows": list(table.rows)} for table in tables
        },
        "left_out": _left_out(),
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _left_out() -> dict[str, str]:
    """Return what is not in the file, as a table or as table and column, and why."""
    tables = {name: held.left_out for name, held in HOLDINGS.items() if held.left_out}
    columns = {
        f"{name}.{column}": why
        for name, held in HOLDINGS.items()
        for column, why in held.hidden.items()
    }
    withheld = {
        f"{name}.{column}": "empty until the keys of the paper are released"
        for name, held in HOLDINGS.items()
        for column in held.withheld
    }
    return tables | columns | withheld


def _as_page(tables: list[OwnTable], *, made_at: datetime) -> str:
    """Return one page that needs nothing else: it opens without a network."""
    return render_template(
        "own_data/file.html",
        tables=tables,
        made_at=made_at,
        column_words=_column_words,
        value_words=_value_words,
        long=LONG_TABLE,
    )


LONG_TABLE = 30
"""Rows from which on a table of the page is folded."""


def _column_words(name: str) -> str:
    base = name.removesuffix("_words")
    words = str(_(COLUMNS[base])) if base in COLUMNS else base
    return f"{words} →" if name.endswith("_words") else words


def _value_words(name: str, value: Any) -> str:
    if name == "verb":
        return str(_(words_for(value)))
    if value and (name == "at" or name.endswith("_at")):
        return datetime.fromisoformat(value).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, dict | list):
        return to_json(value)
    return str(value)


@bp.get("/looks")
@signed_in
def looks() -> ResponseReturnValue:
    """Show who looked at one's data, from the audit trail."""
    return render_template(
        "own_data/looks.html",
        looks=trail.looks(reading(), current_user.id),
        words_for=words_for,
    )
