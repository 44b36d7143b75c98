import io
import json
import secrets
from collections.abc import Sequence
from datetime import date

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.exams import operations as exams
from lms.exams import queries as papers
from lms.exams.types.on_paper import Printed
from lms.http.access import needs, own_scope
from lms.http.addresses import row_number
from lms.http.errors import words_of
from lms.http.sheets import CSV, XLSX, to_csv, to_xlsx
from lms.http.unit_of_work import VAULT, reading, writing
from lms.http.uploads import takes_files, upload_limit
from lms.interop.content.tables import read_table
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.places import shipped
from lms.kernel.typesetting import typeset
from lms.organizations import queries as organizations
from lms.paper_form import operations, queries, rules
from lms.paper_form.formats import pdf, word
from lms.paper_form.forms import MOST_SEED, CardForm, ConfirmForm, ListForm, PrintForm
from lms.paper_form.types import CardRow, Cell, Reviewed
from lms.people import queries as people
from lms.people.types import Filter
from lms.question_bank import queries as bank

bp = Blueprint("paper_form", __name__, url_prefix="/teaching/prints")

MAY = "exams.on_paper"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
MOST_FOUND = 20


def _print(print_id: int) -> Printed:
    return papers.printed(reading(), print_id, scope=own_scope(MAY))


@bp.get("")
@needs(MAY)
def overview() -> ResponseReturnValue:
    """Show what was printed for one's own units, and the form for another print."""
    return _overview(_print_form(PrintForm(seed=secrets.randbelow(MOST_SEED) + 1)))


def _overview(form: PrintForm) -> ResponseReturnValue:
    found = papers.prints(reading(), scope=own_scope(MAY))
    return render_template("paper_form/overview.html", form=form, prints=found), form.status


def _print_form(form: PrintForm) -> PrintForm:
    session = reading()
    form.paper.choices = [
        SelectChoice(paper.key, paper.title) for paper in papers.papers(session) if paper.sittable
    ]
    form.organization.choices = [
        SelectChoice(id_, name)
        for id_, name in sorted(organizations.names_of(session, own_scope(MAY)).items())
    ]
    return form


@bp.post("")
@needs(MAY)
def make() -> ResponseReturnValue:
    """Draw a paper and keep it. The same form sent twice is one print."""
    form = _print_form(PrintForm())
    if not form.validate():
        return _overview(form)
    try:
        with writing() as session:
            print_id = exams.print_paper(
                session,
                paper_key=form.paper.data,
                seed=form.seed.data or 0,
                note=form.note.data or "",
                organization_id=form.organization.data,
                actor_id=current_user.id,
                now=utc_now(),
            )
    except Conflict as refusal:
        form.paper.errors = [words_of(refusal)]
        return _overview(form)
    return redirect(url_for(".show", print_id=print_id), code=303)


@bp.get("/<int(max=2147483647):print_id>")
@needs(MAY)
def show(print_id: int) -> ResponseReturnValue:
    """Show a print: what can be downloaded, who was typed in, the ways to type in more."""
    form = ListForm(sat_on=day_of(utc_now()))
    return _show(_print(print_id), form)


def _show(printed: Printed, form: ListForm, *, status: int = 200) -> ResponseReturnValue:
    on = day_of(utc_now())
    page = render_template(
        "paper_form/show.html",
        printed=printed,
        form=form,
        entered=papers.entered_from(reading(), printed.id, scope=own_scope(MAY), on=on),
        corrections=queries.corrections(reading(), printed.id, scope=own_scope(MAY), on=on),
        most=rules.MOST_ROWS,
        megabytes=upload_limit() // 1024 // 1024,
    )
    return page, status


