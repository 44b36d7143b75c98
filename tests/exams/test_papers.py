"""Papers beyond one paper of one file: parts, parallel papers, practice papers, twins and uses."""

from datetime import timedelta
from itertools import combinations

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.audit.models import Entry
from lms.exams import operations, queries, rules
from lms.exams.models import Attempt, Paper, PaperVersion
from lms.exams.types import Bound, Draft
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.question_bank import operations as questions
from lms.question_bank import queries as bank
from lms.question_bank.models import Question
from lms.question_bank.rules import twin_groups, twin_text
from lms.records.models import Record
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams
from tests.exams.builders import (
    CHAPTERS,
    MULTIPLE,
    SINGLE,
    SUBJECT,
    blueprint,
    candidates,
    section,
    section_table,
)
from tests.exams.test_assignment import made

KEY = "~0123456789"


def refused(code, call, *arguments, **named):
    with pytest.raises((Conflict, Invalid, NotFound)) as refusal:
        call(*arguments, **named)
    assert refusal.value.code == code
    return refusal.value


# --- twins ---


def test_groups_are_what_hangs_together():
    long = "居民王某因家庭纠纷多次到社区求助社会工作者首先应当"
    texts = [long, "完全不同的另一道题目讲的是志愿服务登记", f"{long}做", "", f"{long}怎样做"]
    assert twin_groups(texts) == [1, 0, 1, 0, 1]


def test_a_short_stem_is_compared_with_its_options():
    """Which of these is right? says nothing by itself."""
    stem = "下列说法正确的是（ ）。"
    one, other = ({"options": [f"{word}{n}" * 4 for n in range(4)]} for word in ("接案", "评估"))
    assert twin_groups([twin_text(stem, one), twin_text(stem, other)]) == [0, 0]
    assert twin_groups([twin_text(stem, one), twin_text(stem, one)]) == [1, 1]
    assert twin_text("很长的题干" * 5, one) == "很长的题干" * 5


@given(st.permutations(range(6)))
def test_groups_do_not_depend_on_the_order(order):
    texts = [
        f"第{'一二三'[n % 3]}种情形下社会工作者在{'甲乙丙'[n % 3] * 9}的做法{n}" for n in range(6)
    ]
    groups = twin_groups([texts[n] for n in order])
    together = {n: {m for m, g in zip(order, groups, strict=True) if g == groups[at]} for at, n in enumerate(order)}  # fmt: skip
    assert all(together[n] == {n, (n + 3) % 6} for n in order)


def test_publishing_keeps_groups(session):
    exams.shipped_bank(session)
    first, second, third = session.scalars(sa.select(Question).order_by(Question.id).limit(3))
    stem = "社区居民张阿姨在调解中情绪激动，社会工作者此时首先应当做的是（ ）。"
    for row in (first, third):
        session.execute(
            sa.text("UPDATE question_version SET stem = :stem WHERE question_id = :id"),
            {"stem": stem, "id": row.id},
        )
    assert questions.group_twins(session) == 2
    session.expire_all()
    assert (first.twin_group, second.twin_group, third.twin_group) == (first.id, 0, first.id)
    drawn = {card.question_id: card.twin_group for card in bank.drawable(session, SUBJECT)}
    assert drawn[third.id] == first.id
    third.state = "retired"
    session.flush()
    assert questions.group_twins(session) == 0
    session.expire_all()
    assert first.twin_group == 0


# --- uses ---


def handed_in(session, *, now, learner=None, key=None):
    owner = learner or builders.learner(session)
    key = key or exams.paper(session)
    number = operations.start(session, learner_id=owner.id, paper_key=key, seed=7, now=now)
    operations.submit(session, learner_id=owner.id, number=number, now=now + timedelta(minutes=5))
    return owner.id, number


def uses(session):
    session.expire_all()
    return {q.id: q.times_used for q in session.scalars(sa.select(Question)) if q.times_used}


def test_every_paper_is_counted_once(session):
    exams.rules(session)
    key = exams.paper(session, singles=3, multiples=1)
    handed_in(session, now=NOON, key=key)
    later = NOON + timedelta(hours=1)
    assert operations.count_uses(session, now=later) == 1
    assert set(uses(session).values()) == {1} and len(uses(session)) == 4
    assert operations.count_uses(session, now=later) == 0
    handed_in(session, now=later, key=key)
    assert operations.count_uses(session, now=later + timedelta(minutes=6)) == 0  # too fresh
    assert operations.count_uses(session, now=later + timedelta(hours=1)) == 1
    assert set(uses(session).values()) == {2}


