"""Rows and files of the question bank; every default can be overridden."""

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.types import Draft, Marking
from lms.regulations.models import Rule, RuleVersion
from tests.builders import NOON, added

OFFICIAL = {"single_choice": {"full": 2}, "multiple_choice": {"full": 4, "each": 1}}
"""The marking rule of the national exam, in half points."""

MARKING = Marking.read(OFFICIAL)

FOUR = ("独居", "高龄", "失能", "计划生育特殊家庭")
FIVE = (*FOUR, "空巢")

_serial = count(1)


def question(session: Session, *, state: str = "ready", **values: Any) -> QuestionVersion:
    """A single-choice question in its first version; its answer is B."""
    number = next(_serial)
    key = values.pop("key", f"q{number:05}")
    kind = values.get("kind", "single_choice")
    options, answer = (FOUR, "B") if kind == "single_choice" else (FIVE, "ABD")
    options, answer = values.pop("options", options), values.pop("answer", answer)
    values = {
        "number": 1,
        "digest": "0" * 64,
        "kind": kind,
        "stem": f"第{number}题：下列说法正确的是（ ）。",
        "spec": {"options": list(options), "answer": answer},
        "explanation": "因为如此。",
        "subject": "J-COMP",
        "chapter_key": "2025/J-COMP/06",
        "point_key": "2025/J-COMP/06/1",
        "difficulty": 2,
        "source": {
            "kind": "law",
            "title": "中华人民共和国慈善法",
            "edition": "2023修正",
            "article": "第二条",
        },
        "valid_on": date(2026, 1, 1),
        "tags": [],
        "published_at": NOON,
    } | values
    made = added(
        session,
        Question(key=key, subject=values["subject"], kind=kind, state=state, current_number=1),
    )
    return added(session, QuestionVersion(question_id=made.id, **values))


def marking_rule(session: Session, **values: Any) -> RuleVersion:
    """The official marking rule, in force for ever."""
    rule = added(session, Rule(key=f"marking-{next(_serial)}", kind="marking", current_number=1))
    values = {
        "number": 1,
        "digest": "0" * 64,
        "title": "评分规则",
        "title_en": "Marking",
        "effective_from": date(2008, 1, 1),
        "effective_to": None,
        "source": "测试",
        "certainty": "settled",
        "body": OFFICIAL,
        "published_at": NOON,
    } | values
    return added(session, RuleVersion(rule_id=rule.id, **values))


HEAD = 'subject = "J-COMP"\nchapter = "2025/J-COMP/06"\n'
"""Two lines, so that the first line of the first question is the fourth."""


def block(**values: str) -> str:
    """A [[question]] block; values are TOML. An empty value leaves the key out."""
    number = next(_serial)
    values = {
        "id": f'"t{number}"',
        "kind": '"single_choice"',
        "stem": f'"第{number}题（ ）。"',
        "options": '["独居", "高龄", "失能", "空巢"]',
        "answer": '"B"',
        "explanation": '"因为如此。"',
        "point": '"2025/J-COMP/06/1"',
        "difficulty": "2",
        "valid_on": "2026-01-01",
        "source": '{ kind = "concept", title = "个案" }',
        "tags": "[]",
    } | values
    return "[[question]]\n" + "".join(f"{k} = {v}\n" for k, v in values.items() if v)


def bank(root: Path, *blocks: str, head: str = HEAD, name: str = "J-COMP/06.toml") -> Path:
    """Write a file of questions under a root and return the root."""
    path = root / "questions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + "\n" + "\n".join(blocks), encoding="utf-8")
    return root


def draft(key: str, **values: Any) -> Draft:
    """A finished single-choice question as its author would have it."""
    values = {
        "subject": "J-COMP",
        "chapter_key": "2025/J-COMP/06",
        "point_key": "2025/J-COMP/06/1",
        "kind": "single_choice",
        "stem": f"{key}：下列说法正确的是（ ）。",
        "spec": {"options": list(FOUR), "answer": "B"},
        "explanation": "因为如此。",
        "difficulty": 2,
        "source": {"kind": "concept", "title": "个案", "edition": "", "article": ""},
        "valid_on": date(2026, 1, 1),
        "tags": (),
    } | values
    return Draft(key=key, **values)
