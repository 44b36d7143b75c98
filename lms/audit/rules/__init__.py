"""The hash chain, the words for every verb, and the shape of an export. Pure."""

from lms.audit.rules.chain import GENESIS, link_digest
from lms.audit.rules.exports import COLUMNS, end_row, read_csv, read_lines, row_of, whole_line
from lms.audit.rules.verbs import FACTS, FAMILIES, LOOKING, VERBS, words_for

__all__ = [
    "COLUMNS",
    "FACTS",
    "FAMILIES",
    "GENESIS",
    "LOOKING",
    "VERBS",
    "end_row",
    "link_digest",
    "read_csv",
    "read_lines",
    "row_of",
    "whole_line",
    "words_for",
]
