"""What may be kept as a working text, and when two texts say the same. Pure."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from lms.kernel.authoring import digest_of, plain
from lms.kernel.canonical import to_json
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import IDENTIFIER
from lms.question_bank.rules.checks import check_question
from lms.question_bank.rules.laws import check_law
from lms.question_bank.rules.marking import all_kinds, kind_named
from lms.question_bank.types import (
    SOURCES,
    Authored,
    Draft,
    Finding,
    Outline,
    QuestionText,
    Severity,
)

KEY_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What a key that the bank gives is made of: nothing that is read as something else."""

TEXT_AT_MOST, SPEC_AT_MOST = 20_000, 100_000
"""Characters of a stem or an explanation, and of a kind's own table."""


def text_digest(text: Authored) -> str:
    """Return the SHA-256 of everything an author writes, without the key: equal text, equal digest.

    What is left out and what is empty are the same here, as they are to a learner.
    """
    source = {name: value for name, value in plain(text.source).items() if value}
    return digest_of(
        {
            "subject": text.subject,
            "chapter": text.chapter_key,
            "point": text.point_key,
            "kind": text.kind,
            "stem": text.stem,
            "spec": plain(text.spec),
            "explanation": text.explanation,
            "difficulty": text.difficulty,
            "source": source,
            "valid_on": text.valid_on.isoformat() if text.valid_on else None,
            "tags": list(text.tags),
        }
    )


def checked_draft(draft: Draft) -> Draft:
    """Return a working text that may be kept. It need not be finished: no key, no source yet.

    :raises Invalid: ``bad_id``, ``no_kind``, ``too_long``, ``bad_difficulty``; ``where`` is the
        question's key.
    """
    key = draft.key
    if not IDENTIFIER.fullmatch(key):
        raise Invalid(
            "bad_id", N_("编号只能用字母、数字、点、下划线和连字符，最多 64 个"), where=key[:70]
        )
    if draft.kind not in all_kinds():
        raise Invalid("no_kind", N_("没有“%(kind)s”这种题型"), where=key, kind=draft.kind)
    longest = max(len(draft.stem), len(draft.explanation))
    if longest > TEXT_AT_MOST:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=key, n=TEXT_AT_MOST)
    if len(to_json(plain(draft.spec))) > SPEC_AT_MOST:
        raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=key, n=SPEC_AT_MOST)
    if draft.difficulty not in (1, 2, 3):
        raise Invalid("bad_difficulty", N_("难度只能是 1、2、3"), where=key)
    return draft


def new_key(seed: bytes) -> str:
    """Return a key for a question that has none: ``b-`` and ten letters, the same for a seed.

    A random seed makes a key that nobody has; the content of a question makes one under which the
    same content is found again.
    """
    number = int.from_bytes(hashlib.sha256(seed).digest(), "big")
    letters = []
    for _ in range(10):
        number, at = divmod(number, len(KEY_LETTERS))
        letters.append(KEY_LETTERS[at])
    return f"b-{''.join(letters)}"


def check_draft(draft: Draft, outline: Outline) -> list[Finding]:
    """Return what keeps a working text from being published, and what somebody should look at.

    Faults first. What an author's file would be refused for is a fault here too.
    """
    text = as_text(draft, on=outline.on)
    found = [*_unread(draft, outline), *check_question(text)]
    if is_publishable(found):
        found += _misread("spec", draft.key, lambda: kind_named(draft.kind).read_spec(draft.spec))
    if outline.laws and draft.source.get("kind") in SOURCES and draft.source.get("title"):
        stale = check_law(text, outline.laws, on=outline.on)
        found += [stale] if stale else []
    return sorted(found, key=lambda finding: finding.severity is not Severity.FAULT)


def is_publishable(findings: Iterable[Finding]) -> bool:
    """Say whether nothing of what was found keeps a text from being published."""
    return all(finding.severity is not Severity.FAULT for finding in findings)


def as_text(draft: Draft, *, on: date) -> QuestionText:
    """Return a working text as pages and checks take a question.

    :param on: the day on which it is true, while its author has not said one.
    """
    return QuestionText(
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
        source={"kind": "concept", "title": "", "edition": "", "article": "", **draft.source},
        valid_on=draft.valid_on or on,
    )


def _unread(draft: Draft, outline: Outline) -> Iterator[Finding]:
    """Find what an author's file would be refused for, apart from the kind's own table."""
    chapter, point = draft.chapter_key, draft.point_key
    places = (
        (not draft.stem.strip(), "stem", N_("没有题干")),
        (not draft.explanation.strip(), "explanation", N_("没有解析")),
        (not chapter, "chapter", N_("没有说属于哪一章")),
        (bool(chapter) and not _is_chapter(chapter, draft, outline), "chapter", _NO_CHAPTER),
        (not point, "point", N_("没有说属于哪个考点")),
        (bool(point) and not _is_below(point, chapter, outline), "point", _NO_POINT),
        (draft.valid_on is None, "valid_on", N_("没有核对日期")),
        (draft.valid_on is not None and draft.valid_on > outline.on, "valid_on", _NOT_YET),
        (draft.source.get("kind") not in SOURCES, "source", N_("没有说依据是什么")),
        (not str(draft.source.get("title", "")).strip(), "source", N_("没有写依据的名称")),
    )
    for is_faulty, place, message in places:
        if is_faulty:
            yield Finding("unfinished", Severity.FAULT, place, message, keys=(draft.key,))
    known = set(kind_named(draft.kind).spec_keys)
    if foreign := sorted(set(draft.spec) - known):
        params = {"names": "、".join(foreign), "known": "、".join(sorted(known))}
        message = N_("这种题型没有 %(names)s；可用：%(known)s")
        yield Finding("unknown_key", Severity.FAULT, "spec", message, params, (draft.key,))


_NO_CHAPTER = N_("大纲里没有这一章，或者不属于这一科")
_NO_POINT = N_("考点不在这一章之内，或者大纲里没有")
_NOT_YET = N_("核对日期还没有到")


def _is_chapter(chapter: str, draft: Draft, outline: Outline) -> bool:
    parts = chapter.split("/")
    return chapter in outline.nodes and len(parts) == 3 and parts[1] == draft.subject


def _is_below(point: str, chapter: str, outline: Outline) -> bool:
    return point in outline.nodes and (point == chapter or point.startswith(f"{chapter}/"))


def _misread(place: str, key: str, read: Callable[[], object]) -> list[Finding]:
    """Return what a reader refuses, as a finding."""
    try:
        read()
    except Invalid as fault:
        where = fault.where or place
        return [Finding(fault.code, Severity.FAULT, where, fault.message, fault.params, (key,))]
    return []
