"""Which papers and lessons have to do with a question. Pure."""

from collections.abc import Iterable

from lms.exams.types import PaperText
from lms.question_bank.types import QuestionText
from lms.reports.types import PaperUse


def drawn_by(
    papers: Iterable[PaperText], question: QuestionText, *, subject: str
) -> list[PaperUse]:
    """Return the papers that learners can sit and that may draw a question."""
    return [
        PaperUse(paper.key, paper.title, paper.title_en)
        for paper in papers
        if paper.sittable and paper.subject == subject and _may_draw(paper, question)
    ]


def is_about(point: str, question_point: str) -> bool:
    """Say whether two places of an outline are the same, or one is below the other."""
    return (
        point == question_point
        or point.startswith(f"{question_point}/")
        or question_point.startswith(f"{point}/")
    )


def _may_draw(paper: PaperText, question: QuestionText) -> bool:
    for section in paper.blueprint.sections:
        if section.questions:
            if question.key in section.questions:
                return True
        elif question.kind in section.kinds and (
            not section.chapters or question.chapter_key in section.chapters
        ):
            return True
    return False
