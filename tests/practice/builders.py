"""Answers for tests; every default can be overridden."""

from itertools import count

from sqlalchemy.orm import Session

from lms.practice import operations, rules
from lms.question_bank import queries as bank
from lms.question_bank.rules import key, shown
from tests.builders import NOON

_serial = count(1)


def answer(session: Session, learner, version, letters=None, *, token=None, now=NOON) -> int:
    """An answer by the author's letters; none for the right one."""
    text = bank.versions(session, [version.id])[version.id]
    token = token or f"token-{next(_serial)}"
    authored = key(text.kind, text.spec) if letters is None else letters
    parts = shown(text.kind, text.spec, authored, rules.option_order(token, text))
    return operations.answer(
        session, learner_id=learner.id, version_id=version.id, shown=parts, token=token, now=now
    )
