"""Which answer fits which text, and what of a wish others may see. Pure."""

from dataclasses import replace

from lms.kernel.errors import N_, Conflict, Invalid
from lms.people.rules import mask_phone
from lms.privacy.types import Answer, Correction, CorrectionField, Standing, Wish

SEALED_FIELDS = frozenset({CorrectionField.PHONE, CorrectionField.IDENTITY_NUMBER})
"""Fields whose wanted value is shown masked: to see it in full leaves a line in the trail."""


def check_answer(standing: Standing, answer: Answer) -> bool:
    """Say whether an answer changes anything.

    :raises Invalid: ``wrong_answer``: a notice is acknowledged, a consent is given, refused or
        withdrawn.
    :raises Conflict: ``nothing_to_withdraw``.
    """
    fits = {Answer.GIVEN, Answer.REFUSED, Answer.WITHDRAWN}
    if not standing.text.is_consent:
        fits = {Answer.ACKNOWLEDGED}
    if answer not in fits:
        raise Invalid("wrong_answer", N_("这份告知书没有这种答复"), where="answer")
    if answer is standing.answer and not standing.is_outdated:
        return False
    if answer is Answer.WITHDRAWN and standing.answer is not Answer.GIVEN:
        if standing.answer is Answer.WITHDRAWN:
            return False
        raise Conflict("nothing_to_withdraw", N_("您没有同意过，不用撤回"))
    return True


def is_sealed(field: CorrectionField) -> bool:
    """Say whether what is wanted for a field is shown masked."""
    return field in SEALED_FIELDS


def masked(found: Correction) -> Correction:
    """Return a request as a clerk first sees it: a number masked, with what was written besides."""
    if found.wish is None or not is_sealed(found.field):
        return found
    return replace(found, wish=Wish(_masked(found.wish.wanted), "", ""))


def _masked(number: str) -> str:
    if len(number) < 8:
        return "*" * 4
    return mask_phone(number) if len(number) == 11 else f"{number[:4]}****{number[-2:]}"
