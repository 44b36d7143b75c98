from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.exams import rules
from lms.exams.types import Answer, Cell, Pick, Shortage, Slot, State, Taken
from lms.kernel.errors import Conflict, Invalid
from lms.question_bank.types import Mark
from tests.builders import NOON
from tests.exams.builders import CHAPTERS, MULTIPLE, SINGLE, blueprint, candidates, section

LINE = {"level": "junior", "area": "national", "pass": 120, "out_of": 200}
DEADLINE = NOON + timedelta(minutes=120)


def refused(code, call, *arguments, **named):
    with pytest.raises((Conflict, Invalid)) as refusal:
        call(*arguments, **named)
    assert refusal.value.code == code
    return refusal.value


# --- blueprints ---


def table(**values):
    part = {
        "kind": SINGLE, "title": "单选", "title_en": "Single", "count": 3, "points_half": 2,
    } | values  # fmt: skip
    return {"level": "junior", "chapters": list(CHAPTERS), "section": [part]}


def test_a_blueprint_knows_its_size_and_its_full_mark():
    raw = table(chapter="spread")
    raw["section"].append(table(kind=MULTIPLE, count=2, points_half=4)["section"][0])

    read = rules.read_blueprint(raw, sittable=True)

    assert (read.count, read.out_of) == (5, 14)
    assert read.sections[0].spread == CHAPTERS
    assert read.sections[1].spread == read.sections[1].cells == ()  # from anywhere


def test_fixed_numbers_by_chapter():
    cells = [{"key": CHAPTERS[0], "count": 1}, {"key": CHAPTERS[2], "count": 2}]
    read = rules.read_blueprint(table(chapter=cells), sittable=True)
    assert read.sections[0].cells == (Cell(CHAPTERS[0], 1), Cell(CHAPTERS[2], 2))


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"chapter": [{"key": "x", "count": 2}]}, "wrong_sum", "section.0.count"),
        ({"chapter": [{"key": "x", "count": 1}, {"key": "x", "count": 2}]}, "chapter_twice", "section.0.chapter.1.key"),
        ({"count": 0}, "not_whole", "section.0.count"),
        ({"weight": 1}, "unknown_key", "section.0.weight"),
        ({"certainty": "sure"}, "not_allowed", "section.0.certainty"),
    ],
)  # fmt: skip
def test_a_faulty_blueprint_says_where(change, code, where):
    refusal = refused(code, rules.read_blueprint, table(**change), sittable=True)
    assert refusal.where == where


def test_a_spread_needs_chapters():
    raw = table(chapter="spread") | {"chapters": []}
    refused("no_chapters", rules.read_blueprint, raw, sittable=True)


def test_one_kind_is_one_section():
    raw = table()
    raw["section"] *= 2
    refused("kind_twice", rules.read_blueprint, raw, sittable=True)


def test_only_a_layout_may_leave_numbers_open():
    raw = table()
    del raw["section"][0]["count"]
    refused("missing", rules.read_blueprint, raw, sittable=True)
    assert rules.read_blueprint(raw, sittable=False).count == 0


# --- drawing ---


@pytest.mark.parametrize(
    ("count", "have", "missing"),
    [
        (3, (1, 1, 1), []),
        (4, (1, 1, 1), [(0, 2, 1), (1, 2, 1), (2, 2, 1)]),  # nobody can give the one more
        (4, (1, 1, 2), []),
        (5, (1, 2, 1), [(0, 2, 1), (2, 2, 1)]),  # two must give one more, one can
        (3, (0, 9, 9), [(0, 1, 0)]),
        (6, (2, 1, 0), [(1, 2, 1), (2, 2, 0)]),
    ],
)
def test_an_even_spread_names_the_cells_that_are_short(count, have, missing):
    plan = blueprint(section(count=count, spread=CHAPTERS))
    supply = candidates(*((SINGLE, key, n) for key, n in zip(CHAPTERS, have, strict=True)))
    assert rules.shortages(plan, supply) == [
        Shortage(SINGLE, CHAPTERS[place], need, size) for place, need, size in missing
    ]


