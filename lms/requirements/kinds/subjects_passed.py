"""Pass several subjects of the national exam within so many consecutive exam years.

``titles`` says what people call the subjects: ``{ J-COMP = ["综合能力", "Comprehensive"] }``.
The window rolls: with two years, passes of 2025 and 2026 complete each other, those of 2025 and
2027 do not (2025 outline: junior one year, intermediate two). Once complete it stays complete.

``extensions`` keep the passes of one year longer in a region, where an authority said so.
``basis = "national"`` leaves out passes on the separate line; otherwise they count, and the whole
is valid only in that area unless passes on the national line complete it too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.kernel import reading
from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.kinds._levels import area_name
from lms.requirements.kinds._passes import (
    LOCAL_LINE,
    Extension,
    Pass,
    Passes,
    complete_on,
    passes_of,
    read_extensions,
    read_titles,
    subject_properties,
)
from lms.requirements.types import (
    Context,
    Example,
    Listed,
    Named,
    Params,
    ReadChild,
    RequirementKind,
    Sentence,
    Sitting,
    State,
    Step,
    Titles,
    Verdict,
    Way,
)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Which subjects, within how many exam years in a row."""

    codes: tuple[str, ...]
    years: int
    titles: Mapping[str, Named]
    """Of those that the author named."""
    extensions: tuple[Extension, ...]
    national_only: bool

    def title(self, code: str, titles: Titles) -> Named:
        """Return what people call a subject; its code if nobody says."""
        return self.titles.get(code) or titles.get(f"subject:{code}", Named(code, code))

    def named(self, codes: Iterable[str], titles: Titles) -> Listed:
        """Return several of them."""
        return Listed(tuple(self.title(code, titles) for code in codes))


