"""Drafts: the list, one with its preview and its changes, and how it goes from hand to hand."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, Invalid
from lms.question_bank import operations, queries, rules
from lms.question_bank.forms import ReturnForm, SeenForm
from lms.question_bank.types import DraftFilters, DraftState
from lms.question_bank.views.browsing import DIFFICULTIES, bp
from lms.question_bank.views.comparing import snapshot_of
from lms.question_bank.views.preview import preview
from lms.syllabus import queries as syllabus

DRAFT_STATES = {
    DraftState.DRAFT: N_("草稿"),
    DraftState.IN_REVIEW: N_("待审核"),
    DraftState.RETURNED: N_("已退回"),
}
DRAFTS_ON_PAGE = 100


def two_people() -> bool:
    """Say whether this house asks for a second person to publish a question."""
    return int(current_app.config["PUBLISHING_PEOPLE"]) > 1


def draft_filters() -> DraftFilters:
    """Read which drafts are looked for."""
    values = request.values
    state = values.get("state", "")
    return DraftFilters(
        state=state if state in list(DraftState) else "",
        author_id=current_user.id if values.get("mine") else 0,
        batch=values.get("batch", ""),
        node=values.get("node", ""),
        subject=values.get("subject", ""),
        kind=values.get("kind", ""),
        words=values.get("q", "").strip()[:100],
    )


def asked_drafts(filters: DraftFilters) -> dict[str, Any]:
    """Return the address's words for which drafts are looked for."""
    asked = {
        "state": filters.state,
        "mine": "1" if filters.author_id else "",
        "batch": filters.batch,
        "node": filters.node,
        "subject": filters.subject,
        "kind": filters.kind,
        "q": filters.words,
    }
    return {name: value for name, value in asked.items() if value}


@bp.get("/teaching/bank/drafts")
@needs("teaching.view")
def drafts() -> ResponseReturnValue:
    """List the drafts: one's own, those that wait for a reviewer, what was brought in together."""
    session, filters = reading(), draft_filters()
    after = request.args.get("after", type=row_number) or 0
    rows = queries.draft_lines(session, filters, after=after, at_most=DRAFTS_ON_PAGE + 1)
    return render_template(
        "question_bank/drafts.html",
        rows=rows[:DRAFTS_ON_PAGE],
        more=rows[DRAFTS_ON_PAGE - 1].id if len(rows) > DRAFTS_ON_PAGE else None,
        filters=filters,
        asked=asked_drafts(filters),
        counts=queries.draft_counts(session),
        states=DRAFT_STATES,
        kinds={name: kind.label for name, kind in rules.all_kinds().items()},
        difficulties=DIFFICULTIES,
        nodes={node.key: node for node in syllabus.nodes(session)},
    )


@bp.get("/teaching/bank/drafts/<key>")
@needs("teaching.view")
def draft(key: str) -> ResponseReturnValue:
    """Show a draft as learners will see it, what it changes, and what can be done with it."""
    return draft_page(key, ReturnForm(formdata=None))


def draft_page(key: str, form: ReturnForm) -> str:
    """Return the page of a draft."""
    session = reading()
    known = queries.working_text(session, key)
    outline = queries.outline(session, on=day_of(utc_now()))
    changed = None
    if known.question_id is not None:
        _state, (newest, *_older) = queries.history(session, key, at_most=1)
        changed = rules.changes(newest, snapshot_of(known.draft))
    form.revision.data = known.revision
    is_own = current_user.id in known.authors
    return render_template(
        "question_bank/draft.html",
        known=known,
        preview=preview(known.draft, outline),
        changed=changed,
        form=form,
        states=DRAFT_STATES,
        kind=rules.kind_named(known.draft.kind).label,
        difficulties=DIFFICULTIES,
        titles=syllabus.node_titles(session, {known.draft.chapter_key, known.draft.point_key}),
        may_write=current_user.may("bank.write"),
        may_review=current_user.may("bank.review"),
        is_own=is_own and two_people(),
    )


@bp.post("/teaching/bank/drafts/<key>/submit")
@needs("bank.write")
def submit(key: str) -> ResponseReturnValue:
    """Hand a draft to the reviewers."""
    return _seen(key, operations.submit, N_("已送审，等另一位审核人审核"))


@bp.post("/teaching/bank/drafts/<key>/take-back")
@needs("bank.write")
def take_back(key: str) -> ResponseReturnValue:
    """Take a draft back from the reviewers."""
    form = _seen_form()
    with writing() as session:
        operations.take_back(
            session,
            key=key,
            revision=form.revision.data or 0,
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_("已撤回，可以接着改"))
    return redirect(url_for(".draft", key=key), code=303)


@bp.post("/teaching/bank/drafts/<key>/approve")
@needs("bank.review")
def approve(key: str) -> ResponseReturnValue:
    """Publish a draft: learners meet it from now on."""
    deed = partial(operations.approve, two_people=two_people())
    return _seen(key, deed, N_("已发布，新的试卷和练习会用到它"), to="papers.question")


@bp.post("/teaching/bank/drafts/<key>/return")
@needs("bank.review")
def give_back(key: str) -> ResponseReturnValue:
    """Return a draft to its author, with a reason."""
    form = ReturnForm()
    if not form.validate():
        return draft_page(key, form), 422
    deed = partial(operations.give_back, reason=form.reason.data or "")
    return _seen(key, deed, N_("已退回"))


def _seen(
    key: str, deed: Callable[..., None], said: str, *, to: str = ".draft"
) -> ResponseReturnValue:
    """Do a deed with a draft as it was looked at, and go on."""
    form = _seen_form()
    with writing() as session:
        deed(
            session,
            seen={key: form.revision.data or 0},
            actor_id=current_user.id,
            now=utc_now(),
        )
    flash(_(said))
    return redirect(url_for(to, key=key), code=303)


def _seen_form() -> SeenForm:
    form = SeenForm()
    if not form.validate():
        raise Invalid("broken_page", N_("页面内容不完整，请返回上一页重试"))
    return form
