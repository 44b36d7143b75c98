"""What organisers do: plan, invite, prepare, extend, cancel."""

import secrets
from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it

from lms.exam_sessions import operations, queries, rules
from lms.exam_sessions.forms import (
    ANYBODY,
    INVITED,
    CancelForm,
    ConfirmForm,
    ExtendForm,
    PeopleForm,
    PlanForm,
    in_china,
)
from lms.exam_sessions.types import Phase, Plan, SessionText, Source
from lms.exam_sessions.views.watching import NAME, ORGANISE, WATCH, may_organise, unkept
from lms.exams import queries as papers
from lms.http.access import needs, own_scope
from lms.http.errors import words_of
from lms.http.services import service
from lms.http.unit_of_work import reading, vault, writing
from lms.http.uploads import takes_files
from lms.interop.content.tables import read_table
from lms.jobs.operations.office import Office
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Conflict, DomainError, Invalid
from lms.organizations import queries as organizations
from lms.people import queries as people

bp = Blueprint("organising", __name__, url_prefix="/teaching/exam-sessions")

MOST_SHOWN = 300
"""Listed people on the page of a session."""


@bp.get("")
@needs(WATCH)
def overview() -> ResponseReturnValue:
    """Show the sessions of one's own units."""
    found = queries.sessions_of(reading(), scope=own_scope(WATCH))
    return render_template(
        "exam_sessions/overview.html",
        listed=found,
        now=utc_now(),
        may_organise=current_user.may(ORGANISE),
    )


@bp.route("/new", methods=["GET", "POST"])
@needs(ORGANISE)
def new() -> ResponseReturnValue:
    """Show the form of a new session and make it."""
    form = _form(PlanForm())
    if not form.is_submitted():
        names = organizations.names_of(reading(), own_scope(ORGANISE))
        form.organization.data = next(iter(sorted(names.values())), "")
        form.form_key.data = secrets.token_hex(8)
        return render_template("exam_sessions/plan.html", form=form, session=None)
    if form.validate():
        try:
            plan = _plan(form)
            with writing() as session:
                made = operations.make(
                    session,
                    plan,
                    form_key=form.form_key.data or secrets.token_hex(8),
                    scope=own_scope(ORGANISE),
                    actor_id=current_user.id,
                    now=utc_now(),
                )
            return redirect(url_for(".show", session_id=made), code=303)
        except (Conflict, Invalid) as refusal:
            _beside(form, refusal)
    return render_template("exam_sessions/plan.html", form=form, session=None), _status(form)


@bp.route("/<int(max=2147483647):session_id>/edit", methods=["GET", "POST"])
@needs(ORGANISE)
def edit(session_id: int) -> ResponseReturnValue:
    """Show a session that has not opened in its form, and change it."""
    found = queries.own_session(reading(), session_id, scope=own_scope(ORGANISE))
    form = _form(PlanForm(), found)
    if not form.is_submitted():
        rules.check_planned(found, utc_now())
        _fill(form, found)
        return render_template("exam_sessions/plan.html", form=form, session=found)
    if form.validate():
        try:
            plan = _plan(form)
            with writing() as session:
                operations.edit(
                    session,
                    session_id,
                    plan,
                    revision=form.revision.data or 0,
                    scope=own_scope(ORGANISE),
                    actor_id=current_user.id,
                    now=utc_now(),
                )
            flash(_("已保存"))
            return redirect(url_for(".show", session_id=session_id), code=303)
        except (Conflict, Invalid) as refusal:
            _beside(form, refusal)
    return render_template("exam_sessions/plan.html", form=form, session=found), _status(form)


@bp.get("/<int(max=2147483647):session_id>")
@needs(WATCH)
def show(session_id: int) -> ResponseReturnValue:
    """Show a session: when, who, how far its papers are, and what can be done with it."""
    found = queries.own_session(reading(), session_id, scope=own_scope(WATCH))
    return _show(found)


