"""The pictures of questions, for whoever may see a question that shows them."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.http.access import signed_in
from lms.http.services import service
from lms.http.unit_of_work import reading
from lms.interop import operations, queries
from lms.interop.operations.bank import PERMISSION
from lms.interop.rules.media import PICTURES
from lms.interop.views.common import bp
from lms.kernel.errors import N_, NotFound


@bp.get("/question-media/<digest>.<suffix>")
@signed_in
def question_medium(digest: str, suffix: str) -> ResponseReturnValue:
    """Send a picture. Under its address there is never another, so a browser may keep it.

    Who writes questions sees every picture; who answers them those of questions that were
    published.
    """
    session = reading()
    kept = queries.media(session, [digest]).get(digest)
    if kept is None or PICTURES.get(kept.media_type) != suffix:
        raise NotFound("no_file", N_("没有这个文件"))
    if not (current_user.may(PERMISSION) or queries.is_met(session, digest)):
        raise NotFound("no_file", N_("没有这个文件"))
    response = Response(mimetype=kept.media_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers.set("Content-Disposition", "inline", filename=f"{digest[:16]}.{suffix}")
    response.set_etag(digest)
    if response.make_conditional(request).status_code != 304:
        response.set_data(service(operations.Tools).store.read(kept.key))
    return response
