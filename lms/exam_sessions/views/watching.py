"""The live monitor of a session, and its table."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.exam_sessions import operations, queries, rules
from lms.exam_sessions.types import SessionText, Watched, Where
from lms.http.access import needs, own_scope
from lms.http.sheets import CSV, to_csv
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import CHINA, day_of, utc_now
from lms.organizations import queries as organizations

bp = Blueprint("watching", __name__, url_prefix="/teaching/exam-sessions")

ORGANISE, WATCH, NAME = "exam_sessions.organise", "exam_sessions.watch", "exam_sessions.name"
MOST_SILENT = 240
"""Minutes of silence that can be asked for."""


@bp.get("/<int(max=2147483647):session_id>/monitor")
@needs(WATCH)
def monitor(session_id: int) -> ResponseReturnValue:
    """Show who has begun, saved, handed in, or has been silent. A script asks again and again."""
    session, now = reading(), utc_now()
    found = queries.own_session(session, session_id, scope=own_scope(WATCH))
    minutes = min(max(request.args.get("minutes", rules.SILENT_MINUTES, type=int), 1), MOST_SILENT)
    unit_id = request.args.get("unit", type=int)
    page = min(max(request.args.get("page", 1, type=int), 1), 1000)
    asked = request.args.get("where", "")
    where = Where(asked) if asked in set(Where) else None
    if unit_id is not None and not organizations.is_within(
        session, unit_id, scope=[found.organization_id]
    ):
        unit_id = None
    rows = queries.watched(
        session,
        session_id,
        now=now,
        silent_minutes=minutes,
        naming=own_scope(NAME),
        on=day_of(now),
        unit_id=unit_id,
        where=where,
        page=page,
    )
    return unkept(
        render_template(
            "exam_sessions/monitor.html",
            session=found,
            phase=found.phase(now),
            counts=queries.counts(
                session, session_id, now=now, silent_minutes=minutes, unit_id=unit_id
            ),
            rows=rows[: queries.PAGE],
            more=len(rows) > queries.PAGE,
            branches=queries.branches(session, session_id, organization_id=found.organization_id),
            minutes=minutes,
            unit_id=unit_id,
            where=where,
            page=page,
            now=now,
            may_organise=may_organise(found),
        ),
        200,
    )


@bp.post("/<int(max=2147483647):session_id>/export")
@needs(NAME)
def export(session_id: int) -> ResponseReturnValue:
    """Send the monitor as a table; who took it is written down."""
    now = utc_now()
    with writing() as session:
        found = queries.own_session(session, session_id, scope=own_scope(WATCH))
        rows = queries.watched(
            session,
            session_id,
            now=now,
            silent_minutes=rules.SILENT_MINUTES,
            naming=own_scope(NAME),
            on=day_of(now),
            page=None,
        )
        operations.note_export(
            session, session_id, rows=len(rows), actor_id=current_user.id, now=now
        )
    head = [_("姓名"), _("单位"), _("状态"), _("开始"), _("最近保存"), _("截止")]
    response = Response(to_csv(head, map(_cells, rows)), mimetype=CSV)
    response.headers["Cache-Control"] = "no-store"
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"exam-session-{found.id}.csv"
    )
    return response


def _cells(row: Watched) -> list[str]:
    words = {
        Where.NOT_STARTED: _("未开始"),
        Where.WRITING: _("正在答"),
        Where.SILENT: _("没有动静"),
        Where.HANDED_IN: _("已交卷"),
        Where.EXPIRED: _("到时收卷"),
        Where.PAUSED: _("暂停中"),
        Where.ABANDONED: _("放弃或没有作答"),
    }
    times = (row.started_at, row.saved_at, row.deadline_at)
    return [
        row.name,
        row.unit,
        words[row.where],
        *(f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" if at else "" for at in times),
    ]


def may_organise(found: SessionText) -> bool:
    """Say whether whoever asks may change a session, and not only watch it."""
    scope = own_scope(ORGANISE)
    return bool(scope) and organizations.is_within(reading(), found.organization_id, scope=scope)


def unkept(page: str, status: int = 200) -> ResponseReturnValue:
    """Let no browser keep a page of who sits where."""
    response = Response(page, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