class SubjectsPassed(RequirementKind[Subjects]):
    name = "subjects_passed"
    keys = frozenset({"subjects", "consecutive_years", "titles", "extensions", "basis"})
    required = frozenset({"subjects", "consecutive_years"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return subject_properties()

    def read(self, raw: Raw, read_child: ReadChild) -> Subjects:
        codes = reading.texts(raw, "subjects", at_least=1, at_most=10)
        return Subjects(
            codes=codes,
            years=reading.whole(raw, "consecutive_years", low=1, high=10),
            titles=read_titles(raw, codes),
            extensions=read_extensions(raw),
            national_only=reading.choice(raw, "basis", ("any", "national"), default="any")
            == "national",
        )

    def evaluate(self, spec: Subjects, context: Context) -> Verdict:
        passes = _passes(spec, context)
        needed = _needed(spec, context)
        complete = complete_on(needed, passes)
        if complete is not None:
            return _met(needed, passes, complete)
        alive = _alive(needed, passes, context.on.year)
        done = len(spec.codes) - len(needed) + len(alive)
        missing = [code for code in needed if code not in alive]
        if done:
            return Verdict(
                State.IN_PROGRESS,
                min(99, 100 * done // len(spec.codes)),
                says=tuple(_stands(code, alive.get(code), spec, context) for code in needed),
                left=_or_lapses(spec, context, missing, alive),
                next_on=date(min(p.last for p in alive.values()), 12, 31) if alive else None,
            )
        lapsed = any(passes[code] for code in needed)
        left = Sentence(
            N_("还要通过 %(missing)s"), {"missing": spec.named(missing, context.titles)}
        )
        if lapsed:
            says = (Sentence(N_("以前的合格成绩已过保留期")),)
            return Verdict(State.LAPSED, 0, says=says, left=(left,))
        return Verdict(State.NOT_STARTED, 0, left=(left,))

    def ways(self, spec: Subjects, context: Context) -> tuple[Way, ...]:
        """For each coming exam year by whose end it can be complete: sit what is then missing.

        Every paper is sat in that year, or before it if a year passes without need: never later
        than passes that are kept would lapse.
        """
        today = context.today or context.on
        passes, needed = _passes(spec, context), _needed(spec, context)
        found = []
        for sitting in context.sittings:
            if today < sitting.first and sitting.last <= context.on:
                alive = _alive(needed, passes, sitting.year)
                missing = [code for code in needed if code not in alive]
                lapsing = [code for code, each in alive.items() if each.last == sitting.year]
                found.append(
                    tuple(_step(code, sitting, spec, context, lapsing) for code in missing)
                )
        return tuple(found)

    def describe(self, spec: Subjects, titles: Titles) -> Sentence:
        params: Params = {"n": len(spec.codes), "years": spec.years}
        if spec.years == 1:
            return Sentence(N_("同一年度通过全部 %(n)s 个科目"), params)
        return Sentence(N_("连续 %(years)s 个考试年度内通过全部 %(n)s 个科目"), params)

    def references(self, spec: Subjects) -> tuple[str, ...]:
        return tuple(f"subject:{code}" for code in spec.codes)

    def examples(self) -> Iterable[Example]:
        def passed(*years: int, **detail: Any) -> tuple[Fact, ...]:
            return tuple(
                Fact(
                    number,
                    RecordKind.SUBJECT_PASSED,
                    f"subject:{code}",
                    date(year, 8, 1),
                    detail={"exam_year": year, **detail},
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
        longer = {**two_years, "extensions": [{"area": "52", "year": 2024, "years": 1}]}
        yield Example(longer, passed(2024, 2025, 2026, area="522301"), on, State.MET, 100)
        yield Example(longer, passed(2024, 2025, 2026, area="440100"), on, State.IN_PROGRESS, 66)
        local = passed(2026, 2026, basis="local_line")
        yield Example(one_year, local, on, State.MET, 100)
        yield Example({**one_year, "basis": "national"}, local, on, State.NOT_STARTED, 0)


def _needed(spec: Subjects, context: Context) -> list[str]:
    return [code for code in spec.codes if not context.evidence.exemption(f"subject:{code}")]


def _passes(spec: Subjects, context: Context) -> Passes:
    return passes_of(
        context.evidence,
        spec.codes,
        years=spec.years,
        extensions=spec.extensions,
        national_only=spec.national_only,
    )


def _met(needed: list[str], passes: Passes, complete: date) -> Verdict:
    """Return the verdict on complete passes: valid everywhere if national ones do it alone."""
    national = {code: tuple(p for p in passes[code] if not p.area) for code in needed}
    if complete_on(needed, national) is not None:
        return Verdict(State.MET, 100, met_on=complete)
    says = Sentence(N_("按单独划线合格，资格只在%(area)s有效"), {"area": area_name(LOCAL_LINE)})
    return Verdict(State.MET, 100, met_on=complete, says=(says,), area=LOCAL_LINE)


def _alive(codes: Iterable[str], passes: Passes, year: int) -> dict[str, Pass]:
    """Return for each subject the pass that counts longest, of those that count in a year."""
    found = {}
    for code in codes:
        kept = [each for each in passes[code] if each.last >= year]
        if kept:
            found[code] = max(kept, key=lambda each: each.last)
    return found


def _stands(code: str, kept: Pass | None, spec: Subjects, context: Context) -> Sentence:
    title = spec.title(code, context.titles)
    if kept is None:
        return Sentence(N_("“%(subject)s”还没有合格"), {"subject": title})
    return Sentence(
        N_("“%(subject)s”已合格，成绩保留到 %(year)s 年度考试"),
        {"subject": title, "year": kept.last},
    )


def _or_lapses(
    spec: Subjects, context: Context, missing: list[str], alive: Mapping[str, Pass]
) -> tuple[Sentence, ...]:
    """Say what has to be passed by which exam year, and what is lost otherwise.

    When every subject has a pass that counts but no year holds them all, the missing are those
    that will not last.
    """
    last = min((each.last for each in alive.values()), default=None)
    if last is None:
        return (
            Sentence(N_("还要通过 %(missing)s"), {"missing": spec.named(missing, context.titles)}),
        )
    first = [code for code, each in alive.items() if each.last == last]
    params: Params = {
        "missing": spec.named(missing or first, context.titles),
        "lapsing": spec.named(first, context.titles),
        "year": last,
    }
    return (
        Sentence(
            N_("最晚在 %(year)s 年度考试通过 %(missing)s，否则 %(lapsing)s 的合格成绩作废"), params
        ),
    )


def _step(
    code: str, sitting: Sitting, spec: Subjects, context: Context, lapsing: list[str]
) -> Step:
    title = spec.title(code, context.titles)
    params: Params = {"subject": title, "year": sitting.year, "day": sitting.first}
    sentences = {
        True: N_("通过 %(year)s 年度考试的“%(subject)s”（%(day)s 起）"),
        False: N_("通过 %(year)s 年度考试的“%(subject)s”（预计 %(day)s 起，尚未公布）"),
    }
    says = Sentence(sentences[sitting.announced], params)
    fact = Fact(
        0,
        RecordKind.SUBJECT_PASSED,
        f"subject:{code}",
        sitting.last,
        detail={"exam_year": sitting.year, "basis": "national"},
    )
    lost = Sentence(
        N_("否则 %(lapsing)s 的合格成绩作废"), {"lapsing": spec.named(lapsing, context.titles)}
    )
    return Step(
        f"subject:{code}@{sitting.year}",
        says,
        sitting.last,
        (fact,),
        or_else=lost if lapsing else None,
        likely=not sitting.announced,
    )


KIND = SubjectsPassed()
