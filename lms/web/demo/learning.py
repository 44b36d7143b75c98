"""Store what invented learners have done."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from lms.courses.models import Enrollment, FirstAnswer, LessonProgress
from lms.kernel.orm import Base
from lms.people.types import PostKind
from lms.practice.models import DrillAnswer, ReviewCard
from lms.programs.models import ProgramMember
from lms.records.models import Record
from lms.records.types import RecordKind
from lms.required_lists.models import Assignment
from lms.requirements.models import Progress
from lms.web.demo import bulk
from lms.web.demo.stories import Story
from lms.web.demo.types import Drawn, Outline

Teller = Callable[[Outline, PostKind], Story]

TABLES: tuple[tuple[str, type[Base]], ...] = (
    ("assignments", Assignment),
    ("members", ProgramMember),
    ("enrollments", Enrollment),
    ("lessons", LessonProgress),
    ("first_answers", FirstAnswer),
    ("records", Record),
    ("progress", Progress),
    ("answers", DrillAnswer),
    ("cards", ReviewCard),
)
"""Each part of a story with its table, those that are referred to first. In every one of them
the learner is the first column."""

BoundStory = Mapping[str, Sequence[bulk.Bound]]
"""The rows of a story without the learner, as the driver stores them."""


class Histories:
    """Stores the stories of learners; each story is told and bound once, whoever shares it."""

    def __init__(self, session: Session, tell: Teller) -> None:
        self.session = session
        self.tell = tell
        self._shared = cache(self._bound_of)

    def add(self, ids: Sequence[int], drawn: Sequence[Drawn]) -> Counter[str]:
        """Store what learners have done and return how many rows each part got."""
        told = [(learner_id, self._of(one)) for learner_id, one in zip(ids, drawn, strict=True)]
        counts: Counter[str] = Counter()
        for part, model in TABLES:
            rows = [(learner_id, *row) for learner_id, story in told for row in story[part]]
            bulk.write(self.session, model, bulk.columns_of(model), rows)
            counts[part] += len(rows)
        return counts

    def _of(self, one: Drawn) -> BoundStory:
        """Return a learner's story, with what differs even between learners who share it."""
        shared = self._shared(one.story, one.post)
        if not one.story.level:
            return shared
        story = self.tell(one.story, one.post)
        records = [_with_number(record, one.number) for record in story.records]
        return {**shared, "records": bulk.bind(self._dialect, Record, records)}

    def _bound_of(self, outline: Outline, post: PostKind) -> BoundStory:
        return bound(self._dialect, self.tell(outline, post))

    @property
    def _dialect(self) -> Dialect:
        return self.session.connection().dialect


def bound(dialect: Dialect, story: Story) -> BoundStory:
    """Return the rows of a story as the driver stores them."""
    return {part: bulk.bind(dialect, model, getattr(story, part)) for part, model in TABLES}


def _with_number(record: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """Return a record; the qualification's with a management number of the learner's own."""
    if record["kind"] != RecordKind.QUALIFICATION_HELD:
        return record
    management_no = f"YS{record['happened_on']:%Y%m}{number:08}"
    return {**record, "detail": {"management_no": management_no}}
