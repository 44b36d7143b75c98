"""What invented people answered to the privacy texts, and one request that waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lms.kernel.vault import Vault
from lms.privacy import operations, queries
from lms.privacy.models import Consent
from lms.privacy.types import Answer, CorrectionField, Purpose, Text, Wish
from lms.web.demo import bulk

NEWCOMER = "learner3"
"""Has not read the notice: it is the first page after signing in."""


def add_answers(session: Session, learner_ids: Sequence[int], *, now: datetime) -> None:
    """Let invented learners have read the notice, and two of three agree to the evaluation."""
    texts = _texts(session)
    rows = [
        _row(texts[purpose], learner_id, number, answer, now)
        for place, learner_id in enumerate(learner_ids)
        for number, (purpose, answer) in enumerate(_answers(place), start=1)
        if purpose in texts
    ]
    bulk.insert(session, Consent, rows)


def _answers(place: int) -> tuple[tuple[Purpose, Answer], ...]:
    evaluation = Answer.REFUSED if place % 3 == 2 else Answer.GIVEN
    return (Purpose.SERVICE, Answer.ACKNOWLEDGED), (Purpose.EVALUATION, evaluation)


def _texts(session: Session) -> dict[Purpose, tuple[int, Text]]:
    return {key: found for key in Purpose if (found := queries.published(session, key))}


def _row(
    text: tuple[int, Text], learner_id: int, number: int, answer: Answer, now: datetime
) -> dict[str, object]:
    text_id, found = text
    return {
        "learner_id": learner_id,
        "number": number,
        "text_id": text_id,
        "version_id": found.version_id,
        "answer": str(answer),
        "answered_at": now,
    }


def do_deeds(
    session: Session, named: Mapping[str, int], *, vault: Vault | None, now: datetime
) -> None:
    """Let the accounts one can sign in as have answered, and one of them wait for a correction.

    :param vault: the installation's keys; without them no request is written.
    """
    texts = _texts(session)
    for user_name, person_id in named.items():
        if user_name == NEWCOMER or Purpose.SERVICE not in texts:
            continue
        _answered(session, texts[Purpose.SERVICE][1], person_id, Answer.ACKNOWLEDGED, now)
    if Purpose.EVALUATION in texts:
        _answered(session, texts[Purpose.EVALUATION][1], named["learner1"], Answer.GIVEN, now)
        _answered(session, texts[Purpose.EVALUATION][1], named["learner2"], Answer.REFUSED, now)
    if vault is not None:
        operations.ask_correction(
            session,
            learner_id=named["learner2"],
            token="demo",  # noqa: S106 - the name of a form, no secret
            field=CorrectionField.SOCIAL_WORK_START,
            wish=Wish("2019年7月", "登记时把月份写错了", "2019 年的劳动合同"),
            vault=vault,
            now=now - timedelta(days=6),
        )


def _answered(session: Session, text: Text, person_id: int, answer: Answer, now: datetime) -> None:
    operations.answer(
        session,
        learner_id=person_id,
        key=text.key,
        version_id=text.version_id,
        answer=answer,
        now=now,
    )
