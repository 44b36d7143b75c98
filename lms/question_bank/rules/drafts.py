"""What may be kept as a working text, and when two texts say the same. Pure."""

from lms.kernel.authoring import digest_of, plain
from lms.kernel.canonical import to_json
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import IDENTIFIER
from lms.question_bank.rules.marking import all_kinds
from lms.question_bank.types import Authored, Draft

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
