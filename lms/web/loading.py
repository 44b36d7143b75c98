"""All content at once: read every room's files, check them against each other, load them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lms.courses import content as courses_content
from lms.courses import operations as courses
from lms.exams import content as exams_content
from lms.exams import operations as exams
from lms.http.markdown import render
from lms.kernel.authoring import Faults, Tally
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.transaction import alone
from lms.privacy import content as privacy_content
from lms.privacy import operations as privacy
from lms.programs import content as programs_content
from lms.programs import operations as programs
from lms.question_bank import content as questions_content
from lms.question_bank import operations as questions
from lms.question_bank.types import Law, Marking
from lms.regulations import content as regulations_content
from lms.regulations import operations as regulations
from lms.regulations.rules import marking_rule
from lms.regulations.types import MARKING, PRACTICE_MARKING
from lms.required_lists import content as lists_content
from lms.required_lists import operations as lists
from lms.syllabus import content as syllabus_content
from lms.syllabus import operations as syllabus

_LOADING_LOCK = 0x62697877
"""The number of the lock under which one process at a time loads content."""


@dataclass(frozen=True, slots=True)
class Content:
    """Every author's file, read."""

    syllabus: list[syllabus_content.EditionFile]
    rules: list[regulations_content.RuleFile]
    questions: list[questions_content.QuestionFile]
    papers: list[exams_content.PaperFile]
    courses: list[courses_content.CourseFile]
    lists: list[lists_content.ListFile]
    programs: list[programs_content.ProgramFile]
    faults: Faults
    texts: list[privacy_content.TextFile] = field(default_factory=list)
    laws: list[Law] = field(default_factory=list)


def read(courses_root: Path, bank_root: Path, *, on: date) -> Content:
    """Read and cross-check the two folders of master copies; all faults are collected.

    :param on: the day whose marking rule the papers are checked against.
    """
    faults = Faults()
    content = Content(
        syllabus=syllabus_content.read_all(bank_root, faults),
        rules=regulations_content.read_all(bank_root, faults),
        questions=questions_content.read_all(bank_root, faults),
        papers=exams_content.read_all(bank_root, faults),
        courses=courses_content.read_all(courses_root, faults),
        lists=lists_content.read_all(courses_root, faults),
        programs=programs_content.read_all(courses_root, faults),
        faults=faults,
        texts=privacy_content.read_all(privacy_content.TEXTS, faults),
        laws=questions_content.read_laws(bank_root, faults),
    )
    points = syllabus_content.keys(content.syllabus)
    known = {f"course:{file.key}" for file in content.courses} | {
        f"paper:{file.key}" for file in content.papers
    }
    questions_content.check_references(content.questions, nodes=points, faults=faults)
    questions_content.check_markings(content.rules, faults=faults)
    exams_content.check_references(
        content.papers,
        questions=content.questions,
        points=points,
        marking=_marking(content.rules, "", on=on),
        named=_markings(content.rules, on=on),
        faults=faults,
    )
    courses_content.check_references(content.courses, points=points, faults=faults)
    lists_content.check_references(content.lists, known=known, faults=faults)
    programs_content.check_references(content.programs, known=known, faults=faults)
    return content


def _markings(files: list[regulations_content.RuleFile], *, on: date) -> dict[str, Marking]:
    """Return every marking rule in force, official or not, by its key."""
    keys = {f.rule.key for f in files if f.rule.kind in {MARKING, PRACTICE_MARKING}}
    found = {key: _marking(files, key, on=on) for key in sorted(keys)}
    return {key: marking for key, marking in found.items() if marking is not None}


def _marking(files: list[regulations_content.RuleFile], key: str, *, on: date) -> Marking | None:
    """Return the rule of a key, or the official one; none if it cannot be used, told elsewhere."""
    try:
        return Marking.read(marking_rule((file.rule for file in files), on=on, key=key).body)
    except (NotFound, Invalid):
        return None


def refuse_faults(content: Content) -> None:
    """Refuse content that has faults.

    :raises Invalid: ``faulty_content``, with the first fault.
    """
    if content.faults.found:
        raise Invalid(
            "faulty_content",
            N_("内容文件有 %(n)s 处错误，第一处：%(first)s"),
            n=len(content.faults.found),
            first=str(content.faults.found[0]),
        )


def load(session: Session, content: Content, *, now: datetime) -> dict[str, Tally]:
    """Publish what is new or changed, in the order in which things refer to each other.

    Of two who load at once, the second waits and then finds what the first has published.
    """
    alone(session, _LOADING_LOCK)
    steps: Iterable[tuple[str, Callable[..., Tally], Any, dict[str, Any]]] = (
        ("syllabus", syllabus.load, content.syllabus, {}),
        ("rules", regulations.load, content.rules, {}),
        ("laws", questions.load_laws, content.laws, {}),
        ("questions", questions.load, content.questions, {}),
        ("papers", exams.load, content.papers, {}),
        ("courses", courses.load, content.courses, {"render": render}),
        ("required lists", lists.load, content.lists, {}),
        ("programs", programs.load, content.programs, {}),
        ("privacy texts", privacy.load, content.texts, {}),
    )
    return {name: do(session, files, now=now, **more) for name, do, files, more in steps}
