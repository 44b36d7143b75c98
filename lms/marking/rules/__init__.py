"""Decisions about marks, shares and figures. Pure."""

from lms.marking.rules.deciding import (
    LEASE,
    LONGEST_COMMENT,
    agree,
    can_undo,
    check_apart,
    decide,
    free_place,
    mean,
    read_given,
    usable,
)
from lms.marking.rules.figures import (
    figures,
    weighted_kappa,
)

__all__ = [
    "LEASE",
    "LONGEST_COMMENT",
    "agree",
    "can_undo",
    "check_apart",
    "decide",
    "figures",
    "free_place",
    "mean",
    "read_given",
    "usable",
    "weighted_kappa",
]
