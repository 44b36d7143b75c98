"""What is done to many questions or drafts at once, after a page that says to how many."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.http.access import needs
from lms.http.errors import status_of
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now
from lms.kernel.errors import N_, Conflict, DomainError, Invalid, NotAllowed, NotFound
from lms.question_bank import operations, queries, rules
from lms.question_bank.views.browsing import bp, filters_asked, words_asked
from lms.question_bank.views.reviewing import asked_drafts, draft_filters, two_people
from lms.syllabus import queries as syllabus

MOST = 20_000
"""Questions of one deed."""

QUESTION_DEEDS = {
    "tag": N_("加标签"),
    "untag": N_("去标签"),
    "move": N_("移到别的章节"),
    "retire": N_("停止使用"),
    "restore": N_("恢复使用"),
}
DRAFT_DEEDS = {
    "submit": N_("送审"),
    "approve": N_("审核通过并发布"),
    "return": N_("退回"),
    "tag": N_("加标签"),
    "untag": N_("去标签"),
    "move": N_("移到别的章节"),
}
FOR_REVIEWERS = frozenset({"approve", "return", "restore"})
WANTS = {"tag": "tags", "untag": "tags", "move": "place", "retire": "reason", "return": "reason"}
"""What a deed asks for besides the questions."""


class By(TypedDict):
    """Who does it, and when."""

    actor_id: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a deed is about."""

    keys: Sequence[str]
    fingerprint: str
    """Of what was chosen as it stood: nobody says yes to something else than they saw."""


@bp.post("/teaching/bank/many")
@needs("bank.write")
def many() -> ResponseReturnValue:
    """Do something to the ticked questions, or to everything that was found; ask first."""
    session, filters = reading(), filters_asked()
    if request.form.get("everything"):
        ids = queries.found_ids(session, filters, at_most=MOST)
    else:
        ids = queries.ids_of(session, request.form.getlist("key"))
    chosen = Chosen([str(id_) for id_ in ids], _fingerprint(str(id_) for id_ in ids))
    back = url_for(".bank", **words_asked(filters))
    asked = words_asked(filters)
    return _do(QUESTION_DEEDS, chosen, asked, back=back, run=_run_questions)


@bp.post("/teaching/bank/drafts/many")
@needs("bank.write")
def many_drafts() -> ResponseReturnValue:
    """Do something to the ticked drafts, or to everything that was found; ask first."""
    filters = draft_filters()
    if request.form.get("everything"):
        lines = queries.draft_lines(reading(), filters, at_most=MOST)
        seen = {line.key: line.revision for line in lines}
    else:
        seen = dict(_seen(word) for word in request.form.getlist("key"))
    words = [f"{key}@{revision}" for key, revision in seen.items()]
    chosen = Chosen(words, _fingerprint(words))
    asked = asked_drafts(filters)
    back = url_for(".drafts", **asked)
    return _do(DRAFT_DEEDS, chosen, asked, back=back, run=_run_drafts)


def _do(
    deeds: Mapping[str, str],
    chosen: Chosen,
    asked: Mapping[str, Any],
    *,
    back: str,
    run: Callable[[str, Sequence[str]], int],
) -> ResponseReturnValue:
    """Ask whether somebody is sure, or do it and go back to the list."""
    deed = request.form.get("deed", "")
    if deed not in deeds:
        raise Invalid("no_deed", N_("请选择要做什么"))
    if deed in FOR_REVIEWERS and not current_user.may("bank.review"):
        raise NotAllowed("reviewers_only", N_("这一步要由审核人来做"))
    if not chosen.keys:
        raise Invalid("nothing_chosen", N_("没有选中任何试题，请返回勾选"))
    refusal: DomainError | None = None
    if request.form.get("sure"):
        try:
            if request.form.get("fingerprint") != chosen.fingerprint:
                message = N_("选中的试题刚才有变化，请看清数目再确认一次")
                raise Conflict("selection_moved", message)
            changed = run(deed, chosen.keys)
            flash(_("“%(deed)s”：%(n)s 道试题", deed=_(deeds[deed]), n=changed))
            return redirect(back, code=303)
        except (Invalid, Conflict, NotFound) as fault:
            refusal = fault
    page = render_template(
        "question_bank/many.html",
        deed=deed,
        label=deeds[deed],
        wants=WANTS.get(deed, ""),
        chosen=chosen,
        ticked=[] if request.form.get("everything") else request.form.getlist("key"),
        asked=asked,
        back=back,
        refusal=refusal,
        typed=request.form,
        chapters=[n for n in syllabus.nodes(reading()) if n.level != "subject"]
        if deed == "move"
        else [],
    )
    return page, status_of(refusal) if refusal else 200


def _run_questions(deed: str, words: Sequence[str]) -> int:
    """Do it to published questions; return how many changed."""
    ids = [int(word) for word in words]
    by = By(actor_id=current_user.id, now=utc_now())
    if deed == "retire":
        with writing() as session:
            return operations.retire(session, ids=ids, reason=_typed("reason"), **by)
    if deed == "restore":
        with writing() as session:
            return operations.restore(session, ids=ids, **by)
    change = _change(deed)
    with writing() as session:
        return operations.change_many(session, ids=ids, change=change, **by)


def _run_drafts(deed: str, words: Sequence[str]) -> int:
    """Do it to drafts; return how many changed."""
    seen = dict(_seen(word) for word in words)
    by = By(actor_id=current_user.id, now=utc_now())
    if deed in {"tag", "untag", "move"}:
        change = _change(deed)
        with writing() as session:
            return operations.change_drafts(session, keys=list(seen), change=change, **by)
    with writing() as session:
        if deed == "submit":
            operations.submit(session, seen=seen, **by)
        elif deed == "approve":
            operations.approve(session, seen=seen, two_people=two_people(), **by)
        else:
            operations.give_back(session, seen=seen, reason=_typed("reason"), **by)
    return len(seen)


def _change(deed: str) -> rules.TextChange:
    """Return what a deed does to a text.

    :raises Invalid: ``bad_tags``, ``no_tags``, ``bad_place``.
    """
    if deed == "move":
        place = _typed("place")
        if place not in {node.key for node in syllabus.nodes(reading())}:
            raise Invalid("bad_place", N_("请选择要移到哪里"))
        return rules.moved(place)
    tags = rules.read_tags(_typed("tags"))
    if not tags:
        raise Invalid("no_tags", N_("请写标签"))
    return rules.tagged(tags) if deed == "tag" else rules.untagged(tags)


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()


def _seen(word: str) -> tuple[str, int]:
    """Read a ticked draft: its key and the revision that was on the page."""
    key, _at, revision = word.rpartition("@")
    if not key or not revision.isascii() or not revision.isdecimal() or len(revision) > 9:
        raise Invalid("broken_page", N_("页面内容不完整，请返回上一页重试"))
    return key, int(revision)


def _fingerprint(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
