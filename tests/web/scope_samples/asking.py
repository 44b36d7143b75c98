"""The world that is asked about, and how a sample is marked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from lms.kernel.files import Store
from lms.kernel.vault import Vault
from lms.organizations.models import Organization
from lms.people import operations
from lms.people.types import ClassKind, Grant, PersonRow, PostKind, PostRow, Role
from tests import builders
from tests.builders import NOON, TODAY

OUTSIDER = "乌有先生"
"""The name of everybody outside: no page that is refused may hold it."""

DENIED = frozenset({403, 404})
NOT_MINE = frozenset({422})
"""The answer to a form that names a unit outside: it does not exist for whoever asks."""

LISTED = frozenset({200})
"""The answer to a list: it is there, and does not name who is outside."""


@dataclass(frozen=True, slots=True)
class World:
    """Two counties with a station each; whoever asks has their role over the first."""

    session: Session
    vault: Vault
    county: Organization
    mine: Organization
    """A station in it."""
    theirs: Organization
    """A station in the other county."""
    store: Store
    """Where the application keeps files."""
    asker_id: int | None = None
    """Who asks; none while nobody is signed in."""

    def person(self, place: Organization, name: str = "", **values: Any) -> int:
        """Somebody who works at a station: of ours with a name of theirs, else the outsider."""
        row = PersonRow(
            name or ("在册人" if place is self.mine else OUTSIDER),
            posts=(PostRow(place.id, PostKind.STATION_WORKER, "社工", TODAY),),
            roles=(Grant(Role.LEARNER, place.id),),
            **values,
        )
        return operations.add_many(self.session, [row], vault=self.vault, actor_id=None, now=NOON)[
            0
        ]

    def clerk(self, place: Organization) -> int:
        """Whoever asks, or a clerk of the same rank outside."""
        if place is self.mine and self.asker_id is not None:
            return self.asker_id
        made = builders.with_role(self.session, Role.COUNTY_MANAGER, at=place, name=OUTSIDER)
        return int(made.id)

    def cadre_class(self, place: Organization) -> int:
        return operations.add_class(
            self.session,
            key=f"class-{place.id}",
            name=f"{OUTSIDER}班" if place is self.theirs else "本县班",
            kind=ClassKind.OTHER,
            organization_id=place.id,
            starts_on=TODAY,
            ends_on=TODAY + timedelta(days=30),
            actor_id=None,
            now=NOON,
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """How to ask for one thing."""

    path: str
    data: Mapping[str, Any] | None = None
    """What is posted; none for a GET."""
    refused: frozenset[int] = DENIED
    """The answers to it outside."""
    allowed: frozenset[int] = field(default_factory=lambda: frozenset({200, 303}))
    shows: str = ""
    """What the answer inside holds and outside does not, where its status alone says little."""


Make = Callable[[World, Organization], Sample]
SAMPLES: dict[tuple[str, str], Make] = {}
"""(endpoint, method) -> what to ask."""


def sample(endpoint: str, method: str = "GET") -> Callable[[Make], Make]:
    def mark(make: Make) -> Make:
        SAMPLES[endpoint, method] = make
        return make

    return mark


def reads(endpoint: str, path: str) -> None:
    """A page of one person."""

    @sample(endpoint)
    def made(world: World, place: Organization) -> Sample:
        return Sample(path.format(world.person(place)))
