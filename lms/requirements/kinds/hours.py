"""Collect hours: in a unit, perhaps in a category or under a scheme, within a window.

Everything is summed in whole minutes; a credit hour (学时) has 45, a clock hour (小时) has 60. A
``share`` asks that so much of the minimum be of one category: ``{ professional = [2, 3] }``.

Windows: ``calendar_year`` (the year of the day that is asked about), ``rolling_years`` with
``years`` (what was credited on a day counts until the eve of that day so many years later),
``since_start``, ``ever``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.records.types import Fact, RecordKind
from lms.requirements.types import (
    Context,
    Example,
    Named,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Titles,
    Verdict,
)

MINUTES = {"credit_hour": 45, "clock_hour": 60}
UNITS = {"credit_hour": Named("学时", "credit hours"), "clock_hour": Named("小时", "hours")}
CATEGORIES = {
    "professional": Named("专业科目", "professional subjects"),
    "general": Named("公需科目", "general subjects"),
}
WINDOWS = ("calendar_year", "rolling_years", "since_start", "ever")


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the minimum must be of one category."""

    category: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Quota:
    """How much, of what, within when."""

    unit: str
    minimum: int
    """In the unit."""
    window: str
    years: int
    """Of a rolling window; 0 for the others."""
    category: str
    """Empty: any."""
    scheme: str
    """Empty: any."""
    share: Share | None

    @property
    def needed(self) -> int:
        """The minimum in minutes."""
        return self.minimum * MINUTES[self.unit]

    @property
    def needed_share(self) -> int:
        """The part of it, in minutes, that must be of the share's category; rounded up."""
        if self.share is None:
            return 0
        return -(-self.needed * self.share.numerator // self.share.denominator)

    def counted(self, inside: int, outside: int) -> int:
        """Return the minutes that count towards the minimum.

        Minutes outside the share's category fill only the part that may be of any category, so
        the minimum is reached exactly when both conditions hold.
        """
        return min(self.needed, inside + min(outside, self.needed - self.needed_share))


@dataclass(frozen=True, slots=True)
class Credit:
    """Minutes of one day, until when they count."""

    on: date
    last: date
    inside: int
    """Minutes of the share's category; all of them if there is no share."""
    outside: int


class Hours(RequirementKind[Quota]):
    name = "hours"
    keys = frozenset({"unit", "minimum", "window", "years", "category", "scheme", "share"})

    def read(self, raw: Raw, read_child: ReadChild) -> Quota:
        window = reading.choice(raw, "window", WINDOWS)
        rolling = window == "rolling_years"
        if "category" in raw and "share" in raw:  # of another category it could never be met
            raise Invalid("one_share", N_("只能写一个类别"), where="share")
        if "years" in raw and not rolling:
            raise Invalid("unknown_key", N_("只有 rolling_years 才写年数"), where="years")
        return Quota(
            unit=reading.choice(raw, "unit", MINUTES),
            minimum=reading.whole(raw, "minimum", low=1, high=10_000),
            window=window,
            years=reading.whole(raw, "years", low=1, high=20) if rolling else 0,
            category=reading.choice(raw, "category", CATEGORIES) if "category" in raw else "",
            scheme=reading.text(raw, "scheme", default=""),
            share=_read_share(raw),
        )

    def evaluate(self, spec: Quota, context: Context) -> Verdict:
        credits_ = _credits(spec, context)
        counting = [credit for credit in credits_ if credit.last >= context.on]
        counted = _total(spec, counting)
        says = _amounts(spec, counting)
        if counted >= spec.needed:
            return Verdict(
                State.MET,
                100,
                met_on=_complete_on(spec, counting),
                expires_on=_expires_on(spec, counting),
                says=says,
            )
        percent = 100 * counted // spec.needed
        if _was_complete(spec, credits_):
            return Verdict(State.LAPSED, percent, says=says)
        return Verdict(State.IN_PROGRESS if counting else State.NOT_STARTED, percent, says=says)

    def describe(self, spec: Quota, titles: Titles) -> Sentence:
        what = Sentence(N_("%(n)s %(unit)s"), {"n": spec.minimum, "unit": UNITS[spec.unit]})
        if spec.category:
            what = Sentence(
                N_("%(n)s %(unit)s（%(category)s）"),
                {**what.params, "category": CATEGORIES[spec.category]},
            )
        sentences = {
            "calendar_year": N_("本年内学满 %(amount)s"),
            "rolling_years": N_("最近 %(years)s 年内学满 %(amount)s"),
            "since_start": N_("从开始之日起学满 %(amount)s"),
            "ever": N_("累计学满 %(amount)s"),
        }
        return Sentence(sentences[spec.window], {"amount": what, "years": spec.years})

    def examples(self) -> Iterable[Example]:
        def credit(number: int, on: date, hours: int, category: str = "professional") -> Fact:
            return Fact(
                number,
                RecordKind.HOURS_CREDITED,
                f"course:{number}",
                on,
                quantity=hours * 45,
                unit="credit_hour",
                category=category,
            )

        may = date(2026, 5, 1)
        since = {"unit": "credit_hour", "minimum": 6, "window": "since_start"}
        yield Example(since, (credit(1, may, 6),), may, State.MET, 100)
        yield Example(since, (credit(1, may, 4),), may, State.IN_PROGRESS, 66)
        yield Example(since, (), may, State.NOT_STARTED, 0)
        eve = date(2025, 12, 31)
        yield Example(since, (credit(1, eve, 6),), may, State.NOT_STARTED, 0)  # before the start
        clock = {"unit": "clock_hour", "minimum": 6, "window": "calendar_year"}
        yield Example(clock, (credit(1, may, 8),), may, State.MET, 100)  # 8 x 45 = 6 x 60
        yield Example(clock, (credit(1, may, 7),), may, State.IN_PROGRESS, 87)
        yield Example(clock, (credit(1, eve, 8),), may, State.NOT_STARTED, 0)  # last year's
        rolling = {"unit": "credit_hour", "minimum": 6, "window": "rolling_years", "years": 3}
        yield Example(rolling, (credit(1, date(2023, 5, 2), 6),), may, State.MET)
        yield Example(rolling, (credit(1, date(2023, 5, 1), 6),), may, State.LAPSED, 0)
        share = {**clock, "unit": "credit_hour", "minimum": 9, "share": {"professional": [2, 3]}}
        general = credit(2, may, 9, "general")
        yield Example(share, (credit(1, may, 6), general), may, State.MET)
        yield Example(share, (credit(1, may, 5), general), may, State.IN_PROGRESS, 88)


def _read_share(raw: Raw) -> Share | None:
    if "share" not in raw:
        return None
    table = reading.table(raw, "share")
    with reading.within("share"):
        reading.only(table, CATEGORIES)
        if len(table) != 1:
            raise Invalid("one_share", N_("只能写一个类别"))
        ((category, parts),) = table.items()
        whole = isinstance(parts, list | tuple) and all(type(part) is int for part in parts)
        if not whole or len(parts) != 2 or not 0 < parts[0] <= parts[1]:
            raise Invalid("bad_share", N_("要写成分数，如 [2, 3] 表示三分之二"), where=category)
        return Share(category, parts[0], parts[1])


def _credits(spec: Quota, context: Context) -> list[Credit]:
    """Return what may count, oldest first, with the last day on which it does."""
    found = []
    for fact in context.evidence.all_of(RecordKind.HOURS_CREDITED):
        if spec.category and fact.category != spec.category:
            continue
        if spec.scheme and fact.scheme not in {"", spec.scheme}:
            continue
        if spec.window == "since_start" and fact.on < context.started_on:
            continue
        minutes = max(0, fact.quantity or 0)
        inside = minutes if spec.share is None or fact.category == spec.share.category else 0
        found.append(Credit(fact.on, _last(spec, fact.on), inside, minutes - inside))
    return found


def _last(spec: Quota, on: date) -> date:
    if spec.window == "calendar_year":
        return date(on.year, 12, 31)
    if spec.window == "rolling_years":
        return years_after(on, spec.years) - timedelta(days=1)
    return date.max


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later; for 29 February, 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _total(spec: Quota, counting: Sequence[Credit]) -> int:
    return spec.counted(sum(c.inside for c in counting), sum(c.outside for c in counting))


def _first_enough(spec: Quota, credits_: Iterable[Credit]) -> Credit | None:
    """Return the credit with which, in the given order, the minimum is reached."""
    inside = outside = 0
    for credit in credits_:
        inside, outside = inside + credit.inside, outside + credit.outside
        if spec.counted(inside, outside) >= spec.needed:
            return credit
    return None


def _complete_on(spec: Quota, counting: Sequence[Credit]) -> date | None:
    found = _first_enough(spec, counting)
    return None if found is None else found.on


def _expires_on(spec: Quota, counting: Sequence[Credit]) -> date | None:
    """Return the last day on which what still counts is enough.

    Counted from the newest backwards, the credit that completes the minimum is the oldest that
    is needed: the minimum holds as long as that one counts.
    """
    found = _first_enough(spec, reversed(counting))
    return None if found is None or found.last == date.max else found.last


def _was_complete(spec: Quota, credits_: Sequence[Credit]) -> bool:
    """Say whether a rolling window held enough on some earlier day.

    The quota of a past calendar year is another matter: a new year begins at nothing.
    """
    if spec.window != "rolling_years":
        return False
    inside = outside = oldest = 0
    for credit in credits_:
        inside, outside = inside + credit.inside, outside + credit.outside
        while credits_[oldest].last < credit.on:
            inside -= credits_[oldest].inside
            outside -= credits_[oldest].outside
            oldest += 1
        if spec.counted(inside, outside) >= spec.needed:
            return True
    return False


def _amounts(spec: Quota, counting: Sequence[Credit]) -> tuple[Sentence, ...]:
    unit = UNITS[spec.unit]
    total = sum(credit.inside + credit.outside for credit in counting)
    said = Sentence(
        N_("已有 %(have)s %(unit)s，要求 %(need)s %(unit)s"),
        {"have": _in_unit(total, spec.unit), "need": str(spec.minimum), "unit": unit},
    )
    if spec.share is None:
        return (said,)
    inside = sum(credit.inside for credit in counting)
    part = Sentence(
        N_("其中%(category)s %(have)s %(unit)s，要求 %(need)s %(unit)s"),
        {
            "category": CATEGORIES[spec.share.category],
            "have": _in_unit(inside, spec.unit),
            "need": _in_unit(spec.needed_share, spec.unit, round_up=True),
            "unit": unit,
        },
    )
    return said, part


def _in_unit(minutes: int, unit: str, *, round_up: bool = False) -> str:
    """Return minutes in a unit with at most one decimal, for people to read."""
    tenths, rest = divmod(minutes * 10, MINUTES[unit])
    whole, tenth = divmod(tenths + (1 if round_up and rest else 0), 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


KIND = Hours()
