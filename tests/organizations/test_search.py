"""Search by names and codes: bounded, in the scope, page by page."""

import pytest

from lms.organizations import operations, queries
from lms.organizations.queries.search import PAGE
from lms.organizations.types import MCA, Code, Details, OrganizationKind
from tests import builders
from tests.organizations.builders import deed, province


@pytest.fixture
def here(session):
    return province(session)


def found(session, text, here, *, top="province", **values):
    return [hit.name for hit in queries.search(session, text, scope={here[top].id}, **values)]


def test_names_that_begin_so_come_before_names_that_hold_it(session, here):
    builders.organization(session, here["county"], name="大青山社工站", code="a-0")
    assert found(session, "青山", here) == ["青山社工站", "青山村社工室", "大青山社工站"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("t-stat", ["青山社工站"]),  # the beginning of a code
        ("T-STAT", ["青山社工站"]),
        ("5223010", ["青山社工站"]),  # a code of another system
        ("2301", []),  # codes are found by their beginning alone
        ("小青", ["青山社工站"]),  # a short name
        ("%", []),
        ("_", []),
        ("", []),
        ("　", []),
        ("没有这样的", []),
    ],
)
def test_what_is_found(session, here, text, names):
    details = Details(codes={MCA: "522301010"}, short_names=("小青",))
    operations.edit(session, here["station"].id, details, deed())
    assert found(session, text, here) == names


def test_only_the_own_scope_is_searched(session, here):
    assert found(session, "远方", here, top="county") == []
    assert found(session, "远方", here, top="prefecture") == ["远方社工站"]
    both = {here["province"].id, here["county"].id}
    assert len(queries.search(session, "青山社工站", scope=both)) == 1


def test_pages_follow_each_other_without_a_gap(session, here):
    for n in range(PAGE + 5):
        builders.organization(session, here["county"], name=f"{'第' if n % 2 else ''}众{n}站")
    seen, after = [], None
    while True:
        page = queries.search(session, "众", scope={here["county"].id}, after=after)
        seen += page[:PAGE]
        if len(page) <= PAGE:
            break
        after = (page[PAGE - 1].rank, page[PAGE - 1].id)
    assert len(seen) == len({hit.id for hit in seen}) == PAGE + 5


def test_candidates_are_of_a_kind_open_and_elsewhere(session, here):
    kinds = {OrganizationKind.TOWNSHIP_STATION, OrganizationKind.VILLAGE_ROOM}
    operations.close(session, here["twin"].id, deed())
    others = found(session, "", here, kinds=kinds, only_open=True, besides=here["station"].id)
    assert others == ["远方社工站"]


def test_old_codes_lead_to_what_is_there_today(session, here):
    operations.merge(session, here["twin"].id, here["station"].id, deed())
    place = queries.by_code(session, Code("bixue", "t-twin"))
    assert queries.today_of(session, place.id).name == "青山社工站"


def test_a_search_is_one_statement(session, here, count_statements):
    with count_statements() as seen:
        found(session, "青山", here)
    assert len(seen) == 1
