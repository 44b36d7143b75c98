"""Read the regions of Guizhou that come with the program (``data/``, sources in its README)."""

import csv
from functools import cache
from pathlib import Path

from lms.organizations.types import (
    GB_T_2260,
    Code,
    County,
    NewOrganization,
    OrganizationKind,
    Township,
)

DATA = Path(__file__).resolve().parent / "data"
PROVINCE_CODE, PROVINCE_NAME = "520000", "贵州省"


@cache
def counties() -> tuple[County, ...]:
    """Return the 88 counties, in the order of their codes."""
    return tuple(
        County(
            row["county_code"],
            row["county_name"],
            row["prefecture_code"],
            row["prefecture_name"],
            row["key_county"] == "1",
        )
        for row in _rows("guizhou_counties.csv")
    )


@cache
def townships() -> tuple[Township, ...]:
    """Return the 1,513 townships and subdistricts, county by county."""
    return tuple(
        Township(row["township_code"], row["township_name"], row["county_code"], row["kind"])
        for row in _rows("guizhou_townships.csv")
    )


def regions() -> list[NewOrganization]:
    """Return the province, its prefectures and counties, parents first."""
    province = Code(GB_T_2260, PROVINCE_CODE)
    prefectures = {one.prefecture_code: one.prefecture_name for one in counties()}
    return [
        NewOrganization(province, OrganizationKind.PROVINCE, PROVINCE_NAME, None),
        *(
            NewOrganization(Code(GB_T_2260, code), OrganizationKind.PREFECTURE, name, province)
            for code, name in prefectures.items()
        ),
        *(
            NewOrganization(
                Code(GB_T_2260, one.code),
                OrganizationKind.COUNTY,
                one.name,
                Code(GB_T_2260, one.prefecture_code),
                key_county=one.key_county,
            )
            for one in counties()
        ),
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
