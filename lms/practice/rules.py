"""The wrong-answer book and the choice of the next question. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from random import Random

from lms.practice.types import Drillable, Standing
from lms.question_bank.rules import places
from lms.question_bank.types import QuestionText

RIGHT_TO_LEAVE = 2
"""Right answers in a row after which a question leaves the wrong-answer book.

Our own product rule, not a rule of the outside world: once may be luck, and more than twice
keeps people busy with what they know.
"""


def after_answer(before: Standing | None, *, is_right: bool, at: datetime) -> Standing:
    """Say how a learner stands after one more answer; ``before`` is none for the first.

    Only full marks are right: a part of a key sends a question into the book too.
    """
    tries, wrong = (before.tries, before.wrong) if before else (0, 0)
    streak = (before.right_streak if before else 0) + 1 if is_right else 0
    was_in = before is not None and before.in_wrong_book
    return Standing(
        tries=tries + 1,
        wrong=wrong + (not is_right),
        right_streak=streak,
        in_wrong_book=not is_right or (was_in and streak < RIGHT_TO_LEAVE),
        last_at=at,
    )


def next_question(
    pool: Collection[Drillable], *, last_question_id: int | None, seed: str
) -> Drillable | None:
    """Choose what a drill shows next; none if the pool is empty.

    First what was never answered, drawn by the seed; then the wrong-answer book and after it
    the rest, longest ago first. The question just answered comes again only if there is no
    other. The same pool and the same seed give the same question, so a page may be reloaded.
    """
    others = [item for item in pool if item.question_id != last_question_id] or list(pool)
    unseen = sorted(
        (item for item in others if item.last_at is None), key=lambda item: item.question_id
    )
    if unseen:
        return Random(seed).choice(unseen)
    seen = [(item.last_at, item.question_id, item) for item in others if item.last_at is not None]
    book = [entry for entry in seen if entry[2].in_wrong_book]
    return min(book or seen)[2] if seen else None


def seed_of(learner_id: int, answers: int) -> str:
    """Return the seed of a learner's next draw: it changes with every answer, not before."""
    return f"{learner_id}:{answers}"


def option_order(token: str, question: QuestionText) -> list[int]:
    """Return the order in which a page shows the options: the author's positions, from the top.

    It follows from the page's token, so the answer can be read and shown again without storing
    it, and a question that comes back cannot be answered by the letter one remembers.
    """
    order = list(range(places(question.kind, question.spec)))
    Random(token).shuffle(order)
    return order


def right_percent(tries: int, wrong: int) -> int | None:
    """Return the right answers in 100 tries, rounded down; none before the first."""
    return 100 * (tries - wrong) // tries if tries else None


def newest_edition(chapter_keys: Iterable[str]) -> str | None:
    """Return the newest edition of the outline among chapter keys (``2025/J-COMP/06``)."""
    return max((key.split("/")[0] for key in chapter_keys), default=None)


def of_newest_edition(pool: Sequence[Drillable]) -> list[Drillable]:
    """Leave out questions that still follow an older outline than others of the pool."""
    edition = newest_edition(item.chapter_key for item in pool)
    return [item for item in pool if item.chapter_key.split("/")[0] == edition]
