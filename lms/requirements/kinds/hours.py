"""Collect hours: in a unit, perhaps in a category or under a scheme, within a window.

Everything is summed in whole minutes; a credit hour (学时) has 45, a clock hour (小时) has 60. A
``share`` asks that so much of the minimum be of one category: ``{ professional = [2, 3] }``.

Windows: ``calendar_year`` (the year of the day that is asked about), ``rolling_years`` with
``years`` (what was credited on a day counts until the eve of that day so many years later),
``between`` with ``first`` and ``last``, ``registration`` with ``levels`` (the period of the
registration in force; ``years`` is its length if the record does not say its end),
``since_start``, ``ever``.

``forms`` lets only some forms count, ``caps`` limits how much of a form or of a category does (in
the unit), ``once`` names forms of which only the first record counts. ``conversion`` says what a
day or a month is worth in the unit: ``{ day = [15, 2] }``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from lms.kernel.errors import N_
from lms.kernel.reading import Raw
from lms.records.types import FORMS, Fact, RecordKind
from lms.requirements.kinds._quota import (
    CATEGORIES,
    FORM_NAMES,
    MINUTES_A_DAY,
    UNITS,
    Credit,
    Quota,
    Tally,
    credits_of,
    first_enough,
    in_unit,
    minutes,
    sort_out,
    was_complete,
    window_of,
)
from lms.requirements.kinds._quota_reading import KEYS, hours_schema, read_quota
from lms.requirements.kinds.registration_in_force import registration_end
from lms.requirements.types import (
    Account,
    Context,
    Example,
    Params,
    ReadChild,
    RequirementKind,
    Sentence,
    State,
    Step,
    Titles,
    Use,
    Verdict,
    Way,
)


class Hours(RequirementKind[Quota]):
    name = "hours"
    keys = KEYS
    required = frozenset({"unit", "minimum", "window"})

    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        return hours_schema()

    def read(self, raw: Raw, read_child: ReadChild) -> Quota:
        return read_quota(raw)

    def evaluate(self, spec: Quota, context: Context) -> Verdict:
        window = _window(spec, context)
        if window is None:
            return Verdict(State.NOT_STARTED, 0, says=(Sentence(N_("还没有登记")),))
        facts, _told = sort_out(spec, context.evidence.all_of(RecordKind.HOURS_CREDITED))
        credits_ = credits_of(spec, facts, window)
        counting = [credit for credit in credits_ if credit.last >= context.on]
        tally = _tally(spec, counting)
        counted = tally.counted()
        says = _amounts(spec, tally)
        if counted >= spec.needed:
            return Verdict(
                State.MET,
                100,
                met_on=_day_of(first_enough(spec, counting)),
                expires_on=_expires_on(spec, counting),
                says=says,
            )
        return Verdict(
            _open_state(spec, context, window, credits_, counting),
            100 * counted // spec.needed,
            says=says,
            left=_left(spec, tally),
            next_on=_closes(spec, window, counting),
        )

    def ways(self, spec: Quota, context: Context) -> tuple[Way, ...]:
        window = _window(spec, context)
        today = context.today or context.on
        if window is None or min(window[1], context.on) < today:
            return ()
        facts, _told = sort_out(spec, context.evidence.all_of(RecordKind.HOURS_CREDITED))
        counting = [c for c in credits_of(spec, facts, window) if c.last >= context.on]
        on = min(window[1], context.on)
        more = _to_learn(spec, counting, on)
        return (tuple(more),) if more else ()

    def account(self, spec: Quota, context: Context, node: str) -> Account | None:
        window = _window(spec, context)
        open_ = window or (date.max, date.max)
        facts, told = sort_out(spec, context.evidence.all_of(RecordKind.HOURS_CREDITED))
        counting = [c for c in credits_of(spec, facts, open_) if c.last >= context.on]
        known = {id(credit.fact) for credit in counting}  # hypothetical facts have no number
        uses = [_not_counted(spec, fact, why) for fact, why in told]
        outside = Sentence(N_("不在计算期内"))
        uses += [_not_counted(spec, f, outside) for f in facts if id(f) not in known]
        tally, before = Tally(spec), 0
        for credit in counting:
            tally.add(credit)
            total = sum(tally.amounts())
            gained, before = total - before, total
            uses.append(_use(spec, credit, gained))
        first, last = (None, None) if window is None else window
        return Account(
            node=node,
            scheme=spec.scheme,
            unit=spec.unit,
            needed=minutes(spec.needed, spec),
            counted=minutes(tally.counted(), spec),
            first=None if first in {None, date.min} else first,
            last=None if last in {None, date.max} else last,
            uses=tuple(sorted(uses, key=lambda use: (use.fact.on, use.fact.number))),
        )

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
            "between": N_("%(first)s 至 %(last)s 学满 %(amount)s"),
            "registration": N_("本登记期内学满 %(amount)s"),
            "since_start": N_("从开始之日起学满 %(amount)s"),
            "ever": N_("累计学满 %(amount)s"),
        }
        params: Params = {
            "amount": what,
            "years": spec.years,
            "first": spec.first or date.min,
            "last": spec.last or date.max,
        }
        return Sentence(sentences[spec.window], params)

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
        yield from _more_examples(credit)


def _more_examples(credit: Callable[..., Fact]) -> Iterable[Example]:
    may = date(2026, 5, 1)
    plan = {
        "unit": "credit_hour",
        "minimum": 6,
        "window": "between",
        "first": "2023-01-01",
        "last": "2027-12-31",
    }
    yield Example(plan, (credit(1, date(2023, 1, 1), 6),), may, State.MET, 100)
    yield Example(plan, (credit(1, date(2022, 12, 31), 6),), may, State.NOT_STARTED, 0)
    yield Example(plan, (credit(1, may, 5),), date(2028, 1, 1), State.IMPOSSIBLE, 83)
    registered = Fact(9, RecordKind.REGISTERED, "registration:junior", date(2024, 5, 2))
    cycle = {
        "unit": "clock_hour",
        "minimum": 3,
        "window": "registration",
        "levels": ["junior"],
        "years": 3,
    }
    yield Example(cycle, (registered, credit(1, may, 4)), may, State.MET, 100)
    yield Example(cycle, (registered, credit(1, date(2024, 5, 1), 4)), may, State.NOT_STARTED, 0)
    yield Example(cycle, (credit(1, may, 4),), may, State.NOT_STARTED, 0)
    capped = {"unit": "credit_hour", "minimum": 6, "window": "ever", "caps": {"online": 2}}
    online = credit(1, may, 6)._replace(detail={"form": "online"})
    yield Example(capped, (online, credit(2, may, 4)), may, State.MET, 100)
    yield Example(capped, (online, credit(2, may, 3)), may, State.IN_PROGRESS, 83)
    degree = {"unit": "clock_hour", "minimum": 90, "window": "ever", "once": ["degree"]}
    studied = credit(1, may, 60)._replace(detail={"form": "degree"})
    again = credit(2, may, 60)._replace(detail={"form": "degree"})
    yield Example(degree, (studied, again), may, State.IN_PROGRESS, 50)
    days = {
        "unit": "credit_hour",
        "minimum": 90,
        "window": "calendar_year",
        "conversion": {"day": [15, 2]},
    }
    twelve = credit(1, may, 0)._replace(quantity=24, unit="half_day")
    yield Example(days, (twelve,), may, State.MET, 100)
    yield Example(days, (twelve._replace(quantity=23),), may, State.IN_PROGRESS, 95)


def _window(spec: Quota, context: Context) -> tuple[date, date] | None:
    registered = _registered(spec, context) if spec.levels else None
    return window_of(spec, on=context.on, started_on=context.started_on, registered=registered)


def _registered(spec: Quota, context: Context) -> tuple[date, date] | None:
    """Return the period of the newest registration of the quota's levels."""
    periods = [
        (fact.on, registration_end(fact, spec.years) or date.max)
        for level in spec.levels
        for fact in context.evidence.about(RecordKind.REGISTERED, f"registration:{level}")
    ]
    return max(periods, default=None)


