"""Values about people. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


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
class PostRow:
    """A post that is to be added."""

    organization_id: int
    kind: PostKind
    title: str
    started_on: date
    ended_on: date | None = None
    """The last day, included."""
    rank_band: RankBand | None = None
    """Of a cadre."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who is to be added. Values are as the rules return them: cleaned and checked."""

    name: str
    """As :func:`lms.people.rules.clean_name` returns it."""
    user_name: str | None = None
    """Lower case; none: one is made from the number of the row."""
    phone: str | None = None
    """The 11 digits that :func:`lms.people.rules.read_phone` returns."""
    documents: Mapping[DocumentKind, str] | None = None
    """Numbers that :func:`lms.people.rules.check_document_number` returned, by kind."""
    education: Education | None = None
    social_work_major: bool = False
    social_work_started_on: date | None = None
    posts: tuple[PostRow, ...] = ()
    roles: tuple[Grant, ...] = ()
    """Over what they hold roles, usually ``Grant(Role.LEARNER, organization_id)``."""


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is to be changed in somebody's file. ``None`` leaves a value as it is."""

    person_id: int
    name: str | None = None
    """A new one makes the old one a former name."""
    user_name: str | None = None
    phone: str | None = None
    documents: Mapping[DocumentKind, str] | None = None
    """Added, or put in place of the one of the same kind; other kinds stay."""
    education: Education | None = None
    social_work_major: bool | None = None
    social_work_started_on: date | None = None
    posts_added: tuple[PostRow, ...] = ()
    """One that is there already (place, kind, first day) is changed to what is said here."""
    posts_ended: Mapping[int, date] | None = None
    """The last day of each post that ends, by the post's id."""
    roles_added: tuple[Grant, ...] = ()
    cleared: frozenset[str] = frozenset()
    """What is to be emptied: ``education``, ``social_work_started_on``, ``phone`` or a kind of
    document."""
    revision: int | None = None
    """The revision that the change was worked out from; none: whatever is there now."""


@dataclass(frozen=True, slots=True)
class FileValues:
    """What the page that edits a file shows."""

    name: str
    education: Education | None
    social_work_major: bool
    social_work_started_on: date | None


@dataclass(frozen=True, slots=True)
class ManyChanged:
    """What became of many changes."""

    changed: Mapping[int, tuple[str, ...]]
    """The people whose file is another now, with the names of the fields that changed."""
    stale: tuple[int, ...]
    """People left as they are: somebody else changed them since the change was worked out."""


@dataclass(frozen=True, slots=True)
class Existing:
    """Who is there already. A duplicate that was merged is the person it was merged into."""

    by_digest: Mapping[str, int]
    """Digest of a phone or document number -> the person's id."""
    by_user_name: Mapping[str, int]
    by_name_in_unit: Mapping[tuple[str, int], tuple[int, ...]]
    """(name key, organization id) -> who of that name works there today or later."""


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post as it is stored."""

    id: int
    organization_id: int
    kind: PostKind
    title: str
    rank_band: RankBand | None
    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it is stored, for comparing: numbers only as digests."""

    person_id: int
    user_name: str
    name: str
    revision: int
    education: Education | None
    social_work_major: bool
    social_work_started_on: date | None
    is_closed: bool
    """Closed: no longer to be changed by a list."""
    phone_digest: str | None
    document_digests: Mapping[DocumentKind, str]
    posts: tuple[KnownPost, ...]
    grants: tuple[Grant, ...]


class State(StrEnum):
    """How a file stands, for filtering a list."""

    ACTIVE = "active"
    """Somebody who works somewhere today or later."""
    WITHOUT_POST = "without_post"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which people a list shows."""

    name: str = ""
    """Part of a present or former name, in any spelling."""
    unit_id: int | None = None
    kind: PostKind | None = None
    role: Role | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post with the name of its unit."""

    post: KnownPost
    unit: str

    def is_over(self, on: date) -> bool:
        """Say whether it had ended before a day."""
        return self.post.ended_on is not None and self.post.ended_on < on


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of a list."""

    id: int
    name: str
    user_name: str
    is_closed: bool
    is_merged: bool
    posts: tuple[PostLine, ...]
    """Those of today or later; of somebody who works nowhere, none."""


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that somebody has, had or will have."""

    id: int
    grant: Grant
    unit: str
    starts_on: date | None
    ends_on: date | None
    granted_by: str | None
    """The name of who gave it; none for a command at the machine."""

    def is_over(self, on: date) -> bool:
        """Say whether it had ended before a day."""
        return self.ends_on is not None and self.ends_on < on


@dataclass(frozen=True, slots=True)
class NameBefore:
    """A name somebody had."""

    name: str
    until_on: date | None


@dataclass(frozen=True, slots=True)
class MaskedNumber:
    """A number as everybody sees it."""

    what: str
    """``phone`` or a kind of document."""
    shown: str
    """Masked; empty if it cannot be opened with the keys that are there."""


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's place in a cadre class."""

    class_id: int
    name: str
    kind: ClassKind
    joined_on: date
    left_on: date | None


@dataclass(frozen=True, slots=True)
class File:
    """Everything a personnel file shows."""

    id: int
    name: str
    user_name: str
    education: Education | None
    social_work_major: bool
    social_work_started_on: date | None
    revision: int
    created_at: datetime
    closed_at: datetime | None
    merged_into_id: int | None
    posts: tuple[PostLine, ...]
    roles: tuple[HeldRole, ...]
    former_names: tuple[NameBefore, ...]
    numbers: tuple[MaskedNumber, ...]
    classes: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """People of one name in one unit who may be one person."""

    unit: str
    name: str
    person_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One person of an exported list; numbers masked or in clear, as was asked."""

    person: PersonLine
    education: Education | None
    numbers: Mapping[str, str]
    """``phone`` or a kind of document -> the number."""


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge of a duplicate into a person."""

    id: int
    survivor_id: int
    duplicate_id: int
    duplicate_name: str
    merged_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Carried:
    """What a merge moved to the survivor, for the way back. Nothing in it is personal."""

    posts: tuple[int, ...] = ()
    """Posts that are the survivor's now."""
    ended: Mapping[str, str | None] = field(default_factory=dict)
    """Posts of the duplicate that the survivor has too, ended: id -> the last day before."""
    classes: tuple[int, ...] = ()
    phone: bool = False
    documents: tuple[str, ...] = ()
    values: Mapping[str, str | bool] = field(default_factory=dict)
    """What the survivor's file lacked and got."""
    former_names: tuple[int, ...] = ()
    grants: tuple[int, ...] = ()
    """Roles that were given to the survivor besides."""
    merged_before: tuple[int, ...] = ()
    """People who had been merged into the duplicate and lead to the survivor now."""
    records: tuple[int, ...] = ()
    """The survivor's numbers of the facts that were carried over."""

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Carried":
        """Return what :func:`dataclasses.asdict` wrote and JSON gave back."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
        }
        return cls(**values)


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A cadre class in a list."""

    id: int
    name: str
    kind: ClassKind
    organization_id: int
    unit: str
    starts_on: date
    ends_on: date
    members: int


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member of a cadre class."""

    person_id: int
    name: str
    joined_on: date
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: their number and their roles."""

    id: int
    grants: tuple[Grant, ...]


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
