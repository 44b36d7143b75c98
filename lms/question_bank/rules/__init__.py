"""What is decided about questions: marks, letters, quality, what they are found by. Pure."""

from lms.question_bank.rules.analysis import (
    Analysis,
    ItemFigures,
    TestFigures,
    analyse,
    point_biserial,
)
from lms.question_bank.rules.bank import check_bank
from lms.question_bank.rules.changes import Change, Piece, changes, compare_texts
from lms.question_bank.rules.checks import check_question
from lms.question_bank.rules.coverage import check_coverage, cover
from lms.question_bank.rules.duplicates import THRESHOLD, near_duplicates, similarity
from lms.question_bank.rules.laws import by_title, check_law, read_law
from lms.question_bank.rules.marking import (
    LETTERS,
    all_kinds,
    explain,
    is_right,
    key,
    kind_named,
    mark,
    options_of,
    places,
    shown,
    taken,
    view,
    wrong,
)
from lms.question_bank.rules.searching import counts_below, resting_on, search_text
from lms.question_bank.rules.sittings import (
    Answered,
    OptionReport,
    SatItem,
    Sittings,
    analyse_sittings,
    mean_guess,
    one_item,
    option_report,
    random_guess,
)
from lms.question_bank.rules.spread import check_repeats, check_spread
from lms.question_bank.rules.twins import twin_groups, twin_text
from lms.question_bank.rules.verdicts import FEW, judge_item, judge_options, judge_test

__all__ = [
    "FEW",
    "LETTERS",
    "THRESHOLD",
    "Analysis",
    "Answered",
    "Change",
    "ItemFigures",
    "OptionReport",
    "Piece",
    "SatItem",
    "Sittings",
    "TestFigures",
    "all_kinds",
    "analyse",
    "analyse_sittings",
    "by_title",
    "changes",
    "check_bank",
    "check_coverage",
    "check_law",
    "check_question",
    "check_repeats",
    "check_spread",
    "compare_texts",
    "counts_below",
    "cover",
    "explain",
    "is_right",
    "judge_item",
    "judge_options",
    "judge_test",
    "key",
    "kind_named",
    "mark",
    "mean_guess",
    "near_duplicates",
    "one_item",
    "option_report",
    "options_of",
    "places",
    "point_biserial",
    "random_guess",
    "read_law",
    "resting_on",
    "search_text",
    "shown",
    "similarity",
    "taken",
    "twin_groups",
    "twin_text",
    "view",
    "wrong",
]
