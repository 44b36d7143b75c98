"""What importing would change of a question, and what became of it, in words. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from lms.interop.types import Note
from lms.interop.types.bridge import Standing
from lms.kernel.errors import N_
from lms.question_bank.rules import Change, changes
from lms.question_bank.types import Draft, QuestionText, Snapshot

WORDS = {
    Standing.NEW: N_("新题"),
    Standing.CHANGED: N_("有改动"),
    Standing.IDENTICAL: N_("没有变化"),
    Standing.DUPLICATE: N_("重复"),
    Standing.ALIKE: N_("题干相近"),
    Standing.TAKEN: N_("别人正在改"),
    Standing.REFUSED: N_("没有读懂"),
}
"""Standing -> message id."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NO_DAY = date(1970, 1, 1)
_LONGEST_NOTE = 4000

Translate = Callable[..., str]


def differences(before: Draft, after: Draft) -> tuple[Mapping[str, Any], ...]:
    """Return what would change, in the order in which a question is read, as JSON keeps it."""
    old, new = before, after
    if old.valid_on is None or new.valid_on is None:
        new = replace(new, valid_on=old.valid_on)
    found = [_kept(one) for one in changes(_snapshot(old), _snapshot(new))]
    if before.valid_on is None and after.valid_on is not None:
        message = N_("核对日期：%(new)s")
        found.append(_kept(Change("valid_on", message, {"new": after.valid_on.isoformat()})))
    return tuple(found)


def _snapshot(draft: Draft) -> Snapshot:
    text = QuestionText(
        version_id=0,
        question_id=0,
        key=draft.key,
        kind=draft.kind,
        stem=draft.stem,
        spec=draft.spec,
        explanation=draft.explanation,
        chapter_key=draft.chapter_key,
        point_key=draft.point_key,
        difficulty=draft.difficulty,
        source={"title": "", **draft.source},
        valid_on=draft.valid_on or _NO_DAY,
    )
    return Snapshot(0, 0, _NEVER, draft.subject, text, draft.tags)


def _kept(change: Change) -> dict[str, Any]:
    return {
        "message": change.message,
        "params": {name: str(value) for name, value in change.params.items()},
        "translated": list(change.translated),
        "pieces": [[piece.how, piece.text] for piece in change.pieces],
    }


def change_words(change: Mapping[str, Any], translate: Translate) -> str:
    """Return one change in words, without its pieces."""
    params = {
        name: translate(value) if name in change["translated"] else value
        for name, value in change["params"].items()
    }
    return translate(change["message"], **params)


def note_words(found: Note, translate: Translate) -> str:
    """Return a note in words, after its line and place."""
    words = translate(found.message, **dict(found.params)) if found.params else found.message
    if not found.params:
        words = translate(found.message.replace("%", "%%")) if "%" in words else translate(words)
    line = translate(N_("第 %(n)s 行"), n=found.line) if found.line else ""
    place = "，".join(part for part in (line, found.path) if part)
    return f"{place}：{words}" if place else words


def remark(notes: Sequence[Note]) -> str:
    """Return what is kept beside a draft of what the bank could not take; in Chinese."""
    if not notes:
        return ""
    told = "\n".join(f"- {one}" for one in notes)
    return f"导入时没有收下的内容：\n{told}"[:_LONGEST_NOTE]
