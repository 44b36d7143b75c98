"""Roles and what they may do: declared here, once, as data. Pure."""

from collections.abc import Iterable
from functools import lru_cache

from lms.people.types import Grant, Role

MANAGERS = frozenset(
    {
        Role.STATION_MANAGER,
        Role.COUNTY_MANAGER,
        Role.PREFECTURE_MANAGER,
        Role.PROVINCE_MANAGER,
    }
)
"""Who answers for an organization's people, at whatever level."""

_COUNTY_UP = MANAGERS - {Role.STATION_MANAGER}
_PREFECTURE_UP = _COUNTY_UP - {Role.COUNTY_MANAGER}

PERMISSIONS: dict[str, frozenset[Role]] = {
    "learning.use": frozenset({Role.LEARNER}),
    "teaching.view": frozenset({Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR}),
    "bank.write": frozenset({Role.INSTRUCTOR, Role.REVIEWER}),
    "bank.review": frozenset({Role.REVIEWER}),
    "bank.exchange": frozenset({Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR}),
    "teaching.regrade": frozenset({Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR}),
    "teaching.approve_regrade": frozenset({Role.REVIEWER, Role.ADMINISTRATOR}),
    "marking.mark": frozenset({Role.INSTRUCTOR, Role.REVIEWER}),
    "marking.assign": frozenset({Role.REVIEWER, Role.ADMINISTRATOR}),
    "exams.on_paper": frozenset({Role.INSTRUCTOR, Role.ADMINISTRATOR}),
    "exams.give_time": MANAGERS | {Role.INSTRUCTOR},
    "exam_sessions.organise": _COUNTY_UP | {Role.INSTRUCTOR},
    "exam_sessions.watch": MANAGERS | {Role.INSTRUCTOR, Role.ADMINISTRATOR},
    "exam_sessions.name": MANAGERS | {Role.INSTRUCTOR},
    "team.view": MANAGERS | {Role.EVALUATOR, Role.ADMINISTRATOR},
    "team.name": MANAGERS,
    "organizations.view": MANAGERS | {Role.EVALUATOR, Role.ADMINISTRATOR, Role.SECURITY_OFFICER},
    "organizations.edit": _COUNTY_UP | {Role.ADMINISTRATOR},
    "people.view": MANAGERS | {Role.EVALUATOR, Role.ADMINISTRATOR, Role.SECURITY_OFFICER},
    "people.edit": MANAGERS | {Role.ADMINISTRATOR},
    "people.reveal": _COUNTY_UP,
    "people.merge": _PREFECTURE_UP | {Role.ADMINISTRATOR},
    "people.export": _COUNTY_UP | {Role.ADMINISTRATOR},
    "roles.grant": _COUNTY_UP | {Role.SECURITY_OFFICER},
    "credentials.check": frozenset({Role.HR_CHECKER}),
    "credentials.revoke": frozenset({Role.ADMINISTRATOR}),
    "people.import": _COUNTY_UP | {Role.ADMINISTRATOR},
    "jobs.view": _COUNTY_UP | {Role.ADMINISTRATOR, Role.INSTRUCTOR, Role.REVIEWER},
    "accounts.help": _COUNTY_UP | {Role.SECURITY_OFFICER},
    "accounts.reset_factor": frozenset({Role.SECURITY_OFFICER}),
    "privacy.handle": _COUNTY_UP | {Role.ADMINISTRATOR},
    "privacy.settings": frozenset({Role.ADMINISTRATOR}),
    "audit.view": frozenset({Role.AUDITOR}),
    "audit.export": frozenset({Role.AUDITOR}),
}
"""Every permission a view may ask for, and the roles that carry it."""


SEPARATE = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})
"""Duties of which nobody holds two: running the system, guarding access to it, auditing both
(三员分立, as assessors of 等级保护 ask for it)."""

TIMED = frozenset({Role.EVALUATOR})
"""Roles that always end on a day."""


def permissions_of(grants: Iterable[Grant]) -> frozenset[str]:
    """Return the permissions that somebody's grants carry, in whatever scope."""
    return _carried(frozenset(grant.role for grant in grants))


@lru_cache(maxsize=256)
def _carried(roles: frozenset[Role]) -> frozenset[str]:
    """Every request asks this, and people have a handful of combinations of roles."""
    return frozenset(name for name, allowed in PERMISSIONS.items() if allowed & roles)


def scope_of(grants: Iterable[Grant], permission: str) -> frozenset[int]:
    """Return the organizations over whose subtrees somebody holds a permission."""
    return frozenset(g.organization_id for g in grants if g.role in PERMISSIONS[permission])
