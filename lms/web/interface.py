"""The document of the interface for programs."""

from flask import Blueprint, Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from lms import __version__
from lms.exams.views.api import bp as exams
from lms.http.access import public
from lms.http.api import CSRF, SESSION, document

bp = Blueprint("interface", __name__)

_KEPT = "lms_interface"

ABOUT = """\
用已登录的会话考试：开始、读题、存答案、交卷、看成绩。必学自己的考试页用的就是这一套接口。
说明见 docs/api.md。

Sit examinations with a session that has signed in. Our own page uses the same interface.
A request that does something carries the session's token in `X-CSRFToken`; every page has it in
`<meta name="csrf-token">`. A refusal is `{"error": {"code", "message", "where"}}`. Marks are whole
units, `unit` of which make a point. Instants carry their offset. New members may be added to any
answer: ignore what you do not know.
"""
TAGS = {"exams": "考试 Examinations: papers, attempts, answers, results."}


@bp.get("/api/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    """Describe the interface for programs (OpenAPI 3.1)."""
    kept = current_app.extensions
    if _KEPT not in kept:
        kept[_KEPT] = _document(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - public in spite of its name
    return jsonify({**kept[_KEPT], "servers": [{"url": request.script_root or "/"}]})


def _document(app: Flask) -> dict[str, object]:
    cookie = str(app.config["SESSION_COOKIE_NAME"])
    return document(
        [exams],
        info={"title": "必学 Bixue", "version": __version__, "description": ABOUT},
        security={
            SESSION: {
                "type": "apiKey",
                "in": "cookie",
                "name": cookie,
                "description": "登录时得到的 cookie。 Set by signing in at /sign-in.",
            },
            CSRF: {
                "type": "apiKey",
                "in": "header",
                "name": "X-CSRFToken",
                "description": "本会话页面里的令牌。 Of the same session, from any of its pages.",
            },
        },
        tags=TAGS,
    )
