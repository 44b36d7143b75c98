"""The two jobs of every import: the preview, which writes nothing, and the import itself.

Both go over the file in the same portions. The preview keeps a verdict for each row. The import
decides about every row once more, inside the transaction that would write it, and does it only if
that still comes to the same: what somebody else changed in between is refused, not overwritten.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.interop import queries
from lms.interop.content import read_table
from lms.interop.operations.applying import stale
from lms.interop.operations.results import Sheet, keep_results
from lms.interop.operations.tools import Course, Judge, Kind, Tools, portions
from lms.interop.rules.doubts import doubts
from lms.interop.rules.layouts import filled_rows, find_layout
from lms.interop.types import ACTS, Decision, Judged, Layout, Mode, Table, Verdict
from lms.jobs import queries as jobs
from lms.jobs.operations import Task
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, NotAllowed
from lms.kernel.transaction import alone

_IMPORT_LOCK = 0x62697879
"""The number of the lock under which one portion at a time is imported."""


def open_file(session: Session, tools: Tools, arguments: Mapping[str, Any]) -> Table:
    """Return the table that somebody uploaded.

    :raises NotFound: ``no_file``: its time is over.
    :raises Invalid: why it is not read.
    """
    stored = jobs.stored_file(session, int(arguments["file"]))
    data = tools.store.read(stored.key)
    return read_table(data, name=stored.name, encoding=str(arguments.get("encoding") or ""))


def course_of(session: Session, task: Task, mode: str) -> Course:
    """Return for whom the job runs: what they may today, not what they might when they asked.

    :raises NotAllowed: ``no_longer_allowed``.
    """
    on = day_of(task.clock())
    owner_id = task.job.owner_id
    scope = None if owner_id is None else queries.scope_of_owner(session, owner_id, on=on)
    if scope is not None and not scope:
        raise NotAllowed("no_longer_allowed", N_("发起人已没有导入的权限"))
    return Course(Mode(mode), on, scope, owner_id)


def check(kind: Kind, tools: Tools, task: Task) -> Mapping[str, Any]:
    """Judge every row of a file and keep the verdicts; nothing else is written."""
    task.say(N_("正在读取文件"))
    with task.reading() as session:
        table = open_file(session, tools, task.arguments)
        course = course_of(session, task, str(task.arguments["mode"]))
        layout = find_layout(table, kind.columns, name=str(task.arguments["name"]))
        judge = kind.judge(session, course, tools, table, layout)
        in_scope = kind.in_scope(session, course)
    numbers = filled_rows(table, layout)
    task.say(N_("正在核对每一行"), total=len(numbers))
    tally = _Tally(kind, table, layout)
    kept, seen = task.done, 0
    for number, rows in portions(numbers, kind.size):
        with task.reading() as session:
            judged = [one.judged for one in judge.decide(session, rows, {})]
        tally.add(rows, judged)
        seen += len(rows)
        if seen > kept:  # else an earlier attempt has kept it
            with task.portion(number=number, size=len(rows)) as portion:
                portion.outcome.extend(one.plain() for one in judged)
    asked = doubts(
        tally.counts,
        in_scope=in_scope,
        faults=tally.faults,
        renamed=tally.renamed,
        changed_percent=tools.changed_percent,
        refused_percent=tools.refused_percent,
    )
    return {
        "counts": dict(tally.counts),
        "rows": len(numbers),
        "doubts": [[one.message, dict(one.values)] for one in asked],
        "unknown": list(layout.unknown),
        "header": layout.header + 1,
        "source": table.source,
        "encoding": table.encoding,
        "sheet": table.sheet,
        "other_sheets": list(table.other_sheets),
    }


class _Tally:
    """Counts over a whole file, for what is asked once more."""

    def __init__(self, kind: Kind, table: Table, layout: Layout) -> None:
        self.counts: Counter[str] = Counter()
        self.renamed = 0
        self._table = table
        self._labels = {
            place: next(c.label for c in kind.columns if c.name == name)
            for name, place in layout.places.items()
        }
        self._bad: Counter[int] = Counter()
        self._there: Counter[int] = Counter()

    def add(self, numbers: Sequence[int], judged: Sequence[Judged]) -> None:
        """Count some rows."""
        self.counts.update(str(one.verdict) for one in judged)
        for one in judged:
            self.renamed += any(change.field == "name" for change in one.changes)
            if one.verdict is Verdict.REFUSED:
                self._bad.update({r.column for r in one.reasons if r.column is not None})
        for number in numbers:
            row = self._table.rows[number]
            self._there.update(place for place in self._labels if place < len(row) and row[place])

    @property
    def faults(self) -> dict[str, tuple[int, int]]:
        """By the label of a column: values refused, values there."""
        return {
            label: (self._bad[place], self._there[place])
            for place, label in self._labels.items()
            if self._bad[place]
        }


def carry_out(kind: Kind, tools: Tools, task: Task) -> Mapping[str, Any]:
    """Do what a preview has shown, portion by portion, and make the files with the results."""
    preview_id = int(task.arguments["preview"])
    task.say(N_("正在读取文件"))
    with task.reading() as session:
        preview = jobs.job(session, preview_id)
        table = open_file(session, tools, preview.arguments)
        course = course_of(session, task, str(preview.arguments["mode"]))
        layout = find_layout(table, kind.columns, name=str(preview.arguments["name"]))
        choices = queries.choices(session, preview_id)
        judge = kind.judge(session, course, tools, table, layout)
    numbers = filled_rows(table, layout)
    task.say(N_("正在导入"), total=len(numbers))
    kept, seen = task.done, 0
    for number, rows in portions(numbers, kind.size):
        seen += len(rows)
        if seen <= kept:  # an earlier attempt has done it
            with task.reading() as session:
                written = jobs.outcome(session, task.job.id, number)
            judge.remember([Judged.read(one) for one in written])
            continue
        with task.portion(number=number, size=len(rows)) as portion:
            alone(portion.session, _IMPORT_LOCK)
            seen_then = jobs.outcome(portion.session, preview_id, number)
            before = [Judged.read(one) for one in seen_then]
            after = _do(portion.session, judge, before, choices, task)
            portion.outcome.extend(one.plain() for one in after)
        judge.remember(after)
    task.say(N_("正在生成结果文件"))
    with task.reading() as session:
        parts = jobs.outcomes(session, task.job.id)
        outcomes = [Judged.read(one) for some in parts for one in some]
    counts = Counter(str(one.verdict) for one in outcomes)
    sheet = Sheet(table, layout, outcomes, kind.labels())
    files = keep_results(task, tools, sheet, name=str(preview.arguments["name"]))
    _tell(task, kind, course, counts, preview_id)
    return {"counts": dict(counts), "files": files, "preview": preview_id, "rows": len(outcomes)}


def _do(
    session: Session,
    judge: Judge,
    before: Sequence[Judged],
    choices: Mapping[int, str],
    task: Task,
) -> list[Judged]:
    """Decide once more about the rows on which something is to be written, and write it."""
    wanted = [
        one
        for one in before
        if one.verdict in ACTS or (one.verdict is Verdict.POSSIBLE and one.row in choices)
    ]
    judge.forget()
    decided = judge.decide(session, [one.row - 1 for one in wanted], choices)
    done: dict[int, Judged] = {}
    sure: list[Decision] = []
    for then, now in zip(wanted, decided, strict=True):
        if now.judged.verdict is Verdict.SAME:
            done[then.row] = now.judged
        elif _is_as_seen(then, now.judged):
            sure.append(now)
        else:
            done[then.row] = stale(now.judged)
    done |= {one.row: one for one in judge.apply(session, sure, now=task.clock())}
    return [done.get(one.row, one) for one in before]


def _is_as_seen(then: Judged, now: Judged) -> bool:
    """Say whether a row still comes to what somebody has seen and confirmed."""
    if now.verdict not in ACTS or then.revision != now.revision:
        # who was said to be another person is new, although the preview names a candidate
        return now.verdict is Verdict.NEW and then.verdict is Verdict.POSSIBLE
    return then.subject_id == now.subject_id


def _tell(
    task: Task, kind: Kind, course: Course, counts: Mapping[str, int], preview_id: int
) -> None:
    with task.deed() as session:
        audit.record(
            session,
            verb="interop.list_imported",
            subject=f"job:{task.job.id}",
            actor_id=course.actor_id,
            now=task.clock(),
            kind=kind.name,
            file=task.arguments["name"],
            sha256=task.arguments.get("sha256", ""),
            mode=course.mode,
            preview=preview_id,
            counts=dict(counts),
        )
