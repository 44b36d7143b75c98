"""Refusals become HTTP answers here, and nowhere else.

A page gets a page, ``/api/`` gets JSON ``{"error": {"code", "message", "where"}}``.
"""

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from lms.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound

STATUS: dict[type[DomainError], int] = {NotFound: 404, NotAllowed: 403, Conflict: 409, Invalid: 422}


def status_of(error: DomainError) -> int:
    """Return the status code of a refusal."""
    return next((code for cls, code in STATUS.items() if isinstance(error, cls)), 400)


def words_of(error: DomainError) -> str:
    """Return the refusal's sentence in the reader's language."""
    return str(_(error.message, **error.params))


def refusal(error: DomainError, *, status: int | None = None) -> ResponseReturnValue:
    """Return the answer that tells a refusal, as a page or as JSON."""
    where = error.where if isinstance(error, Invalid) else ""
    return _answer(status or status_of(error), error.code, words_of(error), where)


def register(app: Flask) -> None:
    """Answer refusals, HTTP errors and a failing database."""

    app.register_error_handler(DomainError, refusal)

    @app.errorhandler(CSRFError)
    def stale(error: CSRFError) -> ResponseReturnValue:
        words = _("页面停留太久或来自别处，请返回上一页刷新后再试。您填写的内容没有保存。")
        return _answer(400, "stale_page", words)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error.get_response()
        status = error.code or 500
        return _answer(status, f"http_{status}", _http_words(status))

    @app.errorhandler(OperationalError)
    def database_down(error: OperationalError) -> ResponseReturnValue:
        app.logger.error("database: %s", error.orig)
        return _answer(503, "database_unavailable", _("数据库暂时连不上，请稍后再试。"))


def _http_words(status: int) -> str:
    words = {
        400: _("请求的内容看不懂。"),
        403: _("您没有权限打开这个页面。"),
        404: _("没有这个页面，或者您无权知道它是否存在。"),
        405: _("这个地址不接受这样的操作。"),
        413: _("提交的内容太大了。"),
        415: _("不支持这种格式。"),
        429: _("操作太频繁，请过一会儿再试。"),
    }
    return words.get(status, _("系统出了点问题，已经记录下来。请稍后再试。"))


def _answer(status: int, code: str, words: str, where: str = "") -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        error = {"code": code, "message": words} | ({"where": where} if where else {})
        return jsonify(error=error), status
    return render_template("_layout/refused.html", status=status, words=words, where=where), status
