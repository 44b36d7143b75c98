"""Who agreed to what."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.kernel.errors import N_, NotFound
from lms.people.models import Person
from lms.privacy.models import Consent, PrivacyText, PrivacyTextVersion
from lms.privacy.types import Answer, AnswerLine, Purpose, Standing, Text, TextKind

_CURRENT = sa.and_(
    PrivacyTextVersion.text_id == PrivacyText.id,
    PrivacyTextVersion.number == PrivacyText.current_number,
)
_TEXT = (
    PrivacyText.key,
    PrivacyTextVersion.kind,
    PrivacyTextVersion.id,
    PrivacyTextVersion.number,
    PrivacyText.current_number,
    PrivacyTextVersion.title,
    PrivacyTextVersion.title_en,
    PrivacyTextVersion.body,
    PrivacyTextVersion.published_at,
)


def consent_given(
    learner_id: sa.SQLColumnExpression[Any], purpose: Purpose
) -> sa.ColumnElement[bool]:
    """Return a condition for other statements: this person agreed to the text in force.

    The last answer decides, and only one to the present version of the text counts: who agreed
    to an earlier one is asked again and has not agreed to this one.
    """
    later = aliased(Consent)
    overruled = sa.exists().where(
        later.learner_id == Consent.learner_id,
        later.text_id == Consent.text_id,
        later.number > Consent.number,
    )
    return (
        sa.exists()
        .where(
            Consent.learner_id == learner_id,
            Consent.answer == Answer.GIVEN,
            Consent.version_id == PrivacyTextVersion.id,
            _CURRENT,
            PrivacyText.key == purpose,
            PrivacyText.state == "ready",
            ~overruled,
        )
        .correlate_except(Consent, PrivacyText, PrivacyTextVersion)
    )


def has_consent(session: Session, learner_id: int, purpose: Purpose) -> bool:
    """Say whether somebody agreed to the text of a purpose that is in force. One statement."""
    return bool(session.scalar(sa.select(consent_given(sa.literal(learner_id), purpose))))


def without_consent(
    session: Session, learner_ids: Collection[int], purpose: Purpose
) -> frozenset[int]:
    """Return those of some people who said no: refused or withdrew. One statement.

    For an import: who has not been asked yet is not among them.
    """
    later = aliased(Consent)
    overruled = sa.exists().where(
        later.learner_id == Consent.learner_id,
        later.text_id == Consent.text_id,
        later.number > Consent.number,
    )
    return frozenset(
        session.scalars(
            sa.select(Consent.learner_id)
            .join(PrivacyText, PrivacyText.id == Consent.text_id)
            .where(
                Consent.learner_id.in_(learner_ids),
                PrivacyText.key == purpose,
                Consent.answer.in_([Answer.REFUSED, Answer.WITHDRAWN]),
                ~overruled,
            )
        )
    )


def withholds_number(session: Session, learner_id: int) -> bool:
    """Say whether somebody said no to having a document number of theirs kept. One statement."""
    return bool(without_consent(session, [learner_id], Purpose.IDENTITY_NUMBER))


def has_unread_notice(session: Session, learner_id: int) -> bool:
    """Say whether a notice is published whose present text somebody has not acknowledged.

    One statement.
    """
    acknowledged = sa.exists().where(
        Consent.learner_id == learner_id,
        Consent.version_id == PrivacyTextVersion.id,
    )
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    _CURRENT,
                    PrivacyText.state == "ready",
                    PrivacyTextVersion.kind == TextKind.NOTICE,
                    ~acknowledged,
                )
            )
        )
    )


def standings(session: Session, learner_id: int) -> list[Standing]:
    """Return how somebody stands with every text in force, in the authors' order. One statement."""
    last = (
        sa.select(Consent.text_id, sa.func.max(Consent.number).label("number"))
        .where(Consent.learner_id == learner_id)
        .group_by(Consent.text_id)
        .subquery()
    )
    answered = aliased(PrivacyTextVersion)
    rows = session.execute(
        sa.select(*_TEXT, Consent.answer, Consent.answered_at, answered.number)
        .select_from(PrivacyText)
        .join(PrivacyTextVersion, _CURRENT)
        .outerjoin(last, last.c.text_id == PrivacyText.id)
        .outerjoin(
            Consent,
            sa.and_(Consent.learner_id == learner_id, Consent.number == last.c.number),
        )
        .outerjoin(answered, answered.id == Consent.version_id)
        .where(PrivacyText.state == "ready")
    )
    found = [
        Standing(_text(row[: len(_TEXT)]), Answer(row[-3]) if row[-3] else None, row[-2], row[-1])
        for row in rows
    ]
    return sorted(found, key=lambda one: one.text.body["position"])


def standing(session: Session, learner_id: int, key: str) -> Standing:
    """Return how somebody stands with one text in force. One statement.

    :raises NotFound: ``no_text``.
    """
    found = next((s for s in standings(session, learner_id) if s.text.key == key), None)
    if found is None:
        raise NotFound("no_text", N_("没有这份告知书"))
    return found


def find_text(session: Session, key: str) -> Text | None:
    """Return a text as it is in force, or none if it was not published. One statement."""
    row = session.execute(
        sa.select(*_TEXT)
        .join(PrivacyTextVersion, _CURRENT)
        .where(PrivacyText.key == key, PrivacyText.state == "ready")
    ).one_or_none()
    return _text(row) if row else None


def published(session: Session, key: str) -> tuple[int, Text] | None:
    """Return a text in force with its identity's number, for many answers at once."""
    found = find_text(session, key)
    if found is None:
        return None
    return session.scalars(sa.select(PrivacyText.id).where(PrivacyText.key == key)).one(), found


def text_version(session: Session, key: str, number: int) -> Text:
    """Return a text as it was published, in force or not. One statement.

    :raises NotFound: ``no_text``.
    """
    row = session.execute(
        sa.select(*_TEXT)
        .join(PrivacyTextVersion, PrivacyTextVersion.text_id == PrivacyText.id)
        .where(PrivacyText.key == key, PrivacyTextVersion.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound("no_text", N_("没有这份告知书"))
    return _text(row)


def history(session: Session, learner_id: int) -> list[AnswerLine]:
    """Return everything somebody ever answered, the newest first. One statement."""
    rows = session.execute(
        sa.select(
            Consent.number,
            PrivacyText.key,
            PrivacyTextVersion.title,
            PrivacyTextVersion.title_en,
            PrivacyTextVersion.number,
            Consent.answer,
            Consent.answered_at,
        )
        .join(PrivacyTextVersion, PrivacyTextVersion.id == Consent.version_id)
        .join(PrivacyText, PrivacyText.id == Consent.text_id)
        .where(Consent.learner_id == learner_id)
        .order_by(Consent.number.desc())
    )
    return [AnswerLine(*row[:5], Answer(row[5]), row[6]) for row in rows]


def reached(session: Session, person_id: int) -> Person:
    """Return a person whose rights are asked about.

    :raises NotFound: ``no_person``: there is none, or the account is closed.
    """
    found = session.get(Person, person_id)
    if found is None or found.closed_at is not None:
        raise NotFound("no_person", N_("没有这个人"))
    return found


def _text(row: Any) -> Text:
    key, kind, version_id, number, current, *rest = row
    return Text(Purpose(key), TextKind(kind), version_id, number, number == current, *rest)
