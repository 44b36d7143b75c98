"""Something to ask of every route that names a person, a unit or what is theirs.

One function for each route, marked with its endpoint: it gets the world and a side of it, ``mine``
(inside the subtree of whoever asks) or ``theirs`` (outside), makes the thing on that side and says
how to ask for it. A new route with arguments needs one, or a line in :data:`UNSCOPED` with the
reason why whose it is does not matter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from lms.exams.queries import refuse_open_attempt
from lms.kernel.vault import Vault
from lms.organizations import operations as units
from lms.organizations.models import Organization
from lms.people import operations, queries
from lms.people.types import ClassKind, DocumentKind, Grant, PersonRow, PostKind, PostRow, Role
from lms.records import operations as records
from tests import builders
from tests.builders import NOON, TODAY
from tests.credentials.builders import credential
from tests.organizations.builders import deed

OUTSIDER = "乌有先生"
"""The name of everybody outside: no page that is refused may hold it."""

DENIED = frozenset({403, 404})
NOT_MINE = frozenset({422})
"""The answer to a form that names a unit outside: it does not exist for whoever asks."""

UNSCOPED: dict[str, str] = {
    "static": "our own files",
    "bootstrap.static": "Bootstrap's files",
    "courses.show": "content is everybody's",
    "courses.enroll": "one's own learning",
    "courses.lesson": "content is everybody's",
    "courses.answer_check": "one's own learning",
    "courses.complete_lesson": "one's own learning",
    "courses.teaching_course": "figures of a course, without names",
    "papers.question": "content, and figures without names",
    "papers.paper_analysis": "figures of a paper, without names",
    "papers.paper_question": "figures of a question, without names",
    "practice.drill": "one's own learning",
    "practice.answer": "one's own answers, found by one's own id",
    "exams.start": "one's own attempts",
    "exams.sit": "one's own attempts, found by one's own id",
    "exams.save": "one's own attempts, found by one's own id",
    "exams.confirm": "one's own attempts, found by one's own id",
    "exams.submit": "one's own attempts, found by one's own id",
    "exams.result": "one's own attempts, found by one's own id",
    "exams.review": "one's own attempts, found by one's own id",
    "programs.show": "one's own standing in a program",
    "programs.join": "oneself",
    "credentials.claim": "oneself",
    "credentials.show": "one's own certificates",
    "credentials.verify": "anybody may check a certificate, the name is masked",
    "credentials.verify_name": "anybody may check a certificate",
    "credentials.api_verify": "anybody may check a certificate",
    "credentials.qr": "an address, drawn",
    "required_lists.show": "one's own lists",
}
"""Routes with arguments that name nothing of a unit's, and why."""


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


for _endpoint, _path in {
    "people.person": "/people/{}",
    "people.edit": "/people/{}/edit",
    "people.add_post": "/people/{}/posts/add",
    "people.numbers": "/people/{}/numbers",
    "people.roles": "/people/{}/roles",
    "reports.team_person": "/team/people/{}",
}.items():
    reads(_endpoint, _path)


@sample("reports.team")
def _team(world: World, place: Organization) -> Sample:
    return Sample(f"/team?unit={place.id}")


@sample("people.people")
def _people(world: World, place: Organization) -> Sample:
    world.person(place)
    return Sample(f"/people?unit={place.code}", refused=NOT_MINE)


@sample("people.find", "POST")
def _find(world: World, place: Organization) -> Sample:
    world.person(place, phone="13900001111")
    # outside it is as if nobody had the number: back to the list
    return Sample("/people/find", {"wanted": "13900001111"}, refused=frozenset({303}))


@sample("people.add", "POST")
def _add(world: World, place: Organization) -> Sample:
    data = {
        "name": "新来",
        "unit": place.code,
        "kind": "station_worker",
        "started_on": "2026-03-02",
        "document_kind": "resident_id",
        "token": "abc1234",
    }
    return Sample("/people/add", data, refused=NOT_MINE)


