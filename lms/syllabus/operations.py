from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.syllabus.content import EditionFile
from lms.syllabus.models import Edition, Node


def load(session: Session, files: Iterable[EditionFile], *, now: datetime) -> Tally:
    """Publish editions that are new or changed; leave the others alone."""
    tally = Tally()
    known: dict[str, tuple[int, str]] = {}
    for key, number, digest in session.execute(
        sa.select(Edition.key, Edition.number, Edition.digest).order_by(Edition.number)
    ):
        known[key] = (number, digest)
    for file in files:
        number, digest = known.get(file.key, (0, ""))
        if digest == file.digest:
            tally.same += 1
            continue
        tally.new += number == 0
        tally.changed += number > 0
        edition = Edition(
            key=file.key, number=number + 1, digest=file.digest, title=file.title, published_at=now
        )
        session.add(edition)
        session.flush()
        session.execute(
            sa.insert(Node), [asdict(node) | {"edition_id": edition.id} for node in file.nodes]
        )
        audit.record(
            session,
            verb="syllabus.edition_published",
            subject=f"syllabus:{file.key}",
            actor_id=None,
            now=now,
            number=edition.number,
            digest=file.digest,
        )
    return tally
