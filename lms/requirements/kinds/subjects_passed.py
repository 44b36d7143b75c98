"""Pass several subjects of the national exam within so many consecutive exam years.

``titles`` says what people call the subjects: ``{ J-COMP = ["综合能力", "Comprehensive"] }``.
The window rolls: with two years, passes of 2025 and 2026 complete each other, those of 2025 and
2027 do not (2025 outline: junior one year, intermediate two). Once complete it stays complete.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.types import (
    Context,
    Evidence,
    Example,
    Named,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Which subjects, within how many exam years in a row."""

    codes: tuple[str, ...]
    years: int
    titles: Mapping[str, Named]
    """Of those that the author named."""

    def title(self, code: str, titles: Titles) -> Named:
        """Return what people call a subject; its code if nobody says."""
        return self.titles.get(code) or titles.get(f"subject:{code}", Named(code, code))


Passes = Mapping[str, tuple[tuple[int, date], ...]]
"""Subject code -> its passes as (exam year, day), oldest day first."""


class SubjectsPassed(RequirementKind[Subjects]):
    name = "subjects_passed"
    keys = frozenset({"subjects", "consecutive_years", "titles"})

    def read(self, raw: Raw, read_child: ReadChild) -> Subjects:
        codes = reading.texts(raw, "subjects", at_least=1, at_most=10)
        years = reading.whole(raw, "consecutive_years", low=1, high=10)
        return Subjects(codes, years, _read_titles(raw, codes))

    def evaluate(self, spec: Subjects, context: Context) -> Verdict:
        passes = _passes(spec, context.evidence)
        needed = [code for code in spec.codes if not context.evidence.exemption(f"subject:{code}")]
        complete = _complete_on(needed, passes, years=spec.years)
        if complete is not None:
            return Verdict(State.MET, 100, met_on=complete)
        first = context.on.year - spec.years + 1
        alive = {
            code: max(year for year, _on in passes[code] if year >= first)
            for code in needed
            if any(year >= first for year, _on in passes[code])
        }
        done = len(spec.codes) - len(needed) + len(alive)
        if done:
            says = tuple(_stands(code, alive.get(code), spec, context) for code in needed)
            return Verdict(State.IN_PROGRESS, min(99, 100 * done // len(spec.codes)), says=says)
        if any(passes[code] for code in needed):
            return Verdict(State.LAPSED, 0, says=(Sentence(N_("以前的合格成绩已过保留期")),))
        return Verdict(State.NOT_STARTED, 0)

    def describe(self, spec: Subjects, titles: Titles) -> Sentence:
        params = {"n": len(spec.codes), "years": spec.years}
        if spec.years == 1:
            return Sentence(N_("同一年度通过全部 %(n)s 个科目"), params)
        return Sentence(N_("连续 %(years)s 个考试年度内通过全部 %(n)s 个科目"), params)

    def references(self, spec: Subjects) -> tuple[str, ...]:
        return tuple(f"subject:{code}" for code in spec.codes)

    def examples(self) -> Iterable[Example]:
        def passed(*years: int) -> tuple[Fact, ...]:
            return tuple(
                Fact(
                    number,
                    RecordKind.SUBJECT_PASSED,
                    f"subject:{code}",
                    date(year, 8, 1),
                    detail={"exam_year": year},
                )
                for number, (code, year) in enumerate(zip("ABC", years, strict=False), start=1)
            )

        on = date(2026, 9, 1)
        two_years = {"subjects": ["A", "B", "C"], "consecutive_years": 2}
        one_year = {"subjects": ["A", "B"], "consecutive_years": 1}
        yield Example(two_years, passed(2025, 2026, 2026), on, State.MET, 100)
        yield Example(two_years, passed(2024, 2025, 2026), on, State.IN_PROGRESS, 66)
        yield Example(two_years, passed(2024), on, State.LAPSED, 0)
        yield Example(one_year, passed(2026, 2026), on, State.MET, 100)
        yield Example(one_year, passed(2025, 2026), on, State.IN_PROGRESS, 50)
        yield Example(one_year, passed(2020, 2020), on, State.MET, 100)
        yield Example(one_year, (), on, State.NOT_STARTED, 0)


def _passes(spec: Subjects, evidence: Evidence) -> Passes:
    found: dict[str, list[tuple[int, date]]] = {code: [] for code in spec.codes}
    for fact in evidence.all_of(RecordKind.SUBJECT_PASSED):
        code = fact.subject.removeprefix("subject:")
        if code in found:
            found[code].append((int(fact.detail.get("exam_year", fact.on.year)), fact.on))
    return {code: tuple(passes) for code, passes in found.items()}


def _complete_on(codes: list[str], passes: Passes, *, years: int) -> date | None:
    """Return the first day on which one window held a pass of every subject."""
    ends = {year for code in codes for year, _on in passes[code]}
    days = []
    for end in ends:
        firsts = [
            min((on for year, on in passes[code] if end - years < year <= end), default=None)
            for code in codes
        ]
        known = [day for day in firsts if day is not None]
        if len(known) == len(codes):
            days.append(max(known))
    return min(days, default=None)


def _stands(code: str, year: int | None, spec: Subjects, context: Context) -> Sentence:
    title = spec.title(code, context.titles)
    if year is None:
        return Sentence(N_("“%(subject)s”还没有合格"), {"subject": title})
    return Sentence(
        N_("“%(subject)s”已合格，成绩保留到 %(year)s 年度考试"),
        {"subject": title, "year": year + spec.years - 1},
    )


def _read_titles(raw: Raw, codes: tuple[str, ...]) -> Mapping[str, Named]:
    if "titles" not in raw:
        return {}
    table = reading.table(raw, "titles")
    with reading.within("titles"):
        reading.only(table, codes)
        return {code: Named(*reading.texts(table, code, at_least=2, at_most=2)) for code in table}


KIND = SubjectsPassed()
