"""What is printed of a paper. Pure: sheets are in Chinese, as the questions are."""

from collections.abc import Mapping, Sequence
from unicodedata import east_asian_width

from lms.exams.types import Printed, Section
from lms.kernel.reading import Raw
from lms.paper_form.rules.rich import line, paragraphs, words
from lms.paper_form.types import Choice, Sheet, SheetQuestion, SheetSection
from lms.question_bank.rules import key, shown, view
from lms.question_bank.types import QuestionText

LINE = 78
"""How many half-width characters stand on a line of a sheet."""

_NUMERALS = "一二三四五六七八九十"


def make_sheet(printed: Printed, texts: Mapping[int, QuestionText]) -> Sheet:
    """Return what is printed.

    :param texts: the questions by their version's id.
    """
    numbered = list(enumerate(printed.slots, start=1))
    sections = []
    for index, section in enumerate(printed.blueprint.sections):
        asked = [
            _question(number, texts[slot.version_id], slot.order)
            for number, slot in numbered
            if slot.section == index
        ]
        heading = f"{_NUMERALS[index]}、{heading_words(section, len(asked), printed.marking)}"
        sections.append(SheetSection(heading, tuple(asked)))
    return Sheet(
        code=f"{printed.id}-{printed.seed}",
        title=printed.title,
        note=printed.note,
        minutes=printed.minutes,
        out_of=printed.blueprint.out_of,
        sections=tuple(sections),
    )


def heading_words(section: Section, count: int, marking: Raw) -> str:
    """Return the heading of a section: title, number, points, and how it is marked."""
    each = section.points_half or 0
    return (
        f"{section.title}（共 {count} 题，每题 {points(each)} 分，共 {points(each * count)} 分。"
        f"{marking_words(section.kind, marking)}）"
    )


def marking_words(kind: str, marking: Raw) -> str:
    """Say in words how a kind is marked under a rule.

    :param marking: the body of a marking rule.
    """
    table = marking.get(kind, {})
    if kind == "single_choice":
        return "每题的备选项中，只有 1 个最符合题意，选错、不选不得分。"
    if kind == "true_false":
        return "正确的涂“√”，错误的涂“×”，判断错误、不答不得分。"
    each = table.get("each", 0)
    partly = f"少选，所选的每个选项得 {points(each)} 分" if each else "少选不得分"
    return f"每题的备选项中，有 2 个或 2 个以上符合题意，全部选对得满分；有错选不得分；{partly}。"


def points(half: int) -> str:
    """Return half points as people write them."""
    return f"{half // 2}.5" if half % 2 else str(half // 2)


def columns_for(widths: Sequence[int]) -> int:
    """Return how many options stand on one line: all of them, two, or one.

    :param widths: of their words, in half-width characters.
    """
    longest = max(widths, default=0) + 5  # the letter, and room before the next
    if longest * len(widths) <= LINE:
        return max(len(widths), 1)
    return 2 if longest * 2 <= LINE else 1


def width(text: str) -> int:
    """Return how wide a text is, in half-width characters."""
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)


def _question(number: int, text: QuestionText, order: Sequence[int]) -> SheetQuestion:
    choices: tuple[Choice, ...] = ()
    right = shown(text.kind, text.spec, key(text.kind, text.spec), order)[0]
    if text.kind == "true_false":
        right = "正确" if right == "T" else "错误"
    else:
        printed = view(text.kind, text.spec, order).fields[0].choices
        choices = tuple(Choice(letter, line(option)) for letter, option in printed)
    return SheetQuestion(
        slot=number,
        kind=text.kind,
        stem=paragraphs(text.stem),
        choices=choices,
        columns=columns_for([width(words(choice.words)) for choice in choices]),
        key=right,
        explanation=paragraphs(text.explanation),
        basis=_basis(text.source),
    )


def _basis(source: Mapping[str, object]) -> str:
    title = str(source.get("title") or "")
    if not title:
        return ""
    if source.get("kind") != "concept" and not title.startswith("《"):
        title = f"《{title}》"
    edition = f"（{source['edition']}）" if source.get("edition") else ""
    return f"{title}{edition}{source.get('article') or ''}"
