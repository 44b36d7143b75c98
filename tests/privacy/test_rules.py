"""Which answer fits which text; how long what may be kept; what a clerk first sees."""

from dataclasses import replace

import pytest

from lms.kernel.errors import Conflict, DomainError, Invalid, NotFound
from lms.privacy.rules import PERIODS, check_answer, check_days, masked, period
from lms.privacy.types import (
    Answer,
    Certainty,
    Correction,
    CorrectionField,
    Purpose,
    Standing,
    Text,
    TextKind,
    Wish,
)
from tests.builders import NOON


def standing(kind, answer, answered_number=2):
    text = Text(Purpose.EVALUATION, kind, 7, 2, True, "", "", {}, NOON)
    return Standing(text, answer, NOON if answer else None, answered_number if answer else None)


CONSENT, NOTICE = TextKind.CONSENT, TextKind.NOTICE


@pytest.mark.parametrize(
    ("kind", "before", "number", "answer", "expected"),
    [
        (NOTICE, None, 2, Answer.ACKNOWLEDGED, True),
        (NOTICE, Answer.ACKNOWLEDGED, 2, Answer.ACKNOWLEDGED, False),  # read twice is once
        (NOTICE, Answer.ACKNOWLEDGED, 1, Answer.ACKNOWLEDGED, True),  # a new text is read anew
        (NOTICE, None, 2, Answer.GIVEN, "wrong_answer"),
        (CONSENT, None, 2, Answer.ACKNOWLEDGED, "wrong_answer"),
        (CONSENT, None, 2, Answer.GIVEN, True),
        (CONSENT, None, 2, Answer.REFUSED, True),
        (CONSENT, None, 2, Answer.WITHDRAWN, "nothing_to_withdraw"),
        (CONSENT, Answer.GIVEN, 2, Answer.GIVEN, False),
        (CONSENT, Answer.GIVEN, 1, Answer.GIVEN, True),  # to the new text
        (CONSENT, Answer.GIVEN, 2, Answer.WITHDRAWN, True),
        (CONSENT, Answer.GIVEN, 1, Answer.WITHDRAWN, True),  # also of what was given before
        (CONSENT, Answer.WITHDRAWN, 2, Answer.WITHDRAWN, False),
        (CONSENT, Answer.WITHDRAWN, 2, Answer.GIVEN, True),
        (CONSENT, Answer.REFUSED, 2, Answer.GIVEN, True),
        (CONSENT, Answer.REFUSED, 2, Answer.WITHDRAWN, "nothing_to_withdraw"),
    ],
)
def test_an_answer_fits_or_is_refused(kind, before, number, answer, expected):
    now = standing(kind, before, number)
    if isinstance(expected, str):
        with pytest.raises((Invalid, Conflict)) as refusal:
            check_answer(now, answer)
        assert refusal.value.code == expected
    else:
        assert check_answer(now, answer) is expected


@pytest.mark.parametrize(
    ("answer", "number", "holds", "asked"),
    [
        (None, 2, False, True),
        (Answer.GIVEN, 2, True, False),
        (Answer.GIVEN, 1, False, True),  # the text has changed since
        (Answer.REFUSED, 2, False, False),
        (Answer.WITHDRAWN, 2, False, False),
    ],
)
def test_only_yes_to_the_text_in_force_holds(answer, number, holds, asked):
    found = standing(CONSENT, answer, number)
    assert (found.holds, found.is_asked) == (holds, asked)


@pytest.mark.parametrize("key", PERIODS)
def test_a_period_says_on_what_it_rests(key):
    found = PERIODS[key]
    assert found.source and found.source_en and found.title_en
    assert found.certainty in Certainty
    assert found.default is None or found.low <= found.default <= found.high


@pytest.mark.parametrize(
    ("key", "days", "code"),
    [
        ("cooling", 0, "out_of_bounds"),
        ("cooling", 1, None),
        ("cooling", 15, None),
        ("cooling", 16, "out_of_bounds"),
        ("audit_trail", 183, "not_editable"),  # kept for ever: nobody may shorten it
        ("corrections", 29, "out_of_bounds"),
        ("nothing", 5, "no_period"),
    ],
)
def test_days_stay_within_their_bounds(key, days, code):
    if code is None:
        check_days(key, days)
        assert period(key, days).days == days
    else:
        with pytest.raises(DomainError) as refusal:
            check_days(key, days)
        assert refusal.value.code == code


def test_an_unknown_period_is_not_found():
    with pytest.raises(NotFound):
        period("nothing")


REQUEST = Correction(
    1, 1, "杨梅", "yang", CorrectionField.NAME, Wish("杨梅花", "写错", "身份证 520102199003078812"),
    NOON, NOON, None, None, None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "wanted", "shown"),
    [
        (CorrectionField.NAME, "杨梅花", "杨梅花"),
        (CorrectionField.PHONE, "13800001234", "138****1234"),
        (CorrectionField.IDENTITY_NUMBER, "520102199003078812", "5201****12"),
        (CorrectionField.IDENTITY_NUMBER, "H123", "****"),
    ],
)
def test_numbers_are_masked_for_a_clerk(field, wanted, shown):
    wish = Wish(wanted, "写错", "身份证 520102199003078812")
    found = masked(replace(REQUEST, field=field, wish=wish))
    assert found.wish.wanted == shown
    if shown != wanted:
        assert (found.wish.reason, found.wish.evidence) == ("", ""), "numbers may stand there too"
