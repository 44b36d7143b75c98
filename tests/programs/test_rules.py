from datetime import date

import pytest

from lms.programs.rules import credential_code, forbidden_word, is_open
from lms.records.types import Fact, RecordKind

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("on", "ends_on", "state", "open_"),
    [
        (date(2025, 12, 31), LAST, "ready", False),
        (FIRST, LAST, "ready", True),  # from its first day
        (LAST, LAST, "ready", True),  # to the end of its last
        (date(2027, 1, 1), LAST, "ready", False),
        (date(2099, 1, 1), None, "ready", True),
        (FIRST, LAST, "retired", False),
    ],
)
def test_a_program_can_be_joined_while_it_runs(on, ends_on, state, open_):
    assert is_open(state=state, starts_on=FIRST, ends_on=ends_on, on=on) is open_


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("培训结业证书", None),
        ("Statement of Training Hours", None),  # a statement is not a state
        ("全国社工培训证书", "全国"),
        ("中华人民共和国结业证书", "中华"),
        ("社会工作者职业资格证书", "职业资格"),
        ("国家级培训证书", "国家"),
        ("National Certificate", "National"),
        ("Certificate of the State", "State"),
    ],
)
def test_a_certificate_must_not_look_like_the_states(title, word):
    assert forbidden_word(title) == word


def issued(number, code, program="talent", **values):
    return Fact(
        number,
        RecordKind.CREDENTIAL_ISSUED,
        f"program:{program}",
        FIRST,
        detail={"code": code},
        **values,
    )


def test_the_credential_issued_last_is_shown():
    facts = [issued(1, "OLD"), issued(2, "OTHER", program="other"), issued(3, "NEW")]
    assert credential_code(facts, "talent") == "NEW"
    assert credential_code([issued(1, "OLD"), issued(2, "NEW", corrects=1)], "talent") == "NEW"
    assert credential_code([], "talent") == ""


def test_a_credential_entered_by_mistake_is_not_shown():
    facts = [issued(1, "OLD"), Fact(2, RecordKind.CORRECTED, "record", FIRST, corrects=1)]
    assert credential_code(facts, "talent") == ""
