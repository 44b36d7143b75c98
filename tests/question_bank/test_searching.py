"""Searching the bank: the index finds what comparing texts finds, on both databases."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.kernel.authoring import Faults
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.places import shipped
from lms.kernel.searching import normal
from lms.migrations import runner
from lms.question_bank import content, operations, queries, rules
from lms.question_bank.models import Question, QuestionSearch, QuestionVersion
from lms.question_bank.types import Filters
from tests.builders import NOON
from tests.question_bank.builders import bank, block, question

FILES = content.read_all(shipped("question_bank"), Faults())
TEXTS = {
    file.key: normal(
        rules.search_text(
            {
                name: getattr(file, name)
                for name in ("key", "stem", "spec", "explanation", "source", "tags")
            }
        )
    )
    for file in FILES
}
ALL = "".join(TEXTS.values())


@pytest.fixture
def loaded(session):
    operations.load(session, FILES, now=NOON)
    session.flush()
    return session


def keys(session, **filters):
    found, after = [], 0
    while True:
        page = queries.found(session, Filters(**filters), after=after)
        found += [row.key for row in page[: queries.PAGE]]
        if len(page) <= queries.PAGE:
            assert len(found) == queries.how_many(session, Filters(**filters))
            return set(found)
        after = page[queries.PAGE - 1].id


def like(*parts):
    return {key for key, text in TEXTS.items() if all(normal(part) in text for part in parts)}


QUERIES = [
    "安全", "证", "社会工作", "个人信息保护", "危机介入模式", "jc06-s01", "ERG理论", "\uff25\uff32\uff27", "志愿服务条例 第十九条", "督导", "的", "不存在的词",
]  # fmt: skip
STRANGE = ["慈善'", "慈善 OR 1", "NEAR(慈善)", "慈善*", "words:慈善", "慈善 | !x", "^慈善"]


def test_the_index_finds_what_like_finds(loaded):
    for query in QUERIES:
        assert keys(loaded, words=query) == like(*query.split()), query


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, len(ALL) - 1), st.integers(1, 8))
def test_whatever_stands_in_a_text_is_found(loaded, start, length):
    part = "".join(c for c in ALL[start : start + length] if "\u3400" <= c <= "\u9fff")
    if part and part in ALL:
        assert keys(loaded, words=part) == like(part)


def test_a_query_without_a_word_finds_nothing_and_fails_nowhere(loaded):
    for query in ("'", "--", "，。", '"', "()", "*", "“”"):
        assert keys(loaded, words=query) == set(), query


def test_the_marks_of_query_languages_are_none(loaded):
    for query in STRANGE:
        assert keys(loaded, words=query) <= like("慈善"), query


def test_filters_narrow(session):
    one = question(session, key="one", difficulty=3, point_key="2025/J-COMP/06/2/1")
    two = question(session, key="two", kind="multiple_choice", point_key="2025/J-COMP/06")
    old = question(session, key="old", state="retired", point_key="2025/J-COMP/060")
    other = question(session, key="other", subject="J-PRAC", point_key="2025/J-PRAC/06",
                     source={"kind": "concept", "title": "个案", "edition": "", "article": ""})  # fmt: skip
    assert len({one.id, two.id, old.id, other.id}) == 4
    operations.reindex(session)
    assert keys(session) == {"one", "two", "old", "other"}
    assert keys(session, node="2025/J-COMP/06") == {"one", "two"}, "060 only begins alike"
    assert keys(session, node="2025/J-COMP/06/2") == {"one"}
    assert keys(session, node="2025/%") == set(), "no wildcards"
    assert keys(session, difficulty=3) == {"one"}
    assert keys(session, kind="multiple_choice") == {"two"}
    assert keys(session, state="retired") == {"old"}
    assert keys(session, subject="J-PRAC") == {"other"}
    assert keys(session, law="中华人民共和国慈善法") == {"one", "two", "old"}
    assert keys(session, words="慈善法", state="ready", difficulty=2) == {"two"}
    assert queries.laws(session) == [("中华人民共和国慈善法", 2)]
    assert queries.point_counts(session) == {
        "2025/J-COMP/06/2/1": 1, "2025/J-COMP/06": 1, "2025/J-PRAC/06": 1,
    }  # fmt: skip


def test_counts_add_up_to_the_top():
    counts = rules.counts_below({"2025/A/01/2": 3, "2025/A/01": 2, "2025/B/01": 1})
    assert counts["2025/A/01"] == 5 and counts["2025/A"] == 5 and counts["2025"] == 6


def test_pages_follow_each_other_without_a_gap(session, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(5):
        question(session, key=f"k{number}")
    operations.reindex(session)
    assert keys(session, words="下列说法") == {f"k{number}" for number in range(5)}


def test_a_new_version_is_found_by_what_it_says_and_not_by_what_it_said(session, tmp_path):
    def publish(**values):
        values = {"id": '"x1"', **values}
        files = content.read_all(bank(tmp_path, block(**values)), Faults())
        return operations.load(session, files, now=NOON)

    publish(stem='"毕节的社工（ ）。"')
    assert keys(session, words="毕节") == {"x1"}
    publish(stem='"遵义的社工（ ）。"', source='{ kind = "law", title = "某法" }')
    assert keys(session, words="毕节") == set()
    assert keys(session, words="遵义") == keys(session, law="某法") == {"x1"}
    operations.load(session, [], now=NOON)  # retired, still found
    assert keys(session, words="遵义", state="retired") == {"x1"}


def test_what_is_rolled_back_is_not_found(session, connection):
    point = connection.begin_nested()
    question(session, key="gone")
    operations.reindex(session)
    assert keys(session, words="下列说法")
    session.rollback()
    if point.is_active:
        point.rollback()
    assert keys(session, words="下列说法") == set()


def test_the_index_can_be_written_anew(loaded):
    before = dict(loaded.execute(sa.select(QuestionSearch.question_id, QuestionSearch.law)).all())
    loaded.execute(sa.delete(QuestionSearch))
    assert keys(loaded, words="社会工作") == set()
    assert operations.reindex(loaded) == len(FILES)
    after = dict(loaded.execute(sa.select(QuestionSearch.question_id, QuestionSearch.law)).all())
    assert before == after and keys(loaded, words="社会工作") == like("社会工作")


def test_a_long_query_is_refused(session):
    with pytest.raises(Invalid) as refused:
        queries.found(session, Filters(words="字" * 201))
    assert refused.value.code == "long_query"


def test_history_is_newest_first(session):
    first = question(session, key="h1")
    values = {
        c.key: getattr(first, c.key) for c in QuestionVersion.__table__.columns if c.key != "id"
    }
    session.add(QuestionVersion(**values | {"number": 2, "stem": "改过的（ ）。"}))
    session.get(Question, first.question_id).current_number = 2
    session.flush()
    state, versions = queries.history(session, "h1")
    assert state == "ready" and [one.number for one in versions] == [2, 1]
    assert versions[0].text.stem == "改过的（ ）。" and versions[1].version_id == first.id
    with pytest.raises(NotFound):
        queries.history(session, "nobody")


def test_questions_that_were_there_before_are_indexed_by_the_migration(empty_engine):
    runner.upgrade(empty_engine, to="202611241610")
    # what was there before were questions answered with letters
    lettered = [file for file in FILES if "options" in file.spec]
    old = sa.MetaData()
    old.reflect(empty_engine, only=("question", "question_version"))
    number = {"number": 1, "published_at": NOON.replace(tzinfo=None), "current_number": 1}
    with empty_engine.begin() as connection:
        for id_, file in enumerate(lettered[:20], start=1):
            for table, more in (
                ("question", {"id": id_, "state": "ready"}),
                ("question_version", {"id": id_, "question_id": id_}),
            ):
                names = set(old.tables[table].columns.keys())
                values = {n: getattr(file, n) for n in names if hasattr(file, n)}
                values |= {n: v for n, v in number.items() if n in names}
                connection.execute(sa.insert(old.tables[table]), values | more)
    runner.upgrade(empty_engine)
    rows = sa.select(
        QuestionSearch.question_id,
        QuestionSearch.law,
        QuestionSearch.edition,
        sa.cast(QuestionSearch.words, sa.Text),
    ).order_by(QuestionSearch.question_id)
    with sa.orm.Session(empty_engine) as session:
        migrated = session.execute(rows).all()
        assert len(migrated) == 20
        operations.reindex(session)
        assert session.execute(rows).all() == migrated
        assert any(edition for _id, _law, edition, _words in migrated)
        assert keys(session, words="社会工作") <= like("社会工作")


def test_words_of_every_kind_are_found_and_letters_of_keys_are_not():
    version = {
        "key": "q",
        "stem": "题干",
        "spec": {
            "gaps": [{"options": ["甲", "乙"], "answer": "B"}, {"answers": ["丙"]}],
            "blanks": [["丁", "戊"]],
            "any_order": True,
            "answer": "C",
        },
        "explanation": "解析",
        "source": {"title": "依据"},
        "tags": ["签"],
    }
    said = rules.search_text(version).split("\n")
    assert said == ["q", "题干", "甲", "乙", "丙", "丁", "戊", "解析", "依据", "", "", "签"]
