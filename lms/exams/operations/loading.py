"""Publish what authors' files say of papers."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries
from lms.exams.content import PaperFile
from lms.exams.models import Paper, PaperVersion
from lms.kernel.authoring import Tally
from lms.kernel.publishing import RETIRED, publish_all


def load(session: Session, files: Iterable[PaperFile], *, now: datetime) -> Tally:
    """Publish papers that are new or changed, retire those whose file is gone.

    Nothing is deleted: attempts keep the version they were drawn from. Papers that were made on a
    page are not looked at; no file can have their keys.
    """
    rows = session.execute(
        sa.select(Paper, PaperVersion.digest)
        .join(PaperVersion, queries.IS_CURRENT)
        .where(Paper.origin == queries.FILE)
    )
    return publish_all(
        session,
        {paper.key: (paper, digest) for paper, digest in rows},
        files,
        identity=Paper,
        publish=lambda paper, file: _publish(session, paper, file, now=now),
        note_state=lambda paper: _note_state(session, paper, now=now),
    )


def _publish(session: Session, paper: Paper, file: PaperFile, *, now: datetime) -> None:
    session.add(
        PaperVersion(
            paper_id=paper.id,
            number=paper.current_number,
            digest=file.digest,
            title=file.title,
            title_en=file.title_en,
            subject=file.subject,
            minutes=file.minutes,
            sittable=file.sittable,
            certainty=file.certainty,
            source=file.source,
            blueprint=dict(file.table),
            published_at=now,
        )
    )
    audit.record(
        session,
        verb="exams.paper_published",
        subject=f"paper:{file.key}",
        actor_id=None,
        now=now,
        number=paper.current_number,
        digest=file.digest,
    )


def _note_state(session: Session, paper: Paper, *, now: datetime) -> None:
    verb = "exams.paper_retired" if paper.state == RETIRED else "exams.paper_restored"
    audit.record(session, verb=verb, subject=f"paper:{paper.key}", actor_id=None, now=now)
