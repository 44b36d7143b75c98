"""What a result stands beside: the line of one's area, others' choices, the release of keys."""

import itertools
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.exams import operations, queries, rules
from lms.exams.models import PaperVersion
from lms.exams.types import Area, Blueprint, Release, Spread
from lms.kernel.clock import utc_now
from lms.kernel.errors import Invalid
from tests import builders
from tests.builders import NOON, TODAY
from tests.exams import builders as exams

CLOSED = date(2026, 3, 2)


def blueprint(release, closes_on=None):
    return Blueprint("junior", (), release=release, closes_on=closes_on)


# --- rules ---


@pytest.mark.parametrize(
    ("counties", "area"),
    [
        ([True], Area.KEY_COUNTY),
        ([True, True], Area.KEY_COUNTY),
        ([False], Area.OTHER),
        ([True, False], Area.UNSURE),  # two posts, two lines
        ([], Area.UNSURE),  # no post
        ([None], Area.UNSURE),  # works at the prefecture
        ([True, None], Area.UNSURE),
        ([False, None], Area.UNSURE),
    ],
)
def test_the_area_is_claimed_only_where_it_is_certain(counties, area):
    assert rules.area(counties) is area


@pytest.mark.parametrize(
    ("release", "closes_on", "hours", "is_released"),
    [
        (Release.AT_ONCE, None, 0, True),
        (Release.AFTER_CLOSE, CLOSED, 0, False),  # noon of the last day
        (Release.AFTER_CLOSE, CLOSED, 11.99, False),
        (Release.AFTER_CLOSE, CLOSED, 12, True),  # midnight in China
        (Release.MARKS_ONLY, None, 10_000, False),
        (Release.MARKS_ONLY, CLOSED, 10_000, False),
    ],
)
def test_when_keys_are_released(release, closes_on, hours, is_released):
    now = NOON + timedelta(hours=hours)
    assert rules.is_released(blueprint(release, closes_on), now=now) is is_released


def test_a_release_that_waits_needs_a_day():
    table = {"level": "junior", "section": [{"kind": "x", "title": "甲", "title_en": "a"}]}
    with pytest.raises(Invalid) as refused:
        rules.read_blueprint(table | {"release": "after_close"}, sittable=False)
    assert (refused.value.code, refused.value.where) == ("no_closing_day", "closes_on")
    with pytest.raises(Invalid):
        rules.read_blueprint(table | {"release": "tomorrow"}, sittable=False)
    stored = table | {"release": "after_close", "closes_on": "2026-03-02"}
    assert rules.read_blueprint(stored, sittable=False).closes_on == CLOSED
    authored = table | {"release": "after_close", "closes_on": CLOSED}
    assert rules.read_blueprint(authored, sittable=False).closes_on == CLOSED


@given(st.lists(st.sampled_from(["", "A", "B", "AB", "ABD", "C"]), max_size=60))
def test_shares_against_counting_by_hand(answers):
    counts = {a: len(list(group)) for a, group in itertools.groupby(sorted(answers))}
    found = rules.option_shares(Spread(len(answers), counts), "ABCD")
    if len(answers) < 30:
        assert found is None
        return
    for letter in "ABCD":
        exact = 100 * sum(letter in a for a in answers) / len(answers)
        assert abs(found[letter] - exact) <= 0.5
    assert rules.option_shares(None, "ABCD") is None


# --- pages ---


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county", name="望谟县", key_county=True)


def sat(session, learner, *, letters="A", **values):
    """An attempt on a small paper that is handed in."""
    now = utc_now()
    exams.started(session, learner=learner, now=now - timedelta(minutes=7), **values)
    sent = [exams.sending(1, letters, 1)] if letters else []
    if sent:
        operations.save_answers(session, learner_id=learner.id, number=1, answers=sent, now=now)
    operations.submit(session, learner_id=learner.id, number=1, now=now)
    session.flush()


def policy(session, learner, **values):
    """Give the paper of a learner's first attempt a release."""
    version = session.get(
        PaperVersion, session.get(queries.attempts.Attempt, (learner.id, 1)).paper_version_id
    )
    version.blueprint = version.blueprint | values
    session.flush()


@pytest.mark.parametrize("is_key", [True, False])
def test_the_separate_line_is_for_who_works_there(client, session, sign_in, is_key):
    county = builders.organization(session, kind="county", name="望谟县", key_county=is_key)
    learner = builders.learner(session, at=builders.organization(session, county))
    sat(session, learner)
    sign_in(learner)
    text = client.get("/attempts/1/result").text
    assert ("望谟县" in text) is is_key
    assert ("单独划线" in text) is is_key
    if is_key:  # the line of 2025 is the last one that was published
        assert "没有查到公布" in text


def test_of_two_counties_nothing_is_claimed(session, county):
    other = builders.organization(session, kind="county", key_county=False)
    learner = builders.learner(session, at=county)
    builders.added(
        session,
        builders.Post(
            person_id=learner.id, organization_id=other.id, kind="staff", title="", started_on=TODAY
        ),
    )
    places = queries.areas_of(session, learner.id, on=TODAY)
    assert sorted(places) == sorted([("望谟县", True), (other.name, False)])
    assert rules.area(key for _name, key in places) is Area.UNSURE
    before = queries.areas_of(session, learner.id, on=TODAY - timedelta(days=1))
    assert before == [("望谟县", True)]


