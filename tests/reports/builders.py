"""Papers that were handed in, straight as rows: what an item analysis looks at."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams.models import Attempt, Paper, PaperVersion, Response
from lms.people.models import Person
from lms.practice.models import DrillAnswer
from lms.question_bank import operations
from lms.question_bank.models import LawEdition, QuestionVersion
from lms.question_bank.rules import mark
from lms.question_bank.types import Marking
from lms.regulations.models import RuleVersion
from tests.builders import NOON, added
from tests.exams import builders as exams
from tests.question_bank import builders as bank

Answers = Sequence[tuple[QuestionVersion, str]]
"""One paper: each question with the letters that were chosen."""


def paper(session: Session, **values: Any) -> PaperVersion:
    """A paper that nobody has sat, with the rules that ship."""
    exams.rules(session)
    key = exams.paper(session, **values)
    return session.execute(
        sa.select(PaperVersion)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .where(Paper.key == key)
    ).scalar_one()


def sat(session: Session, version: PaperVersion, papers: Sequence[Answers]) -> None:
    """Hand papers in, each by a learner of its own; the later ones later."""
    rule = session.scalar(sa.select(RuleVersion).where(RuleVersion.title.contains("评分规则")))
    marking = Marking.read(rule.body)
    ids = list(
        session.scalars(
            sa.insert(Person).returning(Person.id),
            [
                {
                    "user_name": f"s{version.id}-{n}",
                    "name": "考生",
                    "session_epoch": 0,
                    "created_at": NOON,
                }
                for n in range(len(papers))
            ],
        )
    )
    attempts, responses = [], []
    for at, (learner_id, answers) in enumerate(zip(sorted(ids), papers, strict=True)):
        marks = [mark(one.kind, one.spec, chosen, marking) for one, chosen in answers]
        handed_in = NOON + timedelta(minutes=at)
        attempts.append(
            {
                "learner_id": learner_id, "number": 1, "paper_version_id": version.id,
                "marking_rule_id": rule.id, "pass_line_id": rule.id, "state": "submitted", "seed": at,
                "slots": [], "answers": {}, "started_at": NOON, "deadline_at": NOON,
                "submitted_at": handed_in, "passed": False,
                "earned": sum(m.earned for m in marks), "out_of": sum(m.out_of for m in marks),
            }
        )  # fmt: skip
        responses += [
            {
                "learner_id": learner_id, "attempt_number": 1, "slot": slot,
                "question_version_id": one.id, "chosen": chosen, "earned": m.earned, "out_of": m.out_of,
            }
            for slot, ((one, chosen), m) in enumerate(zip(answers, marks, strict=True), 1)
        ]  # fmt: skip
    session.execute(sa.insert(Attempt), attempts)
    session.execute(sa.insert(Response), responses)
    session.flush()


def guessed(questions: Sequence[QuestionVersion], learners: int, *, seed: int = 1) -> list[Answers]:
    """Invent answers of learners who know more or less; everybody gets the same questions."""
    dice = random.Random(seed)
    papers = []
    for _ in range(learners):
        ability = dice.gauss(0, 1)
        papers.append([(one, _chosen(one, ability, at, dice)) for at, one in enumerate(questions)])
    return papers


def _chosen(one: QuestionVersion, ability: float, at: int, dice: random.Random) -> str:
    letters = "ABCDEFGH"[: len(one.spec["options"])]
    key = one.spec["answer"]
    if dice.random() < 0.02:
        return ""
    knows = dice.random() < 1 / (1 + 2.718 ** (-1.5 * ability + (at % 7 - 3) * 0.7))
    if knows:
        return key
    if one.kind == "single_choice":
        return dice.choice(letters)
    return "".join(sorted(dice.sample(letters, dice.randint(1, len(letters) - 1))))


def ended_law(session: Session, *, learner_id: int) -> int:
    """Somebody has drilled a question on the Charity Law of 2016; return that edition's id."""
    source = {"kind": "law", "title": "中华人民共和国慈善法", "edition": "2016", "article": ""}
    version = bank.question(session, source=source)
    operations.reindex(session)
    editions = (("2016", date(2016, 9, 1)), ("2023修正", date(2024, 9, 5)))
    operations.load_laws(session, [bank.law("中华人民共和国慈善法", *editions)], now=NOON)
    added(
        session,
        DrillAnswer(
            learner_id=learner_id,
            number=1,
            question_id=version.question_id,
            question_version_id=version.id,
            token="t",
            chosen="B",
            earned=2,
            out_of=2,
            answered_at=NOON,
        ),
    )
    found = sa.select(LawEdition.id).where(LawEdition.name == "2016")
    return session.scalars(found).one()
