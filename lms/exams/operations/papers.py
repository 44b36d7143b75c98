"""Deeds on papers that no file holds: parts of others, practice papers; and counting uses."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.exams import queries, rules
from lms.exams.models import Attempt, Paper, PaperVersion, Response, StuckAttempt, UseCount
from lms.exams.types import Draft, PaperText, Shortage, Slot, State
from lms.kernel.authoring import digest_of
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.publishing import READY, RETIRED
from lms.kernel.transaction import alone
from lms.question_bank import operations as questions
from lms.question_bank import queries as bank
from lms.question_bank.models import QuestionVersion
from lms.question_bank.types import Marking
from lms.regulations import queries as regulations
from lms.regulations.rules import marking_rule
from lms.regulations.types import MARKING, PRACTICE_MARKING
from lms.syllabus import queries as syllabus

_PUBLISHING_LOCK = 0x62697870
"""The number of the lock under which one process at a time publishes a part or a practice paper."""

_COUNTING_LOCK = 0x62697875

MARGIN = timedelta(minutes=10)
"""How long a paper is left alone after it was handed in: by then its transaction has ended."""

_IS_STUCK = sa.exists().where(
    StuckAttempt.learner_id == Attempt.learner_id,
    StuckAttempt.attempt_number == Attempt.number,
)

_MADE_KEY = re.compile(r"~[0-9a-f]{10}")
"""Keys of practice papers; no author's id begins so."""


def publish_part(
    session: Session, paper: PaperText, part: rules.Part, *, actor_id: int, now: datetime
) -> PaperText:
    """Return a part of a paper, published now if nobody has asked for it yet.

    A paper has few parts: one section or all, chapters from one to another. All of it is itself.

    :raises Conflict: ``fixed_section`` or ``empty_part``.
    """
    if part == rules.Part():
        return paper
    raw = queries.paper_table(session, paper.version_id)
    table, minutes = rules.part_table(raw, part, minutes=paper.minutes)
    chosen = rules.read_blueprint(table, sittable=True).sections
    values = {
        "title": f"{paper.title}（{_named(part, [s.title for s in chosen], '第', '章')}）",
        "title_en": (
            f"{paper.title_en} ({_named(part, [s.title_en for s in chosen], 'chapter ', '')})"
        ),
        "subject": paper.subject,
        "minutes": minutes,
        "certainty": paper.certainty,
        "source": paper.source,
        "blueprint": table,
        "attempts_allowed": paper.attempts_allowed,
    }
    key = rules.part_key(paper.key, part, paper.blueprint)
    _publish(session, key, queries.PART, values, actor_id=actor_id, now=now)
    return queries.paper(session, key, is_part=True)


def _named(part: rules.Part, titles: list[str], before: str, after: str) -> str:
    """Name a part: its section, its chapters."""
    sections = [titles[0]] if part.sections else []
    numbers = [key.rpartition("/")[2].lstrip("0") for key in part.chapters]
    if not numbers:
        return sections[0]
    span = numbers[0] if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
    return " ".join([*sections, f"{before}{span}{after}"])


def check_draft(
    session: Session, draft: Draft, *, now: datetime
) -> tuple[dict[str, Any], list[Shortage]]:
    """Return how a practice paper would be made up, and what the bank cannot fill.

    Three statements. Writes nothing.

    :raises Invalid: as ``rules.practice_table``.
    :raises NotFound: ``no_rule`` for the marking of the day.
    """
    in_use = regulations.rules_of_kind(session, MARKING, PRACTICE_MARKING)
    marking = marking_rule(in_use, on=day_of(now), key=draft.marking)
    chapters = [node.key for node in syllabus.chapters(session, draft.subject)]
    table = rules.practice_table(draft, Marking.read(marking.body), chapters)
    blueprint = rules.read_blueprint(table, sittable=True)
    look = bank.drawable_in_detail if blueprint.needs_detail else bank.drawable
    return table, rules.shortages(blueprint, look(session, draft.subject))


def publish_paper(
    session: Session, *, key: str, draft: Draft, actor_id: int, now: datetime
) -> None:
    """Publish a practice paper, or a new version of it. Safe to repeat: nothing is written then.

    A retired one comes back. Attempts keep the version they were drawn from.

    :param key: ``~`` and ten hexadecimal digits, which the page has made up.
    :raises Invalid: ``bad_key``, or as ``rules.practice_table``.
    :raises Conflict: ``of_a_file``, or ``not_enough_questions`` with every cell that binds.
    """
    if not _MADE_KEY.fullmatch(key):
        raise Invalid("bad_key", N_("试卷编号不对，请重新打开页面"), where="key")
    table, missing = check_draft(session, draft, now=now)
    if missing:
        raise Conflict(
            "not_enough_questions",
            N_("题库里的题不够组这份卷：%(cells)s"),
            cells=rules.CellWords(tuple(missing)),
        )
    values = {
        "title": draft.title,
        "title_en": draft.title,
        "subject": draft.subject,
        "minutes": draft.minutes,
        "certainty": "settled",
        "source": "",
        "blueprint": table,
        "attempts_allowed": draft.attempts_allowed,
    }
    _publish(session, key, queries.PAGE, values, actor_id=actor_id, now=now)


