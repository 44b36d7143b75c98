"""Values about people. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class PostKind(StrEnum):
    """As what somebody works. Stored by value: never change one."""

    STATION_WORKER = "station_worker"
    COMMUNITY_WORKER = "community_worker"
    CADRE = "cadre"
    VOLUNTEER = "volunteer"
    INSTRUCTOR = "instructor"
    STAFF = "staff"
    """Office staff: HR, managers, administrators."""


class Role(StrEnum):
    """What a grant lets somebody be. Stored by value: never change one."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    HR_CHECKER = "hr_checker"
    MANAGER = "manager"
    """Of whatever the grant's organization is: station, county, prefecture or province."""
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role over one subtree."""

    role: Role
    organization_id: int


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in person as pages see them: a value, not a row."""

    id: int
    name: str
    session_epoch: int
    grants: tuple[Grant, ...]
    permissions: frozenset[str]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the session cookie carries: the person and the epoch of their sessions."""
        return f"{self.id}.{self.session_epoch}"

    def may(self, permission: str) -> bool:
        """Say whether a grant of theirs carries a permission, somewhere."""
        return permission in self.permissions
