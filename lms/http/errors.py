"""Refusals become HTTP answers here, and nowhere else.

A page gets a page, ``/api/`` gets JSON ``{"error": {"code", "message", "where"}}``.
"""

import sqlite3
from typing import Any

from flask import Flask, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from lms.http.addresses import BIGGEST_ROW
from lms.http.unit_of_work import reading
from lms.http.uploads import upload_limit
from lms.kernel.errors import Busy, Conflict, DomainError, Invalid, NotAllowed, NotFound, Phrase


class Malformed(Invalid):
    """What was sent is not even of the form in which it says that it is."""


STATUS: dict[type[DomainError], int] = {
    Malformed: 400,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 422,
    Busy: 503,
}

RETRY_SECONDS = "5"
"""After how long it is worth asking again a database that was away."""

DISK_FULL = "53100"
"""PostgreSQL's name for it (documentation, appendix A)."""

DATABASE_DOWN = "lms_database_down"
"""Set in ``flask.g`` while the answer is made that says so: nobody asks the database again."""


def status_of(error: DomainError) -> int:
    """Return the status code of a refusal."""
    return next((code for cls, code in STATUS.items() if isinstance(error, cls)), 400)


def words_of(error: DomainError) -> str:
    """Return the refusal's sentence in the reader's language."""
    params = {n: v.said(_) if isinstance(v, Phrase) else v for n, v in error.params.items()}
    return str(_(error.message, **params))


def refusal(error: DomainError, *, status: int | None = None) -> ResponseReturnValue:
    """Return the answer that tells a refusal, as a page or as JSON."""
    where = error.where if isinstance(error, Invalid) else ""
    answer = make_response(_answer(status or status_of(error), error.code, words_of(error), where))
    if isinstance(error, Busy):
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer


class RowNumber(IntegerConverter):
    """A number in an address; one that no row can have is no address of ours."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": BIGGEST_ROW, **options})


def register(app: Flask) -> None:
    """Answer refusals, HTTP errors and a failing database."""
    app.url_map.converters["int"] = RowNumber
    app.register_error_handler(DomainError, refusal)

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> ResponseReturnValue:
        words = _("页面停留太久或来自别处，请返回上一页刷新后再试。您填写的内容没有保存。")
        return _answer(400, "stale_page", words)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error.get_response()
        status = error.code or 500
        response = make_response(_answer(status, f"http_{status}", _http_words(status)))
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
        return response

    @app.errorhandler(OperationalError)
    @app.errorhandler(NoConnectionFree)
    def database_down(error: OperationalError | NoConnectionFree) -> ResponseReturnValue:
        app.logger.error("database: %s", getattr(error, "orig", None) or error)
        setattr(g, DATABASE_DOWN, True)
        status, code, words = 503, "database_unavailable", _("数据库暂时连不上，请稍后再试。")
        if is_full(error):
            status, code = 507, "storage_full"
            words = _("服务器的存储空间已满，刚才的内容没有保存。请稍后再试，并告诉管理员。")
        answer = make_response(_answer(status, code, words))
        answer.headers["Retry-After"] = RETRY_SECONDS
        return answer

    @app.errorhandler(DataError)
    def not_storable(error: DataError) -> ResponseReturnValue:
        app.logger.warning("database: %s", error.orig)  # a NUL in a text, for one
        reading().rollback()  # PostgreSQL answers nothing more in a failed transaction
        return _answer(400, "not_storable", _http_words(400))


def is_full(error: Exception) -> bool:
    """Say whether the database refused because nothing more can be stored."""
    found = getattr(error, "orig", None)
    if isinstance(found, sqlite3.Error):
        return getattr(found, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(found, "sqlstate", None) == DISK_FULL


def _http_words(status: int) -> str:
    words = {
        400: _("请求的内容看不懂。"),
        403: _("您没有权限打开这个页面。"),
        404: _("没有找到您要的页面。"),
        405: _("这个地址不接受这样的操作。"),
        413: _("提交的内容太大了。上传的文件最多 %(n)s MB。", n=upload_limit() // 1024 // 1024),
        415: _("不支持这种格式。"),
        429: _("操作太频繁，请过一会儿再试。"),
    }
    return str(words.get(status, _("系统出了点问题，已经记录下来。请稍后再试。")))


def _answer(status: int, code: str, words: str, where: str = "") -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        error = {"code": code, "message": words} | ({"where": where} if where else {})
        return jsonify(error=error), status
    return render_template("_layout/refused.html", status=status, words=words, where=where), status
