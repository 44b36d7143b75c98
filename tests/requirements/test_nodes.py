"""Names of nodes, definitions used in several places, options, points, what cannot be any more."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.requirements.kinds.years_of_work import worked_spans
from lms.requirements.rules import (
    evaluate,
    explain,
    last_due_on,
    missing,
    next_due_on,
    read_requirement,
    spoken,
    told,
)
from lms.requirements.types import Listed, Named, Sentence, State, node_name
from tests.requirements.builders import (
    START,
    all_of,
    any_of,
    course,
    days,
    exempted,
    fact,
    leaf,
    passed,
)

LATER = START + days(400)


def judged(raw, *facts, on=LATER, name="", **values):
    requirement = read_requirement(raw, name=name)
    return evaluate(requirement, facts, on=on, started_on=START, **values)


def refused(raw):
    with pytest.raises(Invalid) as fault:
        read_requirement(raw)
    return fault.value.code, fault.value.where


# names


def test_a_node_has_a_long_name_that_no_other_list_has():
    tree = all_of(leaf("a", id="first"), any_of(leaf("b"), leaf("c", id="third")))
    requirement = read_requirement(tree, name="program:p")
    names = [node.name for _place, node in requirement.walk()]
    assert names == [
        "program:p",
        "program:p#first",
        "program:p#@2",
        "program:p#@2/@1",
        "program:p#@2/third",
    ]
    assert node_name("", "first") == "#first"


@pytest.mark.parametrize(
    ("subject", "spared"),
    [
        ("program:p#first", True),
        ("course:a", True),
        ("program:other#first", False),  # the same id in another list
        ("first", False),
    ],
)
def test_an_exemption_names_a_published_node_by_its_long_name(subject, spared):
    progress = judged(all_of(leaf("a", id="first")), exempted(subject), name="program:p")
    assert progress.children[0].satisfied is spared


def test_the_whole_can_be_exempt_by_its_name():
    assert judged(leaf("a"), exempted("program:p"), name="program:p").state == State.EXEMPT


# definitions


def test_a_definition_is_used_in_several_places():
    raw = all_of(
        {"use": "basics", "title": "基础"}, any_of({"use": "basics"}, leaf("c")),
        define={"basics": all_of(leaf("a"), leaf("b"))},
    )  # fmt: skip
    progress = judged(raw, course("a"), course("b"))
    assert progress.state == State.MET
    assert progress.children[0].name == Named("基础")
    assert missing(judged(raw, course("a")))[0].node == "#@1/@2"


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        ({"use": "a"}, "unknown_use", "use"),
        (all_of(leaf("x"), {"use": "a"}), "unknown_use", "of.1.use"),
        (all_of({"use": "a"}, define={"a": {"use": "a"}}), "cycle", "define.a.use"),
        (
            all_of(leaf("x"), define={"a": all_of({"use": "b"}), "b": any_of({"use": "a"})}),
            "cycle",
            "define.a.of.0.of.0.use",
        ),
        (all_of({"use": "a", "kind": "all"}, define={"a": leaf("x")}), "use_and_kind", "of.0.use"),
        (all_of(leaf("x", define={})), "define_below", "of.0.define"),
        (all_of(leaf("x", optional=True)), "all_optional", "of"),
        (any_of(leaf("x"), leaf("y", optional=True)), "not_optional", "of.1.optional"),
        (leaf("x", optional=True), "not_optional", "optional"),
        (
            {"kind": "points", "needed": 5, "of": [leaf("a", points=2), leaf("b", points=2)]},
            "impossible_total",
            "needed",
        ),
        ({"kind": "points", "needed": 1, "of": [leaf("a")]}, "missing", "of.0.points"),
        (
            {"kind": "courses_completed", "courses": ["a", "b", "c"], "needed": 5},
            "impossible_total",
            "needed",
        ),
        (
            {"kind": "class_attended", "class": "c", "leave_at_most": [8, 7]},
            "bad_share",
            "leave_at_most",
        ),
    ],
)
def test_a_tree_that_cannot_be_is_refused_with_its_place(raw, code, where):
    assert refused(raw) == (code, where)


def test_a_definition_that_grows_without_measure_is_refused():
    define = {"x0": leaf("a")} | {
        f"x{n}": all_of(*[{"use": f"x{n - 1}"}] * 10) for n in range(1, 6)
    }
    assert refused(all_of({"use": "x5"}, define=define))[0] == "too_many"


# optional children


def test_an_option_is_shown_and_never_asked_for():
    tree = all_of(leaf("a"), leaf("b", optional=True, due_days=3))
    progress = judged(tree)
    assert progress.children[1].optional
    assert [one.references for one in missing(progress)] == [("course:a",)]
    assert (last_due_on(progress), next_due_on(progress)) == (None, None)
    assert judged(tree, course("a")).percent == 100
    assert judged(tree, course("b")).percent == 0


# points


@given(
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=7),
    st.data(),
)
def test_points_suffice_and_none_of_the_missing_can_be_left_out(parts, data):
    needed = data.draw(st.integers(1, sum(worth for worth, _done in parts)))
    of = [leaf(f"c{i}", points=worth) for i, (worth, _done) in enumerate(parts)]
    facts = [course(f"c{i}") for i, (_worth, done) in enumerate(parts) if done]
    progress = judged({"kind": "points", "needed": needed, "of": of}, *facts)
    have = sum(worth for worth, done in parts if done)
    assert progress.satisfied == (have >= needed)
    if progress.satisfied:
        return
    short = [parts[i][0] for i in progress.shortest]
    assert have + sum(short) >= needed
    assert all(have + sum(short) - worth < needed for worth in short)
    open_ = [worth for worth, done in parts if not done]
    fewest = next(
        n for n in range(1, len(open_) + 1)
        if any(have + sum(some) >= needed for some in combinations(open_, n))
    )  # fmt: skip
    assert len(short) == fewest  # equal leaves: the fewest are the shortest


# no longer possible


def sat(marks, on=START):
    return fact("paper_sat", "paper:p", on, quantity=marks, detail={"passed": False})


def test_a_way_that_is_closed_is_asked_for_last():
    closed = {"kind": "paper_passed", "paper": "p", "minimum": 100, "tries": 1}
    either = judged(any_of(closed, leaf("a")), sat(99))
    assert either.state == State.IN_PROGRESS
    assert [one.references for one in missing(either)] == [("course:a",)]
    both = judged(all_of(closed, leaf("a")), sat(99))
    assert both.state == State.IMPOSSIBLE
    assert spoken(told(both, on=LATER)[0]).startswith("“完成全部 2 项”按现有记录已无法达到")
    spared = judged(all_of(closed, leaf("a")), sat(99), exempted("paper:p"), course("a"))
    assert spared.state == State.MET


# explanations


def test_says_the_smallest_set_and_the_next_day():
    pair = {"kind": "subjects_passed", "subjects": ["A", "B"], "consecutive_years": 2}
    progress = judged(all_of(pair, leaf("a", due_on="2027-03-01")), passed("A", 2026))
    lines = [spoken(line) for line in told(progress, on=date(2026, 12, 1))]
    assert lines == [
        "“完成全部 2 项”还差 2 项：连续 2 个考试年度内通过全部 2 个科目、学完课程“a”",
        "连续 2 个考试年度内通过全部 2 个科目：最晚在 2027 年度考试通过 B，否则 A 的合格成绩作废",
        "下一步：学完课程“a”，到 2027年3月1日 为止（还有 90 天）",
    ]
    assert explain(progress).next_on == date(2027, 3, 1)
    done = judged(leaf("a"), course("a"))
    assert [spoken(line) for line in told(done, on=LATER)] == ["“学完课程“a””已完成"]


def test_several_words_are_told_as_the_language_does():
    names = Listed((Named("甲", "one"), Named("乙", "two")))
    assert spoken(Sentence("%(n)s", {"n": names})) == "甲、乙"
    assert spoken(Sentence("%(n)s", {"n": names}), language="en") == "one, two"


# years of work

PERIODS = st.lists(
    st.tuples(st.dates(date(2015, 1, 1), date(2026, 12, 31)), st.integers(0, 900)), max_size=5
)


def worked(first, last=None):
    detail = {} if last is None else {"until": last.isoformat()}
    return fact("worked", "work:social_work", first, detail=detail)


@given(PERIODS, st.dates(date(2016, 1, 1), date(2028, 3, 1)))
def test_days_that_overlap_count_once(periods, end):
    facts = [worked(first, first + timedelta(n)) for first, n in periods]
    every_day = {
        first + timedelta(i) for first, n in periods for i in range(n + 1)
        if first + timedelta(i) <= end
    }  # fmt: skip
    spans = worked_spans(facts, end)
    assert sum((last - first).days + 1 for first, last in spans) == len(every_day)


@given(st.dates(date(2015, 1, 1), date(2026, 12, 31)), st.integers(1, 8))
def test_a_year_of_work_is_full_on_the_eve_of_its_day(first, years):
    raw = {"kind": "years_of_work", "field": "social_work", "years": years}
    try:
        again = first.replace(year=first.year + years)
    except ValueError:  # 29 February
        again = date(first.year + years, 3, 1)
    eve = again - days(1)
    progress = judged(raw, worked(first), on=eve)
    assert (progress.state, progress.met_on) == (State.MET, eve)
    before = judged(raw, worked(first), on=eve - days(1))
    assert (before.state, before.next_on) == (State.IN_PROGRESS, eve)