def _tally(spec: Quota, counting: Iterable[Credit]) -> Tally:
    tally = Tally(spec)
    for credit in counting:
        tally.add(credit)
    return tally


def _open_state(
    spec: Quota,
    context: Context,
    window: tuple[date, date],
    credits_: Sequence[Credit],
    counting: Sequence[Credit],
) -> State:
    """Return how a quota that is not met stands."""
    if spec.window == "registration" and context.on > window[1]:
        return State.LAPSED if was_complete(spec, credits_) else State.IMPOSSIBLE
    if was_complete(spec, credits_):
        return State.LAPSED
    if window[1] < date.max:
        days = max(0, (window[1] - context.on).days + 1)
        short = spec.needed - _tally(spec, counting).counted()
        if days * MINUTES_A_DAY * spec.parts < short:
            return State.IMPOSSIBLE
    return State.IN_PROGRESS if counting else State.NOT_STARTED


def _day_of(credit: Credit | None) -> date | None:
    return None if credit is None else credit.on


def _expires_on(spec: Quota, counting: Sequence[Credit]) -> date | None:
    """Return the last day on which what still counts is enough.

    Counted from the newest backwards, the credit that completes the minimum is the oldest that
    is needed: the minimum holds as long as that one counts.
    """
    found = first_enough(spec, reversed(counting))
    return None if found is None or found.last == date.max else found.last


