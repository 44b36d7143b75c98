from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.kernel.authoring import Tally
from lms.regulations.content import RuleFile
from lms.regulations.models import Rule, RuleVersion


def load(session: Session, files: Iterable[RuleFile], *, now: datetime) -> Tally:
    """Publish rules that are new or changed; leave the others alone.

    A rule whose file is gone stays: what was decided under it still points to it.
    """
    tally = Tally()
    known = {
        row.key: (row.Rule, row.digest)
        for row in session.execute(
            sa.select(Rule.key, Rule, RuleVersion.digest).join(
                RuleVersion,
                sa.and_(RuleVersion.rule_id == Rule.id, RuleVersion.number == Rule.current_number),
            )
        )
    }
    for file in files:
        rule, digest = known.get(file.rule.key, (None, None))
        if digest == file.digest:
            tally.same += 1
            continue
        if rule is None:
            tally.new += 1
            rule = Rule(key=file.rule.key, kind=file.rule.kind, current_number=1)
            session.add(rule)
            session.flush()
        else:
            tally.changed += 1
            rule.current_number += 1
        _publish(session, rule, file, now=now)
    return tally


def _publish(session: Session, rule: Rule, file: RuleFile, *, now: datetime) -> None:
    text = file.rule
    session.add(
        RuleVersion(
            rule_id=rule.id,
            number=rule.current_number,
            digest=file.digest,
            title=text.title,
            title_en=text.title_en,
            effective_from=text.effective_from,
            effective_to=text.effective_to,
            source=text.source,
            certainty=text.certainty,
            body=dict(text.body),
            published_at=now,
        )
    )
    audit.record(
        session,
        verb="regulations.rule_published",
        subject=f"rule:{rule.key}",
        actor_id=None,
        now=now,
        number=rule.current_number,
        digest=file.digest,
    )
