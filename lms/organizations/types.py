"""Values of the tree. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


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


GB_T_2260 = "GB/T 2260"
"""The code system of provinces, prefectures and counties."""

MCA = "MCA"
"""The code system of townships as the Ministry of Civil Affairs (民政部) numbers them."""

OURS = "bixue"
"""The code system of places that nobody else numbers: stations, centres, schools."""


class Code(NamedTuple):
    """A code and whose it is."""

    system: str
    code: str


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
class NewOrganization:
    """An organization that is to be added, with the code of its parent."""

    code: Code
    kind: OrganizationKind
    name: str
    parent: Code | None
    key_county: bool = False
    opened_on: date | None = None


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
