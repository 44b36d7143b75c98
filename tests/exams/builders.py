"""Questions, papers and attempts for the tests of exams and of whoever stands above them."""

from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from lms.exams import content, operations
from lms.exams.models import Paper, PaperVersion
from lms.exams.types import Blueprint, Section, Sent
from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.people.models import Person
from lms.question_bank import content as questions_content
from lms.question_bank import operations as questions
from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.types import Candidate
from lms.regulations import content as regulations_content
from lms.regulations import operations as regulations
from lms.syllabus import content as syllabus_content
from lms.syllabus import operations as syllabus
from tests import builders
from tests.builders import NOON, TODAY

SUBJECT = "J-COMP"
CHAPTERS = ("2025/J-COMP/01", "2025/J-COMP/02", "2025/J-COMP/03")
SINGLE, MULTIPLE = "single_choice", "multiple_choice"

_serial = count(1)


def rules(session: Session) -> None:
    """The dated rules that ship."""
    regulations.load(session, _rule_files(), now=NOON)


def question(
    session: Session, *, kind: str = SINGLE, chapter: str = CHAPTERS[0]
) -> QuestionVersion:
    """A question whose key is A, or ABD of five."""
    number = next(_serial)
    letters, answer = ("ABCD", "A") if kind == SINGLE else ("ABCDE", "ABD")
    made = builders.added(
        session,
        Question(key=f"q{number:05}", subject=SUBJECT, kind=kind, state="ready", current_number=1),
    )
    return builders.added(
        session,
        QuestionVersion(
            question_id=made.id,
            number=1,
            digest=f"{number:064x}",
            kind=kind,
            stem=f"第{number}题的题干（ ）。",
            spec={"options": [f"选项{number}-{letter}" for letter in letters], "answer": answer},
            explanation=f"第{number}题的解析",
            subject=SUBJECT,
            chapter_key=chapter,
            point_key=chapter,
            difficulty=1,
            source={"kind": "concept", "title": "概念", "edition": "", "article": ""},
            valid_on=TODAY,
            tags=[],
            published_at=NOON,
        ),
    )


def section_table(kind: str, number: int, points_half: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": kind,
        "title_en": kind,
        "count": number,
        "points_half": points_half,
        "chapter": "spread",
    }


def paper(
    session: Session,
    *,
    singles: int = 3,
    multiples: int = 2,
    spare: int = 0,
    marking: str = "",
    **values: Any,
) -> str:
    """A paper over three chapters, with just the questions it needs and some to spare in each."""
    key = values.pop("key", f"paper-{next(_serial)}")
    for kind, number in ((SINGLE, singles), (MULTIPLE, multiples)):
        for chapter in CHAPTERS:
            for _ in range(-(-number // len(CHAPTERS)) + spare):
                question(session, kind=kind, chapter=chapter)
    row = builders.added(session, Paper(key=key, state="ready", current_number=1))
    values = {
        "number": 1,
        "digest": key,
        "title": f"试卷 {key}",
        "title_en": f"Paper {key}",
        "subject": SUBJECT,
        "minutes": 120,
        "sittable": True,
        "certainty": "settled",
        "source": "测试",
        "blueprint": {
            "level": "junior",
            "chapters": list(CHAPTERS),
            "section": [section_table(SINGLE, singles, 2), section_table(MULTIPLE, multiples, 4)],
        }
        | ({"marking": marking} if marking else {}),
        "published_at": NOON,
    } | values
    builders.added(session, PaperVersion(paper_id=row.id, **values))
    return key


def started(
    session: Session, *, learner: Person | None = None, now: datetime = NOON, **values: Any
) -> tuple[int, int]:
    """An open attempt on a small paper: the learner's id and the number."""
    rules(session)
    owner = learner or builders.learner(session)
    key = paper(session, **values)
    number = operations.start(session, learner_id=owner.id, paper_key=key, seed=7, now=now)
    return owner.id, number


def answered(session: Session, opened: tuple[int, int], *, now: datetime = NOON) -> None:
    """An answer to the first question of an open attempt: without any it would be abandoned."""
    learner_id, number = opened
    sent = [Sent(1, ("A",), 1)]
    operations.save_answers(session, learner_id=learner_id, number=number, answers=sent, now=now)


def shipped_bank(session: Session) -> None:
    """Everything of the bank that ships: rules, outline, questions, papers."""
    rules(session)
    syllabus.load(session, _edition_files(), now=NOON)
    questions.load(session, _question_files(), now=NOON)
    operations.load(session, _paper_files(), now=NOON)


def candidates(*cells: tuple[str, str, int]) -> list[Candidate]:
    """So many questions of a kind in a chapter, for each cell."""
    found: list[Candidate] = []
    for kind, chapter, number in cells:
        for _ in range(number):
            serial = len(found) + 1
            found.append(Candidate(serial, 1000 + serial, kind, chapter, 1))
    return found


def section(**values: Any) -> Section:
    values = {
        "kind": SINGLE,
        "title": "单选",
        "title_en": "Single",
        "count": 3,
        "points_half": 2,
        "certainty": "settled",
    } | values
    return Section(**values)


def blueprint(*sections: Section) -> Blueprint:
    return Blueprint(level="junior", sections=sections)


@cache
def _rule_files() -> list[regulations_content.RuleFile]:
    return regulations_content.read_all(shipped("question_bank"), Faults())


@cache
def _edition_files() -> list[syllabus_content.EditionFile]:
    return syllabus_content.read_all(shipped("question_bank"), Faults())


@cache
def _question_files() -> list[questions_content.QuestionFile]:
    return questions_content.read_all(shipped("question_bank"), Faults())


@cache
def _paper_files() -> list[content.PaperFile]:
    return content.read_all(shipped("question_bank"), Faults())


def sending(slot, letters, counter, *, flagged=False) -> Sent:
    """An answer of letters as a page sends it."""
    return Sent(slot, (letters,), counter, flagged)


def shown_letters(authored, order) -> str:
    """The letters under which an author's letters stand in an order."""
    return "".join(sorted("ABCDEFGH"[list(order).index("ABCDEFGH".index(x))] for x in authored))
