"""How a working text goes from hand to hand, and who may approve it. Pure."""

from collections.abc import Collection

from lms.kernel.errors import N_, Conflict, NotAllowed
from lms.question_bank.types import Deed, DraftState

GONE = None
"""The working text is no more: published, or thrown away."""

TRANSITIONS: dict[tuple[DraftState, Deed], DraftState | None] = {
    (DraftState.DRAFT, Deed.WRITE): DraftState.DRAFT,
    (DraftState.DRAFT, Deed.SUBMIT): DraftState.IN_REVIEW,
    (DraftState.DRAFT, Deed.DISCARD): GONE,
    (DraftState.IN_REVIEW, Deed.TAKE_BACK): DraftState.DRAFT,
    (DraftState.IN_REVIEW, Deed.RETURN): DraftState.RETURNED,
    (DraftState.IN_REVIEW, Deed.APPROVE): GONE,
    (DraftState.RETURNED, Deed.WRITE): DraftState.DRAFT,
    (DraftState.RETURNED, Deed.SUBMIT): DraftState.IN_REVIEW,
    (DraftState.RETURNED, Deed.DISCARD): GONE,
}
"""What each deed makes of a working text; what is not here is refused."""

_REFUSALS = {
    DraftState.DRAFT: N_("%(key)s 还没有送审"),
    DraftState.IN_REVIEW: N_("%(key)s 正在等审核，要改请先撤回"),
    DraftState.RETURNED: N_("%(key)s 已经退回，还没有重新送审"),
}


def next_state(state: DraftState, deed: Deed, *, key: str) -> DraftState | None:
    """Return what a deed makes of a working text; none if it is no more afterwards.

    :raises Conflict: ``wrong_state``.
    """
    try:
        return TRANSITIONS[state, deed]
    except KeyError:
        raise Conflict("wrong_state", _REFUSALS[state], key=key) from None


def refuse_own_text(
    authors: Collection[int], reviewer_id: int, *, two_people: bool, key: str
) -> None:
    """Refuse somebody who would approve what they wrote themselves, if only in part.

    :param two_people: whether the house asks for a second person; a tiny one may not have one.
    :raises NotAllowed: ``own_text``.
    """
    if two_people and reviewer_id in authors:
        raise NotAllowed("own_text", N_("%(key)s 是您自己写的，要由另一位审核人审核"), key=key)
