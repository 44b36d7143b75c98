from datetime import date

import pytest

from lms.kernel.errors import Invalid
from lms.records.types import Fact, RecordKind
from lms.requirements.rules import (
    deadline_words,
    evaluate,
    explain,
    is_overdue,
    last_due_on,
    next_due_on,
    overdue,
    part_of,
    read_part,
    read_requirement,
    read_stored,
    spoken,
    standing,
    unknown_references,
)
from lms.requirements.types import Named, Part, Sentence, State
from tests.requirements.builders import (
    START,
    all_of,
    any_of,
    course,
    days,
    exempted,
    leaf,
    n_of,
)

LATER = START + days(400)


def judged(raw, *facts, on=LATER, started_on=START, **values):
    return evaluate(read_requirement(raw), facts, on=on, started_on=started_on, **values)


def keys(leaves):
    return [reference.removeprefix("course:") for leaf in leaves for reference in leaf.references]


# reading


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        ({}, "missing", "kind"),
        ({"kind": "wish"}, "not_allowed", "kind"),
        ({"kind": "all"}, "too_few", "of"),
        (all_of(leaf("a"), {"kind": "course_completed"}), "missing", "of.1.course"),
        (all_of(leaf("a"), any_of(leaf("b", coarse="c"))), "unknown_key", "of.1.of.0.coarse"),
        (n_of(3, leaf("a"), leaf("b")), "not_whole", "needed"),
        (n_of(0, leaf("a")), "not_whole", "needed"),
        (leaf("a", due_days=1, due_on="2026-01-01"), "two_deadlines", "due_days"),
        (leaf("a", due_days=-1), "not_whole", "due_days"),
        (leaf("a", due_on="soon"), "not_date", "due_on"),
        (all_of(leaf("a", id="x"), leaf("b", id="x")), "alike", "of.0.id"),
        ({"kind": "hours", "unit": "day", "minimum": 1, "window": "ever"}, "not_allowed", "unit"),
        (
            {"kind": "hours", "unit": "clock_hour", "minimum": 1, "window": "ever", "years": 1},
            "unknown_key",
            "years",
        ),
        (
            {"kind": "hours", "unit": "clock_hour", "minimum": 1, "window": "rolling_years"},
            "missing",
            "years",
        ),
        (
            {
                "kind": "hours",
                "unit": "clock_hour",
                "minimum": 1,
                "window": "ever",
                "share": {"professional": [3, 2]},
            },
            "bad_share",
            "share.professional",
        ),
        (
            {
                "kind": "hours",
                "unit": "clock_hour",
                "minimum": 1,
                "window": "ever",
                "category": "general",
                "share": {"professional": [1, 2]},  # nobody could ever meet it
            },
            "one_share",
            "share",
        ),
        ({"kind": "signed_off", "what": "a visit"}, "bad_subject", "what"),
        ({"kind": "qualification_held", "level": "expert"}, "not_allowed", "level"),
        ({"kind": "subjects_passed", "subjects": []}, "wrong_count", "subjects"),
    ],
)
def test_an_authors_fault_is_located(raw, code, where):
    with pytest.raises(Invalid) as refused:
        read_requirement(raw)
    assert (refused.value.code, refused.value.where) == (code, where)


def test_a_tree_without_end_is_refused():
    raw = leaf("a")
    for _ in range(20):
        raw = all_of(raw)
    with pytest.raises(Invalid) as refused:
        read_requirement(raw)
    assert refused.value.code == "too_deep"


def test_the_same_stored_text_is_read_once():
    text = '{"kind": "course_completed", "course": "a", "due_on": "2026-05-01"}'
    assert read_stored(text) is read_stored(text)
    assert read_stored(text).due_on == date(2026, 5, 1)


def test_references_to_nothing_are_found_with_their_place():
    tree = read_requirement(
        all_of(leaf("a"), any_of(leaf("b"), {"kind": "paper_passed", "paper": "p"}))
    )
    assert list(unknown_references(tree, {"course:a"})) == [
        (("of", 1, "of", 0), "course:b"),
        (("of", 1, "of", 1), "paper:p"),
    ]


def test_a_subject_of_the_national_exam_needs_nothing_of_ours():
    tree = read_requirement(
        {"kind": "subjects_passed", "subjects": ["J-COMP"], "consecutive_years": 1}
    )
    assert list(unknown_references(tree, set())) == []


# deadlines


@pytest.mark.parametrize(
    ("started_on", "due_days", "due_on"),
    [
        (date(2026, 1, 1), 0, date(2026, 1, 1)),
        (date(2026, 1, 31), 30, date(2026, 3, 2)),
        (date(2028, 1, 30), 30, date(2028, 2, 29)),  # a leap year has the day
        (date(2028, 2, 29), 365, date(2029, 2, 28)),
        (date(2028, 2, 29), 366, date(2029, 3, 1)),
        (date(2026, 12, 1), 31, date(2027, 1, 1)),  # over the turn of the year
    ],
)
def test_days_are_counted_from_the_start(started_on, due_days, due_on):
    progress = judged(leaf("a", due_days=due_days), started_on=started_on)
    assert progress.due_on == due_on


