"""Who may give which role, where and for how long: one table and what follows from it. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from lms.kernel.errors import N_, Conflict, Invalid, NotAllowed
from lms.organizations.types import OrganizationKind
from lms.people.rules.permissions import PERMISSIONS, SEPARATE, TIMED
from lms.people.types import Grant, Role

_BY_COUNTIES = frozenset({Role.LEARNER, Role.INSTRUCTOR, Role.HR_CHECKER, Role.STATION_MANAGER})

GRANTABLE: dict[Role, frozenset[Role]] = {
    Role.SECURITY_OFFICER: frozenset(Role),
    Role.COUNTY_MANAGER: _BY_COUNTIES,
    Role.PREFECTURE_MANAGER: _BY_COUNTIES | {Role.COUNTY_MANAGER},
    Role.PROVINCE_MANAGER: _BY_COUNTIES | {Role.COUNTY_MANAGER, Role.PREFECTURE_MANAGER},
}
"""Which roles a role may give and take, inside its own subtree and never to oneself."""

_ABOVE_STATIONS = {OrganizationKind.PROVINCE, OrganizationKind.PREFECTURE, OrganizationKind.COUNTY}

LEVELS: dict[Role, frozenset[OrganizationKind]] = {
    Role.STATION_MANAGER: frozenset(set(OrganizationKind) - _ABOVE_STATIONS),
    Role.COUNTY_MANAGER: frozenset({OrganizationKind.COUNTY}),
    Role.PREFECTURE_MANAGER: frozenset({OrganizationKind.PREFECTURE}),
    Role.PROVINCE_MANAGER: frozenset({OrganizationKind.PROVINCE}),
    Role.ADMINISTRATOR: frozenset({OrganizationKind.PROVINCE}),
    Role.SECURITY_OFFICER: frozenset({OrganizationKind.PROVINCE}),
    Role.AUDITOR: frozenset({OrganizationKind.PROVINCE}),
}
"""At what kind of organization a role may be given; the others anywhere."""

LONGEST_TIMED_DAYS = 366
"""For how long a role that must end may be given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role that somebody is to have."""

    role: Role
    organization_kind: OrganizationKind
    path: frozenset[int]
    """The organization and everything above it."""
    starts_on: date | None
    ends_on: date | None


def may_grant(grants: Iterable[Grant], role: Role, path: Collection[int]) -> bool:
    """Say whether somebody's roles let them give or take a role at an organization.

    :param path: the organization and everything above it.
    """
    return any(
        grant.organization_id in path and role in GRANTABLE.get(grant.role, frozenset())
        for grant in grants
    )


def grantable_roles(grants: Iterable[Grant]) -> list[Role]:
    """Return the roles that somebody may give somewhere, in the order of :class:`Role`."""
    found = {role for grant in grants for role in GRANTABLE.get(grant.role, frozenset())}
    return [role for role in Role if role in found]


def check_wanted(wanted: Wanted, *, held: Collection[Role], on: date) -> None:
    """Refuse a role at the wrong level, without the end it needs, or beside one it excludes.

    :param held: the roles the person has, today or later.
    :raises Invalid: ``wrong_level``, ``needs_end``, ``too_long``, ``ends_before_start``.
    :raises Conflict: ``separate_duties``.
    """
    levels = LEVELS.get(wanted.role)
    if levels is not None and wanted.organization_kind not in levels:
        raise Invalid("wrong_level", N_("这个角色不能放在这一级单位"), where="organization_id")
    _check_days(wanted, on=on)
    if wanted.role in SEPARATE and set(held) & (SEPARATE - {wanted.role}):
        raise Conflict("separate_duties", N_("平台管理、安全、审计三种职责不能由同一个人担任"))


def _check_days(wanted: Wanted, *, on: date) -> None:
    first = max(wanted.starts_on or on, on)
    if wanted.ends_on is not None and wanted.ends_on < first:
        raise Invalid("ends_before_start", N_("最后一天不能早于第一天和今天"), where="ends_on")
    if wanted.role not in TIMED:
        return
    if wanted.ends_on is None:
        raise Invalid("needs_end", N_("这个角色必须写明最后一天"), where="ends_on")
    if wanted.ends_on > first + timedelta(days=LONGEST_TIMED_DAYS):
        raise Invalid("too_long", N_("这个角色最长一年"), where="ends_on")


def check_granter(
    grants: Iterable[Grant], *, actor_id: int, person_id: int, role: Role, path: Collection[int]
) -> None:
    """Refuse somebody who may not give or take this role here.

    :raises NotAllowed: ``own_roles``, ``not_grantable``.
    """
    if actor_id == person_id:
        raise NotAllowed("own_roles", N_("不能给自己授予或收回角色，请找另一位有权限的人"))
    if not may_grant(grants, role, path):
        raise NotAllowed("not_grantable", N_("您不能在这个单位授予或收回这个角色"))


def gained_by(roles: Iterable[Role], more: Role) -> list[str]:
    """Return the permissions that a role adds to those somebody has."""
    before = set(roles)
    return [
        name for name, holders in PERMISSIONS.items() if more in holders and not holders & before
    ]
