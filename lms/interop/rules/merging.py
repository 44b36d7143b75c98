"""Which items of a file are new to the bank, and which are there already. Decides, writes nothing.

The bank is described by three look-ups, so that deciding about 10,000 items costs three queries
before and none in between.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b

from lms.interop.formats import _text
from lms.interop.formats.json import to_raw
from lms.interop.types import NOTHING, Item, Kind, Note, Text, note
from lms.kernel.authoring import digest_of as digest_of_raw
from lms.kernel.errors import N_

_NOT_SAID = re.compile(r"[\W_]+")
_GRAM = 3
_BANDS = 4
_ROWS = 3
"""Likeness keys: four keys of three least hashes each; one in common is a suspicion."""


class Standing(StrEnum):
    """How an item of a file stands to the bank."""

    NEW = "new"
    CHANGED = "changed"
    """The bank has its id, with other content."""
    IDENTICAL = "identical"
    """The bank has its id, with the same content: importing it changes nothing."""
    DUPLICATE = "duplicate"
    """The bank, or the file above, has the same content under another id or none."""
    REFUSED = "refused"
    """It cannot be taken in as it is."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the bank has, as look-ups."""

    digest_of: Mapping[str, str]
    """Id -> :func:`digest_of` its current version."""
    id_of: Mapping[str, str]
    """The same the other way round."""
    alike: Mapping[str, Collection[str]]
    """Likeness key -> ids (:func:`likeness_keys`)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one item."""

    number: int
    """Its place in the file, from 1."""
    item: Item
    standing: Standing
    digest: str
    of: str = ""
    """Of a duplicate: the id in the bank, or ``#3`` for the third item of the file."""
    similar: tuple[str, ...] = ()
    """Ids of questions in the bank that read much the same; for a person to look at."""
    reasons: tuple[Note, ...] = ()
    """Why it is refused."""


def decide(items: Iterable[Item], known: Known) -> list[Verdict]:
    """Say of each item what importing it would do. An id in the file is believed first.

    The first of two items with one id is taken; the second is refused.
    """
    seen = _Seen()
    found = []
    for number, item in enumerate(items, start=1):
        verdict = _verdict(number, item, known, seen)
        found.append(verdict)
        if verdict.standing is not Standing.REFUSED:
            seen.digests.setdefault(verdict.digest, number)
            if item.id:
                seen.ids.setdefault(item.id, number)
    return found


def digest_of(item: Item) -> str:
    """Return the digest of what an item says: not its id, its place or how it was marked up."""
    said = replace(item, id="", name="", category="", notes=(), line=None, raw="")
    raw = to_raw(said, texts=_folded_html)
    return digest_of_raw(raw)


def likeness_keys(item: Item) -> tuple[str, ...]:
    """Return a few keys of which two stems that read much the same mostly share one.

    Bands over the least hashes of the three-character grams of the stem, without punctuation,
    width or case. A stem without a word has none.
    """
    plain = unicodedata.normalize("NFKC", _text.plain(item.stem)).casefold()
    said = _NOT_SAID.sub("", plain)
    if not said:
        return ()
    grams = {said[at : at + _GRAM] for at in range(max(1, len(said) - _GRAM + 1))}
    hashes = [_hashes(gram) for gram in grams]
    least = [min(row[at] for row in hashes) for at in range(_BANDS * _ROWS)]
    bands = (least[at : at + _ROWS] for at in range(0, len(least), _ROWS))
    return tuple(f"{at}:{'-'.join(f'{n:x}' for n in band)}" for at, band in enumerate(bands))


@dataclass(slots=True)
class _Seen:
    """Ids and digests of the items above -> the number of the first."""

    ids: dict[str, int] = field(default_factory=dict)
    digests: dict[str, int] = field(default_factory=dict)


def _verdict(number: int, item: Item, known: Known, seen: _Seen) -> Verdict:
    digest = digest_of(item)
    reasons = tuple(_reasons(item, seen.ids))
    if reasons:
        return Verdict(number, item, Standing.REFUSED, digest, reasons=reasons)
    if item.id in known.digest_of:
        same = known.digest_of[item.id] == digest
        return Verdict(number, item, Standing.IDENTICAL if same else Standing.CHANGED, digest)
    if digest in known.id_of:
        return Verdict(number, item, Standing.DUPLICATE, digest, of=known.id_of[digest])
    if digest in seen.digests:
        return Verdict(number, item, Standing.DUPLICATE, digest, of=f"#{seen.digests[digest]}")
    similar = {near for key in likeness_keys(item) for near in known.alike.get(key, ())}
    return Verdict(number, item, Standing.NEW, digest, similar=tuple(sorted(similar)))


def _reasons(item: Item, seen_ids: Mapping[str, int]) -> Iterator[Note]:
    if item.kind in {Kind.UNSUPPORTED, Kind.DESCRIPTION}:
        yield note("no_question", N_("不是能导入的试题"), line=item.line)
        return
    if not item.stem:
        yield note("no_stem", N_("没有题干"), line=item.line)
    if item.id in seen_ids:
        yield note("duplicate_id", N_("编号 %(id)s 用了不止一次"), line=item.line, id=item.id)
    yield from _key_faults(item)


def _key_faults(item: Item) -> Iterator[Note]:
    """Report a key that no answer could meet."""
    right = sum(option.correct for option in item.options)
    if item.kind in {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE}:
        if len(item.options) < 2:
            yield note("few_options", N_("选项不到两个"), line=item.line)
        elif not right:
            yield note("no_right_answer", N_("没有一个选项是对的"), line=item.line)
    needs_answers = {Kind.SHORT_ANSWER, Kind.FILL_BLANK, Kind.NUMERIC}
    if item.kind in needs_answers and not any(answer.weight != NOTHING for answer in item.answers):
        yield note("no_right_answer", N_("没有答案"), line=item.line)
    if item.kind is Kind.MATCHING and sum(bool(pair.left) for pair in item.pairs) < 2:
        yield note("few_pairs", N_("配对不到两对"), line=item.line)
    if item.kind is Kind.ORDERING and len(item.options) < 2:
        yield note("few_options", N_("选项不到两个"), line=item.line)
    if item.kind in {Kind.CLOZE, Kind.CASE_ANALYSIS} and not item.parts:
        yield note("no_parts", N_("没有小题"), line=item.line)


def _folded_html(text: Text) -> str:
    """How a text reads, whatever it was written in: ``<p>`` around it and blanks do not count."""
    html = " ".join(text.html.split())
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        html = html[3:-4]
    return html


def _hashes(gram: str) -> list[int]:
    digest = blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=_BANDS * _ROWS * 4)
    raw = digest.digest()
    return [int.from_bytes(raw[at : at + 4], "big") for at in range(0, len(raw), 4)]
