"""What counts towards a quota of hours, and what is cut. Exact: amounts are whole *ticks*.

A minute has ``parts`` ticks, so many that a half day or a month of the quota's own conversion is
whole as well. Everything that decides is a whole number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lms.kernel.errors import N_
from lms.records.types import FORMS, Fact
from lms.requirements.kinds._days import eve_of_years_after
from lms.requirements.types import Named, Sentence

MINUTES = {"credit_hour": 45, "clock_hour": 60}
UNITS = {"credit_hour": Named("学时", "credit hours"), "clock_hour": Named("小时", "hours")}
CATEGORIES = {
    "professional": Named("专业科目", "professional subjects"),
    "general": Named("公需科目", "general subjects"),
}
FORM_NAMES = dict(
    zip(
        FORMS,
        (
            Named("面授", "classes"),
            Named("网络培训", "online training"),
            Named("学历教育", "degree study"),
            Named("其他形式", "other forms"),
        ),
        strict=True,
    )
)
MINUTES_A_DAY = 24 * 60
"""More than that nobody can learn in a day, whatever a scheme says."""


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
    years: int = 0
    """Of a rolling window, or of a registration that does not say its end; 0 for the others."""
    category: str = ""
    """Empty: any."""
    scheme: str = ""
    """Empty: any."""
    share: Share | None = None
    first: date | None = None
    """Of a fixed window; its first and last day are included."""
    last: date | None = None
    levels: tuple[str, ...] = ()
    """Of the registration whose period is the window."""
    forms: tuple[str, ...] = ()
    """Only these count; empty: any."""
    caps: Mapping[str, int] | None = None
    """Form or category -> the most that counts of it, in ticks."""
    capped_by: str = ""
    """``form`` or ``category``: what the caps name."""
    once: tuple[str, ...] = ()
    """Forms of which only the first record counts, ever: a degree counts once."""
    parts: int = 1
    """Ticks of a minute."""
    half_day: int = 0
    """Ticks of a half day; 0: days cannot be converted."""
    month: int = 0

    @property
    def ticks(self) -> int:
        """Ticks of one of the unit."""
        return MINUTES[self.unit] * self.parts

    @property
    def needed(self) -> int:
        """The minimum in ticks."""
        return self.minimum * self.ticks

    @property
    def needed_share(self) -> int:
        """The part of it, in ticks, that must be of the share's category; rounded up."""
        if self.share is None:
            return 0
        return -(-self.needed * self.share.numerator // self.share.denominator)

    def counted(self, inside: int, outside: int) -> int:
        """Return the ticks that count towards the minimum.

        Ticks outside the share's category fill only the part that may be of any category, so
        the minimum is reached exactly when both conditions hold.
        """
        return min(self.needed, inside + min(outside, self.needed - self.needed_share))

    def cell(self, fact: Fact) -> str:
        """Return under which cap a credit falls."""
        if self.capped_by == "form":
            return str(fact.detail.get("form", ""))
        return fact.category if self.capped_by else ""

    def worth(self, fact: Fact) -> int:
        """Return what a credit is worth in ticks before anything is cut."""
        quantity = max(0, fact.quantity or 0)
        if self.scheme and "schemes" in fact.detail:
            quantity = int(fact.detail["schemes"][self.scheme])
        if fact.unit == "half_day":
            return quantity * self.half_day
        if fact.unit == "month":
            return quantity * self.month
        return quantity * self.parts

    def feeds(self, fact: Fact) -> bool:
        """Say whether a credit is of the quota's scheme, category and form."""
        if self.category and fact.category != self.category:
            return False
        if self.forms and fact.detail.get("form") not in self.forms:
            return False
        if not self.scheme:
            return True
        if "schemes" in fact.detail:
            return self.scheme in fact.detail["schemes"]
        return not fact.scheme or fact.scheme == self.scheme


@dataclass(frozen=True, slots=True)
class Credit:
    """Ticks of one day, until when they count."""

    on: date
    last: date
    inside: int
    """Ticks of the share's category; all of them if there is no share."""
    outside: int
    cell: str
    fact: Fact


class Tally:
    """What a set of credits counts, caps regarded. Credits come and go."""

    __slots__ = ("_cells", "_quota")

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._cells: dict[str, list[int]] = {}

    def add(self, credit: Credit, sign: int = 1) -> None:
        """Put a credit in; with sign -1 take it out."""
        cell = self._cells.setdefault(credit.cell, [0, 0])
        cell[0] += sign * credit.inside
        cell[1] += sign * credit.outside

    def used(self, cell: str) -> int:
        """Return what was put under one cap, before it cuts."""
        return sum(self._cells.get(cell, (0, 0)))

    def amounts(self) -> tuple[int, int]:
        """Return inside and outside the share after the caps.

        Under a cap what is inside goes first: it is never worth less than what is outside.
        """
        inside = outside = 0
        caps = self._quota.caps or {}
        for cell, (within, beyond) in self._cells.items():
            cap = caps.get(cell)
            kept = within if cap is None else min(within, cap)
            inside += kept
            outside += beyond if cap is None else min(beyond, cap - kept)
        return inside, outside

    def counted(self) -> int:
        """Return what counts towards the minimum."""
        return self._quota.counted(*self.amounts())


def window_of(
    quota: Quota, *, on: date, started_on: date, registered: tuple[date, date] | None
) -> tuple[date, date] | None:
    """Return the first and last day of the window in which a day lies; none if there is none.

    :param registered: first and last day of the registration that the window follows.
    """
    if quota.window == "calendar_year":
        return date(on.year, 1, 1), date(on.year, 12, 31)
    if quota.window == "rolling_years":
        return date.min, date.max  # each credit has an end of its own
    if quota.window == "between":
        return quota.first or date.min, quota.last or date.max
    if quota.window == "registration":
        return registered
    return (started_on if quota.window == "since_start" else date.min), date.max


def last_of(quota: Quota, fact: Fact, window: tuple[date, date]) -> date:
    """Return the last day on which a credit counts."""
    if quota.window == "calendar_year":
        return date(fact.on.year, 12, 31)
    if quota.window == "rolling_years":
        return eve_of_years_after(fact.on, quota.years)
    return window[1] if quota.window == "registration" else date.max


def sort_out(quota: Quota, facts: Iterable[Fact]) -> tuple[list[Fact], list[tuple[Fact, Sentence]]]:
    """Return the credits that feed a quota, and those that are told and do not count, with why.

    Inside one scheme an occasion counts once. What was credited for the same subject, day and
    category under different schemes, or under one and under none, is one occasion told several
    times; so are credits of the same ``event``. The largest telling stands. Of a form that counts
    once, the first stands.
    """
    told: list[tuple[Fact, Sentence]] = []
    occasions: dict[object, dict[object, list[Fact]]] = {}
    for fact in facts:
        if not quota.feeds(fact):
            continue
        if not fact.quantity or not quota.worth(fact):
            if fact.quantity and "schemes" not in fact.detail:
                told.append((fact, Sentence(N_("这一办法没有规定如何折算"))))
            continue
        event = fact.detail.get("event")
        occasion = event or (fact.subject, fact.on, fact.category)
        told_as = id(fact) if event else fact.scheme
        tellings = occasions.get(occasion)
        if tellings is None:
            occasions[occasion] = {told_as: [fact]}
        else:
            tellings.setdefault(told_as, []).append(fact)
    standing: list[Fact] = []
    twice = Sentence(N_("同一次学习在同一办法内只算一次"))
    for tellings in occasions.values():
        if len(tellings) == 1:  # nearly always
            (best,) = tellings.values()
        else:
            best = max(tellings.values(), key=lambda told_as: _weight(quota, told_as))
            told += [(fact, twice) for one in tellings.values() if one is not best for fact in one]
        standing += best
    standing.sort(key=lambda fact: (fact.on, fact.number))
    kept: list[Fact] = []
    seen: set[str] = set()
    for fact in standing:
        form = fact.detail.get("form", "")
        if form in quota.once and form in seen:
            why = Sentence(N_("%(form)s只算一次"), {"form": FORM_NAMES[form]})
            told.append((fact, why))
            continue
        seen.add(form)
        kept.append(fact)
    return kept, told


def _weight(quota: Quota, told_as: Sequence[Fact]) -> tuple[int, bool, int]:
    """Return how much a telling of an occasion weighs; of equals the scheme's own, the older."""
    total = sum(quota.worth(fact) for fact in told_as)
    return total, bool(told_as[0].scheme), -told_as[0].number


def credits_of(quota: Quota, facts: Sequence[Fact], window: tuple[date, date]) -> list[Credit]:
    """Return what may count in a window, oldest first, with the last day on which it does."""
    found = []
    for fact in facts:
        if quota.window != "calendar_year" and not window[0] <= fact.on <= window[1]:
            continue
        ticks = quota.worth(fact)
        inside = ticks if quota.share is None or fact.category == quota.share.category else 0
        found.append(
            Credit(
                fact.on,
                last_of(quota, fact, window),
                inside,
                ticks - inside,
                quota.cell(fact),
                fact,
            )
        )
    return found


def first_enough(quota: Quota, credits_: Iterable[Credit]) -> Credit | None:
    """Return the credit with which, in the given order, the minimum is reached."""
    tally = Tally(quota)
    for credit in credits_:
        tally.add(credit)
        if tally.counted() >= quota.needed:
            return credit
    return None


def was_complete(quota: Quota, credits_: Sequence[Credit]) -> bool:
    """Say whether a rolling window held enough on some earlier day.

    The quota of a past calendar year is another matter: a new year begins at nothing.
    """
    if quota.window not in {"rolling_years", "registration"}:
        return False
    tally, oldest = Tally(quota), 0
    for credit in credits_:
        tally.add(credit)
        while credits_[oldest].last < credit.on:
            tally.add(credits_[oldest], -1)
            oldest += 1
        if tally.counted() >= quota.needed:
            return True
    return False


def in_unit(ticks: int, quota: Quota, *, round_up: bool = False) -> str:
    """Return ticks in the quota's unit with at most one decimal, for people to read."""
    tenths, rest = divmod(ticks * 10, quota.ticks)
    whole, tenth = divmod(tenths + (1 if round_up and rest else 0), 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def minutes(ticks: int, quota: Quota) -> Fraction:
    """Return ticks in minutes."""
    return Fraction(ticks, quota.parts)
