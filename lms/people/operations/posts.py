"""Where people work, as what, from when to when."""

from datetime import date

from sqlalchemy.orm import Session

from lms.people.models import Post
from lms.people.types import PostKind


def add_post(
    session: Session,
    *,
    person_id: int,
    organization_id: int,
    kind: PostKind,
    title: str,
    started_on: date,
) -> None:
    """Say where somebody works from a day on."""
    session.add(
        Post(
            person_id=person_id,
            organization_id=organization_id,
            kind=kind,
            title=title,
            started_on=started_on,
        )
    )
