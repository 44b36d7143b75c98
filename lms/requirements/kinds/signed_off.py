"""Be signed off by somebody who may: field practice, a supervised case, a report handed in.

``what`` is the subject of the record as it stands, for example ``practice:first-visit``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.types import (
    Context,
    Example,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
)

_SUBJECT = re.compile(r"[a-z_]+:[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


@dataclass(frozen=True, slots=True)
class SignOff:
    """What has to be signed off."""

    what: str


class SignedOff(RequirementKind[SignOff]):
    name = "signed_off"
    keys = frozenset({"what"})

    def read(self, raw: Raw, read_child: ReadChild) -> SignOff:
        what = reading.text(raw, "what")
        if not _SUBJECT.fullmatch(what):
            raise Invalid(
                "bad_subject", N_("要写成“类别:编号”，如 practice:first-visit"), where="what"
            )
        return SignOff(what)

    def evaluate(self, spec: SignOff, context: Context) -> Verdict:
        for fact in context.evidence.about(RecordKind.SIGNED_OFF, spec.what):
            return Verdict(State.MET, 100, met_on=fact.on)
        return Verdict(State.NOT_STARTED, 0)

    def describe(self, spec: SignOff, titles: Titles) -> Sentence:
        title = titles.get(spec.what)
        if title is None:
            return Sentence(N_("由督导或负责人确认"))
        return Sentence(N_("由督导或负责人确认“%(title)s”"), {"title": title})

    def references(self, spec: SignOff) -> tuple[str, ...]:
        return (spec.what,)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)
        visit = {"what": "practice:first-visit"}
        signed = Fact(1, RecordKind.SIGNED_OFF, "practice:first-visit", on)
        yield Example(visit, (signed,), on, State.MET, 100)
        yield Example(visit, (), on, State.NOT_STARTED, 0)


KIND = SignedOff()