def test_fixed_cells_name_what_is_short():
    plan = blueprint(section(count=3, cells=(Cell(CHAPTERS[0], 1), Cell(CHAPTERS[2], 2))))
    supply = candidates(
        (SINGLE, CHAPTERS[0], 5), (MULTIPLE, CHAPTERS[2], 5), (SINGLE, CHAPTERS[2], 1)
    )
    assert rules.shortages(plan, supply) == [Shortage(SINGLE, CHAPTERS[2], 2, 1)]


def test_from_anywhere_counts_the_kind():
    plan = blueprint(section(kind=MULTIPLE, count=4))
    supply = candidates((MULTIPLE, CHAPTERS[0], 1), (MULTIPLE, CHAPTERS[1], 2), (SINGLE, "x", 9))
    assert rules.shortages(plan, supply) == [Shortage(MULTIPLE, "", 4, 3)]


def test_a_cell_in_words():
    assert (
        rules.cell_words(Shortage(MULTIPLE, "2025/J-COMP/03", 2, 1))
        == "第3章 多项选择题：需要 2 题，现有 1 题"
    )


def test_what_cannot_be_filled_is_not_drawn():
    refusal = refused("not_enough_questions", rules.draw, blueprint(section()), [], seed=1)
    assert (refusal.params["need"], refusal.params["have"]) == (3, 0)


def test_the_draw_never_changes_between_releases():
    """A stored seed keeps meaning the same paper."""
    supply = candidates(*((SINGLE, key, 3) for key in CHAPTERS))
    plan = blueprint(section(count=4, spread=CHAPTERS))
    picks = rules.draw(plan, supply, seed=2026)
    assert [pick.version_id for pick in picks] == [4, 9, 2, 6]
    slots = rules.order_options(picks, dict.fromkeys(range(1, 10), 4), seed=2026)
    assert [slot.order for slot in slots] == [
        (3, 1, 2, 0),
        (2, 3, 0, 1),
        (2, 3, 1, 0),
        (3, 0, 1, 2),
    ]


def test_what_was_met_least_comes_first():
    supply = candidates((SINGLE, CHAPTERS[0], 6))
    plan = blueprint(section(count=3))
    met = {candidate.question_id: 1 for candidate in supply[:3]}
    for seed in range(20):
        picks = rules.draw(plan, supply, seed=seed, met=met)
        assert {pick.version_id for pick in picks} == {4, 5, 6}


supplies = st.lists(st.integers(0, 6), min_size=3, max_size=3)


@given(supplies, supplies, st.integers(1, 12), st.integers(1, 8), st.integers(-(2**62), 2**62))
def test_a_draw_fills_every_cell_or_is_refused(singles, multiples, count, more, seed):
    supply = candidates(
        *((SINGLE, key, n) for key, n in zip(CHAPTERS, singles, strict=True)),
        *((MULTIPLE, key, n) for key, n in zip(CHAPTERS, multiples, strict=True)),
    )
    plan = blueprint(
        section(count=count, spread=CHAPTERS), section(kind=MULTIPLE, count=more, spread=CHAPTERS)
    )
    # an even spread exists if every chapter can give the floor and enough of them one more
    feasible = all(
        min(sizes) >= number // 3 and sum(n > number // 3 for n in sizes) >= number % 3
        for sizes, number in ((singles, count), (multiples, more))
    )
    assert (rules.shortages(plan, supply) == []) is feasible
    if not feasible:
        refused("not_enough_questions", rules.draw, plan, supply, seed=seed)
        return

    picks = rules.draw(plan, supply, seed=seed)

    assert picks == rules.draw(plan, supply, seed=seed)
    assert len({pick.version_id for pick in picks}) == len(picks) == count + more
    assert [pick.section for pick in picks] == [0] * count + [1] * more
    by_id = {candidate.version_id: candidate for candidate in supply}
    assert all(by_id[p.version_id].kind == (SINGLE, MULTIPLE)[p.section] for p in picks)
    for number, size in ((0, count), (1, more)):
        spread = Counter(by_id[p.version_id].chapter_key for p in picks if p.section == number)
        assert max(spread.values()) - min(spread[key] for key in CHAPTERS) <= 1
        assert sum(spread.values()) == size