@sample("people.edit", "POST")
def _edit(world: World, place: Organization) -> Sample:
    person_id = world.person(place)
    name = queries.person(world.session, person_id).name
    return Sample(f"/people/{person_id}/edit", {"name": "改名", "was_name": name})


def _post(place: Organization, **more: str) -> dict[str, str]:
    return {"unit": place.code, "kind": "volunteer", "started_on": "2026-03-02"} | more


@sample("people.add_post", "POST")
def _add_post(world: World, place: Organization) -> Sample:
    return Sample(f"/people/{world.person(place)}/posts/add", _post(place))


@sample("people.change_post")
def _change_post(world: World, place: Organization) -> Sample:
    person_id = world.person(place)
    post_id = queries.posts_of(world.session, person_id)[0].post.id
    return Sample(f"/people/{person_id}/posts/{post_id}")


@sample("people.change_post", "POST")
def _change_post_to(world: World, place: Organization) -> Sample:
    """Whoever works here and there: their post there is not ours to change."""
    person_id = world.person(world.mine)
    if place is world.theirs:
        row = PostRow(place.id, PostKind.VOLUNTEER, "", TODAY)
        operations.put_post(world.session, person_id=person_id, post=row, actor_id=None, now=NOON)
    lines = queries.posts_of(world.session, person_id)
    post = next(line.post for line in lines if line.post.organization_id == place.id)
    revision = str(queries.person(world.session, person_id).revision)
    return Sample(f"/people/{person_id}/posts/{post.id}", _post(world.mine, revision=revision))


@sample("people.numbers", "POST")
def _numbers(world: World, place: Organization) -> Sample:
    data = {"what": "phone", "number": "13900002222"}
    return Sample(f"/people/{world.person(place)}/numbers", data)


@sample("people.remove_number", "POST")
def _remove_number(world: World, place: Organization) -> Sample:
    person_id = world.person(place, phone="13900001111")
    return Sample(f"/people/{person_id}/numbers/remove", {"what": "phone"})


@sample("people.reveal", "POST")
def _reveal(world: World, place: Organization) -> Sample:
    person_id = world.person(place, phone="13900001111")
    return Sample(f"/people/{person_id}/reveal", {"what": "phone", "reason": "核对报名信息"})


@sample("people.roles", "POST")
def _grant(world: World, place: Organization) -> Sample:
    data = {"role": "learner", "unit": place.code, "sure": "1"}
    return Sample(f"/people/{world.person(world.mine)}/roles", data, refused=NOT_MINE)


def _held(world: World, place: Organization) -> str:
    person_id = world.person(place)
    return f"/people/{person_id}/roles/{queries.roles_of(world.session, person_id)[0].id}/revoke"


@sample("people.revoke")
def _revoke(world: World, place: Organization) -> Sample:
    return Sample(_held(world, place))


@sample("people.revoke", "POST")
def _revoke_it(world: World, place: Organization) -> Sample:
    return Sample(_held(world, place), {})


@sample("people.cadre_class")
def _class(world: World, place: Organization) -> Sample:
    return Sample(f"/people/classes/{world.cadre_class(place)}")


@sample("people.add_class", "POST")
def _add_class(world: World, place: Organization) -> Sample:
    data = {
        "name": "新班",
        "kind": "other",
        "unit": place.code,
        "starts_on": "2026-03-02",
        "ends_on": "2026-04-02",
        "token": "abc1234",
    }
    return Sample("/people/classes/add", data, refused=NOT_MINE)


@sample("people.join", "POST")
def _join(world: World, place: Organization) -> Sample:
    """A class of ours, and somebody who is theirs."""
    person = queries.person(world.session, world.person(place))
    path = f"/people/classes/{world.cadre_class(world.mine)}/members"
    return Sample(path, {"people": person.user_name}, refused=NOT_MINE)