def retire_paper(session: Session, *, key: str, actor_id: int, now: datetime) -> None:
    """Take a practice paper out of use. Attempts stay. Safe to repeat.

    :raises NotFound: ``no_paper``.
    :raises Conflict: ``of_a_file``.
    """
    paper, _version = queries.made_paper(session, key)
    if paper.state == READY:
        paper.state = RETIRED
        _note(session, "exams.paper_retired", key, actor_id=actor_id, now=now)


def _publish(
    session: Session,
    key: str,
    origin: str,
    values: Mapping[str, Any],
    *,
    actor_id: int,
    now: datetime,
) -> None:
    digest = digest_of(dict(values))
    found = _current(session, key)
    if found is not None and found[1] == digest and found[0].state == READY:
        return
    alone(session, _PUBLISHING_LOCK)
    found = _current(session, key)
    paper, known = found or (None, None)
    if paper is None:
        paper = Paper(key=key, state=READY, current_number=0, origin=origin)
        session.add(paper)
    elif paper.state == RETIRED:
        paper.state = READY
        _note(session, "exams.paper_restored", key, actor_id=actor_id, now=now)
    if known == digest:
        return
    paper.current_number += 1
    session.flush()
    number = paper.current_number
    session.add(
        PaperVersion(
            paper_id=paper.id,
            number=number,
            digest=digest,
            sittable=True,
            published_at=now,
            **values,
        )
    )
    more = {"number": number, "digest": digest}
    _note(session, "exams.paper_published", key, actor_id=actor_id, now=now, **more)
    session.flush()


def _current(session: Session, key: str) -> tuple[Paper, str] | None:
    row = session.execute(
        sa.select(Paper, PaperVersion.digest)
        .join(PaperVersion, queries.IS_CURRENT)
        .where(Paper.key == key)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _note(
    session: Session, verb: str, key: str, *, actor_id: int, now: datetime, **more: object
) -> None:
    subject = f"paper:{key}"
    audit.record(session, verb=verb, subject=subject, actor_id=actor_id, now=now, **more)


def count_uses(session: Session, *, now: datetime) -> int:
    """Add to every question the papers it has been on since the last time; return how many papers.

    Papers count once they are handed in, each once: up to ten minutes ago, and not past the
    deadline of one that is still to be handed in, which will count as of then. One that cannot be
    marked is not waited for. Two or three statements that read, whatever there is; nothing is
    written if there is nothing new.
    """
    alone(session, _COUNTING_LOCK)
    mark = session.get(UseCount, 1)
    overdue = session.scalar(
        sa.select(sa.func.min(Attempt.deadline_at)).where(Attempt.state == State.OPEN, ~_IS_STUCK)
    )
    until = min(now - MARGIN, overdue or now)
    handed_in: tuple[sa.ColumnElement[bool], ...] = (Attempt.submitted_at < until,)
    if mark is not None:
        handed_in = (*handed_in, Attempt.submitted_at >= mark.counted_at)
    papers = session.scalar(sa.select(sa.func.count()).select_from(Attempt).where(*handed_in)) or 0
    if not papers:
        return 0
    uses = session.execute(
        sa.select(QuestionVersion.question_id, sa.func.count())
        .join(Response, Response.question_version_id == QuestionVersion.id)
        .join(
            Attempt,
            sa.and_(
                Attempt.learner_id == Response.learner_id,
                Attempt.number == Response.attempt_number,
            ),
        )
        .where(*handed_in)
        .group_by(QuestionVersion.question_id)
    )
    questions.add_uses(session, {row[0]: row[1] for row in uses})
    if mark is None:
        session.add(UseCount(id=1, counted_at=until))
    else:
        mark.counted_at = until
    session.flush()
    return papers


def count_late(session: Session, slots: Iterable[Slot], *, handed_in_at: datetime) -> None:
    """Add the questions of a paper that got its result after papers of its day were counted."""
    mark = session.get(UseCount, 1)
    if mark is None or handed_in_at >= mark.counted_at:
        return
    ids = sa.select(QuestionVersion.question_id).where(
        QuestionVersion.id.in_([slot.version_id for slot in slots])
    )
    questions.add_uses(session, dict.fromkeys(session.scalars(ids), 1))
