"""What may be done to organizations, by whom, and what is left behind."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.organizations import operations, queries
from lms.organizations.models import Event, Organization, OtherCode, OtherName
from lms.organizations.types import (
    GB_32100,
    MCA,
    NBS,
    OURS,
    Code,
    Details,
    NameKind,
    NewOrganization,
    OrganizationKind,
    Sector,
    Update,
)
from tests.builders import NOON, TODAY
from tests.organizations.builders import deed, province

YESTERDAY = TODAY - timedelta(days=1)
LONG_AGO = TODAY - timedelta(days=300)


@pytest.fixture
def here(session):
    return province(session)


def refused(code, act, /, *arguments, **values):
    with pytest.raises((Conflict, Invalid, NotAllowed, NotFound)) as refusal:
        act(*arguments, **values)
    assert refusal.value.code == code


def events(session, organization):
    found = session.scalars(
        sa.select(Event).where(Event.organization_id == organization.id).order_by(Event.id)
    )
    return [event.kind for event in found]


def lines(session):
    session.flush()
    return [e.verb for e in session.scalars(sa.select(Entry).order_by(Entry.id))]


def add(session, parent, **values):
    values = {
        "code": "n-1",
        "code_system": OURS,
        "kind": OrganizationKind.TOWNSHIP_STATION,
        "name": "新站",
        "now": NOON,
    } | values
    return operations.add(session, parent_id=parent.id, **values)


def test_one_is_added_with_all_that_is_known(session, here):
    made = add(
        session,
        here["county"],
        kind=OrganizationKind.DEPARTMENT,
        name=" 子县司法局 ",
        sector=Sector.JUSTICE,
        opened_on=LONG_AGO,
        codes=[Code(GB_32100, "91350100m000100y43"), Code(NBS, "522301010")],
        short_names=["司法局", "司法局"],
    )
    file = queries.file(session, made.id)
    assert (file.name, file.sector, file.opened_on) == ("子县司法局", "justice", LONG_AGO)
    assert [(c.system, c.code) for c in file.codes] == [
        (OURS, "n-1"),
        (NBS, "522301010"),
        (GB_32100, "91350100M000100Y43"),
    ]
    assert file.short_names == ("司法局",)
    assert queries.by_code(session, Code(GB_32100, "91350100M000100Y43")).id == made.id


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "青山社工站"}, "name_taken"),
        ({"name": "青山 社工站"}, "name_taken"),  # spaces make no other name
        ({"code": "t-twin"}, "code_taken"),
        ({"codes": [Code(GB_32100, "91350100M000100Y44")]}, "bad_code"),
        ({"codes": [Code(OURS, "n-1")]}, "code_taken"),  # given twice
        ({"sector": Sector.JUSTICE}, "no_sector"),
        ({"kind": OrganizationKind.PREFECTURE_CENTER}, "wrong_place"),
        ({"opened_on": TODAY + timedelta(days=1)}, "future_day"),
        ({"name": "  "}, "bad_name"),
    ],
)
def test_what_cannot_be_is_not_added(session, here, values, code):
    refused(code, add, session, here["county"], **values)


def test_nothing_is_added_outside_the_scope_or_below_what_is_closed(session, here):
    scope = {here["county"].id}
    add(session, here["county"], scope=scope)  # directly below the own unit
    refused("no_organization", add, session, here["elsewhere"], code="n-2", scope=scope)
    refused("no_organization", add, session, here["prefecture"], code="n-2", scope=scope)
    operations.close(session, here["hub"].id, deed())
    refused("target_closed", add, session, here["hub"], code="n-2")
    new = NewOrganization(
        Code(OURS, "n-3"), OrganizationKind.VILLAGE_ROOM, "室", Code(OURS, "t-stranger")
    )
    refused("no_organization", operations.add_tree, session, [new], now=NOON, scope=scope)
    root = NewOrganization(Code(OURS, "n-4"), OrganizationKind.COUNTY, "县", None)
    refused("no_organization", operations.add_tree, session, [root], now=NOON, scope=scope)


def test_a_tree_is_added_with_codes_and_short_names(session, here):
    new = [
        NewOrganization(
            Code(OURS, "n-1"),
            OrganizationKind.TOWNSHIP_STATION,
            "站",
            Code(OURS, "t-county"),
            codes=(Code(MCA, "522301010"),),
            short_names=("小站",),
        )
    ]
    ids = operations.add_tree(session, new, now=NOON, scope={here["county"].id})
    file = queries.file(session, ids[Code(OURS, "n-1")])
    assert (file.code_of(MCA), file.short_names) == ("522301010", ("小站",))


def test_a_rename_keeps_the_old_name(session, here):
    station = here["station"]
    operations.rename(session, station.id, "青峰社工站", deed(on=LONG_AGO, reason="更名批复"))
    operations.rename(session, station.id, "青峰街道社工站", deed(on=YESTERDAY))
    operations.rename(session, station.id, "青峰街道社工站", deed(on=YESTERDAY))  # again
    assert events(session, station) == ["renamed", "renamed"]
    names = [(n.name, n.until_on) for n in queries.file(session, station.id).names]
    assert names == [("青山社工站", LONG_AGO), ("青峰社工站", YESTERDAY)]
    for day, name in (
        (LONG_AGO - timedelta(days=1), "青山社工站"),
        (LONG_AGO, "青峰社工站"),
        (YESTERDAY, "青峰街道社工站"),
    ):
        assert queries.ancestors_on(session, station.id, on=day)[-1].name == name
    found = queries.search(session, "青山社", scope={here["county"].id})
    assert [(hit.id, hit.other_name) for hit in found] == [(station.id, "青山社工站")]
    history = queries.history(session, station.id)
    assert [(e.old, e.new, e.reason) for e in history] == [
        ("青峰社工站", "青峰街道社工站", ""),
        ("青山社工站", "青峰社工站", "更名批复"),
    ]


def test_a_mended_name_leaves_no_history(session, here):
    operations.correct_name(session, here["station"].id, "青山镇社工站", deed(revision=1))
    assert events(session, here["station"]) == []
    assert queries.file(session, here["station"].id).names == ()
    assert lines(session) == ["organizations.name_corrected"]


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("绿水社工站", {}, "name_taken"),
        ("新名", {"on": TODAY + timedelta(days=1)}, "future_day"),
        ("新名", {"on": LONG_AGO - timedelta(days=1)}, "before_last_change"),
        ("新名", {"revision": 7}, "changed_meanwhile"),
        ("<名>", {}, "bad_name"),
    ],
)
def test_a_rename_is_refused(session, here, name, values, code):
    here["station"].opened_on = LONG_AGO
    session.flush()
    refused(code, operations.rename, session, here["station"].id, name, deed(**values))


def test_the_own_unit_is_kept_by_the_level_above(session, here):
    county = here["county"].id
    mine, above = deed(scope={county}), deed(scope={here["prefecture"].id})
    refused("own_unit", operations.rename, session, county, "子市", mine)
    refused("own_unit", operations.close, session, county, mine)
    refused("no_organization", operations.rename, session, here["prefecture"].id, "乙州", mine)
    operations.rename(session, county, "子市", above)
    root = here["province"].id
    operations.rename(session, root, "该省", deed(scope={root}))  # nothing stands above it


def test_a_move_takes_everything_along(session, here):
    station, elsewhere = here["station"], here["elsewhere"]
    operations.move(session, station.id, elsewhere.id, deed(on=YESTERDAY, reason="区划调整"))
    assert events(session, station) == ["moved"]
    path = [p.name for p in queries.ancestors(session, here["room"].id)]
    assert path == ["某省", "甲州", "丑县", "青山社工站", "青山村社工室"]
    before = queries.ancestors_on(session, here["room"].id, on=YESTERDAY - timedelta(days=1))
    assert [p.name for p in before] == ["某省", "甲州", "子县", "青山社工站", "青山村社工室"]
    operations.move(session, station.id, elsewhere.id, deed())  # it is there
    assert events(session, station) == ["moved"]


@pytest.mark.parametrize(
    ("way", "values", "code"),
    [
        ("county station", {}, "wrong_place"),
        ("station twin", {}, "wrong_place"),
        ("station elsewhere", {"scope": ["county"]}, "no_organization"),
        ("stranger county", {"scope": ["county"]}, "no_organization"),
        ("county elsewhere", {"scope": ["county"]}, "own_unit"),
        ("station elsewhere", {"on": TODAY + timedelta(days=1)}, "future_day"),
        ("station elsewhere", {"revision": 7}, "changed_meanwhile"),
    ],
)
def test_a_move_is_refused(session, here, way, values, code):
    who, where = way.split()
    if "scope" in values:
        values = values | {"scope": {here[key].id for key in values["scope"]}}
    change = deed(**values)
    refused(code, operations.move, session, here[who].id, here[where].id, change)


def test_no_way_leads_into_the_own_subtree(session, here):
    office = here["office"]
    inner = add(session, office, kind=OrganizationKind.DEPARTMENT, name="股室")
    refused("cycle", operations.move, session, office.id, inner.id, deed())
    refused("cycle", operations.merge, session, office.id, inner.id, deed())
    refused("cycle", operations.move, session, office.id, office.id, deed())


def test_a_move_does_not_rewrite_what_later_days_were_like(session, here):
    operations.move(session, here["room"].id, here["twin"].id, deed(on=YESTERDAY))
    earlier = deed(on=YESTERDAY - timedelta(days=1))
    for who in ("station", "twin"):  # what it left, and what it came to
        refused(
            "before_last_change",
            operations.move,
            session,
            here[who].id,
            here["elsewhere"].id,
            earlier,
        )
    operations.move(session, here["twin"].id, here["elsewhere"].id, deed(on=YESTERDAY))


def test_a_merger_leads_from_the_old_to_the_new(session, here):
    station, twin, room = here["station"], here["twin"], here["room"]
    operations.merge(session, station.id, twin.id, deed(on=YESTERDAY, reason="撤并"))
    session.flush()
    assert (station.closed_on, station.merged_into_id) == (YESTERDAY, twin.id)
    assert queries.today_of(session, station.id).id == twin.id
    assert {p.id for p in queries.subtree(session, twin.id)} == {twin.id, station.id, room.id}
    assert events(session, station) == ["merged"]
    assert events(session, room) == ["moved"]
    assert [(e.organization_id, e.kind) for e in queries.history(session, twin.id)] == [
        (station.id, "merged")
    ]
    before = queries.subtree_on(session, twin.id, on=YESTERDAY - timedelta(days=1))
    assert [unit.id for unit in before] == [twin.id]
    operations.merge(session, station.id, twin.id, deed())  # again
    assert events(session, station) == ["merged"]


def test_a_chain_of_mergers_ends_at_the_last(session, here):
    operations.merge(session, here["station"].id, here["twin"].id, deed(on=LONG_AGO))
    operations.merge(session, here["twin"].id, here["stranger"].id, deed(on=YESTERDAY))
    assert queries.today_of(session, here["station"].id).id == here["stranger"].id


def test_a_merger_is_refused(session, here):
    merge = operations.merge
    refused("unlike", merge, session, here["station"].id, here["office"].id, deed())
    refused("wrong_place", merge, session, here["station"].id, here["hub"].id, deed())  # its room
    mine = deed(scope={here["county"].id})
    refused("no_organization", merge, session, here["station"].id, here["stranger"].id, mine)
    operations.close(session, here["twin"].id, deed())
    refused("target_closed", merge, session, here["station"].id, here["twin"].id, deed())
    refused("closed", merge, session, here["twin"].id, here["station"].id, deed())


def test_closing_and_opening_again(session, here):
    station, room = here["station"], here["room"]
    refused("open_units", operations.close, session, station.id, deed())
    operations.close(session, room.id, deed(on=LONG_AGO))
    operations.close(session, room.id, deed())  # it is closed
    operations.close(session, station.id, deed(on=YESTERDAY))
    refused("target_closed", operations.reopen, session, room.id, deed())
    refused("closed", operations.rename, session, station.id, "新名", deed())
    refused("closed", operations.move, session, station.id, here["elsewhere"].id, deed())
    operations.reopen(session, station.id, deed())
    operations.reopen(session, room.id, deed())
    operations.reopen(session, room.id, deed())
    assert events(session, room) == ["closed", "reopened"]
    names = [u.id for u in queries.children_on(session, station.id, on=YESTERDAY)]
    assert names == []
    assert [u.id for u in queries.children_on(session, station.id, on=TODAY)] == [room.id]
    then = LONG_AGO - timedelta(days=1)
    assert [u.id for u in queries.children_on(session, station.id, on=then)] == [room.id]


def test_what_was_merged_can_go_back(session, here):
    station, twin = here["station"], here["twin"]
    operations.merge(session, station.id, twin.id, deed(on=LONG_AGO))
    operations.reopen(session, station.id, deed(on=YESTERDAY))
    session.flush()
    assert (station.parent_id, station.closed_on, station.merged_into_id) == (
        here["county"].id,
        None,
        None,
    )
    between = queries.ancestors_on(session, station.id, on=LONG_AGO)
    assert [unit.id for unit in between][-2:] == [twin.id, station.id]


def test_codes_come_and_go(session, here):
    station = here["station"]
    details = Details(codes={MCA: "522301010", NBS: "522301010", OURS: "new-code"})
    assert operations.edit(session, station.id, details, deed(revision=1))
    file = queries.file(session, station.id)
    shown = [(c.system, c.code, c.former) for c in file.codes]
    assert shown == [
        (OURS, "new-code", False),
        (MCA, "522301010", False),
        (NBS, "522301010", False),
        (OURS, "t-station", True),
    ]
    assert queries.by_code(session, Code(OURS, "t-station")).id == station.id
    operations.edit(session, station.id, Details(codes={MCA: "522301011", NBS: ""}), deed())
    operations.edit(session, station.id, Details(codes={OURS: "t-station"}), deed())  # back again
    codes = {(c.system, c.code, c.former) for c in queries.file(session, station.id).codes}
    assert codes == {
        (OURS, "t-station", False),
        (OURS, "new-code", True),
        (MCA, "522301011", False),
        (MCA, "522301010", True),
    }
    mistyped = Details(codes={MCA: "522301012"}, forget_codes=True)
    operations.edit(session, station.id, mistyped, deed())
    assert queries.find_by_code(session, Code(MCA, "522301011")) is None


@pytest.mark.parametrize(
    ("details", "code"),
    [
        (Details(codes={OURS: "t-twin"}), "code_taken"),
        (Details(codes={OURS: ""}), "main_code"),
        (Details(codes={MCA: "1"}), "bad_code"),
        (Details(sector=Sector.JUSTICE), "no_sector"),
        (Details(opened_on=TODAY + timedelta(days=1)), "future_day"),
        (Details(opened_on=TODAY), "opened_after"),
        (Details(short_names=("<",)), "bad_name"),
    ],
)
def test_an_edit_is_refused(session, here, details, code):
    operations.rename(session, here["station"].id, "青峰社工站", deed(on=YESTERDAY))
    refused(code, operations.edit, session, here["station"].id, details, deed())


def test_the_second_clerk_is_told_and_the_same_again_is_no_conflict(session, here):
    station = here["station"].id
    first = Details(short_names=("青山站",))
    assert operations.edit(session, station, first, deed(revision=1))
    assert not operations.edit(session, station, first, deed(revision=1))  # a form sent twice
    other = Details(short_names=("山站",))
    refused("changed_meanwhile", operations.edit, session, station, other, deed(revision=1))


def test_every_change_is_written_down(session, here):
    station, twin = here["station"].id, here["twin"].id
    operations.edit(session, station, Details(short_names=("青山站",)), deed(actor_id=7))
    operations.rename(session, station, "青峰社工站", deed())
    operations.move(session, station, here["hub"].id, deed())
    operations.close(session, here["room"].id, deed())
    operations.reopen(session, here["room"].id, deed())
    operations.merge(session, twin, station, deed())
    assert lines(session) == [
        f"organizations.organization_{act}"
        for act in ("edited", "renamed", "moved", "closed", "reopened", "merged")
    ]
    entry = session.scalar(sa.select(Entry).limit(1))
    assert (entry.actor_id, entry.facts["after"]) == (7, {"short_names": ["青山站"]})


def test_many_are_brought_up_to_date_in_a_handful_of_statements(session, here, count_statements):
    new = [
        NewOrganization(
            Code(OURS, f"many-{n}"),
            OrganizationKind.VILLAGE_ROOM,
            f"第{n}室",
            Code(OURS, "t-station"),
        )
        for n in range(300)
    ]
    ids = operations.add_tree(session, new, now=NOON)
    updates = [
        Update(
            organization_id,
            Details(
                opened_on=LONG_AGO, short_names=(f"{code.code}室",), codes={MCA: f"5223{n:05}"}
            ),
            name=f"{code.code}号室",
        )
        for n, (code, organization_id) in enumerate(ids.items())
    ]
    with count_statements() as seen:
        changed = operations.update_many(session, updates, deed(scope={here["county"].id}))
    assert changed == set(ids.values())
    assert len(seen) <= 20
    assert not operations.update_many(session, updates, deed())  # the same file again
    names = session.scalars(sa.select(OtherName.kind).where(OtherName.organization_id.in_(changed)))
    assert sorted(set(names)) == [NameKind.FORMER, NameKind.SHORT]
    assert len(list(session.scalars(sa.select(OtherCode.id)))) == 300


def test_many_are_refused_together_if_one_is_elsewhere(session, here):
    mine = deed(scope={here["county"].id})
    some = [Update(here[key].id, Details(short_names=("某",))) for key in ("station", "stranger")]
    refused("no_organization", operations.update_many, session, some, mine)
    own = [Update(here["county"].id, name="子市")]
    refused("no_organization", operations.update_many, session, own, mine)
    refused("no_organization", operations.update_many, session, [Update(-1)], deed())


def test_many_may_move_too(session, here):
    some = [Update(here["station"].id, parent_id=here["elsewhere"].id), Update(here["twin"].id)]
    assert operations.update_many(session, some, deed()) == {here["station"].id}
    assert session.get(Organization, here["station"].id).parent_id == here["elsewhere"].id


def test_the_directory_knows_all_codes_names_and_paths(session, here, count_statements):
    station = here["station"].id
    operations.rename(session, station, "青峰社工站", deed())
    operations.edit(
        session, station, Details(codes={MCA: "522301010"}, short_names=("峰站",)), deed()
    )
    session.flush()
    with count_statements() as seen:
        found = queries.directory(session, scope={here["county"].id})
    assert len(seen) == 3
    assert found.by_code(Code(MCA, "522301010")).id == station
    assert found.by_code(Code(OURS, "t-stranger")) is None
    for path in (["子县", "青峰社工站"], ["青山社工站"], ["子 县", "峰站"]):
        assert [one.id for one in found.by_path(path)] == [station]
    assert [one.id for one in found.by_path(["青山社工站", "青山村社工室"])] == [here["room"].id]
    assert found.by_path(["丑县", "青峰社工站"]) == []
    assert found.by_path([]) == []
    assert found.files[station].short_names == ("峰站",)
    assert len(queries.directory(session).files) >= len(here)