def test_a_deadline_holds_for_everything_below_it_unless_that_is_due_earlier():
    progress = judged(
        all_of(leaf("a"), leaf("b", due_days=10), leaf("c", due_days=90), due_days=30)
    )
    assert [child.due_on for child in progress.children] == [
        START + days(30),
        START + days(10),
        START + days(30),
    ]


def test_the_whole_is_due_with_its_last_part():
    progress = judged(all_of(leaf("a", due_days=30), leaf("b", due_days=60), leaf("c")))
    assert progress.due_on is None
    assert last_due_on(progress) == START + days(60)
    assert last_due_on(judged(leaf("a"))) is None


@pytest.mark.parametrize(
    ("on", "late"),
    [
        (START + days(29), False),
        (START + days(30), False),  # until the end of its day
        (START + days(31), True),
    ],
)
def test_overdue_from_the_day_after(on, late):
    progress = judged(leaf("a", due_days=30), on=on)
    assert bool(overdue(progress, on)) is late
    assert is_overdue(progress.state, progress.due_on, on=on) is late


def test_what_is_done_late_is_not_overdue():
    progress = judged(leaf("a", due_days=30), course("a", START + days(50)))
    assert overdue(progress, LATER) == ()


def test_of_two_ways_only_the_shorter_can_be_overdue():
    tree = any_of(all_of(leaf("a"), leaf("b", due_days=1)), leaf("c", due_days=1))
    assert keys(overdue(judged(tree, course("a")), LATER)) == ["b"]


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (START + days(12), "还有 12 天"),
        (START + days(1), "还有 1 天"),
        (START, "今天截止"),
        (START - days(1), "已逾期 1 天"),
        (START - days(3), "已逾期 3 天"),
    ],
)
def test_a_deadline_in_words(due_on, words):
    assert spoken(deadline_words(due_on, on=START)) == words


# states


def test_facts_of_later_days_do_not_count():
    done = course("a", START + days(5))
    assert judged(leaf("a"), done, on=START + days(4)).state == State.NOT_STARTED
    assert judged(leaf("a"), done, on=START + days(5)).state == State.MET


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (START + days(8), State.MET),  # a correction of a later day changes nothing yet
        (START + days(9), State.NOT_STARTED),
    ],
)
def test_a_correction_counts_from_its_own_day(on, state):
    wrong = Fact(1, RecordKind.COURSE_COMPLETED, "course:a", START)
    correction = Fact(2, RecordKind.CORRECTED, "course:a", START + days(9), corrects=1)
    assert judged(leaf("a"), wrong, correction, on=on).state == state


def test_a_replaced_fact_leaves_the_replacement():
    first = Fact(1, RecordKind.PAPER_SAT, "paper:p", START, quantity=130)
    regraded = Fact(2, RecordKind.PAPER_SAT, "paper:p", START, quantity=110, corrects=1)
    tree = {"kind": "paper_passed", "paper": "p", "minimum": 120}
    assert judged(tree, first).state == State.MET
    assert judged(tree, first, regraded).state == State.IN_PROGRESS


@pytest.mark.parametrize("subject", ["course:a", "first"])
def test_exempt_by_what_it_refers_to_or_by_its_id(subject):
    progress = judged(leaf("a", id="first"), exempted(subject, START + days(3)))
    assert (progress.state, progress.percent, progress.met_on) == (
        State.EXEMPT,
        100,
        START + days(3),
    )
    assert explain(progress).missing == ()


@pytest.mark.parametrize(
    ("on", "state"),
    [(START, State.EXEMPT), (START + days(1), State.NOT_STARTED)],  # its last day counts
)
def test_an_exemption_may_end(on, state):
    spared = exempted("course:a", START, expires_on=START.isoformat())
    assert judged(leaf("a"), spared, on=on).state == state


def test_what_was_done_is_met_though_it_need_not_be():
    assert judged(leaf("a"), exempted("course:a"), course("a")).state == State.MET


def test_a_whole_group_can_be_exempt_by_its_id():
    tree = all_of(leaf("a"), all_of(leaf("b"), leaf("c"), id="second"))
    progress = judged(tree, course("a"), exempted("second"))
    assert progress.state == State.MET
    assert progress.children[1].state == State.EXEMPT


def test_only_exempt_parts_make_an_exempt_whole():
    tree = all_of(leaf("a"), leaf("b"))
    assert judged(tree, exempted("course:a"), exempted("course:b")).state == State.EXEMPT


