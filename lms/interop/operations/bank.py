"""Questions from a file into the bank, and out again.

The preview writes nothing but its verdicts. The import decides about every question once more,
inside the one transaction that writes all of them as drafts: what has changed in between is left
out and said, and if anything fails nothing is there.
"""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.interop import queries
from lms.interop.models import QuestionMedium, QuestionMediumUse
from lms.interop.operations.tools import Tools
from lms.interop.rules import (
    Prepared,
    decide,
    format_named,
    item_of,
    losses,
    prepared,
    recognized,
)
from lms.interop.rules import media as pictures
from lms.interop.rules.bridge import core_digest, name_of, source_of
from lms.interop.rules.differences import differences, remark
from lms.interop.types import Format, Media, Note, Read, Source, note
from lms.interop.types.bridge import (
    OFFERS,
    TAKES,
    Bank,
    Defaults,
    JudgedQuestion,
    Ruling,
    Standing,
)
from lms.jobs import operations as job_operations
from lms.jobs import queries as jobs
from lms.jobs.operations import Task
from lms.jobs.types import JobRow
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, NotAllowed
from lms.kernel.transaction import alone
from lms.question_bank.operations import keep_drafts
from lms.question_bank.rules import alike_among, text_digest
from lms.question_bank.types import Draft, Filters, Kept

PERMISSION = "bank.exchange"
"""Who may bring questions in and take them out."""
PORTION = 100
TAKE, LEAVE = "take", "leave"
"""What somebody says about a question of a preview."""

_IMPORT_LOCK = 0x62697871
"""The number of the lock under which one file at a time comes into the bank."""
_TOLD = 200
"""Different remarks about a whole file; more are counted."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of questions that was read and looked at by itself."""

    read: Read
    source: Format
    found: Sequence[Prepared]
    pictures: Mapping[str, Media]


Seen = tuple[Standing, str, str]
"""Of a question of a preview: its standing, of which, and the digest of its draft."""


