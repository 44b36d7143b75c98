"""Authors' marking rules: what a method cannot use is told with file, line and key."""

import shutil

import pytest

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.question_bank.content import check_markings
from lms.regulations.content import read_all

OFFICIAL = """
id = "x"
kind = "marking"
title = "评分"
title_en = "Marking"
effective_from = 2020-01-01
source = "说明"
certainty = "settled"
[body.single_choice]
full = 2
[body.multiple_choice]
full = 4
each = 1
"""
PRACTICE = """
id = "x"
kind = "practice_marking"
title = "练习"
title_en = "Practice"
effective_from = 2020-01-01
source = "自定"
certainty = "ours"
[body]
unit = 6
[body.single_choice]
method = "negative"
full = 6
penalty = 2
[body.multiple_choice]
method = "weights"
wrong = "deduct"
full = 12
"""


def check(root, text):
    (root / "rules").mkdir(exist_ok=True)
    (root / "rules" / "x.toml").write_text(text, encoding="utf-8")
    faults = Faults()
    check_markings(read_all(root, faults), faults=faults)
    return [f"{fault.line}: {fault.key}" for fault in faults.found]


def test_what_ships_has_no_faults():
    faults = Faults()
    check_markings(read_all(shipped("question_bank"), faults), faults=faults)
    assert faults.found == []


@pytest.mark.parametrize("text", [OFFICIAL, PRACTICE])
def test_a_good_rule_is_taken(tmp_path, text):
    assert check(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "old", "new", "fault"),
    [
        (OFFICIAL, "full = 2", "full = 2\neach = 1", "11: body.single_choice.each"),
        (OFFICIAL, "each = 1", "each = 5", "13: body.multiple_choice.each"),  # above full
        (OFFICIAL, "each = 1", "eahc = 1", "13: body.multiple_choice.eahc"),
        (OFFICIAL, "each = 1", "", "11: body.multiple_choice.each"),  # missing: the table
        (OFFICIAL, "full = 2", 'full = 2\nmethod = "offical"', "11: body.single_choice.method"),
        (OFFICIAL, "full = 2", 'full = 2\nmethod = "per_part"', "11: body.single_choice.method"),
        (OFFICIAL, "full = 2", "full = 2\n[body.hologram]\nfull = 2", "11: body.hologram.kind"),
        (PRACTICE, "unit = 6", "unit = 11", "10: body.unit"),
        (PRACTICE, "penalty = 2", "penalty = 7", "14: body.single_choice.penalty"),
        (PRACTICE, "penalty = 2", "", "11: body.single_choice.penalty"),
        (PRACTICE, '"deduct"', '"some"', "17: body.multiple_choice.wrong"),
        (PRACTICE, "full = 12", 'full = 12\nround = "up"', "19: body.multiple_choice.round"),
    ],
)
def test_a_fault_is_told_with_its_line_and_key(tmp_path, text, old, new, fault):
    assert old in text
    assert check(tmp_path, text.replace(old, new)) == [fault]


def test_every_fault_of_a_rule_is_told(tmp_path):
    text = PRACTICE.replace("penalty = 2", "penalty = 9").replace('"deduct"', '"some"')
    assert len(check(tmp_path, text)) == 2


def test_rules_of_other_kinds_are_left_alone(tmp_path):
    shutil.copytree(shipped("question_bank") / "rules", tmp_path / "rules")
    assert check(tmp_path, OFFICIAL) == []
