"""What is decided about questions: marks, the letters that are shown, how good an item is. Pure."""

from lms.question_bank.rules.analysis import (
    Analysis,
    ItemFigures,
    TestFigures,
    analyse,
    point_biserial,
)
from lms.question_bank.rules.marking import (
    LETTERS,
    all_kinds,
    kind_named,
    mark,
    options_shown,
    right_letters,
    stored_letters,
    to_authored,
    to_shown,
)

__all__ = [
    "LETTERS",
    "Analysis",
    "ItemFigures",
    "TestFigures",
    "all_kinds",
    "analyse",
    "kind_named",
    "mark",
    "options_shown",
    "point_biserial",
    "right_letters",
    "stored_letters",
    "to_authored",
    "to_shown",
]