@given(st.integers(), st.lists(st.integers(2, 8), min_size=1, max_size=9))
def test_options_are_only_put_in_another_order(seed, counts):
    picks = [Pick(number, 0) for number in range(len(counts))]
    slots = rules.order_options(picks, dict(enumerate(counts)), seed=seed)
    assert slots == rules.order_options(picks, dict(enumerate(counts)), seed=seed)
    assert [sorted(slot.order) for slot in slots] == [list(range(n)) for n in counts]


def test_seeds_draw_different_papers_and_every_question_has_its_turn():
    supply = candidates(*((SINGLE, key, 4) for key in CHAPTERS))
    plan = blueprint(section(count=3, spread=CHAPTERS))
    drawn = [tuple(p.version_id for p in rules.draw(plan, supply, seed=s)) for s in range(200)]
    assert len(set(drawn)) > 100
    assert set().union(*drawn) == {candidate.version_id for candidate in supply}


# --- time ---


def closing(now):
    return rules.closing(DEADLINE, now=now, answers={1: Answer("A", 1)}, saved_at=NOON)


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [
        (-1, True),
        (0, True),  # exactly at the deadline
        (5, True),  # exactly at the end of the grace for the network
        (6, False),
    ],
)
def test_answers_count_until_deadline_and_grace(seconds, accepted):
    assert rules.deadline(NOON, 120) == DEADLINE
    now = DEADLINE + timedelta(seconds=seconds)
    assert rules.is_over(DEADLINE, now) is not accepted
    if accepted:
        rules.check_open(State.OPEN, DEADLINE, now=now)
        assert closing(now) == (State.SUBMITTED, now)
    else:
        refused("too_late", rules.check_open, State.OPEN, DEADLINE, now=now)
        assert closing(now) == (State.EXPIRED, DEADLINE)


def test_a_microsecond_after_the_grace_is_late():
    refused("too_late", rules.check_open, State.OPEN, DEADLINE, now=DEADLINE + rules.GRACE + timedelta(microseconds=1))  # fmt: skip


@pytest.mark.parametrize("state", [State.SUBMITTED, State.EXPIRED])
def test_a_paper_that_is_handed_in_says_so_even_after_its_time(state):
    for now in (NOON, DEADLINE + timedelta(days=1)):
        refused("already_handed_in", rules.check_open, state, DEADLINE, now=now)


# --- answers ---


def test_the_highest_counter_counts():
    stored = {1: Answer("A", 5), 2: Answer("B", 5, flagged=True)}
    merged, stale = rules.merge(
        stored,
        [
            Taken(1, "B", 4, flagged=False),  # from a page that fell behind
            Taken(2, "", 6, flagged=False),  # cleared
            Taken(3, "C", 1, flagged=False),
        ],
    )
    assert merged == {1: Answer("A", 5), 2: Answer("", 6), 3: Answer("C", 1)}
    assert stale == (1,)


A, B = "device-a", "device-b"
HELD = {1: Answer("A", 5, device=B)}

MERGES = [  # what arrives over HELD, what is held then, which slots somebody is told about
    ("the same again", [Taken(1, "A", 5, False, B)], Answer("A", 5, device=B), ()),
    ("one stamp, another answer", [Taken(1, "B", 5, False, B)], Answer("A", 5, device=B), (1,)),
    ("one stamp, another mark", [Taken(1, "A", 5, True, B)], Answer("A", 5, device=B), (1,)),
    ("a tab that fell behind", [Taken(1, "C", 4, False, B)], Answer("A", 5, device=B), (1,)),
    ("behind, but the same answer", [Taken(1, "A", 4, False, B)], Answer("A", 5, device=B), ()),
    ("the next deed", [Taken(1, "C", 6, False, B)], Answer("C", 6, device=B), ()),
    ("another device, later", [Taken(1, "C", 6, False, A)], Answer("C", 6, device=A), ()),
    ("another device, before", [Taken(1, "C", 4, False, A)], Answer("A", 5, device=B), (1,)),
    ("at once, the lower device", [Taken(1, "C", 5, False, A)], Answer("A", 5, device=B), (1,)),
    ("at once, the higher device", [Taken(1, "C", 5, False, "x")], Answer("C", 5, device="x"), ()),
    ("a page without script", [Taken(1, "C", 5, False, "")], Answer("A", 5, device=B), (1,)),
    ("taken back", [Taken(1, "", 6, False, B)], Answer("", 6, device=B), ()),
    ("only a mark", [Taken(1, "A", 6, True, B)], Answer("A", 6, True, B), ()),
    ("late and then early", [Taken(1, "C", 7, False, A), Taken(1, "D", 6, False, A)], Answer("C", 7, device=A), ()),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "held", "stale"), [m[1:] for m in MERGES], ids=[m[0] for m in MERGES])  # fmt: skip
