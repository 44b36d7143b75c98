"""Be signed off by somebody who may: field practice, a supervised case, a report handed in.

``what`` is the subject of the record as it stands, for example ``practice:first-visit``; ``roles``
says in which roles one may sign.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._once import by_doing
from lms.requirements.types import (
    Context,
    Example,
    Listed,
    Named,
    Params,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Way,
)

_SUBJECT = re.compile(r"[a-z_]+:[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


ROLES = {
    "supervisor": Named("督导", "a supervisor"),
    "station_manager": Named("社工站负责人", "the head of the station"),
    "county_manager": Named("县级总站负责人", "the head of the county hub"),
    "instructor": Named("教师", "an instructor"),
    "evaluator": Named("评估人员", "an evaluator"),
}
"""What people call the roles in which somebody signs; others are called as their author did."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """What has to be signed off."""

    what: str
    roles: tuple[str, ...]
    """In which roles one may sign; empty: whoever may."""


class SignedOff(RequirementKind[SignOff]):
    name = "signed_off"
    keys = frozenset({"what", "roles"})
    required = frozenset({"what"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        roles = {"type": "array", "items": {"type": "string"}, "maxItems": 10, "uniqueItems": True}
        return {"what": {"type": "string", "pattern": f"^{_SUBJECT.pattern}$"}, "roles": roles}

    def read(self, raw: Raw, read_child: ReadChild) -> SignOff:
        what = reading.text(raw, "what")
        if not _SUBJECT.fullmatch(what):
            raise Invalid(
                "bad_subject", N_("要写成“类别:编号”，如 practice:first-visit"), where="what"
            )
        return SignOff(what, reading.texts(raw, "roles", at_most=10))

    def evaluate(self, spec: SignOff, context: Context) -> Verdict:
        signed = context.evidence.about(RecordKind.SIGNED_OFF, spec.what)
        for fact in signed:
            if not spec.roles or fact.detail.get("role") in spec.roles:
                return Verdict(State.MET, 100, met_on=fact.on)
        if signed:
            says = Sentence(N_("已有人确认，但还要由%(roles)s确认"), {"roles": _roles(spec)})
            return Verdict(State.IN_PROGRESS, 0, says=(says,), left=(says,))
        return Verdict(State.NOT_STARTED, 0)

    def ways(self, spec: SignOff, context: Context) -> tuple[Way, ...]:
        detail = {"role": spec.roles[0]} if spec.roles else {}
        says = self.describe(spec, context.titles)
        return by_doing(context, RecordKind.SIGNED_OFF, spec.what, says, detail=detail)

    def describe(self, spec: SignOff, titles: Titles) -> Sentence:
        title = titles.get(spec.what)
        if spec.roles and title is None:
            return Sentence(N_("由%(roles)s确认"), {"roles": _roles(spec)})
        if spec.roles and title is not None:
            params: Params = {"roles": _roles(spec), "title": title}
            return Sentence(N_("由%(roles)s确认“%(title)s”"), params)
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
        by_role = {**visit, "roles": ["supervisor"]}
        supervised = signed._replace(detail={"role": "supervisor"})
        yield Example(by_role, (supervised,), on, State.MET, 100)
        yield Example(by_role, (signed,), on, State.IN_PROGRESS, 0)
        yield Example(visit, (), on, State.NOT_STARTED, 0)


def _roles(spec: SignOff) -> Listed:
    return Listed(tuple(ROLES.get(role, Named(role, role)) for role in spec.roles))


KIND = SignedOff()