@sample("people.leave", "POST")
def _leave(world: World, place: Organization) -> Sample:
    class_id, person_id = world.cadre_class(world.mine), world.person(place)
    operations.join_class(
        world.session, class_id=class_id, person_ids=[person_id], actor_id=None, now=NOON
    )
    return Sample(f"/people/classes/{class_id}/members/{person_id}/leave", {})


def _pair(world: World, place: Organization) -> str:
    """One of ours, and a duplicate on the side that is asked for."""
    return f"/people/{world.person(world.mine)}/merge/{world.person(place)}"


@sample("people.merge")
def _compare(world: World, place: Organization) -> Sample:
    return Sample(_pair(world, place))


@sample("people.merge", "POST")
def _merge(world: World, place: Organization) -> Sample:
    return Sample(_pair(world, place), {"reason": "重复登记"})


def _merged(world: World, place: Organization) -> str:
    above = operations.Above(refuse_open_attempt, records.carry_over, records.retract)
    number = operations.merge(
        world.session,
        survivor_id=world.person(place),
        duplicate_id=world.person(place),
        reason="重复登记",
        vault=world.vault,
        above=above,
        actor=None,
        now=NOON,
    )
    return f"/people/merges/{number}/undo"


@sample("people.undo")
def _undo(world: World, place: Organization) -> Sample:
    return Sample(_merged(world, place))


@sample("people.undo", "POST")
def _undo_it(world: World, place: Organization) -> Sample:
    return Sample(_merged(world, place), {})


@sample("people.export", "POST")
def _export(world: World, place: Organization) -> Sample:
    world.person(place, documents={DocumentKind.PASSPORT: "E1234567"})
    return Sample(f"/people/export?unit={place.code}", {"form": "csv"}, refused=NOT_MINE)


def _certificate(world: World, place: Organization) -> str:
    name = "在册人" if place is world.mine else OUTSIDER
    holder = builders.learner(world.session, at=place, name=name)
    return f"/credentials/{credential(world.session, holder).shown}/revoke"


@sample("credentials.change")
def _change(world: World, place: Organization) -> Sample:
    return Sample(_certificate(world, place))


@sample("credentials.change", "POST")
def _change_it(world: World, place: Organization) -> Sample:
    data = {"kind": "suspended", "on": "2026-03-02", "reason": "核查", "authority": "文件"}
    return Sample(_certificate(world, place), data)


for _act in ("past", "add", "edit", "rename", "move", "merge", "close", "reopen"):

    @sample(f"organizations.{_act}")
    def _asked_of_a_unit(_world: World, place: Organization, act: str = _act) -> Sample:
        return Sample(f"/organizations/{place.id}/{act}")


@sample("organizations.show")
def _unit(_world: World, place: Organization) -> Sample:
    return Sample(f"/organizations/{place.id}")


def _done_to(place: Organization, act: str, **more: str) -> Sample:
    data = {"on": "2026-03-02", "revision": str(place.revision), "confirm": "1"} | more
    return Sample(f"/organizations/{place.id}/{act}", data)


@sample("organizations.add", "POST")
def _add_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "add", kind="village_room", name="新室", key="u-0123456789ab")


@sample("organizations.edit", "POST")
def _edit_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "edit", short_names="简称")


@sample("organizations.rename", "POST")
def _rename_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "rename", name="新名站")


@sample("organizations.move", "POST")
def _move_unit(world: World, place: Organization) -> Sample:
    hub = builders.organization(world.session, world.county, kind="county_hub")
    return _done_to(place, "move", target=str(hub.id))


@sample("organizations.merge", "POST")
def _merge_unit(world: World, place: Organization) -> Sample:
    twin = builders.organization(world.session, world.county)
    return _done_to(place, "merge", target=str(twin.id))


@sample("organizations.close", "POST")
def _close_unit(_world: World, place: Organization) -> Sample:
    return _done_to(place, "close")


@sample("organizations.reopen", "POST")
def _reopen_unit(world: World, place: Organization) -> Sample:
    units.close(world.session, place.id, deed())
    world.session.flush()
    return _done_to(place, "reopen")
