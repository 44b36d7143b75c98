from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.people.models import Person, Post
from lms.records.queries import facts_of
from lms.required_lists.models import Assignment, RequiredList, RequiredListVersion
from lms.required_lists.types import ItemStanding, ListDetail, OwnList
from lms.requirements.models import Goal, Progress
from lms.requirements.queries import goal_name, requirement_text
from lms.requirements.rules import evaluate, read_part, read_stored, standing
from lms.requirements.types import Part, State

_OF_ONE = (
    sa.select(
        RequiredList.key,
        RequiredListVersion.title,
        RequiredListVersion.title_en,
        RequiredListVersion.issuer,
        RequiredListVersion.certainty,
        RequiredListVersion.items,
        Assignment.assigned_on,
        Progress.state,
        Progress.percent,
        Progress.expires_on,
        Progress.parts,
    )
    .select_from(Assignment)
    .join(RequiredList, RequiredList.id == Assignment.list_id)
    .join(RequiredListVersion, RequiredListVersion.goal_id == Assignment.goal_id)
    .join(
        Progress,
        sa.and_(
            Progress.learner_id == Assignment.learner_id,
            Progress.goal_id == Assignment.goal_id,
            Progress.cycle == Assignment.cycle,
        ),
    )
    .where(Assignment.learner_id == sa.bindparam("learner_id"), Assignment.withdrawn_at.is_(None))
    .order_by(Assignment.assigned_on, Assignment.list_id)
)
_ONE = (
    sa.select(
        RequiredList.key,
        RequiredListVersion.number,
        RequiredListVersion.title,
        RequiredListVersion.title_en,
        RequiredListVersion.issuer,
        RequiredListVersion.certainty,
        RequiredListVersion.source,
        RequiredListVersion.effective_from,
        Assignment.assigned_on,
        requirement_text.label("requirement"),
        goal_name.label("goal_name"),
    )
    .select_from(Assignment)
    .join(RequiredList, RequiredList.id == Assignment.list_id)
    .join(RequiredListVersion, RequiredListVersion.goal_id == Assignment.goal_id)
    .join(Goal, Goal.id == Assignment.goal_id)
    .where(
        Assignment.learner_id == sa.bindparam("learner_id"),
        Assignment.withdrawn_at.is_(None),
        RequiredList.key == sa.bindparam("key"),
    )
)


def own_lists(session: Session, learner_id: int, *, on: date) -> list[OwnList]:
    """Return a learner's lists as stored, with their items. One statement."""
    rows = fetch(session, _OF_ONE, {"learner_id": learner_id})
    return [
        OwnList(
            key=row.key,
            title=row.title,
            title_en=row.title_en,
            issuer=row.issuer,
            certainty=row.certainty,
            assigned_on=row.assigned_on,
            state=standing(State(row.state), row.expires_on, on=on),
            percent=row.percent,
            items=tuple(
                _item(item, read_part(part), on=on)
                for item, part in zip(row.items, row.parts, strict=True)
            ),
        )
        for row in rows
    ]


def own_list(session: Session, learner_id: int, key: str, *, on: date) -> ListDetail:
    """Return one of a learner's lists, judged on a day. Two statements.

    :raises NotFound: ``no_list``: there is none, or it is not theirs.
    """
    row = fetch(session, _ONE, {"learner_id": learner_id, "key": key}).mappings().one_or_none()
    if row is None:
        raise NotFound("no_list", N_("没有这份必学清单，或者它没有分给您"))
    values = dict(row)
    progress = evaluate(
        read_stored(values.pop("requirement"), values.pop("goal_name")),
        facts_of(session, learner_id),
        on=on,
        started_on=row["assigned_on"],
    )
    return ListDetail(**values, progress=progress)


def audience(session: Session, post_kinds: Sequence[str], *, on: date) -> Sequence[int]:
    """Return everybody who holds a post of one of these kinds on a day. One statement."""
    return session.scalars(
        sa.select(Post.person_id)
        .join(Person, Person.id == Post.person_id)
        .where(
            Post.kind.in_(post_kinds),
            Post.started_on <= on,
            sa.or_(Post.ended_on.is_(None), Post.ended_on >= on),
            Person.closed_at.is_(None),
        )
        .distinct()
        .order_by(Post.person_id)
    ).all()


def _item(item: dict[str, Any], part: Part, *, on: date) -> ItemStanding:
    state = standing(part.state, part.expires_on, on=on)
    return ItemStanding(
        id=item["id"],
        title=item["title"],
        title_en=item["title_en"],
        state=state,
        percent=part.percent,
        due_on=part.due_on,
        met_on=part.met_on,
    )
