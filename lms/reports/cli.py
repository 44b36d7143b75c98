import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from lms.exams import operations as exam_operations
from lms.exams import queries as exams
from lms.exams.rules import Figures, Terms, check_terms, figures
from lms.exams.types import Cause, Policy
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotAllowed
from lms.people import queries as people
from lms.privacy import operations as privacy
from lms.privacy import queries
from lms.privacy.rules.retention import CORRECTIONS
from lms.reports import operations
from lms.reports.queries import regrading
from lms.reports.rules import Effect, Move

group = AppGroup("privacy", help="What the rules of personal data ask to be done in time.")


@group.command("tidy")
def tidy() -> None:
    """Close accounts whose cooling period is over; erase what was kept long enough."""
    closed, erased = close_accounts(), erase_content()
    click.echo(f"{closed} accounts closed, {erased} requests emptied")


def close_accounts() -> int:
    """Close the accounts that are due, in portions; who writes waits only if there are some."""
    closed, due = 0, bool(queries.due_closings(reading(), now=utc_now(), at_most=1))
    while due:
        with writing() as session:
            done = operations.close_due_accounts(session, now=utc_now())
        closed, due = closed + done, done > 0
    return closed


def erase_content() -> int:
    """Erase the content of correction requests that were answered long enough ago, in portions."""
    now = utc_now()
    before = now - timedelta(days=queries.days_of(reading(), CORRECTIONS))
    erased, due = 0, queries.has_answered_before(reading(), before)
    while due:
        with writing() as session:
            done = privacy.erase_answered(session, before=before, now=now)
        erased, due = erased + done, done > 0
    return erased


regrades = AppGroup("regrade", help="Mark papers anew that were handed in.")


_CAUSES = [cause.value for cause in Cause if cause is not Cause.CARD_CORRECTED]


def _terms_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--cause", type=click.Choice(_CAUSES), required=True),
        click.option("--policy", type=click.Choice([p.value for p in Policy]), required=True),
        click.option("--question", help="Key of the question."),
        click.option("--from", "from_version", type=int, help="The version that was asked."),
        click.option("--to", "to_version", type=int, help="The version with the right key."),
        click.option("--paper", help="Only this paper: KEY, or KEY/VERSION."),
        click.option("--rule", help="Key of the marking rule to mark by."),
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON."),
    ):
        command = option(command)
    return command


_author = click.option("--author", required=True, help="User name of who proposes it.")
_approver = click.option("--approver", required=True, help="User name of who approves it.")
_reason = click.option("--reason", required=True, help="In words that learners read.")


@regrades.command("try")
@_terms_options
def try_regrade(*, as_json: bool, **named: str | int | None) -> None:
    """Say what a regrade would change. Nothing is written.

    Exit status 0; 1 if what is named is not there or cannot be.
    """
    session, now, terms = reading(), utc_now(), _terms(**named)
    check_terms(terms)
    found = exams.compare(session, terms, looked_at=now)
    rows = [Move(c.sat.learner_id, c.sat.number, c.sat.paper_key, c.before, c.after) for c in found]
    effects = regrading.consequences(session, rows, on=day_of(now))
    _tell(figures(found), rows, effects, as_json=as_json)


@regrades.command("apply")
@_terms_options
@_reason
@_author
@_approver
def apply_regrade(
    *, as_json: bool, reason: str, author: str, approver: str, **named: str | int | None
) -> None:
    """Mark anew: one person proposes it, another approves. Both are named, both need the right.

    Exit status 0; 1 if it is refused.
    """
    now, terms = utc_now(), _terms(**named)
    author_id = _person(author, "teaching.regrade")
    approver_id = _person(approver, "teaching.approve_regrade")
    with writing() as session:
        made = exam_operations.propose_regrade(
            session, terms=terms, reason=reason, actor_id=author_id, now=now
        )
        exam_operations.apply_regrade(session, regrade_id=made, actor_id=approver_id, now=now)
    deed = exams.regrade(reading(), made)
    rows, _holds = regrading.moves(reading(), deed)
    if not as_json:
        click.echo(_("改分 %(n)s", n=made))
    effects = regrading.consequences(reading(), rows, on=day_of(now))
    _tell(deed.figures, rows, effects, as_json=as_json, regrade=made)


@regrades.command("undo")
@click.argument("regrade_id", type=int)
@_reason
@_author
@_approver
def undo_regrade(*, regrade_id: int, reason: str, author: str, approver: str) -> None:
    """Take a regrade back: one person asks for it, another approves.

    Exit status 0; 1 if it is refused.
    """
    now = utc_now()
    asker_id = _person(author, "teaching.regrade")
    approver_id = _person(approver, "teaching.approve_regrade")
    with writing() as session:
        exam_operations.ask_undo(
            session, regrade_id=regrade_id, reason=reason, actor_id=asker_id, now=now
        )
        exam_operations.approve_undo(session, regrade_id=regrade_id, actor_id=approver_id, now=now)
    click.echo(_("已撤销，成绩恢复到改分以前"))


def _person(user_name: str, permission: str) -> int:
    """Return who is named, if they may.

    :raises NotFound: ``no_person``.
    :raises NotAllowed: ``not_permitted``.
    """
    session = reading()
    found = people.person_by_user_name(session, user_name)
    principal = people.find_principal(session, found.id, on=day_of(utc_now()))
    if principal is None or not principal.may(permission):
        raise NotAllowed("not_permitted", N_("%(who)s 没有这个权限"), who=user_name)
    return found.id


def _terms(**named: Any) -> Terms:
    """Look up what was named.

    :raises NotFound: ``no_question_version``, ``no_paper``, ``no_rule``.
    """
    paper_key, _slash, number = (named["paper"] or "").partition("/")
    return exams.named_terms(
        reading(),
        cause=Cause(named["cause"]),
        policy=Policy(named["policy"]),
        question=named["question"] or "",
        from_number=named["from_version"],
        to_number=named["to_version"],
        paper=paper_key,
        paper_number=int(number) if number.isdecimal() else None,
        rule=named["rule"] or "",
    )


def _tell(
    counted: Figures,
    rows: Sequence[Move],
    effects: Sequence[Effect],
    *,
    as_json: bool,
    regrade: int | None = None,
) -> None:
    if not as_json:
        words = _("查看 %(n)s 份，升 %(up)s，降 %(down)s；转为合格 %(won)s，转为不合格 %(lost)s")
        n, up, down, won, lost = counted
        click.echo(words % {"n": n, "up": up, "down": down, "won": won, "lost": lost})
        certificates = [effect.code for effect in effects if effect.code]
        click.echo(_("受影响的证书：%(codes)s", codes="、".join(certificates) or _("没有")))
        return
    answer = {
        "regrade": regrade,
        **counted._asdict(),
        "changes": [
            {
                "learner": row.learner_id,
                "attempt": row.number,
                "paper": row.paper_key,
                "before": row.before._asdict(),
                "after": row.after._asdict(),
            }
            for row in rows
            if row.is_change
        ],
        "effects": [
            {
                "learner": effect.learner_id,
                "goal": effect.title,
                "before": str(effect.before),
                "after": str(effect.after),
                "certificate": effect.code,
            }
            for effect in effects
        ],
    }
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
