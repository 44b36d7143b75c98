"""Something to ask of every route that names a person, a unit or what is theirs.

A module for each room, in it one function for each route, marked with its endpoint: it gets the
world and a side of it, ``mine`` (inside the subtree of whoever asks) or ``theirs`` (outside), makes
the thing on that side and says how to ask for it. A new route with arguments needs one, or a line
in :data:`UNSCOPED` with the reason why whose it is does not matter.
"""

from tests.web.scope_samples import (
    accounts,
    credentials,
    exam_sessions,
    exam_time,
    interop,
    jobs,
    marking,
    organizations,
    paper_form,
    people,
    privacy,
    regrading,
    reports,
)
from tests.web.scope_samples.asking import DENIED, NOT_MINE, OUTSIDER, SAMPLES, Sample, World
from tests.web.scope_samples.unscoped import UNSCOPED

__all__ = [
    "DENIED",
    "NOT_MINE",
    "OUTSIDER",
    "SAMPLES",
    "UNSCOPED",
    "Sample",
    "World",
    "accounts",
    "credentials",
    "exam_sessions",
    "exam_time",
    "interop",
    "jobs",
    "marking",
    "organizations",
    "paper_form",
    "people",
    "privacy",
    "regrading",
    "reports",
]
