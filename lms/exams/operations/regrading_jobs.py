"""Marking very many papers anew in the background. It is still one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.operations.regrading import apply_regrade, check_approver
from lms.jobs import operations as jobs
from lms.jobs.operations import Task
from lms.jobs.operations.rows import Put
from lms.jobs.types import JobKind
from lms.kernel.errors import N_

MANY = 2000
"""Attempts; with more of them nobody waits for the page."""

APPLY = "exams.regrade"


def ask_to_apply(
    session: Session, *, regrade_id: int, actor_id: int, now: datetime, put: Put | None
) -> int:
    """Approve a proposal and let it be applied in the background; return the job's number.

    Asked again within a minute, the same job is the answer; a second one would find it done.

    :raises NotFound: ``no_regrade``.
    :raises NotAllowed: ``own_regrade``.
    :raises Conflict: ``withdrawn_regrade``.
    """
    check_approver(session, regrade_id=regrade_id, actor_id=actor_id)
    return jobs.ask(
        session,
        kind=APPLY,
        arguments={"regrade": regrade_id},
        owner_id=actor_id,
        now=now,
        put=put,
        idempotency_key=f"{APPLY}:{regrade_id}:{now:%Y%m%dT%H%M}",
    )


def kinds() -> tuple[JobKind, ...]:
    """Return the kinds of jobs of exams."""
    return (JobKind(APPLY, N_("改分"), _run),)


def _run(task: Task) -> Mapping[str, Any]:
    regrade_id, actor_id = int(task.arguments["regrade"]), task.job.owner_id
    if actor_id is None:
        raise ValueError("a regrade is approved by somebody")
    task.say(N_("正在改分"))
    with task.deed() as session:
        apply_regrade(session, regrade_id=regrade_id, actor_id=actor_id, now=task.clock())
        found = queries.regrade(session, regrade_id)
    return {"regrade": regrade_id, **found.figures._asdict()}
