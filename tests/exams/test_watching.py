"""For how long questions were in view: what is kept of it, and what is told."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.exams import operations, queries, rules
from lms.exams.models import Attempt, Response
from lms.exams.types import Desk, Slot, State, Watched
from lms.kernel.clock import utc_now
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams
from tests.exams.builders import sending

HOUR = NOON + timedelta(hours=1)
SLOTS = (Slot(1, 0, ()),) * 5


def watch(stored, *sent, now=HOUR):
    for each in sent:
        desk = Desk(State.OPEN, HOUR, SLOTS, {}, None, NOON, 5, None, stored)
        stored = rules.watch(desk, each, now=now)
    return stored


# --- rules ---

SAID = st.builds(
    Watched,
    st.sampled_from([f"d{n}" for n in range(10)]),
    st.dictionaries(st.integers(-1, 7), st.integers(1, 4000), max_size=5),
)


@given(st.lists(SAID, max_size=12), st.integers(0, 7200))
def test_never_more_than_has_passed_and_never_less_than_before(said, passed):
    stored = {}
    for each in said:
        new = watch(stored, each, now=NOON + timedelta(seconds=passed))
        before, after = rules.in_view(stored), rules.in_view(new)
        assert all(after[slot] >= seconds for slot, seconds in before.items())
        assert sum(after.values()) <= passed
        assert after.keys() <= set(range(1, 6))
        assert len(new) <= 8
        assert watch(new, each, now=NOON + timedelta(seconds=passed)) is new  # a replay
        stored = new


def test_sums_of_two_pages_are_added_and_late_messages_do_no_harm():
    first, second = Watched("a", {1: 10}), Watched("a", {1: 25, 2: 5})
    assert watch({}, first, second) == watch({}, second, first)
    both = watch({}, second, Watched("b", {1: 7}))
    assert rules.in_view(both) == {1: 32, 2: 5}


def test_the_median_is_told_of_enough_people():
    assert rules.typical({10: 29}) is None
    assert rules.typical({10: 15, 20: 15}) == 20
    assert rules.typical({10: 16, 90: 14}) == 10


# --- saving and handing in ---


def test_it_comes_with_answers_in_the_same_statements(session, count_statements):
    learner_id, number = exams.started(session)

    def save(counter, watched, now=HOUR):
        with count_statements() as seen:
            operations.save_answers(
                session,
                learner_id=learner_id,
                number=number,
                answers=[sending(1, "A", counter)],
                now=now,
                watched=watched,
            )
        return len(seen)

    alone = save(1, None)
    assert save(2, Watched("a", {1: 30, 2: 40})) == alone
    assert save(2, Watched("a", {1: 30, 2: 40})) == alone - 1  # a replay writes nothing
    assert save(2, Watched("a", {1: 31})) == alone  # nothing but the time is new
    save(3, Watched("a", {1: 3601}))  # more than has passed: only the answer is kept
    operations.submit(session, learner_id=learner_id, number=number, now=HOUR)
    session.expire_all()
    kept = session.get(Attempt, (learner_id, number))
    assert kept.watched == {"a": {"1": 31, "2": 40}}
    assert kept.answers["1"][1] == 3
    rows = [session.get(Response, (learner_id, number, slot)).seconds for slot in range(1, 6)]
    assert rows == [31, 40, None, None, None]


def test_beside_handing_in_and_not_afterwards(session):
    learner_id, number = exams.started(session)

    def note(seconds):
        operations.note_watched(
            session,
            learner_id=learner_id,
            number=number,
            sent=Watched("a", {1: seconds}),
            now=HOUR,
        )

    note(5)
    operations.submit(session, learner_id=learner_id, number=number, now=HOUR)
    note(9)
    session.expire_all()
    assert session.get(Attempt, (learner_id, number)).watched == {"a": {"1": 5}}


# --- pages ---


def sat(client, learner, session, seconds):
    """A paper that was handed in through the pages, with what its script measured."""
    now = utc_now()
    exams.started(session, learner=learner, now=now - timedelta(minutes=7))
    url = "/api/v1/exams/attempts/1"
    body = {"answers": [{"slot": 1, "parts": ["A"], "counter": 1}]}
    if seconds:
        body["watched"] = {"device": "a", "seconds": {"1": seconds}}
    assert client.post(f"{url}/answers", json=body).status_code == 200
    more = {"watched": {"device": "a", "seconds": {"2": 9}}} if seconds else {}
    assert client.post(f"{url}/submit", json=more).status_code == 200
    return client.get("/attempts/1/result").text


def test_the_result_names_what_took_longest(client, session, sign_in):
    learner = builders.learner(session)
    sign_in(learner)
    page = sat(client, learner, session, 95)
    assert page.index("1 分 35 秒") < page.index("9 秒")
    assert "停留 1 分 35 秒" in client.get("/attempts/1/review").text


def test_without_a_script_the_page_says_that_nothing_was_measured(client, session, sign_in):
    learner = builders.learner(session)
    sign_in(learner)
    page = sat(client, learner, session, 0)
    assert "每题用时没有记录（浏览器没有运行脚本）" in page
    assert "用时最多的题" not in page


def test_others_are_told_from_thirty_on_and_oneself_is_none_of_them(session):
    exams.rules(session)
    key = exams.paper(session)
    people = [builders.learner(session) for _ in range(31)]
    for place, learner in enumerate(people):
        operations.start(session, learner_id=learner.id, paper_key=key, seed=7, now=NOON)
        values = {"learner_id": learner.id, "number": 1, "now": HOUR}
        operations.note_watched(session, sent=Watched("a", {1: 10 + place}), **values)
        operations.submit(session, **values)
    found = queries.sitting(session, learner_id=people[-1].id, number=1)
    version_id = found.slots[0].version_id
    paces = queries.paces(session, [version_id], learner_id=people[-1].id, number=1)
    assert 40 not in paces[version_id]  # their own
    assert rules.typical(paces[version_id]) == 25
