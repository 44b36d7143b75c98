"""Asking for questions to be looked at, brought in, taken out; and what somebody ticks."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.interop import queries
from lms.interop.models import ImportChoice
from lms.interop.operations.asking import keep_upload
from lms.interop.operations.bank import LEAVE, TAKE
from lms.interop.operations.tools import Tools
from lms.interop.rules import format_named
from lms.interop.types.bridge import OFFERS, TAKES, Defaults, JudgedQuestion, Standing
from lms.jobs import operations as jobs
from lms.jobs import queries as job_queries
from lms.jobs.operations.rows import Put
from lms.jobs.types import JobRow, JobState
from lms.kernel.errors import N_, Conflict, Invalid
from lms.question_bank.types import Filters


def ask_check(
    session: Session,
    tools: Tools,
    source: BinaryIO,
    *,
    name: str,
    source_format: str,
    defaults: Defaults,
    owner_id: int,
    now: datetime,
    put: Put | None,
    encoding: str = "",
    idempotency_key: str | None = None,
) -> int:
    """Store a file of questions and ask for its preview; return the number of the job.

    :param source_format: the name of a format; empty: recognized by its content.
    :param idempotency_key: of the form it was sent with: sent twice, it is one preview.
    :raises Invalid: ``file_too_large``, ``file_missing``, ``unknown_format``, ``no_node``.
    """
    if source_format:
        format_named(source_format)
    _check_defaults(session, defaults)
    if idempotency_key is not None:
        found = job_queries.find_by_key(session, idempotency_key)
        if found is not None:
            return found
    kept = keep_upload(session, tools, source, name=name, owner_id=owner_id, now=now)
    more = {"format": source_format, "encoding": encoding, "defaults": defaults.plain()}
    return jobs.ask(
        session,
        kind="questions.check",
        arguments={**kept, **more},
        owner_id=owner_id,
        now=now,
        put=put,
        idempotency_key=idempotency_key,
    )


def _check_defaults(session: Session, defaults: Defaults) -> None:
    nodes = queries.places(session) if defaults.chapter or defaults.point else frozenset()
    for where, place in (("chapter", defaults.chapter), ("point", defaults.point)):
        if place and place not in nodes:
            raise Invalid("no_node", N_("大纲里没有这一处"), where=where)
    inside = defaults.point == defaults.chapter or defaults.point.startswith(f"{defaults.chapter}/")
    if defaults.point and not inside:
        raise Invalid("point_elsewhere", N_("知识点不在所选的章之内"), where="point")


def ask_import(
    session: Session, preview: JobRow, *, owner_id: int, now: datetime, put: Put | None
) -> int:
    """Ask for what a preview has shown; return the number of the job. Twice is once.

    :raises Conflict: ``not_previewed``, ``nothing_to_do``.
    """
    key = f"import:{preview.id}"
    found = job_queries.find_by_key(session, key)
    if found is not None:
        return found
    if preview.state is not JobState.DONE or preview.result is None:
        raise Conflict("not_previewed", N_("还没有核对完，不能导入"))
    number = ticked(preview, queries.choices(session, preview.id))
    if not number:
        raise Conflict("nothing_to_do", N_("没有要导入的试题"))
    arguments = {name: preview.arguments[name] for name in ("file", "name", "sha256")}
    return jobs.ask(
        session,
        kind="questions.import",
        arguments={**arguments, "preview": preview.id, "confirmed": number},
        owner_id=owner_id,
        now=now,
        put=put,
        idempotency_key=key,
    )


def ticked(preview: JobRow, choices: Mapping[int, str]) -> int:
    """Return how many questions of a preview are to be imported."""
    counts = (preview.result or {}).get("counts", {})
    usual = sum(int(counts.get(standing, 0)) for standing in TAKES)
    said = list(choices.values())
    return usual - said.count(LEAVE) + said.count(TAKE)


def tick(
    session: Session,
    preview: JobRow,
    *,
    shown: Collection[int],
    chosen: Collection[int],
    actor_id: int,
    now: datetime,
) -> None:
    """Keep which of the questions on a page are to be imported.

    :param shown: the numbers of the questions that the page showed.
    :param chosen: the numbers of those with a tick.
    :raises Conflict: ``already_imported``.
    :raises Invalid: ``bad_choice``: no such question, or it cannot be imported.
    """
    if job_queries.find_by_key(session, f"import:{preview.id}") is not None:
        raise Conflict("already_imported", N_("这份文件已经开始导入，不能再改"))
    standings = _standings(session, preview.id)
    if set(chosen) - set(shown) or any(
        standings.get(number) not in TAKES | OFFERS for number in shown
    ):
        raise Invalid("bad_choice", N_("请重新选择"))
    session.execute(
        sa.delete(ImportChoice).where(
            ImportChoice.job_id == preview.id, ImportChoice.row.in_(list(shown))
        )
    )
    for number in shown:
        usual, wanted = standings[number] in TAKES, number in chosen
        if usual is not wanted:
            session.add(
                ImportChoice(
                    job_id=preview.id,
                    row=number,
                    choice=TAKE if wanted else LEAVE,
                    chosen_by=actor_id,
                    chosen_at=now,
                )
            )
    session.flush()


def tick_all(
    session: Session,
    preview: JobRow,
    standing: Standing,
    *,
    wanted: bool,
    actor_id: int,
    now: datetime,
) -> None:
    """Tick every question of one standing, or take the ticks away.

    :raises Conflict: ``already_imported``.
    :raises Invalid: ``bad_choice``: questions of this standing cannot be imported.
    """
    if standing not in TAKES | OFFERS:
        raise Invalid("bad_choice", N_("请重新选择"))
    found = [n for n, one in _standings(session, preview.id).items() if one is standing]
    tick(
        session,
        preview,
        shown=found,
        chosen=found if wanted else [],
        actor_id=actor_id,
        now=now,
    )


def _standings(session: Session, job_id: int) -> dict[int, Standing]:
    rows = (
        JudgedQuestion.read(one) for some in job_queries.outcomes(session, job_id) for one in some
    )
    return {row.number: row.standing for row in rows}


def ask_export(
    session: Session,
    *,
    filters: Filters,
    target: str,
    owner_id: int,
    now: datetime,
    put: Put | None,
    idempotency_key: str | None = None,
) -> int:
    """Ask for a file of the questions that somebody looks for; return the number of the job.

    :raises Invalid: ``unknown_format``.
    """
    format_named(target)
    return jobs.ask(
        session,
        kind="questions.export",
        arguments={"filters": asdict(filters), "format": target},
        owner_id=owner_id,
        now=now,
        put=put,
        idempotency_key=idempotency_key,
    )
