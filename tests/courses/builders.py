"""Authors' folders and what is loaded from them; every default can be overridden."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy.orm import Session

from lms.courses import content, operations
from lms.http.markdown import render
from lms.kernel.authoring import Faults, Tally
from tests.builders import NOON

COURSE = {
    "id": '"basics"',
    "title": '"低保入门"',
    "title_en": '"Dibao basics"',
    "summary": '"写给新来的社工。"',
    "summary_en": '"For newcomers."',
    "audience": '["station_worker"]',
    "credit_hours": "2",
    "category": '"professional"',
    "valid_on": "2026-01-01",
    "sources": '["《社会救助法》（2026年）"]',
}
CHECK = {
    "id": '"c1"',
    "kind": '"single_choice"',
    "stem": '"由谁受理（ ）。"',
    "options": '["县局", "乡镇", "村里", "省厅"]',
    "answer": '"B"',
    "explanation": '"乡镇人民政府受理。"',
}
MANY = {
    "id": '"c2"',
    "kind": '"multiple_choice"',
    "stem": '"要看哪些（ ）。"',
    "options": '["收入", "财产", "相貌", "口音", "户籍"]',
    "answer": '"ABE"',
    "explanation": '"三样都要看。"',
}
RIGHT = {"c1": "B", "c2": "ABE"}
"""The answers to the two checks of every lesson made here."""

BODY = "## 先看一个人\n\n张孃七十一岁，一个人住。"

_folders = count(1)


def toml(values: Mapping[str, str], **changed: str) -> str:
    """Lines of TOML; an empty value leaves the key out."""
    return "".join(f"{key} = {value}\n" for key, value in {**values, **changed}.items() if value)


def check(values: Mapping[str, str] = CHECK, **changed: str) -> str:
    """A [[check]] block."""
    return "\n[[check]]\n" + toml(values, **changed)


def lesson(key: str = "who", *, body: str = BODY, checks: str | None = None, **changed: str) -> str:
    """The text of a lesson's file."""
    values = {
        "id": f'"{key}"',
        "title": f'"课：{key}"',
        "title_en": f'"Lesson {key}"',
        "minutes": "20",
        "points": '["2025/J-COMP/12"]',
    }
    written = check() + check(MANY) if checks is None else checks
    return f"+++\n{toml(values, **changed)}{written}+++\n\n{body}\n"


def module(key: str = "first", **changed: str) -> str:
    """The text of a module.toml."""
    values = {"id": f'"{key}"', "title": f'"模块：{key}"', "title_en": f'"Module {key}"'}
    return toml(values, **changed)


OUTLINE = {
    "10-first/module.toml": module("first"),
    "10-first/10-who.md": lesson("who"),
    "10-first/20-how.md": lesson("how"),
    "20-second/module.toml": module("second"),
    "20-second/10-after.md": lesson("after"),
}
"""A course of three lessons in two modules."""


def course(
    root: Path, folder: str = "basics", *, files: Mapping[str, str] = OUTLINE, **changed: str
) -> Path:
    """Write a course under ``root/catalog`` and return ``root``."""
    files = {"course.toml": toml(COURSE, **changed), **files}
    for name, text in files.items():
        path = root / "catalog" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def fresh(tmp_path: Path) -> Path:
    """An empty folder beside the others of the test."""
    return tmp_path / f"root{next(_folders)}"


def read(root: Path) -> tuple[list[content.CourseFile], list]:
    """The good courses under a root, and the faults."""
    faults = Faults()
    return content.read_all(root, faults), faults.found


def load(session: Session, *roots: Path, now: datetime = NOON) -> Tally:
    """Publish the courses of folders that must be without fault."""
    files = []
    for root in roots:
        found, faults = read(root)
        assert not faults, faults
        files += found
    return operations.load(session, files, render=render, now=now)


def published(session: Session, tmp_path: Path, **changed: str) -> None:
    """The course ``basics`` of three lessons, published."""
    load(session, course(fresh(tmp_path), **changed))


def answer(
    session: Session,
    learner,
    lesson_key: str = "who",
    check_key: str = "c1",
    chosen: str | None = None,
    *,
    now: datetime = NOON,
    course_key: str = "basics",
    **more,
):
    """One try at a check; none for the right letters."""
    return operations.answer_check(
        session,
        learner_id=learner.id,
        course_key=course_key,
        lesson_key=lesson_key,
        check_key=check_key,
        chosen=[RIGHT[check_key] if chosen is None else chosen],
        now=now,
        **more,
    )


def complete(session: Session, learner, lesson_key: str = "who", *, now: datetime = NOON, **more):
    """A lesson answered rightly and completed."""
    course_key = more.get("course_key", "basics")
    for key in RIGHT:
        answer(session, learner, lesson_key, key, now=now, course_key=course_key)
    return operations.complete_lesson(
        session, learner_id=learner.id, course_key=course_key, lesson_key=lesson_key, now=now
    )


def complete_all(session: Session, learner, *, now: datetime = NOON) -> None:
    """The whole course ``basics``."""
    for key in ("who", "how", "after"):
        complete(session, learner, key, now=now)
