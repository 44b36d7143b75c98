"""The auditors' pages: search the trail, one line of it, take some of it away."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.audit import queries as chain_queries
from lms.audit.rules import COLUMNS, FACTS, VERBS, end_row, row_of, whole_line, words_for
from lms.audit.types import ExportEnd, ExportLine
from lms.http.access import needs, needs_fresh
from lms.http.addresses import row_number
from lms.http.unit_of_work import reading, writing
from lms.kernel.canonical import to_json
from lms.kernel.clock import utc_now
from lms.reports import operations
from lms.reports.forms import TrailExportForm, TrailForm
from lms.reports.queries import trail as queries
from lms.reports.types import Wanted

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@needs("audit.view")
def search() -> ResponseReturnValue:
    """Show the audit trail, newest first, or what is looked for in it."""
    form = TrailForm(request.args)
    faulty = not form.validate()
    wanted = form.wanted()
    rows = queries.trail(reading(), wanted, before=request.args.get("before", type=row_number))
    page = render_template(
        "audit/search.html",
        form=form,
        wanted=wanted,
        rows=rows[: queries.PAGE],
        more=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
        names=queries.names_of(reading(), rows),
        state=chain_queries.state(reading()),
        verbs=VERBS,
        facts=FACTS,
    )
    return page, 422 if faulty else 200


@bp.get("/entries/<int:entry_id>")
@needs("audit.view")
def entry(entry_id: int) -> ResponseReturnValue:
    """Show one line in words, and its place in the chain."""
    found = queries.entry(reading(), entry_id)
    return render_template(
        "audit/entry.html",
        found=found,
        row=found.row,
        names=queries.names_of(reading(), [found.row]),
        state=chain_queries.state(reading()),
        words=words_for(found.row.verb),
        facts=FACTS,
    )


@bp.route("/export", methods=["GET", "POST"])
@needs("audit.export")
@needs_fresh
def export() -> ResponseReturnValue:
    """Give away what is looked for as a file that can be checked against the chain."""
    form = TrailExportForm(request.form if request.method == "POST" else request.args)
    if request.method == "GET" or not form.validate_on_submit():
        status = 200 if request.method == "GET" else 422
        return render_template("audit/export.html", form=form), status
    wanted, now, kind = form.wanted(), utc_now(), str(form.format.data)
    with writing() as session:
        up_to, head = operations.begin_trail_export(
            session,
            wanted=wanted,
            format_=kind,
            reason=form.reason.data or "",
            actor_id=current_user.id,
            now=now,
        )
    words = {verb: _(text) for verb, text in VERBS.items()}
    lines = _as_csv if kind == "csv" else _as_json
    response = Response(
        stream_with_context(_in_portions(lines(wanted, up_to, head, words))),
        mimetype="text/csv" if kind == "csv" else "application/jsonl",
    )
    name = f"audit-{now:%Y%m%d-%H%M%S}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_csv(wanted: Wanted, up_to: int, head: str, words: dict[str, str]) -> Iterator[str]:
    yield "\ufeff"  # so that a spreadsheet knows it is UTF-8
    buffer = io.StringIO()
    write = csv.writer(buffer).writerow
    count = 0

    def rows() -> Iterator[Iterable[str]]:
        nonlocal count
        for line, actor in queries.export_lines(reading(), wanted, up_to=up_to):
            count += 1
            yield row_of(line, actor=actor, words=words.get(line.verb, line.verb))
        yield end_row(ExportEnd(count, head))

    for row in chain([COLUMNS], rows()):
        write(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _as_json(wanted: Wanted, up_to: int, head: str, words: dict[str, str]) -> Iterator[str]:
    count = 0
    line: ExportLine
    for line, actor in queries.export_lines(reading(), wanted, up_to=up_to):
        count += 1
        told = whole_line(line, actor=actor, words=words.get(line.verb, line.verb))
        yield f"{to_json(told)}\n"
    yield f"{to_json({'end': True, 'lines': count, 'head': head})}\n"


def _in_portions(pieces: Iterator[str], size: int = 64 * 1024) -> Iterator[str]:
    """Send few large pieces instead of many small ones."""
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)
