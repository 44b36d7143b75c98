"""Files of people, their posts, roles and classes."""

from lms.exams.queries import refuse_open_attempt
from lms.organizations.models import Organization
from lms.people import operations, queries
from lms.people.types import DocumentKind, PostKind, PostRow
from lms.records import operations as records
from tests.builders import NOON, TODAY
from tests.web.scope_samples.asking import NOT_MINE, Sample, World, reads, sample

for _endpoint, _path in {
    "people.person": "/people/{}",
    "people.edit": "/people/{}/edit",
    "people.add_post": "/people/{}/posts/add",
    "people.numbers": "/people/{}/numbers",
    "people.roles": "/people/{}/roles",
}.items():
    reads(_endpoint, _path)


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
