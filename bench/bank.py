"""How a bank of 20,000 questions behaves: loading, searching, near-duplicates, item analysis.

    .venv/bin/python -m bench.bank

Questions are put together from clauses of the shipped ones, so that characters occur as often as
they do in real ones; one in twenty is a copy of another with a few characters changed.
"""

import random
import re
import resource
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.databases import Missing, temporary
from lms.exams.models import Attempt, Paper, PaperVersion, Response
from lms.kernel.authoring import Faults
from lms.kernel.clock import utc_now
from lms.kernel.databases import make_engine
from lms.kernel.places import shipped
from lms.kernel.searching import normal
from lms.migrations.runner import upgrade
from lms.people.models import Person
from lms.question_bank import content, operations, queries, rules
from lms.question_bank.content import QuestionFile
from lms.question_bank.models import Question, QuestionVersion
from lms.question_bank.types import Filters
from lms.regulations.models import Rule, RuleVersion
from lms.reports.queries import papers as reports

LOOKED_FOR = ("安全", "证", "社会工作", "危机介入模式", "居民 志愿服务", "没有这个词")
LEARNERS, PLACES = 1000, 80
TIMES = 15


@click.command()
@click.option("--questions", type=click.IntRange(200, 200_000), default=20_000, show_default=True)
def main(questions: int) -> None:
    """Measure on SQLite and on PostgreSQL. Exit status 0, whatever was measured."""
    files = invented(questions, seed=1)
    texts = [file.stem for file in files]
    began = process_time()
    found, seconds = timed(lambda: rules.near_duplicates(texts, rules.THRESHOLD))
    click.echo(
        f"near-duplicates of {questions:,}: {seconds:.1f} s ({process_time() - began:.1f} s of "
        f"processor), {len(found.pairs)} pairs, peak memory {_peak()} MB"
    )
    for name in ("sqlite", "postgresql"):
        try:
            with (
                tempfile.TemporaryDirectory(prefix="bench-") as folder,
                temporary(name, Path(folder)) as url,
            ):
                _measure(name, url, files)
        except Missing as why:
            click.echo(f"{name}: skipped: {why}")


def invented(number: int, *, seed: int) -> list[QuestionFile]:
    """Return so many invented questions, the same for the same seed."""
    dice = random.Random(seed)
    models = content.read_all(shipped("question_bank"), Faults())
    said = "。".join(f"{one.stem}。{one.explanation}" for one in models)
    clauses = sorted({part for part in re.split(r"[，。；：“”？]", said) if len(part) >= 6})
    files: list[QuestionFile] = []
    for at in range(number):
        stem = "，".join(dice.choice(clauses) for _ in range(dice.randint(3, 6))) + "（ ）。"
        if files and dice.random() < 0.05:
            letters = list(dice.choice(files).stem)
            for _ in range(dice.randint(1, 6)):
                letters[dice.randrange(len(letters))] = dice.choice(said)
            stem = "".join(letters)
        spec = {"options": [dice.choice(clauses) for _ in range(4)], "answer": "B"}
        model = dice.choice(models)
        values = {"key": f"b{at:06}", "digest": f"{at:064x}", "stem": stem, "spec": spec}
        files.append(replace(model, kind="single_choice", **values))
    return files