def test_a_paper_that_is_handed_in_long_after_its_deadline_is_not_forgotten(session):
    exams.rules(session)
    learner = builders.learner(session)
    key = exams.paper(session)
    operations.start(session, learner_id=learner.id, paper_key=key, seed=1, now=NOON)
    exams.answered(session, (learner.id, 1), now=NOON)
    handed_in(session, now=NOON + timedelta(hours=5))
    # the open one ended at 14:00: nothing after that is counted before it is handed in
    assert operations.count_uses(session, now=NOON + timedelta(hours=9)) == 0
    operations.submit(session, learner_id=learner.id, number=1, now=NOON + timedelta(hours=9))
    assert operations.count_uses(session, now=NOON + timedelta(hours=10)) == 2
    assert operations.count_uses(session, now=NOON + timedelta(hours=11)) == 0


def test_what_others_used_comes_last(session):
    exams.rules(session)
    key = exams.paper(session, singles=3, multiples=1, spare=1)
    learner, number = handed_in(session, now=NOON, key=key)
    first = queries.sitting(session, learner_id=learner, number=number)
    operations.count_uses(session, now=NOON + timedelta(hours=1))
    other = builders.learner(session)
    operations.start(
        session, learner_id=other.id, paper_key=key, seed=99, now=NOON + timedelta(hours=2)
    )
    second = queries.sitting(session, learner_id=other.id, number=1)
    used = {slot.version_id for slot in first.slots}
    assert not used & {slot.version_id for slot in second.slots}


# --- parallel papers ---


