"""Which rule is in force on a day. Pure."""

from collections.abc import Iterable
from datetime import date

from lms.kernel.errors import N_, NotFound
from lms.regulations.types import MARKING, PRACTICE_MARKING, RuleText


def is_in_force(rule: RuleText, on: date) -> bool:
    """Say whether a rule is in force on a day; its first and last days are included."""
    return rule.effective_from <= on and (rule.effective_to is None or on <= rule.effective_to)


def in_force(rules: Iterable[RuleText], on: date) -> RuleText:
    """Return the rule in force on a day; of several, the one that took effect last.

    :raises NotFound: ``no_rule``.
    """
    found = [rule for rule in rules if is_in_force(rule, on)]
    if not found:
        raise NotFound("no_rule", N_("%(on)s 没有可用的规则"), on=on.isoformat())
    return max(found, key=lambda rule: (rule.effective_from, rule.key))


def pass_line(
    rules: Iterable[RuleText], *, level: str, on: date, in_key_county: bool = False
) -> RuleText:
    """Return the pass line of a level on a day: the national one, or the separate one.

    Where no separate line was published for the day, the national line holds in the key
    counties too.

    :raises NotFound: ``no_rule``.
    """
    of_level = [r for r in rules if r.kind == "pass_line" and r.body["level"] == level]
    if in_key_county:
        separate = [r for r in of_level if r.body["area"] == "key_counties" and is_in_force(r, on)]
        if separate:
            return in_force(separate, on)
    return in_force([r for r in of_level if r.body["area"] == "national"], on)


def marking_rule(rules: Iterable[RuleText], *, on: date, key: str = "") -> RuleText:
    """Return the marking rule of a paper on a day: the one it names, or the official one.

    :param key: the rule that the paper names; empty if it names none.
    :raises NotFound: ``no_rule``.
    """
    if not key:
        return in_force([rule for rule in rules if rule.kind == MARKING], on)
    kinds = {MARKING, PRACTICE_MARKING}
    return in_force([rule for rule in rules if rule.kind in kinds and rule.key == key], on)