def _show(
    found: SessionText,
    *,
    extending: ExtendForm | None = None,
    cancelling: CancelForm | None = None,
    adding: PeopleForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, now = reading(), utc_now()
    page = render_template(
        "exam_sessions/session.html",
        session=found,
        phase=found.phase(now),
        groups=queries.groups_of(session, found.id),
        counts=queries.counts(session, found.id, now=now, silent_minutes=rules.SILENT_MINUTES),
        listed=_listed(found),
        may_organise=may_organise(found),
        extending=extending or ExtendForm(formdata=None, revision=found.revision),
        cancelling=cancelling or CancelForm(formdata=None),
        adding=adding or PeopleForm(formdata=None),
    )
    return unkept(page, status)


def _listed(found: SessionText) -> list[tuple[int, str, str]]:
    """Return the listed people, for those who may see every name of the session's unit."""
    if not organizations.is_within(reading(), found.organization_id, scope=own_scope(NAME)):
        return []
    return queries.few_seats(reading(), found.id, source=Source.LIST, at_most=MOST_SHOWN)


@bp.post("/<int(max=2147483647):session_id>/extend")
@needs(ORGANISE)
def extend(session_id: int) -> ResponseReturnValue:
    """Make the window longer for all."""
    form = ExtendForm()
    found = queries.own_session(reading(), session_id, scope=own_scope(ORGANISE))
    if not form.validate():
        return _show(found, extending=form, status=422)
    with writing() as session:
        moved = operations.extend(
            session,
            session_id,
            minutes=form.minutes.data or 0,
            reason=form.reason.data or "",
            revision=form.revision.data or 0,
            scope=own_scope(ORGANISE),
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("已延长；正在考的 %(n)s 人答题时间变长了", n=moved))
    return redirect(url_for(".show", session_id=session_id), code=303)


@bp.post("/<int(max=2147483647):session_id>/cancel")
@needs(ORGANISE)
def cancel(session_id: int) -> ResponseReturnValue:
    """Cancel a session."""
    form = CancelForm()
    found = queries.own_session(reading(), session_id, scope=own_scope(ORGANISE))
    if not form.validate():
        return _show(found, cancelling=form, status=422)
    with writing() as session:
        operations.cancel(
            session,
            session_id,
            reason=form.reason.data or "",
            scope=own_scope(ORGANISE),
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("已取消"))
    return redirect(url_for(".show", session_id=session_id), code=303)


@bp.post("/<int(max=2147483647):session_id>/prepare")
@needs(ORGANISE)
def prepare(session_id: int) -> ResponseReturnValue:
    """Draw the papers now, in the background."""
    found = queries.own_session(reading(), session_id, scope=own_scope(ORGANISE))
    now = utc_now()
    if found.phase(now) not in {Phase.PLANNED, Phase.OPEN}:
        raise Conflict("came_too_late", N_("已经过了最晚入场时间"))
    with writing() as session:
        operations.ask_to_prepare(
            session,
            found,
            key=f"{found.revision}:{now:%Y%m%dT%H%M}",
            actor_id=current_user.id,
            now=now,
            put=service(Office).queue.put,
        )
    flash(_("正在后台备卷，过一会儿刷新本页"))
    return redirect(url_for(".show", session_id=session_id), code=303)


@bp.post("/<int(max=2147483647):session_id>/people")
@needs(ORGANISE)
@takes_files
def listing(session_id: int) -> ResponseReturnValue:
    """Show whom each row of a list means; nothing is written yet."""
    found = queries.own_session(reading(), session_id, scope=own_scope(ORGANISE))
    form = PeopleForm()
    try:
        if not form.validate():
            return _show(found, adding=form, status=422)
        rows = operations.review(
            reading(),
            session_id,
            rules.listed(_table(form)),
            vault=vault(),
            scope=own_scope(NAME),
            now=utc_now(),
        )
    except Invalid as refusal:
        form.people.errors = [words_of(refusal)]
        return _show(found, adding=form, status=422)
    new = [one.person.id for one in rows if one.person and not one.is_known]
    page = render_template(
        "exam_sessions/review.html",
        session=found,
        rows=rows,
        faulty=sum(one.fault is not None for one in rows),
        new=len(new),
        form=ConfirmForm(formdata=None, people=",".join(map(str, new))),
    )
    return unkept(page, 200)


def _table(form: PeopleForm) -> Sequence[Sequence[str]]:
    """Return the cells of a list, of the file or as pasted."""
    stored = form.file.data
    if stored and stored.filename:
        try:
            return read_table(stored.read(), name=stored.filename).rows
        finally:
            stored.close()
    text = (form.people.data or "").replace("，", "\n").replace("、", "\n").replace("\t", "\n")
    return [[line] for line in text.splitlines()]


@bp.post("/<int(max=2147483647):session_id>/people/confirm")
@needs(ORGANISE)
def confirm(session_id: int) -> ResponseReturnValue:
    """Give seats to the people who were shown. Confirmed twice, they get one each."""
    form = ConfirmForm()
    if not form.validate():
        raise Invalid("no_rows", N_("名单是空的"), where="people")
    named = {int(one) for one in (form.people.data or "").split(",")}
    if max(named) >= 2**63:
        raise Invalid("no_rows", N_("页面内容不完整，请重新提交名单"), where="people")
    with writing() as session:
        added = operations.add_people(
            session,
            session_id,
            named,
            scope=own_scope(ORGANISE),
            naming=own_scope(NAME),
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("加入了 %(n)s 人", n=added))
    return redirect(url_for(".show", session_id=session_id), code=303)


@bp.post("/<int(max=2147483647):session_id>/people/<int(max=9223372036854775807):person_id>/remove")
@needs(ORGANISE)
def remove(session_id: int, person_id: int) -> ResponseReturnValue:
    """Take the seat of a listed person who has not begun."""
    with writing() as session:
        operations.remove_person(
            session,
            session_id,
            person_id,
            scope=own_scope(ORGANISE),
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("已移出"))
    return redirect(url_for(".show", session_id=session_id), code=303)


def _form(form: PlanForm, found: SessionText | None = None) -> PlanForm:
    choices = {
        paper.version_id: paper.title for paper in papers.papers(reading()) if paper.sittable
    }
    if found is not None:  # the version that was fixed, although there may be a newer one
        choices = {found.paper_version_id: found.paper_title} | {
            id_: title for id_, title in choices.items() if id_ != found.paper_version_id
        }
    form.paper.choices = [SelectChoice(id_, title) for id_, title in choices.items()]
    return form


def _fill(form: PlanForm, found: SessionText) -> None:
    groups = queries.groups_of(reading(), found.id)
    form.revision.data = found.revision
    form.title.data, form.paper.data = found.title, found.paper_version_id
    form.organization.data = found.unit
    for field, at in zip(
        (form.opens_at, form.last_start_at, form.closes_at), found.window, strict=True
    ):
        field.data = in_china(at)
    form.cut.data, form.open_outside.data = found.cut, found.open_outside
    form.audience.data = ANYBODY if found.anybody else INVITED
    form.units.data = "\n".join(name for _id, name in groups.units)
    form.classes.data = "\n".join(name for _id, name in groups.classes)
    form.as_of_on.data = groups.as_of_on
    form.code.data, form.pool.data = found.code, found.pool


def _plan(form: PlanForm) -> Plan:
    """Return what a form says.

    :raises Invalid: ``no_unit``, ``many_units``, ``no_class`` or ``many_classes``.
    """
    anybody = form.audience.data == ANYBODY
    return Plan(
        title=form.title.data or "",
        paper_version_id=form.paper.data,
        organization_id=_unit(form.organization.data or "", "organization"),
        window=form.window(),
        code=form.code.data or "",
        anybody=anybody,
        cut=bool(form.cut.data),
        open_outside=bool(form.open_outside.data),
        pool=form.pool.data or 0,
        units=tuple(dict.fromkeys(_unit(one, "units") for one in _lines(form.units.data))),
        as_of_on=form.as_of_on.data,
        classes=_classes(_lines(form.classes.data)),
    )


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _unit(text: str, where: str) -> int:
    found = people.units_named(reading(), text, scope=own_scope(ORGANISE), on=day_of(utc_now()))
    if not found:
        words = N_("您管的范围里没有单位“%(said)s”")
        raise Invalid("no_unit", words, where=where, said=text[:40])
    if len(found) > 1:
        listed = "、".join(f"{name}（{code}）" for _id, name, code in found[:8])
        words = N_("“%(said)s”可能是几个单位，请写代码：%(units)s")
        raise Invalid("many_units", words, where=where, said=text[:40], units=listed)
    return found[0][0]


def _classes(names: Sequence[str]) -> tuple[int, ...]:
    known = people.classes_of(reading(), scope=own_scope(ORGANISE)) if names else []
    found = []
    for name in names:
        meant = [one.id for one in known if one.name == name]
        if not meant:
            words = N_("您管的范围里没有班次“%(said)s”")
            raise Invalid("no_class", words, where="classes", said=name[:40])
        if len(meant) > 1:
            words = N_("有几个班次都叫“%(said)s”，请先改名")
            raise Invalid("many_classes", words, where="classes", said=name[:40])
        found += meant
    return tuple(dict.fromkeys(found))


_FIELD_OF = {
    "code_taken": "code",
    "not_sittable": "paper",
    "not_enough_questions": "paper",
    "questions_gone": "paper",
    "may_not_hold": "open_outside",
}


def _beside(form: PlanForm, refusal: DomainError) -> None:
    """Put a refusal beside the field that it is about."""
    where = getattr(refusal, "where", "") or _FIELD_OF.get(refusal.code, "title")
    field = form[where if where in form else "title"]
    field.errors = [*field.errors, words_of(refusal)]
    form.refused_with = 409 if isinstance(refusal, Conflict) else 422


def _status(form: PlanForm) -> int:
    return form.refused_with or form.status
