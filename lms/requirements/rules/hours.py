"""Hours under several schemes side by side: what each hour feeds, and what was cut."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lms.records.types import Fact, RecordKind
from lms.requirements.rules.judging import context_of, earlier
from lms.requirements.rules.reading import all_kinds
from lms.requirements.types import Account, Evidence, Requirement, Sentence, Titles


@dataclass(frozen=True, slots=True)
class Feed:
    """What one hour record gives to one scheme. Amounts in minutes, exact."""

    scheme: str
    counted: Fraction
    cut: Fraction
    why: Sentence | None


@dataclass(frozen=True, slots=True)
class HourLine:
    """One record of hours, and every scheme that it feeds or would feed."""

    fact: Fact
    feeds: tuple[Feed, ...]
    """Empty: no scheme regards it."""


@dataclass(frozen=True, slots=True)
class HoursLedger:
    """A learner's hours (学时台账) under several schemes."""

    accounts: Mapping[str, Account]
    """Scheme -> how it stands."""
    lines: tuple[HourLine, ...]
    """Every record of hours, oldest first."""


def accounts(
    requirement: Requirement,
    facts: Iterable[Fact],
    *,
    on: date,
    started_on: date,
    titles: Titles | None = None,
) -> tuple[Account, ...]:
    """Return how the hours feed every quota of a tree, in its order."""
    evidence = Evidence.of(facts, on=on)
    return tuple(_accounts(requirement, evidence, started_on, titles or {}, None))


def _accounts(
    node: Requirement,
    evidence: Evidence,
    started_on: date,
    titles: Titles,
    inherited: date | None,
) -> Iterator[Account]:
    due_on = earlier(node.deadline(started_on), inherited)
    context = context_of(evidence, started_on, titles, due_on)
    found = all_kinds()[node.kind].account(node.spec, context, node.name)
    if found is not None:
        yield found
    for child in node.children:
        yield from _accounts(child, evidence, started_on, titles, due_on)


def side_by_side(
    schemes: Mapping[str, Requirement], facts: Iterable[Fact], *, on: date, started_on: date
) -> HoursLedger:
    """Return a learner's hours under several schemes at once.

    One hour may feed several schemes; inside one it counts once.

    :param schemes: scheme -> a requirement of hours, for example of
        :func:`lms.requirements.rules.hours_requirement`.
    """
    listed = list(facts)  # the same facts throughout: they are told apart by identity
    found = {
        scheme: account
        for scheme, requirement in schemes.items()
        for account in accounts(requirement, listed, on=on, started_on=started_on)[:1]
    }
    credited = Evidence.of(listed, on=on).all_of(RecordKind.HOURS_CREDITED)
    feeds: dict[int, list[Feed]] = {}
    for scheme, account in found.items():
        for use in account.uses:
            feed = Feed(scheme, use.counted, use.cut, use.why)
            feeds.setdefault(id(use.fact), []).append(feed)
    return HoursLedger(
        found, tuple(HourLine(fact, tuple(feeds.get(id(fact), ()))) for fact in credited)
    )