@bp.get("/<int(max=2147483647):print_id>/files/<name>")
@needs(MAY)
def file(print_id: int, name: str) -> ResponseReturnValue:
    """Send a sheet, the teacher's copy, the answer card, or an empty list for the answers."""
    printed = _print(print_id)
    if name in {"list.xlsx", "list.csv"}:
        head = rules.template_head(len(printed.slots))
        made = to_xlsx(head, []) if name.endswith("xlsx") else to_csv(head, [])
        return _sent(printed, _("答案表"), name, made)
    texts = bank.versions(reading(), [slot.version_id for slot in printed.slots])
    sheet = rules.make_sheet(printed, texts)
    match name:
        case "paper.docx" | "teacher.docx":
            made = word.write(sheet, with_key=name == "teacher.docx")
        case "paper.pdf" | "teacher.pdf":
            made = _typeset("paper", pdf.sheet_data(sheet, with_key=name == "teacher.pdf"))
        case "card.pdf":
            made = _typeset("card", pdf.card_data(sheet))
        case _:
            raise NotFound("no_file", N_("没有这个文件"))
    labels = {"paper": _("试卷"), "teacher": _("教师用卷"), "card": _("答题卡")}
    return _sent(printed, labels[name.partition(".")[0]], name, made)


def _typeset(template: str, data: dict[str, object]) -> bytes:
    return typeset(shipped("templates") / "typeset" / f"{template}.typ", data)