class Keeper:
    """Keeps pictures in the store, and knows which to take back if nothing comes of it."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self.keys: list[str] = []

    def keep(self, data: bytes) -> str:
        """Store a picture and return its key."""
        kept = self._tools.store.keep(io.BytesIO(data), at_most=len(data))
        self.keys.append(kept.key)
        return kept.key

    def take_back(self) -> None:
        """Remove what was stored."""
        for key in self.keys:
            self._tools.store.remove(key)


def opened(data: bytes, *, name: str, source: str = "", encoding: str = "") -> Opened:
    """Read a file of questions.

    :param source: the name of a format; empty: recognized by its content.
    :raises Invalid: why it is not read.
    """
    reader = format_named(source) if source else recognized(data, name)
    read = reader.read(data, name=name, encoding=encoding)
    found = prepared(read.items, pictures.addresses(read.media))
    return Opened(read, reader, found, pictures.pictures(read.media))


def bank_for(
    session: Session,
    file: Opened,
    *,
    author_id: int | None,
    alike: Mapping[int, Sequence[str]] | None = None,
) -> Bank:
    """Return what the bank has, as far as a file asks about it. Some five statements.

    :param alike: which of its questions read much the same, if somebody has seen that already:
        looking for them takes longer than all the rest.
    """
    found = file.found
    asked = list(queries.asked_in_bank(session))
    key_of: dict[str, str] = {}
    for one in asked:
        key_of.setdefault(core_digest(one.kind, one.stem, one.spec), one.key)
    there = {one.key for one in asked}
    wanted = {key for one in found for key in one.keys if key in there}
    wanted |= {key_of[one.core.digest] for one in found if one.core and one.core.digest in key_of}
    texts, taken = queries.texts_in_bank(session, wanted, author_id=author_id)
    if alike is None:
        strange = {
            number: one.core.stem
            for number, one in enumerate(found, start=1)
            if one.core and one.core.digest not in key_of and not there.intersection(one.keys)
        }
        alike = _alike(strange, asked)
    return Bank(texts, key_of, taken, queries.places(session), alike)


def _alike(strange: Mapping[int, str], asked: Sequence[queries.Asked]) -> dict[int, Sequence[str]]:
    """Return for questions that the bank does not have those that read much the same."""
    bare, numbers = pictures.without_pictures, list(strange)
    near = alike_among([bare(stem) for stem in strange.values()], [bare(a.stem) for a in asked])
    return {numbers[at]: _keys(asked, places) for at, places in near.items()}


def _keys(asked: Sequence[queries.Asked], places: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(asked[place].key for place in places))[:10]


def judged(file: Opened, bank: Bank, defaults: Defaults) -> list[Ruling]:
    """Say what importing a file would do."""
    return decide(file.found, bank, source=file.source, defaults=defaults, pictures=file.pictures)


def row_of(ruling: Ruling) -> JudgedQuestion:
    """Return a verdict as a job keeps it."""
    changed = ruling.standing in {Standing.CHANGED, Standing.TAKEN}
    both = (ruling.before, ruling.draft) if changed else (None, None)
    told = differences(both[0], both[1]) if both[0] and both[1] else ()
    return JudgedQuestion(
        number=ruling.number,
        standing=ruling.standing,
        name=name_of(ruling.item.stem),
        line=ruling.item.line,
        of=ruling.of,
        alike=ruling.alike,
        notes=ruling.notes,
        reasons=ruling.reasons,
        changes=told,
        draft=ruling.draft,
        digest=text_digest(ruling.draft) if ruling.draft else "",
    )


def check(tools: Tools, task: Task) -> Mapping[str, Any]:
    """Judge every question of a file and keep the verdicts; nothing else is written."""
    task.say(N_("正在读取文件"))
    _check_owner(task)
    file = _open(tools, task, task.arguments)
    task.say(N_("正在和题库比对"), total=len(file.found))
    defaults = Defaults.read(task.arguments["defaults"])
    with task.reading() as session:
        bank = bank_for(session, file, author_id=task.job.owner_id)
    rulings = judged(file, bank, defaults)
    kept = task.done
    for number, start in enumerate(range(0, len(rulings), PORTION)):
        some = rulings[start : start + PORTION]
        if start + len(some) > kept:  # else an earlier attempt has kept it
            with task.portion(number=number, size=len(some)) as portion:
                portion.outcome.extend(row_of(one).plain() for one in some)
    return {
        "counts": dict(Counter(str(one.standing) for one in rulings)),
        "rows": len(rulings),
        "format": file.source.name,
        "encoding": file.read.encoding,
        "pictures": len(file.pictures),
        "notes": [[one.message, dict(one.params), one.line] for one in file.read.notes[:_TOLD]],
        "noted": sum(bool(one.notes or one.reasons) for one in rulings),
    }


def _open(tools: Tools, task: Task, arguments: Mapping[str, Any]) -> Opened:
    with task.reading() as session:
        stored = jobs.stored_file(session, int(arguments["file"]))
    return opened(
        tools.store.read(stored.key),
        name=stored.name,
        source=str(arguments["format"]),
        encoding=str(arguments["encoding"]),
    )


def _check_owner(task: Task) -> None:
    """Refuse whoever may no longer do what they asked for.

    :raises NotAllowed: ``no_longer_allowed``.
    """
    owner_id, on = task.job.owner_id, day_of(task.clock())
    if owner_id is None:
        return
    with task.reading() as session:
        if not queries.scope_of_owner(session, owner_id, on=on, permission=PERMISSION):
            raise NotAllowed("no_longer_allowed", N_("发起人已没有导入的权限"))


def carry_out(tools: Tools, task: Task) -> Mapping[str, Any]:
    """Keep what a preview has shown as drafts: all in one transaction, or nothing."""
    preview_id = int(task.arguments["preview"])
    if task.done:  # an earlier attempt has done it all
        with task.reading() as session:
            kept = jobs.outcome(session, task.job.id, 0)
        return _result([JudgedQuestion.read(one) for one in kept], preview_id)
    task.say(N_("正在读取文件"))
    _check_owner(task)
    with task.reading() as session:
        preview = jobs.job(session, preview_id)
    file = _open(tools, task, preview.arguments)
    task.say(N_("正在导入"), total=len(file.found))
    with _pictures_of(tools) as keep, task.portion(number=0, size=len(file.found)) as portion:
        alone(portion.session, _IMPORT_LOCK)
        rows = _import(portion.session, task, preview, file, keep)
        portion.outcome.extend(row.plain() for row in rows)
    return _result(rows, preview_id)


def _import(
    session: Session, task: Task, preview: JobRow, file: Opened, keep: Keeper
) -> list[JudgedQuestion]:
    """Decide once more and write, with the line of the audit trail."""
    owner_id, now = task.job.owner_id, task.clock()
    if owner_id is None:
        raise NotAllowed("nobody", N_("要说明是谁在导入"))
    choices, shown = queries.choices(session, preview.id), _shown(session, preview.id)
    seen = {row.number: (row.standing, row.of, row.digest) for row in shown}
    alike = {row.number: row.alike for row in shown if row.alike}
    bank = bank_for(session, file, author_id=owner_id, alike=alike)
    rulings = [
        _as_wanted(one, seen.get(one.number), choices)
        for one in judged(file, bank, Defaults.read(preview.arguments["defaults"]))
    ]
    batch = f"import-{preview.id}"
    rows = write(session, rulings, file, batch=batch, actor_id=owner_id, now=now, keep=keep)
    audit.record(
        session,
        verb="interop.questions_imported",
        subject=f"job:{task.job.id}",
        actor_id=owner_id,
        now=now,
        file=preview.arguments["name"],
        sha256=preview.arguments["sha256"],
        format=file.source.name,
        preview=preview.id,
        counts=dict(Counter(str(row.standing) for row in rows if row.draft)),
    )
    return rows


def _shown(session: Session, preview_id: int) -> list[JudgedQuestion]:
    """Return what somebody saw of each question when they confirmed."""
    parts = jobs.outcomes(session, preview_id)
    return [JudgedQuestion.read(kept) for some in parts for kept in some]


def _result(rows: Sequence[JudgedQuestion], preview_id: int) -> dict[str, Any]:
    return {
        "counts": dict(Counter(str(row.standing) for row in rows)),
        "rows": len(rows),
        "kept": sum(row.draft is not None for row in rows),
        "preview": preview_id,
    }


def _as_wanted(ruling: Ruling, seen: Seen | None, choices: Mapping[int, str]) -> Ruling:
    """Return a verdict without its draft if it is not to be kept, or no longer what was seen."""
    if ruling.draft is None:
        return ruling
    choice = choices.get(ruling.number, "")
    standing = seen[0] if seen else ruling.standing
    wanted = (standing in TAKES and choice != LEAVE) or (standing in OFFERS and choice == TAKE)
    if not wanted:
        return replace(ruling, draft=None)
    now = (ruling.standing, ruling.of, text_digest(ruling.draft))
    if seen is None or now != seen:
        reason = note("changed_since", N_("预览之后题库变了，没有导入；请重新上传、预览"))
        is_same = ruling.standing is Standing.IDENTICAL
        return replace(ruling, draft=None, reasons=() if is_same else (reason,))
    return ruling


@contextmanager
def _pictures_of(tools: Tools) -> Iterator[Keeper]:
    keeper = Keeper(tools)
    try:
        yield keeper
    except BaseException:
        keeper.take_back()
        raise


def write(
    session: Session,
    rulings: Sequence[Ruling],
    file: Opened,
    *,
    batch: str,
    actor_id: int,
    now: datetime,
    keep: Keeper,
) -> list[JudgedQuestion]:
    """Keep the drafts of some verdicts, with their pictures, and say what became of each."""
    drafts = [one.draft for one in rulings if one.draft]
    notes = {one.draft.key: remark(_to_tell(one)) for one in rulings if one.draft}
    became = keep_drafts(
        session,
        drafts=drafts,
        actor_id=actor_id,
        origin=f"import:{file.source.name}",
        batch=batch,
        notes={key: told for key, told in notes.items() if told},
        now=now,
    )
    _keep_pictures(session, drafts, file, keep=keep, now=now)
    return [_became(one, became) for one in rulings]


def _to_tell(ruling: Ruling) -> list[Note]:
    return list(dict.fromkeys(ruling.notes))


def _became(ruling: Ruling, became: Mapping[str, Kept]) -> JudgedQuestion:
    row = row_of(ruling)
    if ruling.draft is None:
        return row
    kept = became[ruling.draft.key]
    if kept is Kept.TAKEN:
        return replace(row, standing=Standing.TAKEN, draft=None)
    if kept is Kept.SAME:
        return replace(row, standing=Standing.IDENTICAL, draft=None)
    return row


def _keep_pictures(
    session: Session, drafts: Sequence[Draft], file: Opened, *, keep: Keeper, now: datetime
) -> None:
    """Keep the pictures that drafts show: each once, whoever brings it."""
    if not file.pictures:
        return
    brought = {pictures.digest_of(one): one for one in file.pictures.values()}
    shown = {draft.key: pictures.shown_in(draft) for draft in drafts}
    digests = {digest for some in shown.values() for digest in some}
    there = queries.media(session, digests)
    for digest in sorted(digests & brought.keys() - there.keys()):
        one = brought[digest]
        session.add(
            QuestionMedium(
                digest=digest,
                key=keep.keep(one.data),
                media_type=one.type,
                size=len(one.data),
                kept_at=now,
            )
        )
    session.flush()
    known = digests & (brought.keys() | there.keys())
    noted = queries.media_uses(session, shown)
    uses = {(digest, key) for key, some in shown.items() for digest in some & known}
    session.add_all(QuestionMediumUse(digest=d, question_key=k) for d, k in sorted(uses - noted))
    session.flush()


def carry_away(tools: Tools, task: Task) -> Mapping[str, Any]:
    """Make a file of the questions that somebody looks for, and say what it could not carry."""
    task.say(N_("正在读取试题"))
    _check_owner(task)
    with task.reading() as session:
        drafts = queries.of_bank(session, Filters(**task.arguments["filters"]))
    task.say(N_("正在写文件"), total=len(drafts))
    if not drafts:
        raise Conflict("nothing_found", N_("没有这样的试题，没有可导出的"))
    target = format_named(str(task.arguments["format"]))
    with task.reading() as session:
        data, lost = exported(session, tools, drafts, target)
    with task.deed() as session:
        file_id = job_operations.keep_file(
            session,
            tools.store,
            io.BytesIO(data),
            name=f"bixue-{day_of(task.clock()).isoformat()}{target.suffix}",
            at_most=len(data),
            days=tools.days,
            owner_id=task.job.owner_id,
            now=task.clock(),
        )
        note_export(
            session,
            target=target,
            filters=Filters(**task.arguments["filters"]),
            number=len(drafts),
            actor_id=task.job.owner_id,
            now=task.clock(),
        )
    return {
        "rows": len(drafts),
        "files": {target.name: file_id},
        "lost": [[one.message, dict(one.params), count] for one, count in lost.items()],
    }


def exported(
    session: Session, tools: Tools, drafts: Sequence[Draft], target: Format
) -> tuple[bytes, dict[Note, int]]:
    """Return a file of questions with their pictures; and what it cannot carry, of how many."""
    items, names = pictures.travelling(item_of(one.key, one) for one in drafts)
    there = queries.media(session, names)
    media = [
        Media(names[digest], tools.store.read(row.key), row.media_type)
        for digest, row in sorted(there.items())
    ]
    lost = Counter(
        replace(found, line=None) for item in items for found in dict.fromkeys(losses(item, target))
    )
    carried = [item for item in items if item.kind in target.kinds]
    return target.write(carried, media), dict(lost)


def note_export(
    session: Session,
    *,
    target: Format,
    filters: Filters,
    number: int,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Note that questions with their keys have left the house."""
    audit.record(
        session,
        verb="interop.questions_exported",
        subject=f"format:{target.name}",
        actor_id=actor_id,
        now=now,
        questions=number,
        filters=asdict(filters),
    )


def source_said(title: str) -> dict[str, str]:
    """Return what questions rest on, by a title somebody typed; nothing for none."""
    return source_of(Source(title=title.strip())) if title.strip() else {}
