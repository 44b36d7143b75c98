from lms.question_bank import queries
from lms.question_bank.models import Question
from lms.question_bank.types import Candidate
from tests.question_bank.builders import question


def test_what_may_be_drawn_is_ready_of_the_subject_and_current(session, count_statements):
    second = question(session, key="b-2", difficulty=3)
    first = question(session, key="a-1", kind="multiple_choice")
    question(session, key="c-3", state="retired")
    question(session, key="d-4", subject="J-PRAC", chapter_key="2025/J-PRAC/01")
    with count_statements() as seen:
        found = queries.drawable(session, "J-COMP")
    assert found == [
        Candidate(first.id, first.question_id, "multiple_choice", "2025/J-COMP/06", 2),
        Candidate(second.id, second.question_id, "single_choice", "2025/J-COMP/06", 3),
    ]
    assert len(seen) == 1


def test_the_order_is_that_of_the_characters_on_every_database(session):
    keys = ["a-10", "a-9", "B-1", "a_1", "a.1", "ab"]
    made = {question(session, key=key).question_id: key for key in keys}
    found = [made[item.question_id] for item in queries.drawable(session, "J-COMP")]
    assert found == sorted(keys)


def test_only_the_current_version_may_be_drawn(session):
    old = question(session)
    new = question(session)
    session.get(Question, new.question_id).state = "retired"
    new.question_id, new.number = old.question_id, 2
    session.get(Question, old.question_id).current_number = 2
    session.flush()
    assert [item.version_id for item in queries.drawable(session, "J-COMP")] == [new.id]
    # but what was met before can still be shown
    assert queries.versions(session, [old.id])[old.id].stem == old.stem


def test_versions_are_found_by_id_in_one_statement(session, count_statements):
    one, two = question(session, key="one"), question(session, key="two", state="retired")
    with count_statements() as seen:
        found = queries.versions(session, [one.id, two.id, 999_999])
    assert set(found) == {one.id, two.id}
    text = found[one.id]
    assert (text.version_id, text.question_id, text.key) == (one.id, one.question_id, "one")
    assert (text.kind, text.stem, text.spec) == ("single_choice", one.stem, one.spec)
    assert (text.explanation, text.chapter_key) == ("因为如此。", "2025/J-COMP/06")
    assert (text.point_key, text.difficulty) == ("2025/J-COMP/06/1", 2)
    assert text.source["title"] == "中华人民共和国慈善法"
    assert text.valid_on == one.valid_on
    assert len(seen) == 1


def test_no_ids_no_versions(session):
    assert queries.versions(session, []) == {}


def test_chapters_are_counted(session):
    for _ in range(3):
        question(session)
    question(session, chapter_key="2025/J-COMP/07")
    question(session, state="retired")
    assert queries.chapter_counts(session, "J-COMP") == {"2025/J-COMP/06": 3, "2025/J-COMP/07": 1}
    assert queries.chapter_counts(session, "M-LAW") == {}
