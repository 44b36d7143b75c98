"""A small province for this room's tests."""

from lms.organizations.types import Deed
from tests import builders
from tests.builders import NOON

NAMES = {
    "province": (None, "province", "某省"),
    "prefecture": ("province", "prefecture", "甲州"),
    "county": ("prefecture", "county", "子县"),
    "hub": ("county", "county_hub", "子县总站"),
    "station": ("county", "township_station", "青山社工站"),
    "twin": ("county", "township_station", "绿水社工站"),
    "room": ("station", "village_room", "青山村社工室"),
    "office": ("county", "department", "子县民政局"),
    "elsewhere": ("prefecture", "county", "丑县"),
    "stranger": ("elsewhere", "township_station", "远方社工站"),
}


def province(session):
    """Return organizations by what they are to a county clerk of ``county``."""
    made = {}
    for key, (parent, kind, name) in NAMES.items():
        made[key] = builders.organization(
            session, made.get(parent), kind=kind, name=name, code=f"t-{key}", code_system="bixue"
        )
    return made


def deed(**values):
    """By the machine, today, unless said otherwise."""
    return Deed(**({"actor_id": None, "now": NOON} | values))
