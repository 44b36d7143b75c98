"""Publishing outlines."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.authoring import Tally
from lms.syllabus import operations, queries
from lms.syllabus.content import EditionFile
from lms.syllabus.models import Node
from lms.syllabus.types import NodeText
from tests.builders import NOON


def node(key, level, position, *, title="题", title_en="", edition="2030"):
    full = f"{edition}/{key}"
    return NodeText(
        key=full,
        parent_key=None if level == "subject" else full.rpartition("/")[0],
        level=level,
        subject=key.split("/")[0],
        position=position,
        title=title,
        title_en=title_en,
        certainty="H",
        source="",
    )


def edition(digest="1", key="2030", **titles):
    nodes = (
        node("J-COMP", "subject", 0, edition=key),
        node("J-COMP/02", "chapter", 1, edition=key, **titles),
        node("J-COMP/01", "chapter", 2, edition=key),  # in the outline's order, not the alphabet's
        node("J-COMP/01/1", "section", 3, edition=key),
        node("J-PRAC", "subject", 4, edition=key),
        node("J-PRAC/01", "chapter", 5, edition=key),
    )
    return EditionFile(path=None, key=key, digest=digest, title="大纲", nodes=nodes)


def load(session, *files):
    tally = operations.load(session, files, now=NOON)
    session.flush()
    return tally


def test_an_edition_is_published_with_a_line_in_the_trail(session):
    assert load(session, edition()) == Tally(new=1)
    (entry,) = session.scalars(sa.select(Entry))
    assert (entry.verb, entry.subject) == ("syllabus.edition_published", "syllabus:2030")


def test_loading_again_changes_nothing(session):
    load(session, edition())
    assert load(session, edition()) == Tally(same=1)
    assert session.scalar(sa.select(sa.func.count()).select_from(Node)) == 6


def test_a_corrected_file_is_a_second_version_and_the_first_one_stays(session):
    load(session, edition())
    assert load(session, edition("2", title="改")) == Tally(changed=1)
    assert [c.title for c in queries.chapters(session, "J-COMP")] == ["改", "题"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Node)) == 12


def test_chapters_come_in_the_outlines_order(session):
    load(session, edition())
    assert [c.key for c in queries.chapters(session, "J-COMP")] == [
        "2030/J-COMP/02",
        "2030/J-COMP/01",
    ]
    assert queries.chapters(session, "M-LAW") == []


def test_subjects_come_in_the_outlines_order(session):
    load(session, edition())
    assert [s.subject for s in queries.subjects(session)] == ["J-COMP", "J-PRAC"]


def test_two_editions_stand_side_by_side(session):
    assert load(session, edition(), edition("x", key="2031")) == Tally(new=2)
    assert len(queries.chapters(session, "J-COMP")) == 4
    assert load(session, edition("9"), edition("x", key="2031")) == Tally(changed=1, same=1)
    assert len(queries.chapters(session, "J-COMP")) == 4


def test_titles_are_found_for_what_exists(session):
    load(session, edition(title="第二章", title_en="Two"))
    assert queries.node_titles(session, ["2030/J-COMP/02", "2030/nothing"]) == {
        "2030/J-COMP/02": ("第二章", "Two")
    }
    assert queries.node_titles(session, []) == {}


def test_what_is_stored_is_what_was_read(session):
    file = edition(title="第二章", title_en="Two")
    load(session, file)
    chapters = [n for n in file.nodes if n.level == "chapter" and n.subject == "J-COMP"]
    assert queries.chapters(session, "J-COMP") == chapters


@pytest.mark.parametrize("read", [lambda s: queries.chapters(s, "J-COMP"), queries.subjects, lambda s: queries.node_titles(s, ["2030/J-COMP"])])  # fmt: skip
def test_a_question_costs_one_statement(session, count_statements, read):
    load(session, edition(), replace(edition("2", key="2031"), title="又一版"))
    with count_statements() as seen:
        read(session)
    assert len(seen) == 1


def test_looking_for_what_is_new_costs_one_statement(session, count_statements):
    load(session, edition())
    with count_statements() as seen:
        load(session, edition())
    assert len(seen) == 1