def test_one_subject_spared_leaves_the_others():
    tree = {"kind": "subjects_passed", "subjects": ["A", "B"], "consecutive_years": 1}
    assert judged(tree, exempted("subject:A")).state == State.IN_PROGRESS
    assert judged(tree, exempted("subject:A"), exempted("subject:B")).state == State.EXEMPT


def test_a_group_has_lapsed_when_what_lapsed_would_have_completed_it():
    held = Fact(
        1,
        RecordKind.QUALIFICATION_HELD,
        "qualification:junior",
        START,
        detail={"expires_on": "2026-03-01"},
    )
    tree = all_of(leaf("a"), {"kind": "qualification_held", "level": "junior"})
    assert judged(tree, held, course("a")).state == State.LAPSED
    assert judged(tree, held).state == State.IN_PROGRESS


@pytest.mark.parametrize(
    ("on", "state"),
    [(date(2026, 3, 1), State.MET), (date(2026, 3, 2), State.LAPSED)],
)
def test_a_stored_verdict_lapses_after_its_last_day(on, state):
    assert standing(State.MET, date(2026, 3, 1), on=on) == state
    assert standing(State.NOT_STARTED, date(2026, 3, 1), on=on) == State.NOT_STARTED


def test_all_is_met_with_its_last_part_and_expires_with_its_first():
    held = Fact(
        1,
        RecordKind.QUALIFICATION_HELD,
        "qualification:junior",
        START,
        detail={"expires_on": "2030-03-01"},
    )
    tree = [leaf("a"), {"kind": "qualification_held", "level": "junior"}]
    both = judged(all_of(*tree), held, course("a", START + days(7)))
    assert (both.met_on, both.expires_on) == (START + days(7), date(2030, 3, 1))
    either = judged(any_of(*tree), held, course("a", START + days(7)))
    assert (either.met_on, either.expires_on) == (START, None)


# explanations


def test_says_what_is_met_what_is_missing_and_what_comes_next():
    tree = all_of(leaf("a", due_days=90), leaf("b", due_days=60), leaf("c"), leaf("d", due_days=60))
    explanation = explain(judged(tree, course("a")))
    assert keys(explanation.met) == ["a"]
    assert keys(explanation.missing) == ["b", "c", "d"]
    assert keys([explanation.next_step]) == ["b"]  # due with d, but comes before it


def test_without_deadlines_the_next_step_is_the_first():
    assert keys([explain(judged(all_of(leaf("a"), leaf("b")))).next_step]) == ["a"]


def test_nothing_comes_after_the_last_step():
    assert explain(judged(leaf("a"), course("a"))).next_step is None


def test_the_shortest_way_is_what_is_missing():
    tree = any_of(all_of(leaf("a"), leaf("b")), all_of(leaf("c"), leaf("d")))
    assert keys(explain(judged(tree, course("d"))).missing) == ["c"]


def test_the_next_deadline_is_that_of_what_is_missing():
    tree = all_of(leaf("a", due_days=10), leaf("b", due_days=20))
    assert next_due_on(judged(tree)) == START + days(10)
    assert next_due_on(judged(tree, course("a"))) == START + days(20)
    assert next_due_on(judged(tree, course("a"), course("b"))) is None


def test_a_node_is_called_as_its_author_called_it():
    progress = judged(leaf("a", title="认识低保", title_en="About dibao"))
    assert progress.name == Named("认识低保", "About dibao")
    assert spoken(progress.what) == "学完这门课程"  # its title stands beside it


def test_what_nobody_named_is_called_by_its_key():
    assert spoken(judged(leaf("a")).name) == "学完课程“a”"


def test_a_node_without_a_title_is_called_by_what_it_asks():
    progress = judged(leaf("a"), titles={"course:a": Named("认识低保", "About dibao")})
    assert spoken(progress.name) == "学完课程“认识低保”"
    english = {"学完课程“%(title)s”": "Complete “%(title)s”"}
    assert (
        spoken(progress.name, translate=lambda msgid: english.get(msgid, msgid), language="en")
        == "Complete “About dibao”"
    )


def test_days_are_spoken_in_the_readers_language():
    sentence = Sentence("到 %(day)s", {"day": date(2026, 5, 4)})
    assert spoken(sentence) == "到 2026年5月4日"
    assert spoken(sentence, language="en") == "到 4 May 2026"


def test_english_without_english_text_is_chinese():
    assert spoken(Named("标题"), language="en") == "标题"


def test_a_part_is_stored_without_days_that_are_none():
    progress = judged(leaf("a", due_days=5), course("a"))
    stored = part_of(progress)
    assert stored == {
        "state": "met",
        "percent": 100,
        "due_on": "2026-01-06",
        "met_on": "2026-01-01",
    }
    assert read_part(stored) == Part(State.MET, 100, date(2026, 1, 6), START, None)
