"""Writes to the question bank."""

from lms.question_bank.operations.bulk import (
    change_drafts,
    change_many,
    restore,
    retire,
)
from lms.question_bank.operations.drafting import (
    begin,
    begin_change,
    discard,
    keep_drafts,
    write,
)
from lms.question_bank.operations.laws import load_laws, refresh
from lms.question_bank.operations.loading import hand_back, load, reindex
from lms.question_bank.operations.mistakes import answer_mistake, put_away, report_mistake
from lms.question_bank.operations.reviewing import approve, give_back, submit, take_back
from lms.question_bank.operations.twins import add_uses, group_twins, regroup
from lms.question_bank.operations.writing import index

__all__ = [
    "add_uses",
    "answer_mistake",
    "approve",
    "begin",
    "begin_change",
    "change_drafts",
    "change_many",
    "discard",
    "give_back",
    "group_twins",
    "hand_back",
    "index",
    "keep_drafts",
    "load",
    "load_laws",
    "put_away",
    "refresh",
    "regroup",
    "reindex",
    "report_mistake",
    "restore",
    "retire",
    "submit",
    "take_back",
    "write",
]
