"""A paper that was handed in, one of its questions with a wrong key, and two people who may act."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.exams.models import PaperVersion
from lms.exams.rules import Terms
from lms.exams.types import Cause, Policy
from lms.kernel.transaction import transaction
from lms.people.types import Role
from lms.question_bank.models import Question, QuestionVersion
from lms.requirements import operations as requirements
from tests import builders
from tests.builders import NOON
from tests.exams import builders as exams
from tests.exams.builders import sending, shown_letters

LATER = NOON + timedelta(hours=1)
RIGHT = ("A", "A", "A", "ABD", "ABD")


@dataclass
class World:
    """One paper of five questions (three single, two multiple choices) that many sat."""

    session: Session
    key: str
    author_id: int
    approver_id: int
    learners: list[int] = field(default_factory=list)
    steps: tuple = (requirements.refresh,)

    @property
    def paper_version_id(self) -> int:
        return self.session.query(PaperVersion.id).filter_by(digest=self.key).scalar()

    def sit(self, *chosen, learner_id=None, seed=7, now=NOON) -> int:
        """Somebody hands the paper in with these answers; return the learner."""
        owner = learner_id or builders.learner(self.session).id
        with transaction(self.session, before_commit=self.steps):
            number = operations.start(
                self.session, learner_id=owner, paper_key=self.key, seed=seed, now=now
            )
            found = queries.sitting(self.session, learner_id=owner, number=number)
            sent = [
                sending(slot, shown_letters(letters, found.slots[slot - 1].order), slot)
                for slot, letters in enumerate(chosen, start=1)
                if letters
            ]
            operations.save_answers(
                self.session, learner_id=owner, number=number, answers=sent, now=now
            )
            operations.submit(
                self.session, learner_id=owner, number=number, actor_id=owner, now=now
            )
        self.learners.append(owner)
        return owner

    def version(self, learner_id, slot=1, number=1) -> QuestionVersion:
        """The question of a slot as it was asked."""
        found = queries.sitting(self.session, learner_id=learner_id, number=number)
        return self.session.get(QuestionVersion, found.slots[slot - 1].version_id)

    def corrected(self, asked: QuestionVersion, answer="B", **values) -> QuestionVersion:
        """A new version of a question, with another key unless told otherwise."""
        question = self.session.get(Question, asked.question_id)
        question.current_number += 1
        copied = {
            name: getattr(asked, name)
            for name in (
                "kind", "stem", "explanation", "subject", "chapter_key", "point_key",
                "difficulty", "source", "valid_on", "tags", "published_at",
            )
        }  # fmt: skip
        spec = values.pop("spec", {**asked.spec, "answer": answer})
        return builders.added(
            self.session,
            QuestionVersion(
                question_id=question.id,
                number=question.current_number,
                digest=f"{asked.digest}-{question.current_number}",
                spec=spec,
                **copied,
            ),
        )

    def terms(self, asked, new=None, policy=Policy.CURRENT_KEY, **values) -> Terms:
        values = {
            "cause": Cause.KEY_CORRECTED if new else Cause.QUESTION_STRUCK,
            "policy": policy,
            "paper_version_id": None,
            "from_version_id": asked.id,
            "to_version_id": new.id if new else None,
            "marking_rule_id": None,
        } | values
        return Terms(**values)

    def propose(self, terms, *, now=LATER, reason="第一题的答案有误", actor_id=None) -> int:
        return self._do(
            operations.propose_regrade,
            terms=terms,
            reason=reason,
            actor_id=actor_id or self.author_id,
            now=now,
        )

    def apply(self, regrade_id, *, now=LATER, actor_id=None) -> None:
        self._do(
            operations.apply_regrade,
            regrade_id=regrade_id,
            actor_id=actor_id or self.approver_id,
            now=now,
        )

    def ask_undo(self, regrade_id, *, now=LATER, actor_id=None) -> None:
        self._do(
            operations.ask_undo,
            regrade_id=regrade_id,
            reason="改错了",
            actor_id=actor_id or self.author_id,
            now=now,
        )

    def undo(self, regrade_id, *, now=LATER, actor_id=None) -> None:
        self._do(
            operations.approve_undo,
            regrade_id=regrade_id,
            actor_id=actor_id or self.approver_id,
            now=now,
        )

    def _do(self, deed, **values):
        with transaction(self.session, before_commit=self.steps):
            return deed(self.session, **values)

    def result(self, learner_id, number=1):
        return queries.sitting(self.session, learner_id=learner_id, number=number).result


def world(session, **values) -> World:
    """A paper nobody has sat yet."""
    exams.rules(session)
    key = exams.paper(session, **values)
    author = builders.with_role(session, Role.INSTRUCTOR, name="出题人")
    approver = builders.with_role(session, Role.REVIEWER, name="审题人")
    session.flush()
    return World(session, key, author.id, approver.id)