def test_time_and_the_way_it_was_sat_are_told(client, session, sign_in):
    learner = builders.learner(session)
    sat(session, learner)
    sign_in(learner)
    text = client.get("/attempts/1/result").text
    assert "用时 7 分钟" in text
    assert "每题用时没有记录" in text


SECRETS = ("的解析", "正确答案", "怎样选")


@pytest.mark.parametrize(
    "values",
    [{"release": "marks_only"}, {"release": "after_close", "closes_on": "2999-01-01"}],
)
def test_nothing_of_the_key_leaves_before_its_release(client, session, sign_in, values):
    learner = builders.learner(session)
    sat(session, learner)
    policy(session, learner, **values)
    sign_in(learner)
    for url in ("/attempts/1/review", "/attempts/1/review?only=wrong", "/attempts/1/review?page=9"):
        response = client.get(url)
        assert response.status_code == 403
        assert not any(secret in response.text for secret in SECRETS)
    result = client.get("/attempts/1/result")
    assert result.status_code == 200
    assert "/attempts/1/review" not in result.text
    assert "答案和解析" in result.text  # it says when, or that it never will
    file = client.get("/attempts/1/result.pdf")
    assert (file.status_code, file.data[:5]) == (200, b"%PDF-")
    for url in ("/attempts/1", "/attempts/1/hand-in", "/exams", "/"):
        text = client.get(url, follow_redirects=True).text
        assert not any(secret in text for secret in SECRETS), url
    saved = client.post(
        "/api/v1/exams/attempts/1/answers",
        json={"answers": [{"slot": 1, "parts": ["A"], "counter": 9}]},
    )
    assert saved.json.keys() == {"error"}
    handed_in = client.post("/api/v1/exams/attempts/1/submit")
    assert handed_in.json["page"] == "/attempts/1/result"
    told = client.get("/api/v1/exams/attempts/1/result")
    assert told.json["is_released"] is False and "questions" not in told.json
    for answer in (handed_in, told, client.get("/api/v1/exams/attempts/1")):
        assert not any(secret in answer.text for secret in SECRETS)


def test_after_the_closing_day_everything_is_shown(client, session, sign_in):
    learner = builders.learner(session)
    sat(session, learner)
    policy(session, learner, release="after_close", closes_on="2026-01-01")
    sign_in(learner)
    assert "/attempts/1/review" in client.get("/attempts/1/result").text
    assert "的解析" in client.get("/attempts/1/review").text


@pytest.mark.parametrize(("people", "is_told"), [(29, False), (30, True)])
def test_what_others_chose_is_told_of_thirty_papers(client, session, sign_in, people, is_told):
    exams.rules(session)
    # as many questions as are asked: everybody gets the same ones
    key = exams.paper(session, singles=3, multiples=3)
    learners = [builders.learner(session) for _ in range(people)]
    for place, learner in enumerate(learners):
        operations.start(session, learner_id=learner.id, paper_key=key, seed=place, now=NOON)
        slots = queries.sitting(session, learner_id=learner.id, number=1).slots
        first = next(n for n, s in enumerate(slots, 1) if s.version_id == min(x.version_id for x in slots))  # fmt: skip
        chosen = "A" if place < people // 2 else "B"
        letters = exams.shown_letters(chosen, slots[first - 1].order)
        sent = [exams.sending(first, letters, 1)]
        operations.save_answers(session, learner_id=learner.id, number=1, answers=sent, now=NOON)
        operations.submit(session, learner_id=learner.id, number=1, now=NOON)
    session.flush()
    last = learners[-1]
    slots = queries.sitting(session, learner_id=last.id, number=1).slots
    version = min(slot.version_id for slot in slots)
    found = queries.spreads(session, [version], learner_id=last.id, number=1)
    assert found[version].n == people
    assert found[version].by_answer == {"A": people // 2, "B": people - people // 2}

    sign_in(last)
    text = client.get("/attempts/1/review").text
    assert ("怎样选" in text) is is_told
    if is_told:
        slot = next(n for n, s in enumerate(slots, 1) if s.version_id == version)
        article = text.split(f'id="q{slot}"')[1].split("</article>")[0]
        said = dict(re.findall(r"([A-D]) (\d+)%", article))
        order = slots[slot - 1].order
        for authored, percent in (("A", "50"), ("B", "50"), ("C", "0"), ("D", "0")):
            assert said[exams.shown_letters(authored, order)] == percent


def test_papers_of_others_do_not_count(session):
    """Neither open ones nor those of another paper."""
    one, two = builders.learner(session), builders.learner(session)
    sat(session, one)
    exams.started(session, learner=two)
    version = queries.sitting(session, learner_id=two.id, number=1).slots[0].version_id
    assert queries.spreads(session, [version], learner_id=two.id, number=1) == {}


def test_the_chart_says_in_words_what_it_draws(client, session, sign_in):
    learner = builders.learner(session)
    sat(session, learner)
    key = queries.sitting(session, learner_id=learner.id, number=1).paper_key
    operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=utc_now())
    operations.submit(session, learner_id=learner.id, number=2, now=utc_now())
    session.flush()
    sign_in(learner)
    text = client.get("/attempts/2/result").text
    assert text.count('<rect class="bx-chart-strong"') == 1
    assert re.search(r'role="img" aria-labelledby="marks-title marks-desc"', text)
