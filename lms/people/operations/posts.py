"""Where people work, as what, from when to when."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.errors import N_, Invalid, NotFound
from lms.organizations import queries as organizations
from lms.people import queries
from lms.people.models import Person, Post
from lms.people.types import KnownPost, PostKind, PostRow

LONGEST_TITLE = 60
"""Characters of what a post is called."""


def add_post(
    session: Session,
    *,
    person_id: int,
    organization_id: int,
    kind: PostKind,
    title: str,
    started_on: date,
) -> None:
    """Say where somebody works from a day on, without a line in the trail: for a new person."""
    session.add(
        Post(
            person_id=person_id,
            organization_id=organization_id,
            kind=kind,
            title=title,
            started_on=started_on,
        )
    )


def put_post(
    session: Session, *, person_id: int, post: PostRow, actor_id: int | None, now: datetime
) -> int:
    """Give somebody a post and return its number; the same post again changes nothing.

    :raises NotFound: ``no_person``, ``no_organization``.
    :raises Invalid: ``ends_before_start``, ``too_long``, ``band_without_cadre``.
    """
    check_post(post)
    person = _locked(session, person_id)
    organizations.organization(session, post.organization_id)
    same = session.scalar(
        sa.select(Post.id).where(
            Post.person_id == person_id,
            Post.organization_id == post.organization_id,
            Post.kind == post.kind,
            Post.started_on == post.started_on,
        )
    )
    if same is not None:
        return same
    added = Post(
        person_id=person_id,
        organization_id=post.organization_id,
        kind=post.kind,
        title=post.title,
        rank_band=post.rank_band,
        started_on=post.started_on,
        ended_on=post.ended_on,
    )
    session.add(added)
    person.revision += 1
    session.flush()
    _tell(session, "people.post_added", person_id, None, post, actor_id=actor_id, now=now)
    return added.id


def change_post(
    session: Session,
    *,
    person_id: int,
    post_id: int,
    post: PostRow,
    revision: int,
    actor_id: int | None,
    now: datetime,
) -> bool:
    """Correct or end a post. Whether it was written: not if somebody was faster.

    :param revision: of the file that the change was worked out from.
    :return: false if the file is another by now and the post in it as well: ask again.
    :raises NotFound: ``no_person``, ``no_post``, ``no_organization``.
    :raises Invalid: ``ends_before_start``, ``too_long``, ``band_without_cadre``.
    """
    check_post(post)
    person = _locked(session, person_id)
    known = queries.post_of(session, person_id, post_id).post
    if as_row(known) == post:
        return True
    if person.revision != revision:
        return False
    organizations.organization(session, post.organization_id)
    found = session.get_one(Post, post_id)
    found.organization_id, found.kind, found.title = post.organization_id, post.kind, post.title
    found.rank_band, found.started_on = post.rank_band, post.started_on
    found.ended_on = post.ended_on
    person.revision += 1
    _tell(
        session, "people.post_changed", person_id, as_row(known), post, actor_id=actor_id, now=now
    )
    return True


def check_post(post: PostRow) -> None:
    """Refuse a post that cannot be.

    :raises Invalid: ``ends_before_start``, ``too_long``, ``band_without_cadre``.
    """
    if post.ended_on is not None and post.ended_on < post.started_on:
        raise Invalid("ends_before_start", N_("最后一天不能早于第一天"), where="ended_on")
    if len(post.title) > LONGEST_TITLE:
        raise Invalid("too_long", N_("最多 %(n)s 个字"), where="title", n=LONGEST_TITLE)
    if post.rank_band is not None and post.kind is not PostKind.CADRE:
        raise Invalid("band_without_cadre", N_("只有干部才填职级"), where="rank_band")


def as_row(post: KnownPost) -> PostRow:
    """Return a stored post as it would be added."""
    return PostRow(
        post.organization_id,
        post.kind,
        post.title,
        post.started_on,
        post.ended_on,
        post.rank_band,
    )


def _locked(session: Session, person_id: int) -> Person:
    """Return somebody whose file nobody else changes until this transaction ends.

    :raises NotFound: ``no_person``.
    """
    found = session.scalar(
        sa.select(Person)
        .where(Person.id == person_id, Person.closed_at.is_(None), Person.merged_into_id.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("no_person", N_("没有这个人"))
    return found


def _tell(
    session: Session,
    verb: str,
    person_id: int,
    before: PostRow | None,
    after: PostRow,
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    facts = {"before": _plain(before)} if before is not None else {}
    audit.record(
        session,
        verb=verb,
        subject=f"person:{person_id}",
        actor_id=actor_id,
        now=now,
        after=_plain(after),
        **facts,
    )


def _plain(post: PostRow) -> dict[str, str | int | None]:
    return {
        "organization_id": post.organization_id,
        "kind": post.kind,
        "title": post.title,
        "rank_band": post.rank_band,
        "started_on": post.started_on.isoformat(),
        "ended_on": post.ended_on.isoformat() if post.ended_on is not None else None,
    }
