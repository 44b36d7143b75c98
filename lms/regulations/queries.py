import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, NotFound
from lms.kernel.selecting import fetch
from lms.regulations.models import Rule, RuleVersion
from lms.regulations.types import RuleText

_TEXT = sa.select(
    RuleVersion.id,
    Rule.key,
    Rule.kind,
    RuleVersion.title,
    RuleVersion.title_en,
    RuleVersion.effective_from,
    RuleVersion.effective_to,
    RuleVersion.source,
    RuleVersion.certainty,
    RuleVersion.body,
).join(Rule, Rule.id == RuleVersion.rule_id)
_OF_KINDS = _TEXT.where(
    Rule.kind.in_(sa.bindparam("kinds", expanding=True)),
    RuleVersion.number == Rule.current_number,
)


def rules_of_kind(session: Session, *kinds: str) -> list[RuleText]:
    """Return the current version of every rule of one or more kinds. One statement."""
    return [RuleText(*row) for row in fetch(session, _OF_KINDS, {"kinds": kinds})]


def rule_version(session: Session, version_id: int) -> RuleText:
    """Return the text of a rule as it was when something was decided under it.

    :raises NotFound: ``no_rule``.
    """
    row = fetch(session, _TEXT.where(RuleVersion.id == version_id)).one_or_none()
    if row is None:
        raise NotFound("no_rule", N_("没有这条规则"))
    return RuleText(*row)