def test_what_is_kept_of_an_answer_that_arrives(sent, held, stale):
    assert rules.merge(HELD, sent) == ({1: held}, stale)


def test_two_devices_are_merged_answer_by_answer():
    first = [Taken(1, "A", 10, False, A), Taken(2, "A", 20, False, A)]
    second = [Taken(1, "B", 15, False, B), Taken(2, "B", 15, False, B)]
    merged, stale = rules.merge(rules.merge({}, first)[0], second)
    assert {slot: answer.chosen for slot, answer in merged.items()} == {1: "B", 2: "A"}
    assert stale == (2,)


def test_an_equal_counter_is_a_replay():
    stored = {1: Answer("A", 5)}
    assert rules.merge(stored, [Taken(1, "A", 5, flagged=False)]) == (stored, ())
    assert rules.merge(stored, [Taken(1, "B", 5, flagged=False)]) == (stored, (1,))
    assert rules.merge(stored, [Taken(1, "A", 5, flagged=True)]) == (stored, (1,))


def test_several_deeds_on_one_slot_in_one_save():
    merged, stale = rules.merge(
        {}, [Taken(1, "B", 9, flagged=False), Taken(1, "A", 3, flagged=False)]
    )
    assert (merged, stale) == ({1: Answer("B", 9)}, ())


deeds = st.lists(
    st.builds(
        Taken,
        st.integers(1, 3),
        st.sampled_from(["", "A", "B", "AB"]),
        st.integers(1, 12),
        st.booleans(),
        st.sampled_from(["", "a1", "b2"]),
    ),
    unique_by=lambda sent: (sent.counter, sent.device),  # one deed, one stamp
)


def newest_of(sent):
    """What must be held of deeds, found in another way: sort them all, the last one wins."""
    return {
        each.slot: Answer(each.chosen, each.counter, each.flagged, each.device)
        for each in sorted(sent, key=lambda each: (each.counter, each.device))
    }


def kept(sent):
    return rules.merge({}, sent)[0]


def as_sent(state):
    return [Taken(slot, *answer) for slot, answer in state.items()]


@given(deeds, st.integers(0, 40))
def test_merging_is_commutative_associative_and_idempotent(sent, cut):
    """Two replicas that saw parts of what was done agree, whoever tells whom, how often."""
    one, other = kept(sent[:cut]), kept(sent[cut:])
    both = rules.merge(one, as_sent(other))[0]
    assert both == rules.merge(other, as_sent(one))[0] == newest_of(sent)
    assert rules.merge(both, as_sent(one))[0] == rules.merge(both, as_sent(other))[0] == both
    third = cut // 2
    a, b, c = kept(sent[:third]), kept(sent[third:cut]), kept(sent[cut:])
    left = rules.merge(rules.merge(a, as_sent(b))[0], as_sent(c))[0]
    right = rules.merge(a, as_sent(rules.merge(b, as_sent(c))[0]))[0]
    assert left == right


