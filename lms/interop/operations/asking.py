from datetime import datetime
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.interop.models import ImportChoice
from lms.interop.operations.tools import Tools
from lms.interop.rules.people import ANOTHER_PERSON, SAME_PERSON
from lms.interop.types import ACTS, Judged, Mode, Verdict
from lms.jobs import operations as jobs
from lms.jobs import queries as job_queries
from lms.jobs.operations.rows import Put
from lms.jobs.types import JobRow, JobState
from lms.kernel.errors import N_, Conflict, Invalid


def ask_preview(
    session: Session,
    tools: Tools,
    source: BinaryIO,
    *,
    kind: str,
    name: str,
    mode: Mode,
    owner_id: int | None,
    now: datetime,
    put: Put | None,
    encoding: str = "",
    idempotency_key: str | None = None,
) -> int:
    """Store a list and ask for its preview; return the number of the job.

    :param kind: ``people`` or ``organizations``.
    :param idempotency_key: of the form it was sent with: sent twice, it is one preview.
    :raises Invalid: ``file_too_large``, ``file_missing``.
    """
    if idempotency_key is not None:
        found = job_queries.find_by_key(session, idempotency_key)
        if found is not None:
            return found
    kept = keep_upload(session, tools, source, name=name, owner_id=owner_id, now=now)
    return jobs.ask(
        session,
        kind=f"{kind}.check",
        arguments={**kept, "mode": mode, "encoding": encoding},
        owner_id=owner_id,
        now=now,
        put=put,
        idempotency_key=idempotency_key,
    )


def keep_upload(
    session: Session,
    tools: Tools,
    source: BinaryIO,
    *,
    name: str,
    owner_id: int | None,
    now: datetime,
) -> dict[str, Any]:
    """Store what somebody sends, and return what its job has to know of it.

    :return: ``file``, ``name``, ``sha256``.
    :raises Invalid: ``file_missing``, ``file_too_large``.
    """
    if not name:
        raise Invalid("file_missing", N_("请先选择文件"), where="file")
    file_id = jobs.keep_file(
        session,
        tools.store,
        source,
        name=name,
        at_most=tools.upload_limit,
        days=tools.days,
        owner_id=owner_id,
        now=now,
    )
    stored = job_queries.stored_file(session, file_id)
    return {"file": file_id, "name": stored.name, "sha256": stored.sha256}


def expected(preview: JobRow, possible: int = 0) -> int:
    """Return how many rows an import would write, by its preview."""
    counts = (preview.result or {}).get("counts", {})
    return possible + sum(int(counts.get(verdict, 0)) for verdict in ACTS)


def ask_import(
    session: Session,
    preview: JobRow,
    *,
    owner_id: int | None,
    now: datetime,
    put: Put | None,
    typed: int | None = None,
) -> int:
    """Ask for what a preview has shown; return the number of the job. Twice is once.

    :param typed: the number of rows to be written, as somebody typed it; needed where the
        preview was doubted.
    :raises Conflict: ``not_previewed``, ``nothing_to_do``, ``say_how_many``.
    """
    key = f"import:{preview.id}"
    found = job_queries.find_by_key(session, key)
    if found is not None:
        return found
    if preview.state is not JobState.DONE or preview.result is None:
        raise Conflict("not_previewed", N_("还没有核对完，不能导入"))
    chosen = session.scalar(sa.select(sa.func.count()).where(ImportChoice.job_id == preview.id))
    number = expected(preview, chosen or 0)
    if not number:
        raise Conflict("nothing_to_do", N_("没有要导入的行"))
    if preview.result["doubts"] and typed != number:
        raise Conflict(
            "say_how_many",
            N_("这份名单有可疑的地方。看过提示、确定要导入的话，请填写将写入的行数：%(n)s"),
            n=number,
        )
    arguments = {name: preview.arguments[name] for name in ("file", "name", "sha256", "mode")}
    return jobs.ask(
        session,
        kind=preview.kind.replace(".check", ".import"),
        arguments={**arguments, "preview": preview.id, "confirmed": number},
        owner_id=owner_id,
        now=now,
        put=put,
        idempotency_key=key,
    )


def choose(
    session: Session,
    preview: JobRow,
    said: dict[int, str],
    *,
    actor_id: int,
    now: datetime,
) -> None:
    """Keep what somebody said about possible duplicates; ``""`` takes it back.

    :param said: row of the file -> ``same``, ``another`` or nothing.
    :raises Conflict: ``already_imported``.
    :raises Invalid: ``bad_choice``: no such row, or it is not in doubt.
    """
    if job_queries.find_by_key(session, f"import:{preview.id}") is not None:
        raise Conflict("already_imported", N_("这份名单已经开始导入，不能再改"))
    doubted = {
        judged.row
        for some in job_queries.outcomes(session, preview.id)
        for judged in map(Judged.read, some)
        if judged.verdict is Verdict.POSSIBLE
    }
    if set(said) - doubted or set(said.values()) - {SAME_PERSON, ANOTHER_PERSON, ""}:
        raise Invalid("bad_choice", N_("请重新选择"))
    session.execute(
        sa.delete(ImportChoice).where(ImportChoice.job_id == preview.id, ImportChoice.row.in_(said))
    )
    session.add_all(
        ImportChoice(job_id=preview.id, row=row, choice=choice, chosen_by=actor_id, chosen_at=now)
        for row, choice in said.items()
        if choice
    )
    session.flush()