def test_parallel_papers_share_nothing_and_are_equally_hard():
    supply = made(*[(SINGLE, n % 3, 1 + n % 3, 0, "") for n in range(30)], *[(MULTIPLE, n % 3, 1 + (n // 3) % 3, 0, "") for n in range(12)])  # fmt: skip
    plan = blueprint(
        section(count=9, spread=CHAPTERS), section(kind=MULTIPLE, count=3, spread=CHAPTERS)
    )
    found = rules.draw_parallel(plan, supply, seed=5, papers=3)
    assert (found.shared, found.is_best) == (0, True)
    assert max(found.difficulties) - min(found.difficulties) <= 1
    assert found == rules.draw_parallel(plan, supply, seed=5, papers=3)
    by_id = {card.version_id: card for card in supply}
    for picks, total in zip(found.papers, found.difficulties, strict=True):
        assert [pick.section for pick in picks] == [0] * 9 + [1] * 3
        assert sum(by_id[pick.version_id].difficulty for pick in picks) == total


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from([0, 0, 1])), min_size=2, max_size=6),
    st.integers(1, 3),
    st.integers(0, 50),
)
def test_two_papers_are_as_different_and_as_equal_as_trying_everything_finds(rows, count, seed):
    supply = made(*[(SINGLE, 0, difficulty, group, "") for difficulty, group in rows])
    plan = blueprint(section(count=count))
    if rules.shortages(plan, supply):
        refused("not_enough_questions", rules.draw_parallel, plan, supply, seed=seed, papers=2)
        return
    papers = [
        cards
        for cards in combinations(supply, count)
        if len({card.twin_group or -card.version_id for card in cards}) == count
    ]
    tried = [
        (len(set(one) & set(other)), abs(sum(c.difficulty for c in one) - sum(c.difficulty for c in other)))
        for one in papers
        for other in papers
    ]  # fmt: skip
    fewest = min(shared for shared, _apart in tried)
    closest = min(apart for shared, apart in tried if shared == fewest)
    found = rules.draw_parallel(plan, supply, seed=seed, papers=2)
    assert found.shared == fewest
    assert abs(found.difficulties[0] - found.difficulties[1]) <= max(closest, 1)
    assert found.is_best


# --- parts ---

RAW = {
    "level": "junior",
    "chapters": list(CHAPTERS),
    "section": [section_table(SINGLE, 9, 2), section_table(MULTIPLE, 3, 4)],
}


def part(raw=RAW, minutes=60, **asked):
    plan = rules.read_blueprint(raw, sittable=True)
    taken = rules.read_part(plan, **{"section": None, **asked})
    table, short = rules.part_table(raw, taken, minutes=minutes)
    return rules.part_key("p", taken, plan), rules.read_blueprint(table, sittable=True), short


def test_a_section_alone_takes_time_by_its_marks():
    key, plan, minutes = part(section=1)
    assert (key, plan.count, plan.out_of, minutes) == ("p~s2", 3, 12, 24)  # 12 of 30 half points


def test_some_chapters_take_questions_and_time_in_proportion():
    key, plan, minutes = part(first=CHAPTERS[1], last=CHAPTERS[2])
    assert (key, [s.count for s in plan.sections], minutes) == ("p~c2-3", [6, 2], 40)
    assert all(s.spread == CHAPTERS[1:] for s in plan.sections)
    assert part(first=CHAPTERS[2], last=CHAPTERS[1])[0] == "p~c2-3"  # the other way round


def test_all_of_it_is_the_paper_itself():
    assert part(first=CHAPTERS[0], last=CHAPTERS[2])[0] == "p"


def test_numbers_by_chapter_stay_and_others_shrink():
    raw = RAW | {
        "cell": [{"at_least": 3, "difficulty": [3]}],
        "section": [
            section_table(SINGLE, 9, 2)
            | {
                "chapter": [{"key": CHAPTERS[0], "count": 6}, {"key": CHAPTERS[2], "count": 3}],
                "difficulty": [3, 3, 3],
                "minutes": 30,
                "cell": [
                    {"at_least": 2, "any_tags": ["a"]},
                    {"count": 6, "chapters": [CHAPTERS[0]]},
                    {"at_most": 1, "all_tags": ["b"]},
                ],
            }
        ],
    }
    _key, plan, _minutes = part(raw, first=CHAPTERS[2], last=CHAPTERS[2])
    [only] = plan.sections
    assert (only.count, only.difficulty, only.minutes) == (3, (1, 1, 1), None)
    assert only.bounds == (Bound(most=1, all_tags=("b",)),)  # 2 of 9 become 0 of 3
    assert plan.bounds == ()


def test_a_part_may_be_empty():
    apart = [
        section_table(kind, 3, 2) | {"chapter": [{"key": key, "count": 3}]}
        for kind, key in ((SINGLE, CHAPTERS[0]), (MULTIPLE, CHAPTERS[2]))
    ]
    raw = RAW | {"section": apart}
    assert part(raw, first=CHAPTERS[2])[1].count == 3  # the other section has nothing there
    refused("empty_part", part, raw, section=0, first=CHAPTERS[2])


def test_fixed_sections_are_taken_whole():
    fixed = section_table(SINGLE, 2, 2) | {"questions": ["a", "b"]}
    del fixed["chapter"]
    raw = RAW | {"section": [fixed, section_table(MULTIPLE, 3, 4)]}
    assert part(raw, section=0)[1].sections[0].questions == ("a", "b")
    refused("fixed_section", part, raw, first=CHAPTERS[0], last=CHAPTERS[0])


@pytest.mark.parametrize(
    "asked", [{"section": 1}, {"first": CHAPTERS[1]}, {"section": 0, "last": CHAPTERS[1]}]
)
def test_a_part_is_found_again_by_its_key(asked):
    plan = rules.read_blueprint(RAW, sittable=True)
    taken = rules.read_part(plan, **{"section": None, **asked})
    for paper in ("p", KEY):
        whole, written = rules.split_key(rules.part_key(paper, taken, plan))
        assert (whole, rules.part_at(plan, written)) == (paper, taken)
        assert rules.split_key(paper) == (paper, "")


@pytest.mark.parametrize("asked", [{"section": 2}, {"section": -1}, {"first": "x"}, {"last": "x"}])
def test_there_is_no_such_part(asked):
    refused("no_such_part", part, **asked)


def begin_part(session, learner, key, **asked):
    asked = {"section": None, "first": "", "last": "", **asked}
    return operations.start_part(
        session, learner_id=learner.id, paper_key=key, seed=4, now=NOON, **asked
    )


def test_a_part_is_sat_and_counts_for_itself(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session, singles=6, multiples=3)
    number = begin_part(session, learner, key, section=1)
    found = queries.sitting(session, learner_id=learner.id, number=number)
    assert (found.paper_key, len(found.slots)) == (f"{key}~s2", 3)
    assert found.deadline_at - found.started_at == timedelta(minutes=60)  # 12 of 24 half points
    assert begin_part(session, learner, key, section=1) == number  # safe to repeat
    operations.submit(session, learner_id=learner.id, number=number, now=NOON)
    [fact] = session.scalars(sa.select(Record))
    assert fact.subject == f"paper:{key}~s2"  # nobody has passed the whole paper with it
    assert queries.home(session, learner.id).last is None
    assert f"{key}~s2" not in {paper.key for paper in queries.papers(session)}
    start = {"learner_id": learner.id, "seed": 1, "now": NOON}
    again = operations.start(session, paper_key=f"{key}~s2", **start)  # once more, by its own key
    assert queries.sitting(session, learner_id=learner.id, number=again).paper_key == f"{key}~s2"
    for wrong in ("s3", "s0", "c1-9", "c0-0s1", "s1c1"):
        with pytest.raises((Invalid, NotFound)):
            operations.start(session, paper_key=f"{key}~{wrong}", **start)
    other = builders.learner(session)
    begin_part(session, other, key, section=1)
    assert len(session.scalars(sa.select(Paper).where(Paper.origin == "part")).all()) == 1
    whole = begin_part(session, other, key)
    assert queries.sitting(session, learner_id=other.id, number=whole).paper_key == key


def test_a_new_version_of_a_paper_makes_a_new_version_of_its_part(session):
    exams.rules(session)
    learner, key = builders.learner(session), exams.paper(session, singles=6, multiples=3)
    begin_part(session, learner, key, section=0)
    version = session.scalars(sa.select(PaperVersion)).first()
    session.execute(sa.update(PaperVersion).where(PaperVersion.id == version.id).values(minutes=60))
    begin_part(session, builders.learner(session), key, section=0)
    made_ = session.scalars(
        sa.select(PaperVersion).join(Paper, Paper.id == PaperVersion.paper_id).where(Paper.origin == "part")
    ).all()  # fmt: skip
    assert [(v.number, v.minutes) for v in made_] == [(1, 60), (2, 30)]


# --- practice papers ---


@pytest.fixture
def instructor(session):
    exams.shipped_bank(session)
    return builders.person(session)


def draft(**values):
    base = {
        "title": "第1章小测",
        "subject": SUBJECT,
        "level": "junior",
        "minutes": 20,
        "counts": {SINGLE: 4},
    }
    return Draft(**(base | values))


def publish(session, who, key=KEY, **values):
    operations.publish_paper(session, key=key, draft=draft(**values), actor_id=who.id, now=NOON)


def versions(session, key=KEY):
    return session.scalars(
        sa.select(PaperVersion)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(Paper.key == key)
        .order_by(PaperVersion.number)
    ).all()


def verbs(session):
    return list(
        session.scalars(
            sa.select(Entry.verb).where(Entry.subject == f"paper:{KEY}").order_by(Entry.id)
        )
    )


def test_a_practice_paper_is_published_sat_changed_and_retired(session, instructor):
    publish(session, instructor)
    publish(session, instructor)  # the same again
    learner = builders.learner(session)
    number = operations.start(session, learner_id=learner.id, paper_key=KEY, seed=1, now=NOON)
    publish(session, instructor, minutes=30)
    assert [v.minutes for v in versions(session)] == [20, 30]
    assert queries.sitting(session, learner_id=learner.id, number=number).minutes == 20
    operations.retire_paper(session, key=KEY, actor_id=instructor.id, now=NOON)
    operations.retire_paper(session, key=KEY, actor_id=instructor.id, now=NOON)
    session.flush()
    other = builders.learner(session)
    begin = {"learner_id": other.id, "paper_key": KEY, "seed": 1, "now": NOON}
    refused("no_paper", operations.start, session, **begin)
    publish(session, instructor, minutes=30)
    assert operations.start(session, **begin) == 1
    assert verbs(session) == [
        "exams.paper_published",
        "exams.paper_published",
        "exams.paper_retired",
        "exams.paper_restored",
    ]


def test_files_and_pages_leave_each_other_alone(session, instructor):
    publish(session, instructor)
    tally = operations.load(session, exams._paper_files(), now=NOON)
    assert (tally.retired, tally.changed, tally.new) == (0, 0, 0)
    assert queries.paper(session, KEY).origin == "page"
    retire = {"actor_id": instructor.id, "now": NOON}
    refused("of_a_file", operations.retire_paper, session, key="j-comp-mock", **retire)
    refused("bad_key", publish, session, instructor, key="j-comp-mock")
    operations.load(session, [], now=NOON)
    assert queries.paper(session, KEY).key == KEY


def test_what_the_bank_cannot_fill_is_not_published(session, instructor):
    chapter = f"2025/{SUBJECT}/03"
    wish = {"counts": {SINGLE: 40}, "chapters": (chapter,)}
    refusal = refused("not_enough_questions", publish, session, instructor, **wish)
    assert "第3章 单项选择题：需要 40 题，现有" in str(refusal)
    assert versions(session) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"counts": {SINGLE: 0}}, "no_questions"),
        ({"counts": {SINGLE: 150, MULTIPLE: 51}}, "too_many_questions"),
        ({"counts": {"riddle": 1}}, "unknown_kind"),
        ({"chapters": ("2025/J-COMP/99",)}, "unknown_chapter"),
        ({"shares": (50, 50)}, "bad_shares"),
        ({"shares": (50, 50, 50)}, "bad_shares"),
    ],
)
def test_a_faulty_draft_says_why(session, instructor, change, code):
    refused(code, publish, session, instructor, **change)


