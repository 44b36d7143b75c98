"""Publishing rules: what changed becomes a version, what was decided keeps its own."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.authoring import Faults, Tally
from lms.kernel.errors import NotFound
from lms.kernel.places import shipped
from lms.regulations import operations, queries, rules
from lms.regulations.content import RuleFile, read_all
from lms.regulations.models import Rule, RuleVersion
from tests.builders import NOON


@pytest.fixture(scope="module")
def files():
    return read_all(shipped("question_bank"), Faults())


def load(session, files):
    tally = operations.load(session, files, now=NOON)
    session.flush()
    return tally


def changed(file: RuleFile, **values) -> RuleFile:
    return replace(file, digest="another", rule=replace(file.rule, **values))


def test_what_is_new_is_published_with_a_line_in_the_trail(session, files):
    assert load(session, files) == Tally(new=len(files))
    entries = session.scalars(sa.select(Entry).where(Entry.verb == "regulations.rule_published"))
    assert {entry.subject for entry in entries} == {f"rule:{file.rule.key}" for file in files}


def test_loading_again_changes_nothing(session, files):
    load(session, files)
    versions = session.scalar(sa.select(sa.func.count()).select_from(RuleVersion))
    assert load(session, files) == Tally(same=len(files))
    assert session.scalar(sa.select(sa.func.count()).select_from(RuleVersion)) == versions


def test_a_changed_rule_is_a_second_version_and_the_first_one_stays(session, files):
    load(session, files)
    first, *others = files
    (old,) = [r for r in queries.rules_of_kind(session, first.rule.kind) if r.key == first.rule.key]
    assert load(session, [changed(first, title="改过的标题"), *others]) == Tally(
        changed=1, same=len(others)
    )
    (new,) = [r for r in queries.rules_of_kind(session, first.rule.kind) if r.key == first.rule.key]
    assert new.title == "改过的标题"
    assert new.version_id != old.version_id
    assert queries.rule_version(session, old.version_id) == old  # what was decided under it


def test_a_rule_changed_back_is_a_third_version(session, files):
    load(session, files[:1])
    load(session, [changed(files[0], title="改过的标题")])
    assert load(session, files[:1]) == Tally(changed=1)
    assert session.scalar(sa.select(Rule.current_number)) == 3


def test_a_rule_whose_file_is_gone_stays(session, files):
    load(session, files)
    assert load(session, files[1:]) == Tally(same=len(files) - 1)
    assert files[0].rule.key in {r.key for r in queries.rules_of_kind(session, files[0].rule.kind)}


def test_a_rule_comes_back_as_it_was_written(session, files):
    load(session, files)
    for file in files:
        (found,) = [
            r for r in queries.rules_of_kind(session, file.rule.kind) if r.key == file.rule.key
        ]
        assert replace(found, version_id=0) == file.rule


def test_looking_for_what_is_new_costs_one_statement(session, files, count_statements):
    load(session, files)
    with count_statements() as seen:
        load(session, files)
    assert len(seen) == 1


def test_rules_of_several_kinds_cost_one_statement(session, files, count_statements):
    load(session, files)
    with count_statements() as seen:
        found = queries.rules_of_kind(session, "marking", "pass_line")
    assert {rule.kind for rule in found} == {"marking", "pass_line"}
    assert len(seen) == 1


def test_there_is_no_such_version(session):
    with pytest.raises(NotFound):
        queries.rule_version(session, 987_654_321)


@pytest.mark.parametrize(
    ("where", "half_points"),
    [
        (("junior", date(2026, 5, 24), False), 120),  # 60 points
        (("junior", date(2025, 5, 24), True), 106),  # 53 points
        (("intermediate", date(2025, 5, 24), True), 116),  # 58 points
        (("junior", date(2026, 5, 24), True), 120),  # no separate line was published for 2026
    ],
)
def test_the_shipped_pass_lines_are_those_of_the_notices(session, files, where, half_points):
    load(session, files)
    level, on, in_key_county = where
    line = rules.pass_line(
        queries.rules_of_kind(session, "pass_line"), level=level, on=on, in_key_county=in_key_county
    )
    assert (line.body["pass"], line.body["out_of"]) == (half_points, 200)
