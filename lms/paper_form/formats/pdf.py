"""A sheet as what the typesetter's templates take: nothing but texts, numbers and lists."""

from typing import Any

from lms.kernel.points import points
from lms.paper_form.types import Block, Sheet, SheetQuestion


def sheet_data(sheet: Sheet, *, with_key: bool) -> dict[str, Any]:
    """Return a sheet for ``paper.typ``."""
    return {
        **_head(sheet),
        "with_key": with_key,
        "sections": [
            {
                "heading": section.heading,
                "questions": [_question(each, with_key=with_key) for each in section.questions],
            }
            for section in sheet.sections
        ],
    }


def card_data(sheet: Sheet) -> dict[str, Any]:
    """Return the answer card of a sheet for ``card.typ``: as many bubbles as there are options."""
    return {
        **_head(sheet),
        "sections": [
            {
                "heading": section.heading.partition("（")[0],
                "questions": [
                    {
                        "n": each.slot,
                        "letters": [c.letter for c in each.choices] or ["√", "×"],
                    }
                    for each in section.questions
                ],
            }
            for section in sheet.sections
        ],
    }


def _head(sheet: Sheet) -> dict[str, Any]:
    return {
        "code": sheet.code,
        "title": sheet.title,
        "note": sheet.note,
        "minutes": sheet.minutes,
        "out_of": points(sheet.out_of),
    }


def _question(question: SheetQuestion, *, with_key: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "n": question.slot,
        "stem": [_block(block) for block in question.stem],
        "columns": question.columns,
        "choices": [{"letter": c.letter, "words": _block(c.words)} for c in question.choices],
    }
    if with_key:
        told["key"] = question.key
        told["explanation"] = [_block(block) for block in question.explanation]
        told["basis"] = question.basis
    return told


def _block(block: Block) -> list[dict[str, Any]]:
    return [{"t": run.text, "s": sorted(run.styles)} for run in block]