def test_a_mix_of_difficulty_is_kept_to(session, instructor):
    publish(session, instructor, counts={SINGLE: 10}, shares=(30, 50, 20), is_even=False)
    learner = builders.learner(session)
    operations.start(session, learner_id=learner.id, paper_key=KEY, seed=1, now=NOON)
    slots = queries.sitting(session, learner_id=learner.id, number=1).slots
    texts = bank.versions(session, [slot.version_id for slot in slots])
    hard = sorted(text.difficulty for text in texts.values())
    assert hard == [1] * 3 + [2] * 5 + [3] * 2


def test_attempts_are_limited_over_all_versions(session, instructor):
    publish(session, instructor, attempts_allowed=1)
    learner = builders.learner(session)
    begin = {"learner_id": learner.id, "paper_key": KEY, "seed": 1, "now": NOON}
    assert operations.start(session, **begin) == operations.start(session, **begin) == 1
    operations.submit(session, learner_id=learner.id, number=1, now=NOON)
    publish(session, instructor, attempts_allowed=1, minutes=9)
    refused("no_tries_left", operations.start, session, **begin)
    publish(session, instructor, attempts_allowed=2, minutes=9)
    assert operations.start(session, **begin) == 2
    assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 2


def test_a_draft_is_read_back(session, instructor):
    wish = draft(
        counts={SINGLE: 6, MULTIPLE: 2},
        chapters=(f"2025/{SUBJECT}/02", f"2025/{SUBJECT}/05"),
        attempts_allowed=3,
    )
    operations.publish_paper(session, key=KEY, draft=wish, actor_id=instructor.id, now=NOON)
    _paper, version = queries.made_paper(session, KEY)
    read = rules.draft_of(
        rules.read_blueprint(version.blueprint, sittable=True),
        [one.get("difficulty", "") for one in version.blueprint["section"]],
        title=version.title,
        subject=version.subject,
        minutes=version.minutes,
        attempts_allowed=version.attempts_allowed,
        chapters=version.blueprint["chapters"],
    )
    assert read == wish


