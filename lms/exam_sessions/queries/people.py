"""Who is invited, where they work, and whom the rows of a list mean."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exam_sessions.models import SessionClass, SessionUnit
from lms.exam_sessions.types import Meant
from lms.kernel.errors import Invalid
from lms.kernel.vault import Vault
from lms.organizations import queries as organizations
from lms.people.models import ClassMember, Person, Phone, Post, RoleGrant
from lms.people.queries import chunks, people_within
from lms.people.queries.scope import is_lasting
from lms.people.rules import name_key, phone_digest, read_phone
from lms.people.types import Role

_LEARNS = sa.and_(
    Person.closed_at.is_(None),
    Person.merged_into_id.is_(None),
    sa.exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == Role.LEARNER),
)
"""Only learners can sit a paper."""


def invited(session: Session, session_id: int) -> set[int]:
    """Return the learners of the invited units, as of their day, and classes. Two to four
    statements.
    """
    units: dict[date, list[int]] = defaultdict(list)
    for row in session.execute(
        sa.select(SessionUnit.organization_id, SessionUnit.as_of_on).where(
            SessionUnit.session_id == session_id
        )
    ):
        units[row.as_of_on].append(row.organization_id)
    found = set(
        session.scalars(
            sa.select(Person.id)
            .join(ClassMember, ClassMember.person_id == Person.id)
            .join(SessionClass, SessionClass.class_id == ClassMember.class_id)
            .where(SessionClass.session_id == session_id, ClassMember.left_on.is_(None), _LEARNS)
        )
    )
    for on, places in units.items():
        found |= set(
            session.scalars(
                sa.select(Person.id)
                .join(Post, Post.person_id == Person.id)
                .where(
                    Post.organization_id.in_(organizations.ids_within_on(places, on=on)),
                    Post.started_on <= on,
                    is_lasting(on),
                    _LEARNS,
                )
            )
        )
    return found


def places_of(session: Session, person_ids: Collection[int], *, on: date) -> dict[int, int]:
    """Return where people work on a day, by person: of several places the one known longest.

    One statement for each 10,000.
    """
    found: dict[int, int] = {}
    for chunk in chunks(sorted(person_ids)):
        rows = session.execute(
            sa.select(Post.person_id, Post.organization_id)
            .where(Post.person_id.in_(chunk), Post.started_on <= on, is_lasting(on))
            .order_by(Post.id.desc())
        )
        found |= {row.person_id: row.organization_id for row in rows}
    return found


def meant_by(
    session: Session,
    rows: Collection[str],
    *,
    vault: Vault,
    scope: Collection[int],
    on: date,
) -> dict[str, Sequence[Meant]]:
    """Return which learners of ``scope`` each row of a list may mean.

    A phone number decides, then a user name, then a name. Three statements for each 10,000 rows.
    """
    digests: dict[str, str] = {}
    for said in rows:
        try:
            digests[phone_digest(vault, read_phone(said))] = said
        except Invalid:
            continue
    numbers = set(digests.values())
    found: dict[str, Sequence[Meant]] = {}
    within = Person.id.in_(people_within(scope, on))
    who = (Person.id, Person.name, Person.user_name)
    for chunk in chunks(digests):
        for row in session.execute(
            sa.select(Phone.digest, *who)
            .join(Person, Person.id == Phone.person_id)
            .where(Phone.digest.in_(chunk), _LEARNS, within)
        ):
            found[digests[row.digest]] = [Meant(row.id, row.name, row.user_name)]
    names = [said for said in rows if said not in numbers]
    for chunk in chunks(names):
        by_user_name = {
            one.user_name: Meant(one.id, one.name, one.user_name)
            for one in session.execute(
                sa.select(*who).where(
                    Person.user_name.in_({said.lower() for said in chunk}), _LEARNS, within
                )
            )
        }
        found |= {
            said: [by_user_name[said.lower()]] for said in chunk if said.lower() in by_user_name
        }
    return found | _by_name(session, [said for said in names if said not in found], within)


def _by_name(
    session: Session, names: Sequence[str], within: sa.ColumnElement[bool]
) -> dict[str, Sequence[Meant]]:
    by_key: dict[str, list[Meant]] = defaultdict(list)
    for chunk in chunks({name_key(said) for said in names}):
        for row in session.execute(
            sa.select(Person.name_key, Person.id, Person.name, Person.user_name)
            .where(Person.name_key.in_(chunk), _LEARNS, within)
            .order_by(Person.id)
        ):
            by_key[row.name_key].append(Meant(row.id, row.name, row.user_name))
    return {said: by_key[name_key(said)] for said in names if name_key(said) in by_key}
