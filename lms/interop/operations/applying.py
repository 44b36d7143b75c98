from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.interop.rules.words import CHANGED_SINCE
from lms.interop.types import Decision, Judged, Reason, Verdict
from lms.kernel.errors import DomainError


def apply_by_halves(
    session: Session,
    decided: Sequence[Decision],
    write: Callable[[Sequence[Decision]], list[Judged]],
) -> list[Judged]:
    """Write rows, all at once if that is possible; a row that is refused spoils no other.

    Each try is a savepoint. If it is refused, both halves are tried, down to the single row.
    """
    if not decided:
        return []
    try:
        with session.begin_nested():
            return write(decided)
    except (DomainError, IntegrityError) as fault:
        session.expire_all()
        if len(decided) == 1:
            return [_refused(decided[0].judged, fault)]
    middle = len(decided) // 2
    first = apply_by_halves(session, decided[:middle], write)
    return first + apply_by_halves(session, decided[middle:], write)


def _refused(judged: Judged, fault: DomainError | IntegrityError) -> Judged:
    if isinstance(fault, IntegrityError):
        return stale(judged)
    reason = Reason(fault.message, {name: str(value) for name, value in fault.params.items()})
    return replace(judged, verdict=Verdict.REFUSED, reasons=(reason,), changes=())


def stale(judged: Judged) -> Judged:
    """Return the verdict of a row that was not written because things have changed since."""
    return replace(
        judged,
        verdict=Verdict.REFUSED,
        reasons=(Reason(CHANGED_SINCE), *judged.reasons),
        changes=(),
        revision=None,
    )