# --- a fixed paper in the database ---


def test_a_fixed_paper_shows_the_versions_of_the_day(session):
    exams.rules(session)
    one, two = exams.question(session), exams.question(session)
    keys = [session.get(Question, v.question_id).key for v in (two, one)]
    fixed = section_table(SINGLE, 2, 2) | {"questions": keys}
    del fixed["chapter"]
    key = exams.paper(session, blueprint={"level": "junior", "section": [fixed]})
    learner = builders.learner(session)
    begin = {"learner_id": learner.id, "paper_key": key, "seed": 1, "now": NOON}
    operations.start(session, **begin)
    slots = queries.sitting(session, learner_id=learner.id, number=1).slots
    assert [slot.version_id for slot in slots] == [two.id, one.id]
    operations.submit(session, learner_id=learner.id, number=1, now=NOON)
    session.get(Question, one.question_id).state = "retired"
    session.flush()
    refusal = refused("questions_gone", operations.start, session, **begin)
    assert refusal.params["listed"] == keys[1]


def test_levels_of_use_double(session):
    """Between two counts not everybody gets the same few questions."""
    cards = [card._replace(times_used=uses) for card, uses in zip(candidates((SINGLE, CHAPTERS[0], 4)), (4, 5, 6, 7), strict=True)]  # fmt: skip
    drawn = {
        rules.draw(blueprint(section(count=1)), cards, seed=seed)[0].version_id
        for seed in range(60)
    }
    assert drawn == {1, 2, 3, 4}


def test_a_demand_in_words():
    bound = Bound(
        least=1,
        chapters=CHAPTERS * 2,
        point="2025/J-COMP/03/1",
        difficulties=(1, 3),
        all_tags=("a", "b"),
        no_tags=("c",),
    )
    assert rules.bound_name(bound) == (
        "第1章等 6 章 2025/J-COMP/03/1 易/难 标签全有：a、b 没有标签：c"
    )
    assert rules.bound_name(Bound(chapters=("x/y",))) == "x/y"
    assert rules.bound_name(Bound()) == "全卷"
