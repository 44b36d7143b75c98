"""What marking papers anew costs: ``python -m bench.regrading``.

Inside one process, on a demonstration made for it, where everybody sits the mock of 80 questions:
one corrected key and another rule for the whole paper, each tried, applied and taken back.
"""

import json
import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from time import perf_counter, process_time
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.exams.rules import Terms
from lms.exams.types import Cause, Policy, Sent
from lms.http.extensions import db
from lms.kernel.clock import day_of, utc_now
from lms.kernel.transaction import transaction
from lms.people import queries as people
from lms.people.models import RoleGrant
from lms.question_bank.models import QuestionVersion
from lms.regulations.models import Rule, RuleVersion
from lms.requirements.operations import refresh
from lms.web.app import create_app
from lms.web.demo_cli import demo

PAPER, SEED = "j-comp-mock", 7


@click.command()
@click.option("--papers", default=1000, show_default=True, type=click.IntRange(20, 70_000))
def main(papers: int) -> None:
    """Print the figures as JSON: seconds of time and of this process's CPU."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LMS_HOME"] = folder
        os.environ.pop("LMS_DATABASE_URL", None)
        demo.main(["--no-serve", "--learners", str(papers)], standalone_mode=False)
        click.echo(json.dumps(figures(f"sqlite:///{folder}/demo.sqlite3", papers), indent=2))


def figures(url: str, papers: int) -> dict[str, Any]:
    """Return what is measured on a demonstration."""
    app, now = create_app({"DATABASE_URL": url, "RATELIMIT_ENABLED": False}), utc_now()
    with app.app_context(), Session(db.engine) as session:
        author, approver = (
            people.person_by_user_name(session, name).id for name in ("instructor", "reviewer")
        )
        asked = sat(session, papers, now=now)
        session.commit()
        key = Terms(
            cause=Cause.KEY_CORRECTED,
            policy=Policy.CURRENT_KEY,
            paper_version_id=None,
            from_version_id=asked,
            to_version_id=another_key(session, asked),
            marking_rule_id=None,
        )
        rule = replace(
            key,
            cause=Cause.RULE_CHANGED,
            paper_version_id=queries.paper(session, PAPER).version_id,
            from_version_id=None,
            to_version_id=None,
            marking_rule_id=another_rule(session),
        )
        session.commit()
        return {
            name: measured(session, terms, author, approver)
            for name, terms in (("one_key", key), ("whole_paper", rule))
        }


def sat(session: Session, papers: int, *, now: datetime) -> int:
    """Let so many learners hand in the mock, and return a question that all were asked."""
    learners = session.scalars(
        sa.select(RoleGrant.person_id)
        .where(RoleGrant.role == "learner")
        .distinct()
        .order_by(RoleGrant.person_id)
        .limit(papers)
    ).all()
    asked = 0
    with transaction(session):
        for learner_id in learners:
            number = operations.start(
                session, learner_id=learner_id, paper_key=PAPER, seed=SEED, now=now
            )
            found = queries.sitting(session, learner_id=learner_id, number=number)
            asked, dice = found.slots[0].version_id, random.Random(learner_id)
            answers = [
                Sent(slot, ("ABCD"[int(dice.random() * 4)],), 1)
                for slot in range(1, len(found.slots) + 1)
            ]
            operations.save_answers(
                session, learner_id=learner_id, number=number, answers=answers, now=now
            )
            operations.submit(session, learner_id=learner_id, number=number, now=now)
    return asked


def another_key(session: Session, version_id: int) -> int:
    """Publish a version of a question with another key."""
    old = session.get_one(QuestionVersion, version_id)
    same = {c.key: getattr(old, c.key) for c in sa.inspect(QuestionVersion).columns}
    answer = "B" if old.spec["answer"] == "A" else "A"
    changed = {
        "id": None,
        "number": 9999,
        "digest": "bench",
        "spec": {**old.spec, "answer": answer},
    }
    new = QuestionVersion(**same | changed)
    session.add(new)
    session.flush()
    return new.id


def another_rule(session: Session) -> int:
    """Publish a marking rule that values single choices twice."""
    rule = Rule(key="marking-bench", kind="marking", current_number=1)
    session.add(rule)
    session.flush()
    body = {"single_choice": {"full": 4}, "multiple_choice": {"full": 4, "each": 1}}
    version = RuleVersion(
        rule_id=rule.id,
        number=1,
        digest="bench",
        title="bench",
        title_en="bench",
        effective_from=day_of(utc_now()),
        effective_to=None,
        source="bench",
        certainty="unsure",
        body=body,
        published_at=utc_now(),
    )
    session.add(version)
    session.flush()
    return version.id


def measured(session: Session, terms: Terms, author: int, approver: int) -> dict[str, Any]:
    """Try, apply and take back; return what each took and how many results moved."""
    who: dict[str, Any] = {"actor_id": author, "now": utc_now()}
    other = who | {"actor_id": approver}
    told: dict[str, Any] = {}

    def timed(name: str, deed: Callable[..., Any], **values: Any) -> Any:
        wall, cpu = perf_counter(), process_time()
        with transaction(session, before_commit=(refresh,)):
            answer = deed(session, **values)
        told[name] = {
            "seconds": round(perf_counter() - wall, 2),
            "cpu_seconds": round(process_time() - cpu, 2),
        }
        return answer

    made = timed("try", operations.propose_regrade, terms=terms, reason="bench", **who)
    told["attempts"], *_rest = queries.regrade(session, made).figures
    told["changed"] = queries.regrade(session, made).figures.changed
    timed("apply", operations.apply_regrade, regrade_id=made, **other)
    with transaction(session):
        operations.ask_undo(session, regrade_id=made, reason="bench", **who)
    timed("undo", operations.approve_undo, regrade_id=made, **other)
    return told


if __name__ == "__main__":
    main()