def timed(deed: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a deed gives, and the seconds it takes."""
    began = perf_counter()
    return deed(), perf_counter() - began


def _measure(name: str, url: str, files: Sequence[QuestionFile]) -> None:
    engine = make_engine(url)
    upgrade(engine)
    with Session(engine) as session:
        session.info["lms.after_commit"] = []
        _done, seconds = timed(lambda: operations.load(session, files, now=utc_now()))
        session.commit()
        click.echo(f"\n{name}: {len(files):,} questions published and indexed in {seconds:.1f} s")
        session.execute(sa.text("ANALYZE"))
        for line in _searches(session, files):
            click.echo(line)
        for line in _twins(session):
            click.echo(line)
        version_id = _sit(session)
        session.commit()
        session.execute(sa.text("ANALYZE"))
        papers, gathering = timed(lambda: reports.sittings(session, version_id))
        _figures, working = timed(lambda: rules.analyse_sittings(papers))
        click.echo(
            f"item analysis of {len(papers):,} x {PLACES}: gathered in {gathering:.2f} s, "
            f"worked out in {working:.2f} s; peak memory of all this {_peak()} MB"
        )
    engine.dispose()


def _searches(session: Session, files: Sequence[QuestionFile]) -> Iterator[str]:
    kept = [
        normal(
            rules.search_text(
                {
                    "key": file.key,
                    "stem": file.stem,
                    "spec": file.spec,
                    "explanation": file.explanation,
                    "source": file.source,
                    "tags": file.tags,
                }
            )
        )
        for file in files
    ]
    for words in LOOKED_FOR:
        filters = Filters(words=words)
        count = queries.how_many(session, filters)
        right = sum(all(part in text for part in words.split()) for text in kept)
        page = median(timed(lambda: queries.found(session, filters))[1] for _ in range(TIMES))  # noqa: B023 - used at once
        total = median(timed(lambda: queries.how_many(session, filters))[1] for _ in range(TIMES))  # noqa: B023 - used at once
        same = "as LIKE" if count == right else f"LIKE finds {right}"
        times = f"a page {page * 1e3:.1f} ms, the count {total * 1e3:.1f} ms"
        yield f"  {words}: {count} ({same}), {times}"


def _twins(session: Session) -> Iterator[str]:
    """Find the groups of alike questions in the whole bank, then those of a few that changed.

    Before each turn the groups of the changed ones are forgotten, as if they were new.
    """
    many, seconds = timed(lambda: operations.group_twins(session))
    yield f"  twins: {many} of the bank grouped in {seconds:.2f} s"
    ids = list(session.scalars(sa.select(Question.id).order_by(Question.id).limit(1000)))
    for count in (1, 100, 1000):
        some = ids[:count]
        session.execute(sa.update(Question).where(Question.id.in_(some)).values(twin_group=0))
        _done, seconds = timed(lambda: operations.regroup(session, some))  # noqa: B023 - used at once
        yield f"  twins: {count:,} changed, regrouped in {seconds:.2f} s"


def _sit(session: Session) -> int:
    """Let 1,000 learners hand in a paper of 80 questions, each drawn from 300."""
    dice, now = random.Random(2), utc_now()
    rule = Rule(key="bench", kind="marking", current_number=1)
    paper = Paper(key="bench", state="ready", current_number=1)
    session.add_all([rule, paper])
    session.flush()
    law = RuleVersion(
        rule_id=rule.id, number=1, digest="", title="", title_en="", source="", certainty="settled",
        effective_from=now.date(), effective_to=None, body={}, published_at=now,
    )  # fmt: skip
    version = PaperVersion(
        paper_id=paper.id, number=1, digest="", title="", title_en="", subject="J-COMP", minutes=1,
        sittable=True, certainty="settled", source="", blueprint={}, published_at=now,
    )  # fmt: skip
    session.add_all([law, version])
    session.flush()
    people = [
        {"user_name": f"b{at}", "name": "x", "session_epoch": 0, "created_at": now}
        for at in range(LEARNERS)
    ]
    ids = list(session.scalars(sa.insert(Person).returning(Person.id), people))
    pool = list(session.scalars(sa.select(QuestionVersion.id).limit(300)))
    responses = [
        {
            "learner_id": id_, "attempt_number": 1, "slot": slot, "question_version_id": drawn,
            "chosen": "B" if (right := dice.random() < 0.3 + 0.6 * at / LEARNERS) else "A",
            "earned": 2 * right, "out_of": 2,
        }
        for at, id_ in enumerate(ids)
        for slot, drawn in enumerate(dice.sample(pool, PLACES), 1)
    ]  # fmt: skip
    totals: dict[int, int] = {}
    for one in responses:
        totals[one["learner_id"]] = totals.get(one["learner_id"], 0) + one["earned"]
    attempts = [
        {
            "learner_id": id_, "number": 1, "paper_version_id": version.id, "seed": 1,
            "marking_rule_id": law.id, "pass_line_id": law.id, "state": "submitted",
            "slots": [], "answers": {}, "started_at": now, "deadline_at": now,
            "submitted_at": now, "earned": totals[id_], "out_of": 2 * PLACES, "passed": False,
        }
        for id_ in ids
    ]  # fmt: skip
    session.execute(sa.insert(Attempt), attempts)
    session.execute(sa.insert(Response), responses)
    return version.id


def _peak() -> int:
    """Return the most memory this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
