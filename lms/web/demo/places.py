"""The organizations of the demonstration: real regions, stations as the province counts them. Pure.

The province reported 1,060 township stations in June 2023 (当代先锋网, 2023-06-02). Which
townships have one was not published: the choice is drawn here, spread over all counties in
proportion to their townships, the same at every run.
"""

from collections import Counter
from random import Random

from lms.organizations.content import PROVINCE_CODE, counties, regions, townships
from lms.organizations.types import (
    GB_T_2260,
    OURS,
    Code,
    NewOrganization,
    OrganizationKind,
    Township,
)

STATIONS = 1060
SHOWN_STATION = "522301010"
"""洒金街道: where the demonstration's station manager and first learners work."""

PROVINCE = Code(GB_T_2260, PROVINCE_CODE)
PARTY_SCHOOL = Code(OURS, "party-school-520000")
HR_OFFICE = Code(OURS, "hr-520000")


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
    """Return every organization: regions, stations, centres, the party school, the HR office."""
    kind = OrganizationKind
    return [
        *regions(),
        NewOrganization(PARTY_SCHOOL, kind.PARTY_SCHOOL, "省委党校（演示）", PROVINCE),
        NewOrganization(HR_OFFICE, kind.DEPARTMENT, "省级人事核验处（演示）", PROVINCE),
        *_centers(),
        *_hubs(),
        *(
            NewOrganization(
                station(one.code),
                kind.TOWNSHIP_STATION,
                f"{one.name}社会工作和志愿服务站",
                region(one.county_code),
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
