"""The organizations of the demonstration: real regions, stations as the province counts them. Pure.

The province reported 1,060 township stations in June 2023 (当代先锋网, 2023-06-02). Which
townships have one was not published: the choice is drawn here, spread over all counties in
proportion to their townships, the same at every run.
"""

from collections import Counter
from random import Random

from lms.organizations.content import PROVINCE_CODE, counties, regions, townships
from lms.organizations.types import (
    GB_32100,
    GB_T_2260,
    MCA,
    OURS,
    Code,
    NewOrganization,
    OrganizationKind,
    Sector,
    Township,
)

STATIONS = 1060
SHOWN_STATION = "522301010"
"""洒金街道: where the demonstration's station manager and first learners work."""

PROVINCE = Code(GB_T_2260, PROVINCE_CODE)
PARTY_SCHOOL = Code(OURS, "party-school-520000")
HR_OFFICE = Code(OURS, "hr-520000")


DEPARTMENTS = (
    (Sector.SOCIAL_WORK, "委社会工作部"),
    (Sector.CIVIL_AFFAIRS, "民政局"),
    (Sector.PUBLIC_SECURITY, "公安局"),
    (Sector.JUSTICE, "司法局"),
    (Sector.HEALTH, "卫生健康局"),
    (Sector.EDUCATION, "教育局"),
    (Sector.PETITIONS, "信访局"),
    (Sector.TRADE_UNION, "总工会"),
    (Sector.YOUTH_LEAGUE, "团委"),
    (Sector.WOMENS_FEDERATION, "妇联"),
    (Sector.DISABLED_FEDERATION, "残联"),
)
"""The departments of the shown county; prefectures show the first two."""

SHOWN_COUNTY, SHOWN_PREFECTURE = "522301", "522300"
"""兴义市 and its prefecture."""


def region(code: str) -> Code:
    """Return the code of a prefecture or county."""
    return Code(GB_T_2260, code)


def station(township_code: str) -> Code:
    """Return the code of the station of a township."""
    return Code(OURS, f"station-{township_code}")


def center(prefecture_code: str) -> Code:
    """Return the code of a prefecture's guidance centre."""
    return Code(OURS, f"center-{prefecture_code}")


def hub(county_code: str) -> Code:
    """Return the code of a county's general station."""
    return Code(OURS, f"hub-{county_code}")


def tree() -> list[NewOrganization]:
    """Return every organization: regions, stations, centres, departments, schools, an agency."""
    kind = OrganizationKind
    return [
        *regions(),
        NewOrganization(PARTY_SCHOOL, kind.PARTY_SCHOOL, "省委党校（演示）", PROVINCE),
        NewOrganization(HR_OFFICE, kind.DEPARTMENT, "省级人事核验处（演示）", PROVINCE),
        *_centers(),
        *_hubs(),
        *_departments(),
        *_schools(),
        *_below_the_shown_county(),
        *(
            NewOrganization(
                station(one.code),
                kind.TOWNSHIP_STATION,
                f"{one.name}社会工作和志愿服务站",
                region(one.county_code),
                codes=(Code(MCA, one.code),),
                short_names=(f"{one.name}社工站",),
            )
            for one in with_station()
        ),
    ]


def with_station() -> list[Township]:
    """Return the townships that have a station, county by county."""
    by_county: dict[str, list[Township]] = {}
    for one in townships():
        by_county.setdefault(one.county_code, []).append(one)
    shares = _shares({code: len(those) for code, those in by_county.items()}, STATIONS)
    chosen: list[Township] = []
    for code, those in by_county.items():
        rng = Random(f"stations of {code}")
        shown = [one for one in those if one.code == SHOWN_STATION]
        others = [one for one in those if one.code != SHOWN_STATION]
        drawn = shown + rng.sample(others, shares[code] - len(shown))
        chosen += sorted(drawn, key=lambda one: one.code)
    return chosen


def _shares(sizes: dict[str, int], total: int) -> dict[str, int]:
    """Divide a total in proportion to sizes; the largest remainders are rounded up."""
    everything = sum(sizes.values())
    shares = Counter({code: size * total // everything for code, size in sizes.items()})
    remainders = sorted(sizes, key=lambda code: (-(sizes[code] * total % everything), code))
    shares.update(remainders[: total - shares.total()])
    return shares


def department(region_code: str, sector: Sector) -> Code:
    """Return the code of a region's department."""
    return Code(OURS, f"{sector.value.replace('_', '-')}-{region_code}")


def school(prefecture_code: str) -> Code:
    """Return the code of a prefecture's party school."""
    return Code(OURS, f"party-school-{prefecture_code}")


def _departments() -> list[NewOrganization]:
    kind = OrganizationKind.DEPARTMENT
    found = {one.prefecture_code: one.prefecture_name for one in counties()}
    county = next(one for one in counties() if one.code == SHOWN_COUNTY)
    places: list[tuple[str, str, tuple[tuple[Sector, str], ...]]] = [
        (SHOWN_COUNTY, county.name, DEPARTMENTS)
    ]
    places += [(code, name, DEPARTMENTS[:2]) for code, name in found.items()]
    return [
        NewOrganization(
            department(code, sector), kind, f"{name}{words}", region(code), sector=sector
        )
        for code, name, those in places
        for sector, words in those
    ]


def _schools() -> list[NewOrganization]:
    found = {one.prefecture_code: one.prefecture_name for one in counties()}
    return [
        NewOrganization(
            school(code),
            OrganizationKind.PARTY_SCHOOL,
            f"{name}委党校",
            region(code),
            short_names=(f"{name}党校",),
        )
        for code, name in found.items()
    ]


AGENCY = Code(OURS, "agency-demo-1")
OLD_ROOM, ROOM = Code(OURS, "room-522301010-1"), Code(OURS, "room-522301010-2")
GONE_OFFICE = Code(OURS, "relocation-office-522301")


def _below_the_shown_county() -> list[NewOrganization]:
    """Return a service agency, village rooms, and an office that has had its day."""
    kind, county, here = OrganizationKind, region(SHOWN_COUNTY), station(SHOWN_STATION)
    return [
        NewOrganization(
            AGENCY,
            kind.AGENCY,
            "同行社会工作服务中心（演示）",
            department(SHOWN_COUNTY, Sector.CIVIL_AFFAIRS),
            codes=(Code(GB_32100, "52522301MJX000000C"),),
            short_names=("同行社工",),
        ),
        NewOrganization(OLD_ROOM, kind.VILLAGE_ROOM, "洒金村社工室", here),
        NewOrganization(ROOM, kind.VILLAGE_ROOM, "栗坪社区社工室", here),
        NewOrganization(
            GONE_OFFICE,
            kind.DEPARTMENT,
            "兴义市易地扶贫搬迁社区服务办公室（演示）",
            county,
            sector=Sector.OTHER,
        ),
    ]


def _centers() -> list[NewOrganization]:
    kind = OrganizationKind.PREFECTURE_CENTER
    found = {one.prefecture_code: one.prefecture_name for one in counties()}
    return [
        NewOrganization(center(code), kind, f"{name}社工站指导中心", region(code))
        for code, name in found.items()
    ]


def _hubs() -> list[NewOrganization]:
    kind = OrganizationKind.COUNTY_HUB
    return [
        NewOrganization(hub(one.code), kind, f"{one.name}社会工作总站", region(one.code))
        for one in counties()
    ]