def _closes(spec: Quota, window: tuple[date, date], counting: Sequence[Credit]) -> date | None:
    """Return the last day of the window, or the day after which the oldest credit is lost."""
    if spec.window == "rolling_years":
        return counting[0].last if counting else None
    return window[1] if window[1] < date.max else None


def _amounts(spec: Quota, tally: Tally) -> tuple[Sentence, ...]:
    unit = UNITS[spec.unit]
    inside, outside = tally.amounts()
    said = Sentence(
        N_("已有 %(have)s %(unit)s，要求 %(need)s %(unit)s"),
        {"have": in_unit(inside + outside, spec), "need": str(spec.minimum), "unit": unit},
    )
    if spec.share is None:
        return (said,)
    part = Sentence(
        N_("其中%(category)s %(have)s %(unit)s，要求 %(need)s %(unit)s"),
        {
            "category": CATEGORIES[spec.share.category],
            "have": in_unit(inside, spec),
            "need": in_unit(spec.needed_share, spec, round_up=True),
            "unit": unit,
        },
    )
    return said, part


def _left(spec: Quota, tally: Tally) -> tuple[Sentence, ...]:
    inside, _outside = tally.amounts()
    short = spec.needed - tally.counted()
    params: Params = {"n": in_unit(short, spec, round_up=True), "unit": UNITS[spec.unit]}
    of_category = max(0, spec.needed_share - inside)
    if spec.share is None or not of_category:
        return (Sentence(N_("还差 %(n)s %(unit)s"), params),)
    more: Params = {
        **params,
        "part": in_unit(of_category, spec, round_up=True),
        "category": CATEGORIES[spec.share.category],
    }
    return (Sentence(N_("还差 %(n)s %(unit)s，其中%(category)s %(part)s %(unit)s"), more),)


def _to_learn(spec: Quota, counting: Sequence[Credit], on: date) -> list[Step]:
    """Return what to learn so that the quota is met: of the share's category, where it is short.

    In a form that is not capped, or else in those that still have room.
    """
    tally = _tally(spec, counting)
    short = spec.needed - tally.counted()
    category = spec.share.category if spec.share else spec.category
    steps: list[Step] = []
    for form, room in _rooms(spec, tally, short):
        ticks = min(room, short)
        if ticks <= 0:
            continue
        short -= ticks
        steps.append(_learn(spec, on, ticks, form, category))
    return steps if short <= 0 else []


def _rooms(spec: Quota, tally: Tally, short: int) -> Iterable[tuple[str, int]]:
    """Yield forms with how much may be added in each."""
    caps = spec.caps or {}
    forms = spec.forms or ("", *FORMS)
    if spec.capped_by == "form":
        free = [form for form in forms if form not in caps and form not in spec.once]
        if free:
            yield free[0], short
        for form in forms:
            if form in caps:
                yield form, caps[form] - tally.used(form)
    else:
        yield next((form for form in forms if form not in spec.once), ""), short


def _learn(spec: Quota, on: date, ticks: int, form: str, category: str) -> Step:
    whole = -(-ticks // spec.parts)
    fact = Fact(
        0,
        RecordKind.HOURS_CREDITED,
        f"plan:{spec.scheme or 'hours'}-{spec.window}-{category}-{form}",
        on,
        quantity=whole,
        unit=spec.unit,
        scheme=spec.scheme,
        category=category,
        detail={"form": form} if form else {},
    )
    params: Params = {"n": in_unit(ticks, spec, round_up=True), "unit": UNITS[spec.unit]}
    says = Sentence(N_("再学 %(n)s %(unit)s"), params)
    if category:
        says = Sentence(
            N_("再学 %(n)s %(unit)s（%(category)s）"),
            {**params, "category": CATEGORIES[category]},
        )
    effort = -(-ticks // spec.ticks)
    return Step(f"hours:{fact.subject}:{whole}", says, on, (fact,), effort=effort)


def _not_counted(spec: Quota, fact: Fact, why: Sentence) -> Use:
    return Use(fact, minutes(spec.worth(fact), spec), Fraction(0), why)


def _use(spec: Quota, credit: Credit, gained: int) -> Use:
    amount = credit.inside + credit.outside
    why = None
    if gained < amount:
        names = FORM_NAMES if spec.capped_by == "form" else CATEGORIES
        why = Sentence(
            N_("%(what)s最多算 %(most)s %(unit)s"),
            {
                "what": names[credit.cell],
                "most": in_unit((spec.caps or {})[credit.cell], spec),
                "unit": UNITS[spec.unit],
            },
        )
    return Use(credit.fact, minutes(amount, spec), minutes(gained, spec), why)


KIND = Hours()
