"""What ships is what works: the master copies beside the program, read as ``lms content`` does."""

import re
from collections import Counter
from datetime import date

import pytest

from lms.kernel.clock import utc_now
from lms.kernel.places import shipped
from lms.question_bank.kinds import _points
from lms.question_bank.rules import is_judged, kind_named
from lms.question_bank.types import Marking
from lms.web import loading

CHAPTERS = [f"2025/J-COMP/{number:02d}" for number in range(1, 13)]
CHINESE = re.compile(r"[\u3400-\u9fff]")
EXAM_PAPERS = {"J-COMP", "J-PRAC", "M-COMP", "M-PRAC", "M-LAW", "S-PRAC"}


@pytest.fixture(scope="module")
def found():
    return loading.read(shipped("courses"), shipped("question_bank"), on=date(2026, 11, 1))


def test_has_no_faults(found):
    assert [str(fault) for fault in found.faults.found] == []


def test_the_outline_knows_all_six_papers(found):
    subjects = {node.subject for edition in found.syllabus for node in edition.nodes}
    assert subjects == EXAM_PAPERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_has_questions_of_both_kinds(found, chapter):
    kinds = Counter(q.kind for q in found.questions if q.chapter_key == chapter)
    assert kinds["single_choice"] >= 10
    assert kinds["multiple_choice"] >= 3


def test_there_are_enough_questions(found):
    kinds = Counter(question.kind for question in found.questions)
    assert kinds["single_choice"] >= 120
    assert kinds["multiple_choice"] >= 40


def test_answer_letters_are_evenly_spread(found):
    letters = Counter(q.spec["answer"] for q in found.questions if q.kind == "single_choice")
    even = sum(letters.values()) / 4
    assert set(letters) == set("ABCD")
    assert all(abs(count - even) <= 0.15 * even for count in letters.values())


def test_the_right_option_is_not_given_away_by_its_length(found):
    singles = [q for q in found.questions if q.kind == "single_choice"]
    longest = 0
    for question in singles:
        lengths = [len(option) for option in question.spec["options"]]
        right = lengths["ABCD".index(question.spec["answer"])]
        longest += right == max(lengths) and lengths.count(right) == 1
    assert longest / len(singles) < 0.35  # chance is 0.25


def test_every_question_says_where_it_comes_from(found):
    for question in found.questions:
        assert question.source["title"], question.key
        assert len(CHINESE.findall(question.explanation)) >= 30, question.key


def test_lessons_are_long_enough_to_teach(found):
    assert len(found.courses) >= 3
    for course in found.courses:
        lessons = course.lessons
        assert len(lessons) >= 5, course.key
        for lesson in lessons:
            assert len(CHINESE.findall(lesson.source)) >= 800, f"{course.key}/{lesson.key}"
            assert len(lesson.checks) >= 2, f"{course.key}/{lesson.key}"


def test_lists_and_programs_are_there(found):
    assert {file.key for file in found.lists} >= {"station-2026", "cadre-class-2026"}
    assert len(found.programs) >= 2
    assert any(file.grants for file in found.programs)


def test_loading_twice_makes_nothing_new(session, found):
    now = utc_now()
    first = loading.load(session, found, now=now)
    again = loading.load(session, found, now=now)
    assert first["questions"].new == len(found.questions)
    for name, tally in again.items():
        assert (tally.new, tally.changed, tally.retired) == (0, 0, 0), name
        assert tally.same == first[name].new, name


NEW_KINDS = {"matching": 6, "ordering": 6, "essay": 4, "case_analysis": 6, "plan_design": 3}


@pytest.mark.parametrize(("kind", "least"), NEW_KINDS.items())
def test_there_are_questions_of_every_structured_kind(found, kind, least):
    assert sum(question.kind == kind for question in found.questions) >= least


def test_every_model_answer_earns_everything_by_what_is_found_in_it(found):
    """A model that does not say its own points would teach people to write something else."""
    marking = Marking.read({})
    written = [w for question in found.questions for w in _written(question)]
    assert len(written) >= 20
    for key, part in written:
        assert part.model, key
        assert _points.suggested(part, part.model, marking).is_full, key


def test_cases_and_plans_are_out_of_twenty_points(found):
    """As in the national papers; the parts say their marks in their questions."""
    marking = Marking.read({})
    for question in found.questions:
        if is_judged(question.kind):
            kind = kind_named(question.kind)
            assert kind.out_of(kind.read_spec(question.spec), marking) == 40, question.key


def _written(question):
    if not is_judged(question.kind):
        return []
    spec = kind_named(question.kind).read_spec(question.spec)
    parts = [spec] if question.kind == "essay" else spec
    return [(question.key, part.written) for part in parts if hasattr(part, "written")]
