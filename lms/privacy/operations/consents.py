"""Publish texts, and write down what people answer."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.kernel.errors import N_, Conflict
from lms.kernel.publishing import RETIRED, publish_all
from lms.people.models import IdentityDocument
from lms.people.operations import lock_learner
from lms.privacy import queries
from lms.privacy.content import TextFile
from lms.privacy.models import Consent, PrivacyText, PrivacyTextVersion
from lms.privacy.rules import check_answer
from lms.privacy.types import Answer, Purpose, Text


def answer(
    session: Session,
    *,
    learner_id: int,
    key: str,
    version_id: int,
    answer: Answer,
    now: datetime,
) -> bool:
    """Write down what somebody answers to a text; say whether that was new.

    The same answer twice is one. Whoever withdraws or refuses the identity number has it erased in
    the same transaction.

    :param version_id: the version that was read: an answer counts only for the text in force.
    :raises NotFound: ``no_text``.
    :raises Conflict: ``text_changed``, ``nothing_to_withdraw``.
    :raises Invalid: ``wrong_answer``.
    """
    lock_learner(session, learner_id)
    standing = queries.standing(session, learner_id, key)
    if standing.text.version_id != version_id:
        raise Conflict("text_changed", N_("告知书刚刚更新了，请重新阅读后再决定"))
    if not check_answer(standing, answer):
        return False
    _append(session, learner_id, standing.text, answer, now=now)
    erased = 0
    if key == Purpose.IDENTITY_NUMBER and answer in {Answer.REFUSED, Answer.WITHDRAWN}:
        erased = _erase_documents(session, learner_id)
    audit.record(
        session,
        verb=f"privacy.consent_{answer}",
        subject=f"person:{learner_id}",
        actor_id=learner_id,
        now=now,
        purpose=key,
        text_number=standing.text.number,
        **({"documents_erased": erased} if erased else {}),
    )
    session.flush()
    return True


def end_consents(session: Session, learner_id: int, *, now: datetime) -> None:
    """Withdraw every consent of somebody whose account is closed."""
    for standing in queries.standings(session, learner_id):
        if standing.answer is Answer.GIVEN:
            _append(session, learner_id, standing.text, Answer.WITHDRAWN, now=now)


def _append(
    session: Session, learner_id: int, text: Text, answer: Answer, *, now: datetime
) -> None:
    last = session.scalar(
        sa.select(sa.func.max(Consent.number)).where(Consent.learner_id == learner_id)
    )
    text_id = session.scalars(sa.select(PrivacyText.id).where(PrivacyText.key == text.key)).one()
    session.add(
        Consent(
            learner_id=learner_id,
            number=1 + (last or 0),
            text_id=text_id,
            version_id=text.version_id,
            answer=answer,
            answered_at=now,
        )
    )
    session.flush()


def _erase_documents(session: Session, learner_id: int) -> int:
    people = queries.group_of(session, learner_id)
    erased = session.scalars(
        sa.delete(IdentityDocument)
        .where(IdentityDocument.person_id.in_(people))
        .returning(IdentityDocument.id)
    )
    return len(erased.all())


def load(session: Session, files: Iterable[TextFile], *, now: datetime) -> Tally:
    """Publish texts that are new or changed, retire those whose file is gone."""
    rows = session.execute(
        sa.select(PrivacyText, PrivacyTextVersion.digest).join(
            PrivacyTextVersion,
            sa.and_(
                PrivacyTextVersion.text_id == PrivacyText.id,
                PrivacyTextVersion.number == PrivacyText.current_number,
            ),
        )
    )
    return publish_all(
        session,
        {text.key: (text, digest) for text, digest in rows},
        files,
        identity=PrivacyText,
        publish=lambda text, file: _publish(session, text, file, now=now),
        note_state=lambda text: _note_state(session, text, now=now),
    )


def _publish(session: Session, text: PrivacyText, file: TextFile, *, now: datetime) -> None:
    session.add(
        PrivacyTextVersion(
            text_id=text.id,
            number=text.current_number,
            digest=file.digest,
            kind=file.kind,
            title=file.title,
            title_en=file.title_en,
            body=dict(file.body),
            published_at=now,
        )
    )
    audit.record(
        session,
        verb="privacy.text_published",
        subject=f"privacy_text:{file.key}",
        actor_id=None,
        now=now,
        number=text.current_number,
        digest=file.digest,
    )


def _note_state(session: Session, text: PrivacyText, *, now: datetime) -> None:
    verb = "privacy.text_retired" if text.state == RETIRED else "privacy.text_restored"
    audit.record(session, verb=verb, subject=f"privacy_text:{text.key}", actor_id=None, now=now)
