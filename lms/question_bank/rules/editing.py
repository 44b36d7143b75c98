"""What somebody types into the editor as a working text, and back. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lms.kernel.errors import N_, Invalid
from lms.question_bank.rules.bulk import read_tags
from lms.question_bank.rules.marking import LETTERS, kind_named
from lms.question_bank.rules.tables import from_toml, to_toml
from lms.question_bank.types import SOURCES, Draft

ROWS = 8
"""Options that the editor has room for."""


_FIELDS = frozenset({"options", "answer"})


def has_options(kind: str) -> bool:
    """Say whether a kind is options with letters in its key, for which the editor has fields."""
    return set(kind_named(kind).spec_keys) >= _FIELDS


def fits_fields(draft: Draft) -> bool:
    """Say whether the editor's fields hold all there is of a question; else it shows the table."""
    return has_options(draft.kind) and draft.spec.keys() <= _FIELDS


def specimen(kind: str) -> dict[str, Any]:
    """Return the table of a question of a kind, to begin from.

    :raises Invalid: ``no_kind``.
    """
    example = next(iter(kind_named(kind).examples()))
    return dict(example.spec)


def read_form(
    typed: Mapping[str, str], options: Sequence[str], key_letters: str, key: str
) -> Draft:
    """Return the working text that somebody typed. It need not be finished.

    :param typed: the editor's fields by name.
    :param options: the options in order, blank rows too; the letters are those of their rows.
    :raises Invalid: ``not_toml``, ``bad_tags``, ``not_date`` or ``no_kind``.
    """
    kind = typed.get("kind", "")
    point = typed.get("point", "")
    parts = point.split("/")
    is_place = len(parts) >= 3
    source_kind = typed.get("source_kind", "")
    source = {
        name: typed.get(f"source_{name}", "").strip() for name in ("title", "edition", "article")
    }
    difficulty = typed.get("difficulty", "")
    return Draft(
        key=key,
        subject=parts[1] if is_place else "",
        chapter_key="/".join(parts[:3]) if is_place else "",
        point_key=point if is_place else "",
        kind=kind,
        stem=_lines(typed.get("stem", "")),
        spec=_spec(kind, typed, options, key_letters),
        explanation=_lines(typed.get("explanation", "")),
        difficulty=int(difficulty) if difficulty in {"1", "2", "3"} else 2,
        source={"kind": source_kind if source_kind in SOURCES else "", **source},
        valid_on=_day(typed.get("valid_on", "")),
        tags=read_tags(typed.get("tags", "")),
    )


def form_of(draft: Draft) -> dict[str, str]:
    """Return the editor's fields for a working text: what :func:`read_form` reads back."""
    return {
        "kind": draft.kind,
        "stem": draft.stem,
        "spec": to_toml(draft.spec),
        "explanation": draft.explanation,
        "point": draft.point_key or draft.chapter_key,
        "difficulty": str(draft.difficulty),
        "source_kind": str(draft.source.get("kind", "")),
        "source_title": str(draft.source.get("title", "")),
        "source_edition": str(draft.source.get("edition", "")),
        "source_article": str(draft.source.get("article", "")),
        "valid_on": draft.valid_on.isoformat() if draft.valid_on else "",
        "tags": "、".join(draft.tags),
    }


def option_rows(draft: Draft) -> list[tuple[str, str, bool]]:
    """Return the rows of options that the editor shows: letter, text, whether it is right."""
    options = [str(option) for option in draft.spec.get("options", ())]
    answer = str(draft.spec.get("answer", ""))
    rows = [*options, *[""] * max(0, ROWS - len(options))]
    return [(LETTERS[at], text, LETTERS[at] in answer) for at, text in enumerate(rows[:26])]


def _spec(
    kind: str, typed: Mapping[str, str], options: Sequence[str], key_letters: str
) -> dict[str, Any]:
    table = _lines(typed.get("spec", ""))
    if not has_options(kind) or (table and not options):
        return from_toml(table)
    kept = [at for at, text in enumerate(options[: len(LETTERS)]) if text.strip()]
    answer = "".join(LETTERS[place] for place, at in enumerate(kept) if LETTERS[at] in key_letters)
    return {"options": [options[at].strip() for at in kept], "answer": answer}


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("not_date", N_("必须是日期，如 2026-11-01"), where="valid_on") from None
