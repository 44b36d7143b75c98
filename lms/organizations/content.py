"""Read the regions of Guizhou that come with the program (``data/``, sources in its README)."""

import csv
from functools import cache
from pathlib import Path

from lms.organizations.types import County, Township

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


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
