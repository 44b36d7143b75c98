"""Drawing papers: what the rules decide, out of what the bank has now."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from lms.exams import queries, rules
from lms.exams.types import Drawable, PaperText, Slot
from lms.question_bank import queries as bank
from lms.question_bank.rules import places


def candidates(session: Session, paper: PaperText) -> Sequence[Drawable]:
    """Return what may be drawn for a paper now. One statement."""
    look = bank.drawable_in_detail if paper.blueprint.needs_detail else bank.drawable
    return look(session, paper.subject)


def draw_slots(
    session: Session,
    paper: PaperText,
    *,
    seed: int,
    met: Mapping[int, int] | None = None,
    among: Sequence[Drawable] | None = None,
) -> list[Slot]:
    """Draw a paper with the order of its options.

    :param among: of :func:`candidates`, for whoever draws many; none: they are read.
    :raises Conflict: ``not_enough_questions`` or ``questions_gone``.
    """
    cards = candidates(session, paper) if among is None else among
    picks = rules.draw(paper.blueprint, cards, seed=seed, met=met)
    drawn = queries.briefs(session, [pick.version_id for pick in picks])
    counts = {id_: places(brief.kind, brief.spec) for id_, brief in drawn.items()}
    return rules.order_options(picks, counts, seed=seed)
