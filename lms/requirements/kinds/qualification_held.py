"""Hold a professional qualification on the day that is asked about.

A certificate that was won on the separate pass line is valid only in its area (detail
``valid_in``). ``valid_in = "national"`` asks for one that is valid everywhere, an area for one
that is valid there; without the key either does, and the answer says where.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind, last_day
from lms.requirements.kinds._levels import LEVELS, area_name, from_level
from lms.requirements.kinds._once import by_doing
from lms.requirements.types import (
    Context,
    Example,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
    Way,
)


@dataclass(frozen=True, slots=True)
class Qualification:
    """Which level, and whether a higher one does as well."""

    level: str
    or_higher: bool
    valid_in: str
    """``national``, an area, or empty: wherever it is valid."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of records that do."""
        return from_level("qualification", self.level, or_higher=self.or_higher)

    def holds(self, fact: Fact) -> bool:
        """Say whether a certificate is valid where it is asked for."""
        only_in = fact.detail.get("valid_in", "")
        return not only_in or self.valid_in in {"", only_in}


class QualificationHeld(RequirementKind[Qualification]):
    name = "qualification_held"
    keys = frozenset({"level", "or_higher", "valid_in"})
    required = frozenset({"level"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            "level": {"enum": list(LEVELS)},
            "or_higher": {"type": "boolean"},
            "valid_in": {"type": "string", "minLength": 1},
        }

    def read(self, raw: Raw, read_child: ReadChild) -> Qualification:
        return Qualification(
            reading.choice(raw, "level", LEVELS),
            reading.flag(raw, "or_higher", default=True),
            reading.text(raw, "valid_in", default=""),
        )

    def evaluate(self, spec: Qualification, context: Context) -> Verdict:
        held = [
            fact
            for fact in context.evidence.all_of(RecordKind.QUALIFICATION_HELD)
            if fact.subject in spec.subjects
        ]
        valid = [fact for fact in held if spec.holds(fact)]
        if not valid:
            return Verdict(State.NOT_STARTED, 0, says=_elsewhere(held))
        # The one that lasts longest; of equals one valid everywhere, then the one won first.
        best = max(
            valid, key=lambda fact: (last_day(fact) or date.max, "valid_in" not in fact.detail)
        )
        expires_on = last_day(best)
        if expires_on is not None and expires_on < context.on:
            ended = Sentence(N_("有效期已于 %(day)s 结束"), {"day": expires_on})
            return Verdict(State.LAPSED, 0, says=(ended,))
        area = best.detail.get("valid_in", "")
        return Verdict(
            State.MET,
            100,
            met_on=best.on,
            expires_on=expires_on,
            says=_elsewhere([best]),
            area=area,
        )

    def ways(self, spec: Qualification, context: Context) -> tuple[Way, ...]:
        says = self.describe(spec, context.titles)
        return by_doing(context, RecordKind.QUALIFICATION_HELD, spec.subjects[0], says)

    def describe(self, spec: Qualification, titles: Titles) -> Sentence:
        level = LEVELS[spec.level]
        if len(spec.subjects) == 1:
            return Sentence(N_("持有%(level)s证书"), {"level": level})
        return Sentence(N_("持有%(level)s或更高级别的证书"), {"level": level})

    def references(self, spec: Qualification) -> tuple[str, ...]:
        return (f"qualification:{spec.level}",)

    def examples(self) -> Iterable[Example]:
        on = date(2026, 6, 1)

        def held(level: str, until: str = "") -> tuple[Fact, ...]:
            detail = {"expires_on": until} if until else {}
            subject = f"qualification:{level}"
            since = date(2023, 6, 1)
            return (Fact(1, RecordKind.QUALIFICATION_HELD, subject, since, detail=detail),)

        junior = {"level": "junior"}
        yield Example(junior, held("junior"), on, State.MET)
        yield Example(junior, held("junior", "2026-06-01"), on, State.MET)  # its last day counts
        yield Example(junior, held("junior", "2026-05-31"), on, State.LAPSED)
        yield Example(junior, held("senior"), on, State.MET)
        yield Example(
            {"level": "junior", "or_higher": False}, held("senior"), on, State.NOT_STARTED
        )
        local = held("junior")[0]._replace(detail={"valid_in": "key_counties"})
        yield Example(junior, (local,), on, State.MET)
        yield Example({**junior, "valid_in": "key_counties"}, (local,), on, State.MET)
        yield Example({**junior, "valid_in": "national"}, (local,), on, State.NOT_STARTED, 0)
        yield Example({"level": "senior"}, held("junior"), on, State.NOT_STARTED, 0)


def _elsewhere(facts: Iterable[Fact]) -> tuple[Sentence, ...]:
    """Say where alone certificates are valid."""
    areas = {fact.detail["valid_in"] for fact in facts if fact.detail.get("valid_in")}
    return tuple(
        Sentence(N_("所持证书只在%(area)s有效"), {"area": area_name(area)})
        for area in sorted(areas)
    )


KIND = QualificationHeld()