def _sent(printed: Printed, label: str, name: str, data: bytes) -> Response:
    ending = name.rpartition(".")[2]
    kinds = {"docx": DOCX, "pdf": PDF, "xlsx": XLSX, "csv": CSV}
    called = f"{printed.title}-{printed.id}-{label}.{ending}"
    response = send_file(
        io.BytesIO(data), mimetype=kinds[ending], as_attachment=True, download_name=called
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/<int(max=2147483647):print_id>/cards")
@needs(MAY)
def cards(print_id: int) -> ResponseReturnValue:
    """Find a person in one's scope, and show the grid for their answer card."""
    printed, session, on = _print(print_id), reading(), day_of(utc_now())
    person_id = request.args.get("person", type=row_number)
    name = request.args.get("name", "").strip()[:40]
    if person_id is None:
        found = (
            people.people_of(
                session, Filter(name=name), scope=own_scope(MAY), on=on, limit=MOST_FOUND + 1
            )
            if name
            else []
        )
        return render_template(
            "paper_form/people.html",
            printed=printed,
            name=name,
            found=[one for one in found[:MOST_FOUND] if not one.is_closed],
            more=len(found) > MOST_FOUND,
        )
    form = CardForm(person_id=str(person_id), sat_on=on)
    return _grid(printed, form, person_id, {})


def _grid(
    printed: Printed, form: CardForm, person_id: int, answers: dict[int, str], *, status: int = 200
) -> ResponseReturnValue:
    session, on = reading(), day_of(utc_now())
    known = queries.within(session, [person_id], scope=own_scope(MAY), on=on)
    if person_id not in known:
        raise NotFound("no_person", N_("没有这个人"))
    specs = queries.specs(session, {slot.version_id for slot in printed.slots})
    slots = rules.slots_of(printed.slots, specs)
    page = render_template(
        "paper_form/grid.html",
        printed=printed,
        form=form,
        person=known[person_id],
        cells=[Cell(n, slot.letters, answers.get(n, "")) for n, slot in slots.items()],
        sections=[
            (section, [n for n, slot in enumerate(printed.slots, 1) if slot.section == index])
            for index, section in enumerate(printed.blueprint.sections)
        ],
    )
    return page, status


@bp.post("/<int(max=2147483647):print_id>/cards")
@needs(MAY)
def typed(print_id: int) -> ResponseReturnValue:
    """Show what would become of one typed card; nothing is written yet."""
    printed, form = _print(print_id), CardForm()
    person_id = _person(form)
    answers = form.answers(request.form, len(printed.slots))
    if not form.validate():
        return _grid(printed, form, person_id, answers, status=422)
    on = day_of(utc_now())
    known = queries.within(reading(), [person_id], scope=own_scope(MAY), on=on)
    if person_id not in known:
        raise NotFound("no_person", N_("没有这个人"))
    person = known[person_id]
    row = CardRow(1, person.user_name, "", person.name, answers)
    try:
        operations.check_day(printed, _day(form.sat_on.data), now=utc_now())
    except Invalid as refusal:
        form.sat_on.errors = [words_of(refusal)]
        return _grid(printed, form, person_id, answers, status=422)
    return _review(printed, [row], _day(form.sat_on.data))


def _person(form: CardForm) -> int:
    try:
        return row_number(form.person_id.data or "")
    except ValueError:
        raise NotFound("no_person", N_("没有这个人")) from None


@bp.post("/<int(max=2147483647):print_id>/list")
@needs(MAY)
@takes_files
def upload(print_id: int) -> ResponseReturnValue:
    """Show what would become of each card of a list; nothing is written yet."""
    printed, form = _print(print_id), ListForm()
    if not form.validate():
        return _show(printed, form, status=422)
    stored = form.file.data
    try:
        operations.check_day(printed, _day(form.sat_on.data), now=utc_now())
        table = read_table(
            stored.read(), name=stored.filename or "", encoding=form.encoding.data or ""
        )
        rows = rules.read_rows(table.rows, len(printed.slots))
    except Invalid as refusal:
        field = form.sat_on if refusal.code == "bad_day" else form.file
        field.errors = [words_of(refusal)]
        return _show(printed, form, status=422)
    finally:
        stored.close()
    return _review(printed, rows, _day(form.sat_on.data))


def _day(said: date | None) -> date:
    if said is None:
        raise Invalid("bad_day", N_("请填考试日期"), where="sat_on")
    return said


def _review(printed: Printed, rows: Sequence[CardRow], on: date) -> ResponseReturnValue:
    reviewed = operations.review_cards(
        reading(),
        printed,
        rows,
        vault=current_app.extensions[VAULT],
        scope=own_scope(MAY),
        actor_id=current_user.id,
        now=utc_now(),
    )
    faulty = [one for one in reviewed if one.faults]
    form = ConfirmForm(formdata=None, sat_on=on, cards="" if faulty else _carried(reviewed))
    return (
        render_template(
            "paper_form/review.html",
            printed=printed,
            reviewed=reviewed,
            faulty=len(faulty),
            new=sum(not one.is_known for one in reviewed),
            form=form,
            on=on,
        ),
        422 if faulty else 200,
    )


def _carried(reviewed: Sequence[Reviewed]) -> str:
    """Return what the page sends back: nothing in it is believed when it comes."""
    return json.dumps(
        {
            str(one.person.id): [said.letters or said.spoilt for said in one.letters.values()]
            for one in reviewed
            if one.person is not None
        }
    )


@bp.post("/<int(max=2147483647):print_id>/confirm")
@needs(MAY)
def confirm(print_id: int) -> ResponseReturnValue:
    """Write the cards that were shown, all or none. Confirmed twice, they are written once."""
    printed, form = _print(print_id), ConfirmForm()
    if not form.validate():
        raise Invalid("bad_cards", N_("页面内容不完整，请重新上传"), where="cards")
    with writing() as session:
        done = operations.enter(
            session,
            printed.id,
            form.read(),
            on=_day(form.sat_on.data),
            scope=own_scope(MAY),
            actor_id=current_user.id,
            now=utc_now(),
        )
    if done.new:
        flash(_("录入了 %(n)s 份答题卡，成绩已经算好", n=done.new))
    if done.same:
        flash(_("%(n)s 份以前录过，内容相同，没有重复录入", n=done.same))
    if done.other:
        words = _("%(n)s 份以前录过，内容不同：保留先录的，这次的没有写入", n=done.other)
        flash(words, "warning")
    return redirect(url_for(".show", print_id=print_id), code=303)
