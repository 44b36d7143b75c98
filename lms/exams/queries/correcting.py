"""What an answer card counts as, once what was typed in from it has been corrected."""

from sqlalchemy.orm import Session

from lms.exams.models import PaperEntry
from lms.exams.queries.attempts import sitting
from lms.exams.queries.regrading import card_deeds
from lms.exams.types.on_paper import AnswerCard, Printed
from lms.kernel.errors import N_, NotFound


def card_now(session: Session, printed: Printed, learner_id: int) -> tuple[int, AnswerCard]:
    """Return the number of an attempt on paper, and its card as it counts today. Three statements.

    :raises NotFound: ``no_card``: none was typed in.
    """
    entry = session.get(PaperEntry, (learner_id, printed.id))
    if entry is None:
        raise NotFound("no_card", N_("这位学员的答题卡还没有录入"))
    found = sitting(session, learner_id=learner_id, number=entry.attempt_number)
    spoilt = {int(slot): letters for slot, letters in entry.spoilt.items()}
    for deed in reversed(card_deeds(session, printed.id)):
        card = deed.terms.card
        is_in_force = deed.applied_at is not None and deed.undone_at is None
        if card is None or not is_in_force or card.learner_id != learner_id:
            continue
        spoilt = {n: said for n, said in spoilt.items() if n not in card.cells} | dict(card.spoilt)
    chosen = {slot: answer.chosen for slot, answer in found.answers.items() if answer.chosen}
    return entry.attempt_number, AnswerCard(learner_id, chosen, spoilt)
