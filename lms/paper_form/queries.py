"""Who the rows of a list may mean, and who has a card already."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import queries as papers
from lms.exams.models import PaperEntry
from lms.exams.rules import Card, Deed
from lms.exams.rules import digest as digest_of
from lms.exams.types import Standings
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.reading import Raw
from lms.kernel.vault import Vault
from lms.paper_form.types import CardRow, Found
from lms.people.models import IdentityDocument, Person, Phone
from lms.people.queries.scope import BELONGS
from lms.people.rules import document_digest, name_key, normal_number, phone_digest, read_phone
from lms.people.types import DocumentKind
from lms.question_bank.models import QuestionVersion

_STANDING = (Person.closed_at.is_(None), Person.merged_into_id.is_(None), BELONGS)
_FOUND = (Person.id, Person.name, Person.user_name)


def specs(session: Session, version_ids: Collection[int]) -> dict[int, tuple[str, Raw]]:
    """Return kind and spec of question versions, by id. One statement."""
    rows = session.execute(
        sa.select(QuestionVersion.id, QuestionVersion.kind, QuestionVersion.spec).where(
            QuestionVersion.id.in_(version_ids)
        )
    )
    return {row.id: (row.kind, row.spec) for row in rows}


def within(
    session: Session, person_ids: Collection[int], *, scope: Collection[int], on: date
) -> dict[int, Found]:
    """Return those of some people who belong to ``scope`` and stand in its lists. One statement."""
    asked = sa.select(*_FOUND).where(Person.id.in_(person_ids), *_STANDING)
    rows = session.execute(asked, {"scope": sorted(scope), "on": on})
    return {row.id: Found(*row) for row in rows}


def person(session: Session, person_id: int, *, scope: Collection[int], on: date) -> Found:
    """Return somebody who belongs to ``scope``. One statement.

    :raises NotFound: ``no_person``.
    """
    found = within(session, [person_id], scope=scope, on=on)
    if person_id not in found:
        raise NotFound("no_person", N_("没有这个人"))
    return found[person_id]


def corrections(
    session: Session, print_id: int, *, scope: Collection[int], on: date
) -> list[tuple[Deed, Found]]:
    """Return the corrections of cards of a print with whose they are, the newest first.

    Only of people who belong to ``scope``. Two statements.
    """
    deeds = [(deed, deed.terms.card) for deed in papers.card_deeds(session, print_id)]
    ids = {card.learner_id for _deed, card in deeds if card is not None}
    known = within(session, ids, scope=scope, on=on)
    return [(d, known[c.learner_id]) for d, c in deeds if c is not None and c.learner_id in known]


def correction(
    session: Session, print_id: int, regrade_id: int, *, scope: Collection[int], on: date
) -> tuple[Deed, Card, Found]:
    """Return a correction with what the card says and whose it is. Two statements.

    :raises NotFound: ``no_correction``, or ``no_person`` for somebody outside of ``scope``.
    """
    for deed in papers.card_deeds(session, print_id, regrade_id=regrade_id):
        if deed.terms.card is not None:
            whose = person(session, deed.terms.card.learner_id, scope=scope, on=on)
            return deed, deed.terms.card, whose
    raise NotFound("no_correction", N_("没有这次更正"))


def outcome(session: Session, deed: Deed) -> tuple[Standings, Standings, bool]:
    """Return what a result was or is before a correction and after it, and whether it holds."""
    if deed.applied_at is not None:
        sat, after = papers.done(session, deed.id)[0]
        return sat.standings, after, True
    found = papers.compare(session, deed.terms, looked_at=deed.looked_at)
    return found[0].before, found[0].after, digest_of(deed.terms, found) == deed.digest


def entered_before(session: Session, print_id: int) -> frozenset[int]:
    """Return of whom a card of a print was typed in. One statement."""
    return frozenset(
        session.scalars(sa.select(PaperEntry.learner_id).where(PaperEntry.print_id == print_id))
    )


def meant_by(
    session: Session,
    rows: Sequence[CardRow],
    *,
    vault: Vault,
    scope: Collection[int],
    on: date,
) -> Callable[[CardRow], Sequence[Found]]:
    """Return what says whom a row means, of the people who belong to ``scope``.

    A user name decides, then a number, then a name alone. Three statements for all rows.
    """
    values = {"scope": sorted(scope), "on": on}
    by_user_name: dict[str, list[Found]] = defaultdict(list)
    for row in session.execute(
        sa.select(*_FOUND).where(Person.user_name.in_({r.user_name for r in rows}), *_STANDING),
        values,
    ):
        by_user_name[row.user_name].append(Found(*row))
    by_digest: dict[str, list[Found]] = defaultdict(list)
    digests = {r.number: _digests(r.number, vault) for r in rows if r.number and not r.user_name}
    wanted = {digest for some in digests.values() for digest in some}
    for digest, id_, name, user_name in session.execute(_numbers(wanted), values):
        by_digest[digest].append(Found(id_, name, user_name))
    by_name: dict[str, list[Found]] = defaultdict(list)
    names = {name_key(r.name) for r in rows if r.name and not (r.user_name or r.number)}
    for key, id_, name, user_name in session.execute(
        sa.select(Person.name_key, *_FOUND).where(Person.name_key.in_(names), *_STANDING), values
    ):
        by_name[key].append(Found(id_, name, user_name))

    def meant(row: CardRow) -> Sequence[Found]:
        if row.user_name:
            return by_user_name.get(row.user_name, [])
        if row.number:
            return _distinct(
                found for digest in digests[row.number] for found in by_digest.get(digest, [])
            )
        return by_name.get(name_key(row.name), []) if row.name else []

    return meant


def _distinct(found: Iterable[Found]) -> list[Found]:
    return list({one.id: one for one in found}.values())


def _digests(number: str, vault: Vault) -> list[str]:
    """Return under which digests a number may be kept: of a phone, or of any kind of document."""
    digests = [document_digest(vault, kind, normal_number(number)) for kind in DocumentKind]
    try:
        return [*digests, phone_digest(vault, read_phone(number))]
    except Invalid:
        return digests


def _numbers(digests: Collection[str]) -> sa.CompoundSelect[str, int, str, str]:
    return sa.union_all(
        *(
            sa.select(model.digest, *_FOUND)
            .join(model, model.person_id == Person.id)
            .where(model.digest.in_(digests), *_STANDING)
            for model in (Phone, IdentityDocument)
        )
    )
