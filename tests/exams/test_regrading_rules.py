"""What a regrade does to a result: tables, and laws against a plain count of the marks."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.exams import rules
from lms.exams.rules import Sat, Terms
from lms.exams.types import Cause, Policy, Slip, Standings
from lms.kernel.errors import Invalid
from lms.question_bank.types import Mark, Marking

LINE = {"pass": 6, "out_of": 10}
KEYS = {1: "A", 2: "B", 3: "C", 4: "D"}
"""Question version -> its key. Version 2 corrects version 1."""

CORRECTED = Terms(Cause.KEY_CORRECTED, Policy.CURRENT_KEY, None, 1, 2, None)
STRUCK = Terms(Cause.QUESTION_STRUCK, Policy.FULL_CREDIT, None, 1, None, None)
RULE = Terms(Cause.RULE_CHANGED, Policy.CURRENT_KEY, 7, None, None, 20)
THIRDS, QUARTERS = (replace(RULE, marking_rule_id=rule_id) for rule_id in (30, 40))
FULL = {10: 2, 20: 3, 30: 4, 40: 4}
"""Marking rule -> what a question is worth."""


MARKINGS = {30: Marking({}, unit=3, floor=False), 40: Marking({}, unit=4)}
"""Marking rule -> its unit and floor, where they are not those of the exam."""
WRONG = {30: -2, 40: -3}
"""Marking rule -> what a wrong answer costs."""


def remark(version_id, chosen, rule_id):
    full = FULL[rule_id]
    wrong = WRONG.get(rule_id, 0) if chosen else 0
    return Mark(full if chosen == KEYS[version_id] else wrong, full)


def change(found, terms, remark=remark, **values):
    marking = MARKINGS.get(rules.rule_of(found, terms), Marking({}))
    return rules.change(found, terms, remark, marking=marking, **values)


def sat(*chosen, others=8, **values):
    """A paper whose first question is version 1, the second version 3; ``others`` earned beside."""
    answers = tuple(
        (slot, version_id, letter, remark(version_id, letter, 10))
        for slot, (version_id, letter) in enumerate(zip((1, 3), chosen, strict=False), start=1)
    )
    earned = others + sum(mark.earned for *_rest, mark in answers)
    out_of = 16 + 2 * len(answers)
    found = Sat(
        learner_id=5,
        number=1,
        paper_key="mock",
        marking_rule_id=10,
        line=LINE,
        standings=Standings(earned, out_of, rules.is_passed(earned, out_of, LINE)),
        answers=answers,
    )
    return replace(found, **values)


def again(found):
    """The attempt as it counts after a change; what it comes to is counted from its slots."""
    finer = found.after.unit // found.before.unit
    answers = tuple(
        (
            slot,
            version,
            chosen,
            found.slips[slot].mark
            if slot in found.slips
            else Mark(mark.earned * finer, mark.out_of * finer),
        )
        for slot, version, chosen, mark in found.sat.answers
    )
    beside = (found.before.earned - found.sat.lifted - in_full(found.sat)) * finer
    total = beside + sum(mark.earned for *_rest, mark in answers)
    return replace(
        found.sat,
        standings=found.after,
        slips=found.slips,
        marking_rule_id=found.marking_rule_id,
        revision=found.sat.revision + 1,
        lifted=found.after.earned - total,
        answers=answers,
    )


@pytest.mark.parametrize(
    ("policy", "chosen", "before", "after"),
    [
        (Policy.CURRENT_KEY, "A", 10, 8),  # right by the wrong key only
        (Policy.CURRENT_KEY, "B", 8, 10),
        (Policy.CURRENT_KEY, "C", 8, 8),  # wrong by both
        (Policy.CURRENT_KEY, "", 8, 8),
        (Policy.BEST_OF_BOTH, "A", 10, 10),
        (Policy.BEST_OF_BOTH, "B", 8, 10),
        (Policy.BEST_OF_BOTH, "C", 8, 8),
        (Policy.FULL_CREDIT, "A", 10, 10),
        (Policy.FULL_CREDIT, "C", 8, 10),
        (Policy.FULL_CREDIT, "", 8, 10),  # blank too: nobody could answer it
        (Policy.NONE, "B", 8, 8),
    ],
)
def test_a_corrected_key(policy, chosen, before, after):
    found = change(sat(chosen), replace(CORRECTED, policy=policy), remark)
    assert (found.before.earned, found.after.earned) == (before, after)
    assert found.after.out_of == found.before.out_of
    assert rules.is_noted(found, CORRECTED)  # whoever was asked is told, also if nothing moves


@pytest.mark.parametrize(
    ("others", "chosen", "before", "after"),
    [
        (9, "B", False, True),  # 9/18 -> 11/18: the line is 10.8
        (9, "A", True, False),
        (8, "B", False, False),  # 10/18 is below
        (11, "A", True, True),  # 11/18 stays above
    ],
)
def test_who_passes_is_asked_anew(others, chosen, before, after):
    found = change(sat(chosen, others=others), CORRECTED, remark)
    assert (found.before.passed, found.after.passed) == (before, after)
    assert found.is_flip is (before != after)


def test_another_rule_moves_the_full_mark_too():
    found = change(sat("A", "A"), RULE, remark)
    assert found.after == Standings(11, 22, False)
    assert found.marking_rule_id == 20


def test_a_new_rule_that_gives_less_is_not_taken_for_the_best():
    """2 of 2 wrong answers are worth more of a bigger paper: in proportion it is less."""
    found = change(sat("C", "A"), replace(RULE, policy=Policy.BEST_OF_BOTH), remark)
    assert found.after == found.before
    assert found.marking_rule_id == 10
    assert not rules.is_noted(found, replace(RULE, policy=Policy.BEST_OF_BOTH))


def test_a_new_key_stays_in_force_under_a_new_rule():
    corrected = again(change(sat("B"), CORRECTED, remark, regrade_id=1))
    ruled = again(change(corrected, RULE, remark, regrade_id=2))
    assert ruled.slips[1] == Slip(1, 3, 3, 2, (2,))
    assert ruled.standings.earned == 11


def test_a_new_rule_stays_in_force_under_a_new_key():
    ruled = again(change(sat("B"), RULE, remark, regrade_id=1))
    corrected = again(change(ruled, CORRECTED, remark, regrade_id=2))
    assert corrected.slips[1] == Slip(1, 3, 3, 2, (2,))


def test_a_struck_question_stays_struck():
    struck = again(change(sat("C"), STRUCK, remark, regrade_id=1))
    best = change(struck, replace(CORRECTED, policy=Policy.BEST_OF_BOTH), remark)
    ruled = change(struck, RULE, remark)
    assert best.after == struck.standings
    assert ruled.slips[1][1:3] == (3, 3)


def test_the_best_of_three_keys():
    first = again(change(sat("A"), replace(CORRECTED, policy=Policy.BEST_OF_BOTH), remark))
    third = replace(CORRECTED, policy=Policy.BEST_OF_BOTH, to_version_id=3)
    assert change(first, third, remark).slips[1].keys == (1, 2, 3)


def test_what_people_marked_is_left_to_people():
    found = change(sat("A", "C"), RULE, lambda *_asked: None)
    assert found.after == found.before
    assert found.moved == ()


def test_a_struck_question_that_people_marked_counts_in_full():
    found = change(sat("C"), STRUCK, lambda *_asked: None)
    assert found.after.earned == found.before.earned + 2


# --- laws ---

policies = st.sampled_from(
    [
        replace(base, policy=policy)
        for base in (CORRECTED, STRUCK, RULE, THIRDS, QUARTERS)
        for policy in rules.POLICIES[base.cause]
    ]
)
papers = st.builds(
    lambda chosen, others: sat(*chosen, others=others),
    st.tuples(st.sampled_from(["", *"ABCD"]), st.sampled_from(["", *"ABCD"])),
    st.integers(0, 16),
)
deeds = st.lists(policies, min_size=1, max_size=5)


def in_full(found):
    """What the slots come to, counted plainly: what they do not tell of earned and is worth it."""
    return sum(mark.earned for *_rest, mark in found.answers)


def in_points(found):
    """What a paper comes to, counted plainly in points, slot by slot, and what it counts as."""
    unit = found.standings.unit
    beside = Fraction(found.standings.earned - found.lifted - in_full(found), unit)
    return beside, Fraction(in_full(found), unit), Fraction(found.standings.earned, unit)


@given(papers, deeds)
def test_a_result_is_the_sum_of_its_slots(found, listed):
    beside = in_points(found)[0]
    for number, terms in enumerate(listed, start=1):
        found = again(change(found, terms, remark, regrade_id=number))
        rest, slots, counts = in_points(found)
        assert rest == beside
        floor = MARKINGS.get(found.marking_rule_id, Marking({})).floor
        assert counts == (max(rest + slots, 0) if floor else rest + slots)
        assert found.standings.passed == rules.is_passed(*found.standings[:2], LINE)
        assert -found.standings.out_of <= found.standings.earned <= found.standings.out_of


@given(papers, deeds)
def test_every_slot_earns_what_its_rule_and_keys_give(found, listed):
    """Counted again from the answers alone, in points: no unit rounds anything on the way."""
    for number, terms in enumerate(listed, start=1):
        found = again(change(found, terms, remark, regrade_id=number))
        rule, unit = found.marking_rule_id, found.standings.unit
        assert unit % MARKINGS.get(rule, Marking({})).unit == 0
        for slot, version_id, chosen, mark in found.answers:
            slip = found.slips.get(slot)
            keys = (version_id,) if slip is None or slip.keys is None else slip.keys
            by = [remark(key, chosen, rule) for key in keys]
            full = FULL[rule]
            most = max((each.earned for each in by), default=full)
            of_rule = MARKINGS.get(rule, Marking({})).unit
            is_looked_at = terms.cause is Cause.RULE_CHANGED or version_id == 1
            if is_looked_at and terms.policy not in {Policy.NONE, Policy.BEST_OF_BOTH}:
                assert Fraction(mark.earned, unit) == Fraction(most, of_rule)
                assert Fraction(mark.out_of, unit) == Fraction(full, of_rule)


def test_a_finer_rule_moves_the_unit_and_rounds_nothing():
    found = change(sat("A", "A"), THIRDS)  # right 4/3, wrong -2/3, beside 8 half points
    assert found.after == Standings(8 * 3 + (4 - 2) * 2, 16 * 3 + 8 * 2, False, 6)
    assert found.before == Standings(10, 20, False)
    assert found.moved == ((1, Mark(6, 6), Mark(8, 8)), (2, Mark(0, 6), Mark(-4, 8)))
    assert found.slips[2] == Slip(2, -4, 8, 0, None)


def test_what_a_floor_lifted_is_not_forgotten():
    """Both wrong, -3/4 each; then one is struck. What a regrade reads is the struck one alone."""
    wrong = again(change(sat("C", "A", others=0), QUARTERS))
    assert (wrong.standings[:2], wrong.standings.unit, wrong.lifted) == ((0, 40), 4, 6)
    struck = again(change(replace(wrong, answers=wrong.answers[:1]), STRUCK))
    assert struck.standings.earned == 1  # 4 - 3; not 4 + 3, as if it had come to 0
    assert struck.lifted == 0
    none = again(change(wrong, replace(THIRDS, policy=Policy.CURRENT_KEY)))
    assert none.standings.earned == -4 * 4  # twice -2/3 in twelfths: this rule has no floor


def test_the_same_result_in_another_unit_is_no_change():
    assert Standings(3, 6, True).is_same(Standings(9, 18, True, 6))
    assert not Standings(3, 6, True).is_same(Standings(10, 18, True, 6))
    assert not Standings(3, 6, True).is_same(Standings(9, 24, True, 6))


@pytest.mark.parametrize(
    ("detail", "marks", "told"),
    [
        ({"out_of": 8, "x": 1}, Standings(3, 8, True), {"out_of": 8, "x": 1, "passed": True}),
        ({"out_of": 9, "unit": 3}, Standings(3, 8, False), {"out_of": 8, "passed": False}),
        ({}, Standings(3, 8, True, 3), {"out_of": 8, "passed": True, "unit": 3}),
    ],
)
def test_a_record_tells_its_unit_unless_it_is_half_a_point(detail, marks, told):
    assert rules.told_anew(detail, marks) == told
    assert rules.marks_told(marks.earned, told) == marks


@given(papers, deeds)
def test_the_best_of_both_never_lowers(found, listed):
    for number, terms in enumerate(listed, start=1):
        changed = change(found, terms, remark, regrade_id=number)
        if terms.policy in {Policy.BEST_OF_BOTH, Policy.NONE}:
            old, new = changed.before, changed.after
            assert new.earned * old.out_of >= old.earned * new.out_of
            assert new.passed >= old.passed
        found = again(changed)


@given(papers, policies)
def test_marking_anew_twice_is_marking_anew_once(found, terms):
    once = change(found, terms, remark, regrade_id=1)
    assert change(again(once), terms, remark, regrade_id=1).after == once.after


@given(papers, deeds)
def test_slips_are_stored_and_read_again(found, listed):
    for number, terms in enumerate(listed, start=1):
        found = again(change(found, terms, remark, regrade_id=number))
    assert rules.read_slips(rules.write_slips(found.slips)) == found.slips


def test_a_digest_tells_what_was_seen():
    seen = [change(sat("A"), CORRECTED, remark)]
    other = [change(sat("A", revision=1), CORRECTED, remark)]
    digests = {
        rules.digest(CORRECTED, seen),
        rules.digest(CORRECTED, other),
        rules.digest(CORRECTED, [*seen, *other]),
        rules.digest(STRUCK, seen),
    }
    assert len(digests) == 4
    assert rules.digest(CORRECTED, list(seen)) == rules.digest(CORRECTED, seen)


def test_figures_count_both_directions():
    found = [
        change(sat("A", others=9), CORRECTED, remark),
        change(sat("B", others=9), CORRECTED, remark),
        change(sat("B", others=0), CORRECTED, remark),
        change(sat("C"), CORRECTED, remark),
    ]
    assert rules.figures(found) == (4, 2, 1, 1, 1)
    assert rules.figures(found).changed == 3


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (replace(STRUCK, policy=Policy.CURRENT_KEY), "bad_policy"),
        (replace(RULE, policy=Policy.FULL_CREDIT), "bad_policy"),
        (replace(RULE, marking_rule_id=None), "no_new_rule"),
        (replace(RULE, paper_version_id=None), "no_paper_named"),
        (replace(STRUCK, from_version_id=None), "no_question"),
        (replace(CORRECTED, to_version_id=None), "no_new_version"),
        (replace(CORRECTED, to_version_id=1), "no_new_version"),
    ],
)
def test_terms_that_say_too_little_are_refused(terms, code):
    with pytest.raises(Invalid) as refusal:
        rules.check_terms(terms)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("key", "whose"),
    [
        ("paper_sat:mock:3", (5, "paper_sat:mock:3")),
        ("paper_sat:mock:3#1", (5, "paper_sat:mock:3")),
        ("paper_sat:mock:3#1#1u", (5, "paper_sat:mock:3")),
        ("paper_sat:mock:3@9", (9, "paper_sat:mock:3")),
        ("paper_sat:mock:3#1@9~4#2", (9, "paper_sat:mock:3")),
        ("paper_sat:mock:3@9@8", (9, "paper_sat:mock:3")),
    ],
)
def test_a_record_says_whose_sitting_it_tells_of(key, whose):
    assert rules.sitting_of(5, key) == whose
