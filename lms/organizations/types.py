"""Values of the tree. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from lms.kernel.clock import day_of


class OrganizationKind(StrEnum):
    """What an organization is. Stored by value: never change one."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    PREFECTURE_CENTER = "prefecture_center"
    """社工站市级指导中心"""
    COUNTY_HUB = "county_hub"
    """县级社工总站"""
    TOWNSHIP_STATION = "township_station"
    """乡镇（街道）社工站"""
    VILLAGE_ROOM = "village_room"
    """村（社区）社工室"""
    DEPARTMENT = "department"
    PARTY_SCHOOL = "party_school"
    AGENCY = "agency"


class Sector(StrEnum):
    """Of what a department is in charge (条线). Stored by value: never change one."""

    SOCIAL_WORK = "social_work"
    """社会工作部"""
    CIVIL_AFFAIRS = "civil_affairs"
    """民政"""
    PUBLIC_SECURITY = "public_security"
    """公安"""
    JUSTICE = "justice"
    """司法"""
    HEALTH = "health"
    """卫健"""
    EDUCATION = "education"
    """教育"""
    PETITIONS = "petitions"
    """信访"""
    TRADE_UNION = "trade_union"
    """工会"""
    YOUTH_LEAGUE = "youth_league"
    """共青团"""
    WOMENS_FEDERATION = "womens_federation"
    """妇联"""
    DISABLED_FEDERATION = "disabled_federation"
    """残联"""
    HUMAN_RESOURCES = "human_resources"
    """人社"""
    VETERANS = "veterans"
    """退役军人事务"""
    OTHER = "other"


HEADCOUNTS = "lms_organizations_headcounts"
"""The key in ``app.extensions`` of the function that :mod:`lms.web` hands in: how many people work
in the subtrees of some organizations on a day. This room knows nobody."""

GB_T_2260 = "GB/T 2260"
"""The code system of provinces, prefectures and counties."""

MCA = "MCA"
"""The code system of townships as the Ministry of Civil Affairs (民政部) numbers them."""

NBS = "NBS"
"""The code system of townships and villages as the statistics office (统计局) numbers them."""

GB_32100 = "GB 32100"
"""The unified social credit identifier (统一社会信用代码) of legal persons."""

OURS = "bixue"
"""The code system of places that nobody else numbers: stations, centres, schools."""

CODE_SYSTEMS = (GB_T_2260, MCA, NBS, GB_32100, OURS)


class Code(NamedTuple):
    """A code and whose it is."""

    system: str
    code: str


class NameKind(StrEnum):
    """What a name besides the present official one is. Stored by value: never change one."""

    FORMER = "former"
    SHORT = "short"


class EventKind(StrEnum):
    """What can happen to an organization. Stored by value: never change one."""

    RENAMED = "renamed"
    MOVED = "moved"
    MERGED = "merged"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Place:
    """One organization as pages and rules see it."""

    id: int
    parent_id: int | None
    kind: str
    code_system: str
    code: str
    name: str
    key_county: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """One child of an organization, and how many of a kind its subtree holds."""

    place: Place
    count: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One organization in a list: what it is called, and whether it still works."""

    id: int
    parent_id: int | None
    kind: str
    sector: str | None
    code: str
    name: str
    closed_on: date | None
    merged_into_id: int | None
    below: int = 0
    """How many open organizations stand below it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One organization that was searched for, and where the list goes on after it."""

    id: int
    name: str
    kind: str
    closed_on: date | None
    merged_into_id: int | None
    rank: int
    """0 if the name or a code begins with what was sought, 1 if the name holds it."""
    other_name: str | None
    """The former or short name that was found instead of the present one."""


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code of an organization."""

    system: str
    code: str
    until_on: date | None = None
    """Of a former code: the first day on which it no longer held, if known."""
    former: bool = False


@dataclass(frozen=True, slots=True)
class NameLine:
    """One name of an organization besides the present official one."""

    name: str
    kind: NameKind
    since_on: date
    until_on: date | None
    """Of a former name: the first day of the next one."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened to an organization, or another organization that joined it."""

    organization_id: int
    name: str
    """What the organization that it happened to is called today."""
    kind: EventKind
    on: date
    noted_at: datetime
    old: str | None
    """The name or the parent before."""
    new: str | None
    """The name, the parent or the successor after."""
    reason: str


@dataclass(frozen=True, slots=True)
class File:
    """Everything that is kept of one organization."""

    id: int
    parent_id: int | None
    kind: str
    sector: str | None
    name: str
    key_county: bool
    opened_on: date | None
    closed_on: date | None
    merged_into_id: int | None
    revision: int
    codes: tuple[CodeLine, ...] = ()
    """The main one first, former ones last."""
    names: tuple[NameLine, ...] = ()

    @property
    def short_names(self) -> tuple[str, ...]:
        """The short names, as they were entered."""
        return tuple(one.name for one in self.names if one.kind is NameKind.SHORT)

    def code_of(self, system: str) -> str:
        """Return the present code of a system, empty if there is none."""
        found = (one.code for one in self.codes if one.system == system and not one.former)
        return next(found, "")


@dataclass(frozen=True, slots=True)
class PastUnit:
    """One organization as it was on a day."""

    id: int
    kind: str
    name: str
    """Its name on that day."""
    depth: int


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """An organization that is to be added, with the code of its parent."""

    code: Code
    kind: OrganizationKind
    name: str
    parent: Code | None
    key_county: bool = False
    opened_on: date | None = None
    sector: Sector | None = None
    codes: tuple[Code, ...] = ()
    """Its codes of other systems."""
    short_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """What can be edited without anything having happened; ``None``: leave it as it is."""

    sector: Sector | None = None
    opened_on: date | None = None
    codes: Mapping[str, str] | None = None
    """Code system -> present code; an empty one takes the code away. Others stay."""
    short_names: tuple[str, ...] | None = None
    forget_opening: bool = False
    """Nobody knows any more when it opened."""
    forget_codes: bool = False
    """Replaced codes were mistakes: they are not kept as former ones."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who changes something, when, from which day on, and what they may."""

    actor_id: int | None
    now: datetime
    on: date | None = None
    """From which day on it is so; none: today."""
    reason: str = ""
    scope: Collection[int] | None = None
    """Organizations below which the actor may change things; none: everywhere, for commands."""
    revision: int | None = None
    """What the actor has seen; none: whatever is there."""

    @property
    def day(self) -> date:
        """From which day on it is so."""
        return self.on or day_of(self.now)


@dataclass(frozen=True, slots=True)
class Update:
    """What a file says of one organization that is there already."""

    organization_id: int
    details: Details = field(default_factory=Details)
    name: str | None = None
    """Another name renames it."""
    parent_id: int | None = None
    """Another parent moves it."""


@dataclass(frozen=True, slots=True)
class County:
    """One county of Guizhou with its prefecture; codes of GB/T 2260."""

    code: str
    name: str
    prefecture_code: str
    prefecture_name: str
    key_county: bool
    """国家乡村振兴重点帮扶县 of the list of 2021."""


@dataclass(frozen=True, slots=True)
class Township:
    """One township or subdistrict of Guizhou; codes of the Ministry of Civil Affairs."""

    code: str
    name: str
    county_code: str
    kind: str
    """``town``, ``township``, ``ethnic_township`` or ``subdistrict``."""