@given(deeds, st.data())
def test_any_order_and_any_replay_of_saves_give_the_same_state(sent, data):
    shuffled = data.draw(
        st.permutations(sent + data.draw(st.lists(st.sampled_from(sent)) if sent else st.just([])))
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    state = {}
    for begin, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
        state, _stale = rules.merge(state, shuffled[begin:end])

    assert state == newest_of(sent)


@given(deeds, deeds)
def test_a_slot_is_stale_exactly_if_something_else_is_stored(first, second):
    stored, _ = rules.merge({}, first)
    merged, stale = rules.merge(stored, second)
    latest = {
        each.slot: each for each in sorted(second, key=lambda each: (each.counter, each.device))
    }
    assert set(stale) == {
        slot for slot, each in latest.items()
        if (merged[slot].chosen, merged[slot].flagged) != (each.chosen, each.flagged)
    }  # fmt: skip


@pytest.mark.parametrize(("counter", "good"), [(0, False), (1, True), (2**53 - 1, True), (2**53, False)])  # fmt: skip
def test_counters_are_what_a_browser_can_count(counter, good):
    if good:
        rules.check_counter(counter)
    else:
        refused("bad_counter", rules.check_counter, counter)


MINUTE = 60_000  # of a counter


@pytest.mark.parametrize(
    ("stored", "minutes", "furthest"),
    [
        (0, 0, 10 * MINUTE + 1),
        (0, 5, 15 * MINUTE + 1),  # the milliseconds since the start, and ten minutes
        (20 * MINUTE, 5, 30 * MINUTE + 1),  # the clock was set back: what is stored counts
        (0, -5, 10 * MINUTE + 1),
        (2**53 - 2, 5, 2**53 - 1),
    ],
)
def test_how_far_ahead_a_counter_may_be(stored, minutes, furthest):
    answers = {1: Answer("A", stored)} if stored else {}
    now = NOON + timedelta(minutes=minutes)
    assert rules.furthest_counter(answers, NOON, now=now) == furthest
    rules.check_counter(furthest, furthest=furthest)
    if furthest < 2**53 - 1:
        refused("counter_ahead", rules.check_counter, furthest + 1, furthest=furthest)


def test_a_new_page_is_always_believed():
    for stored in (0, 10, 10**9):
        answers = {1: Answer("A", stored)}
        for minutes in (-100, 0, 100):
            now = NOON + timedelta(minutes=minutes)
            counter = rules.next_counter(answers, NOON, now=now)
            rules.check_counter(counter, furthest=rules.furthest_counter(answers, NOON, now=now))


def test_what_is_stored_is_read_back():
    slots = [Slot(7, 0, (2, 0, 1)), Slot(9, 1, (0, 1))]
    assert rules.read_slots(rules.write_slots(slots)) == tuple(slots)
    answers = {3: Answer("AB", 17, flagged=True), 12: Answer("", 18)}
    assert rules.read_answers(rules.write_answers(answers)) == answers


# --- results ---


@pytest.mark.parametrize(
    ("earned", "out_of", "passed"),
    [
        (120, 200, True),  # exactly 60 points
        (119, 200, False),  # 59.5 is not 60
        (0, 200, False),
        (200, 200, True),
        (9, 14, True),  # 9/14 is 64 %
        (8, 14, False),  # 57 %
        (84, 140, True),  # 60 % exactly, of another full mark
    ],
)
def test_compare_with_the_line(earned, out_of, passed):
    assert rules.is_passed(earned, out_of, LINE) is passed


def test_the_score_is_out_of_the_whole_paper():
    marks = [Mark(2, 2), Mark(0, 2), Mark(0, 4)]
    whole = rules.total(marks)
    assert (whole.earned, whole.out_of, whole.right, whole.questions) == (2, 8, 1, 3)
    assert whole.percent == 25


def test_a_percentage_is_rounded_down():
    assert rules.total([Mark(119, 200)]).percent == 59  # 59.5 is not 60
    assert rules.total([]).percent == 0


def test_shares_by_chapter():
    found = rules.shares([("b", Mark(2, 2)), ("a", Mark(1, 4)), ("b", Mark(0, 2))])
    assert [(s.key, s.earned, s.out_of, s.right, s.questions) for s in found] == [
        ("a", 1, 4, 0, 1),
        ("b", 2, 4, 1, 2),
    ]
