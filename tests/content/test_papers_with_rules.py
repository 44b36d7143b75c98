"""Papers with rules of their own, read as ``lms content check`` reads them."""

import shutil
from datetime import date

import pytest

from lms.kernel.places import shipped
from lms.web import loading

TODAY = date(2026, 11, 1)


@pytest.fixture
def bank(tmp_path):
    """A copy of the bank that ships, whose mock paper names a rule."""
    root = tmp_path / "bank"
    shutil.copytree(shipped("question_bank"), root)

    def names(rule):
        paper = root / "papers" / "j-comp-mock.toml"
        text = paper.read_text("utf-8")
        paper.write_text(f'marking = "{rule}"\n{text}', encoding="utf-8")
        return root

    return names


def told(root, *, on=TODAY):
    found = loading.read(shipped("courses"), root, on=on).faults.found
    return [f"{fault.path.name}:{fault.line}: {fault.key}" for fault in found]


@pytest.mark.parametrize("rule", ["official", "all-or-nothing", "moodle-weights", "negative"])
def test_every_rule_that_ships_can_mark_the_mock(bank, rule):
    assert told(bank(f"marking-{rule}")) == []


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        (
            'method = "negative"',
            'method = "negativ"',
            [
                "marking-negative.toml:18: body.single_choice.method",
                "marking-negative.toml:23: body.multiple_choice.method",
                "j-comp-mock.toml:1: marking.single_choice.method",  # once, not for each question
            ],
        ),
        (
            "unit = 6",
            "unit = 11",
            ["marking-negative.toml:14: body.unit", "j-comp-mock.toml:1: marking"],
        ),
        (
            "effective_from = 2008-01-01",
            "effective_from = 2027-01-01",
            ["j-comp-mock.toml:1: marking"],
        ),
        ("full = 12", "full = 18", ["j-comp-mock.toml:43: section.points_half"]),
    ],
)
def test_a_fault_of_a_rule_is_told_where_it_is_and_once_where_it_is_named(bank, old, new, faults):
    root = bank("marking-negative")
    rule = root / "rules" / "marking-negative.toml"
    text = rule.read_text("utf-8")
    assert old in text
    rule.write_text(text.replace(old, new), encoding="utf-8")
    assert told(root) == faults


def test_shares_that_do_not_come_out_are_told_unless_the_rule_rounds(bank):
    root = bank("marking-moodle-weights")
    rule = root / "rules" / "marking-moodle-weights.toml"
    text = rule.read_text("utf-8").replace("unit = 12", "unit = 4")
    coarse = text.replace("full = 12", "full = 4").replace("full = 24", "full = 8")
    rule.write_text(coarse, encoding="utf-8")
    assert told(root) == []
    rule.write_text(coarse.replace('round = "down"\n', ""), encoding="utf-8")
    assert told(root) == ["j-comp-mock.toml:1: marking"]
