import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.courses import rules
from lms.courses.types import (
    Answer,
    Check,
    CheckCount,
    Edition,
    LessonCount,
    Module,
    Place,
    State,
    Waiting,
)
from lms.kernel.errors import Conflict, NotFound
from tests.builders import NOON

FIRST, SECOND = Module("first", "一", "One"), Module("second", "二", "Two")


def place(number, *, version=None, module=FIRST, done=False, started=False):
    return Place(
        position=number,
        module=module,
        lesson_id=number,
        key=f"l{number}",
        lesson_version_id=version or 10 * number,
        title=f"课{number}",
        title_en="",
        minutes=20,
        started_at=NOON if started or done else None,
        completed_at=NOON if done else None,
    )


def check(key="c1", stem="问"):
    return Check(key, "single_choice", stem, "答", {"options": ["甲", "乙"], "answer": "A"})


def edition(*places, description=("标题",), number=1):
    return Edition(number, number, NOON, description, places)


@pytest.mark.parametrize(
    ("done", "total", "expected"),
    [
        (0, 3, 0),
        (1, 3, 33),
        (2, 3, 66),  # rounded down
        (199, 200, 99),  # not 100 before the last
        (3, 3, 100),
        (0, 0, 0),
    ],
)
def test_percent(done, total, expected):
    assert rules.percent(done, total) == expected


def test_the_next_lesson_is_the_first_that_is_not_completed():
    listed = [place(1, done=True), place(2, started=True), place(3, done=True), place(4)]
    assert rules.next_place(listed).key == "l2"
    assert rules.next_place([place(1, done=True)]) is None
    assert rules.next_place([]) is None


def test_a_lesson_that_is_not_in_the_outline_does_not_exist():
    assert rules.place_of([place(1), place(2)], "l2") == 1
    with pytest.raises(NotFound) as refusal:
        rules.place_of([place(1)], "l2")
    assert refusal.value.code == "no_lesson"
    with pytest.raises(NotFound) as refusal:
        rules.check_of([check("c1")], "c2")
    assert refusal.value.code == "no_check"


@pytest.mark.parametrize(
    ("started", "done", "state"),
    [
        (False, False, State.NOT_STARTED),
        (True, False, State.IN_PROGRESS),
        (True, True, State.MET),
    ],
)
def test_the_state_of_a_lesson(started, done, state):
    assert place(1, started=started, done=done).state is state


def test_modules_keep_their_order_and_their_lessons():
    listed = [place(1), place(2), place(3, module=SECOND)]
    assert [
        (module.key, [p.key for p in inside]) for module, inside in rules.by_module(listed)
    ] == [
        ("first", ["l1", "l2"]),
        ("second", ["l3"]),
    ]


@pytest.mark.parametrize(
    ("before", "chosen", "right", "after"),
    [
        (None, "A", False, Answer("A", False, 1)),
        (None, "B", True, Answer("B", True, 1)),
        (Answer("A", False, 1), "B", True, Answer("B", True, 2)),
        (Answer("A", False, 1), "C", False, Answer("C", False, 2)),
        (Answer("A", False, 1), "A", False, Answer("A", False, 1)),  # sent twice
        (Answer("B", True, 2), "B", True, Answer("B", True, 2)),  # sent twice
        (Answer("B", True, 2), "A", False, Answer("B", True, 2)),  # settled
    ],
)
def test_a_try(before, chosen, right, after):
    assert rules.take_answer(before, chosen=chosen, right=right) == after


@given(st.lists(st.sampled_from("ABCD"), max_size=12))
def test_tries_against_the_story_told_in_order(letters):
    """The key is B: count the changes of mind up to the first B."""
    answer = None
    for letter in letters:
        answer = rules.take_answer(answer, chosen=letter, right=letter == "B")
    story = letters[: letters.index("B") + 1] if "B" in letters else letters
    changes = [one for n, one in enumerate(story) if n == 0 or story[n - 1] != one]
    if not changes:
        assert answer is None
    else:
        assert answer == Answer(changes[-1], changes[-1] == "B", len(changes))


def test_a_lesson_is_open_until_every_check_is_right():
    checks = (check("c1"), check("c2"), check("c3"))
    answers = {"c1": Answer("A", True, 1), "c2": Answer("B", False, 3)}
    assert rules.open_checks(checks, answers) == [2, 3]
    with pytest.raises(Conflict) as refusal:
        rules.refuse_open(checks, answers)
    assert refusal.value.code == "checks_open"
    assert "第 2、3 题" in str(refusal.value)
    rules.refuse_open(checks[:1], answers)
    # an answer to a check of another text counts for nothing
    assert rules.open_checks(checks[:1], {"c9": Answer("A", True, 1)}) == [1]


def test_what_changed_between_two_versions():
    before = edition(place(1), place(2), place(3))
    after = edition(place(1, version=11), place(3), place(4), description=("新标题",))
    found = rules.compare(before, after)
    assert [p.key for p in found.added] == ["l4"]
    assert [p.key for p in found.removed] == ["l2"]
    assert [p.key for p in found.changed] == ["l1"]
    assert found.description
    assert not found.order


@pytest.mark.parametrize(
    "after",
    [
        (place(2), place(1)),
        (place(1), place(2, module=SECOND)),
        (place(1, module=Module("first", "改名", "One")), place(2)),
    ],
)
def test_another_order_or_module_is_told(after):
    found = rules.compare(edition(place(1), place(2)), edition(*after))
    assert found.order
    assert not (found.added or found.removed or found.changed or found.description)


def test_moving_along_because_others_came_or_went_is_no_other_order():
    found = rules.compare(edition(place(1), place(2)), edition(place(3), place(2)))
    assert not found.order


def test_first_tries_follow_a_check_as_long_as_its_words_stay():
    same, other = check("c1"), check("c1", stem="改过的问题")
    tries = [
        CheckCount(lesson_version_id=10, check_key="c1", tried=4, right=3),
        CheckCount(lesson_version_id=11, check_key="c1", tried=5, right=0),
        CheckCount(lesson_version_id=12, check_key="c1", tried=2, right=0),
        CheckCount(lesson_version_id=12, check_key="c2", tried=9, right=9),
    ]
    (standing,) = rules.standings(
        [place(1, version=12)],
        counts={},
        waiting={},
        checks={1: {10: (same,), 11: (other,), 12: (same,)}},
        tries=tries,
    )
    (found,) = standing.checks
    assert (found.tried, found.right, found.right_percent) == (6, 3, 50)
    assert standing.count == LessonCount()
    assert not standing.is_stall


def test_a_check_that_nobody_tried_has_no_percent():
    (standing,) = rules.standings(
        [place(1)], counts={}, waiting={}, checks={1: {10: (check(),)}}, tries=[]
    )
    assert standing.checks[0].right_percent is None


def test_learners_stall_where_most_of_them_rest():
    listed = [place(1), place(2), place(3)]
    waiting = {1: Waiting(9, idle=1), 2: Waiting(4, idle=3)}
    found = rules.standings(
        listed,
        counts={1: LessonCount(13, 4)},
        waiting=waiting,
        checks={n: {10 * n: ()} for n in (1, 2, 3)},
        tries=[],
    )
    assert [standing.is_stall for standing in found] == [False, True, False]
    assert [standing.count.started for standing in found] == [13, 0, 0]
    awake = {n: Waiting(learners=5) for n in (1, 2)}
    found = rules.standings(
        listed, counts={}, waiting=awake, checks={n: {10 * n: ()} for n in (1, 2, 3)}, tries=[]
    )
    assert not any(standing.is_stall for standing in found)
