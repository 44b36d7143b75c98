"""Lists of people as files."""

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.http.access import needs, needs_fresh
from lms.http.errors import words_of
from lms.http.sheets import CSV, XLSX, to_csv, to_xlsx
from lms.http.unit_of_work import vault, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Invalid, NotAllowed
from lms.people import operations
from lms.people.forms import EDUCATIONS, NUMBERS, POST_KINDS, ExportForm, FilterForm
from lms.people.types import ExportLine
from lms.people.views.lists import wanted_of
from lms.people.views.scoping import bp, scope, today, unkept

_HEAD = ("姓名", "用户名", "单位", "岗位类别", "岗位名称", "学历")


@bp.route("/people/export", methods=["GET", "POST"])
@needs("people.export")
@needs_fresh
def export() -> ResponseReturnValue:
    """Take the list of the own people out as a file; whole numbers only for a reason."""
    form, chosen = ExportForm(), FilterForm(request.args)
    wanted = wanted_of(chosen)
    if wanted is None or not form.validate_on_submit():
        return _page(form, chosen), 422 if wanted is None else form.status
    if form.in_clear.data and not current_user.may("people.reveal"):
        raise NotAllowed("not_in_clear", N_("您不能导出完整号码"))
    within = scope("people.export")
    if form.in_clear.data:
        within &= scope("people.reveal")
    try:
        with writing() as session:
            lines = operations.export_people(
                session,
                wanted,
                scope=within,
                in_clear=bool(form.in_clear.data),
                reason=form.reason.data or "",
                vault=vault(),
                actor_id=current_user.id,
                now=utc_now(),
            )
    except Invalid as refusal:
        form.reason.errors = [words_of(refusal)]
        return _page(form, chosen), 422
    return _file(form.form.data, lines)


def _page(form: ExportForm, chosen: FilterForm) -> str:
    return render_template(
        "people/export.html",
        form=form,
        chosen={name: field.data for name, field in chosen._fields.items() if field.data},
        filters=chosen,
        may_reveal=current_user.may("people.reveal"),
    )


def _file(form: str, lines: list[ExportLine]) -> Response:
    head = [*_HEAD, *(str(words) for words in NUMBERS.values())]
    rows = ([*_row(line), *(line.numbers.get(what, "") for what in NUMBERS)] for line in lines)
    is_csv = form == "csv"
    response = unkept(make_response(to_csv(head, rows) if is_csv else to_xlsx(head, rows)))
    response.mimetype = CSV if is_csv else XLSX
    name = f"people-{today().isoformat()}.{'csv' if is_csv else 'xlsx'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _row(line: ExportLine) -> list[str]:
    posts = line.person.posts
    return [
        line.person.name,
        line.person.user_name,
        "；".join(post.unit for post in posts),
        "；".join(str(POST_KINDS[post.post.kind]) for post in posts),
        "；".join(post.post.title for post in posts),
        str(EDUCATIONS[line.education]) if line.education else "",
    ]
