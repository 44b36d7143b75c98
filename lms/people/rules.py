"""Roles and what they may do: declared here, once, as data. Pure."""

from collections.abc import Iterable

from lms.people.types import Grant, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "learning.use": frozenset({Role.LEARNER}),
    "teaching.view": frozenset({Role.INSTRUCTOR, Role.ADMINISTRATOR}),
    "team.view": frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    "credentials.check": frozenset({Role.HR_CHECKER}),
    "credentials.revoke": frozenset({Role.ADMINISTRATOR}),
    "audit.view": frozenset({Role.AUDITOR}),
}
"""Every permission a view may ask for, and the roles that carry it."""


def permissions_of(grants: Iterable[Grant]) -> frozenset[str]:
    """Return the permissions that somebody's grants carry, in whatever scope."""
    roles = {grant.role for grant in grants}
    return frozenset(name for name, allowed in PERMISSIONS.items() if allowed & roles)


def scope_of(grants: Iterable[Grant], permission: str) -> frozenset[int]:
    """Return the organizations over whose subtrees somebody holds a permission."""
    return frozenset(g.organization_id for g in grants if g.role in PERMISSIONS[permission])
