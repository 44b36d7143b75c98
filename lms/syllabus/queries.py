from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.selecting import fetch
from lms.syllabus.models import Edition, Node
from lms.syllabus.types import NodeText

_LATEST = (
    sa.select(Edition.key, sa.func.max(Edition.number).label("number"))
    .group_by(Edition.key)
    .subquery()
)
_CURRENT = (
    sa.select(
        Node.key,
        Node.parent_key,
        Node.level,
        Node.subject,
        Node.position,
        Node.title,
        Node.title_en,
        Node.certainty,
        Node.source,
    )
    .join(Edition, Edition.id == Node.edition_id)
    .join(_LATEST, sa.and_(_LATEST.c.key == Edition.key, _LATEST.c.number == Edition.number))
    .order_by(Edition.key, Node.position)
)
_CHAPTERS = _CURRENT.where(Node.level == "chapter", Node.subject == sa.bindparam("subject"))
_SUBJECTS = _CURRENT.where(Node.level == "subject")
_TITLES = _CURRENT.where(Node.key.in_(sa.bindparam("keys", expanding=True)))


def subjects(session: Session) -> list[NodeText]:
    """Return the subjects of every edition, in its order. One statement."""
    return [NodeText(*row) for row in fetch(session, _SUBJECTS)]


def chapters(session: Session, subject: str) -> list[NodeText]:
    """Return the chapters of a subject, edition by edition. One statement."""
    return [NodeText(*row) for row in fetch(session, _CHAPTERS, {"subject": subject})]


def node_titles(session: Session, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the Chinese and English title of each node that exists. One statement."""
    rows = fetch(session, _TITLES, {"keys": list(keys)})
    return {row.key: (row.title, row.title_en) for row in rows}


def nodes(session: Session) -> list[NodeText]:
    """Return every place of every edition's tree, parents before children. One statement."""
    return [NodeText(*row) for row in session.execute(_CURRENT)]
