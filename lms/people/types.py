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
    REVIEWER = "reviewer"
    """Approves what instructors publish."""
    HR_CHECKER = "hr_checker"
    STATION_MANAGER = "station_manager"
    COUNTY_MANAGER = "county_manager"
    PREFECTURE_MANAGER = "prefecture_manager"
    PROVINCE_MANAGER = "province_manager"
    EVALUATOR = "evaluator"
    """Third-party evaluator: reads, until a day."""
    ADMINISTRATOR = "administrator"
    """Runs the system; neither grants roles nor reads the audit trail."""
    SECURITY_OFFICER = "security_officer"
    """Grants roles, helps people who are locked out; changes no data of theirs."""
    AUDITOR = "auditor"


class DocumentKind(StrEnum):
    """A kind of identity document. Stored by value: never change one."""

    RESIDENT_ID = "resident_id"
    """居民身份证"""
    HK_MACAO_PERMIT = "hk_macao_permit"
    """港澳居民来往内地通行证"""
    TAIWAN_PERMIT = "taiwan_permit"
    """台湾居民来往大陆通行证"""
    RESIDENCE_PERMIT = "residence_permit"
    """港澳台居民居住证"""
    FOREIGN_PERMANENT = "foreign_permanent"
    """外国人永久居留身份证"""
    PASSPORT = "passport"
    """护照"""
    OFFICER = "officer"
    """军官证、警官证等"""


class Education(StrEnum):
    """The highest completed education. Stored by value: never change one."""

    BELOW_SECONDARY = "below_secondary"
    """初中及以下"""
    SECONDARY = "secondary"
    """高中、中专"""
    ASSOCIATE = "associate"
    """大专"""
    BACHELOR = "bachelor"
    """本科"""
    MASTER = "master"
    """硕士研究生"""
    DOCTOR = "doctor"
    """博士研究生"""


class RankBand(StrEnum):
    """The band of a cadre's rank, on which quotas of hours depend. Stored by value."""

    STAFF = "staff"
    """科员及以下"""
    TOWNSHIP = "township"
    """乡科级"""
    COUNTY = "county"
    """县处级"""
    BUREAU = "bureau"
    """厅局级"""
    PROVINCE = "province"
    """省部级"""


class ClassKind(StrEnum):
    """A cadre class of the party school. Stored by value: never change one."""

    SELECTED_GRADUATES = "selected_graduates"
    """选调班"""
    DIVISION_HEADS = "division_heads"
    """处长班"""
    NON_PARTY = "non_party"
    """党外中青班"""
    ETHNIC = "ethnic"
    """民干班"""
    OTHER = "other"


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
    must: str = ""
    """What they have to do before anything else; until then they may nothing."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the session cookie carries: the person and the epoch of their sessions."""
        return f"{self.id}.{self.session_epoch}"

    def may(self, permission: str) -> bool:
        """Say whether a grant of theirs carries a permission, somewhere."""
        return permission in self.permissions
