"""A working text as something that can be compared with a version."""

from lms.kernel.clock import day_of, utc_now
from lms.question_bank import rules
from lms.question_bank.types import Draft, Snapshot


def snapshot_of(draft: Draft) -> Snapshot:
    """Return a working text as :func:`lms.question_bank.rules.changes` takes it."""
    now = utc_now()
    return Snapshot(
        version_id=0,
        number=0,
        published_at=now,
        subject=draft.subject,
        text=rules.as_text(draft, on=day_of(now)),
        tags=draft.tags,
    )
