"""What is printed of a paper. Pure: sheets are in Chinese, as the questions are."""

from collections.abc import Mapping, Sequence
from unicodedata import east_asian_width

from lms.exams.types import Section
from lms.exams.types.on_paper import Printed
from lms.kernel.points import points
from lms.paper_form.rules.rich import line, paragraphs, words
from lms.paper_form.types import Choice, Sheet, SheetQuestion, SheetSection
from lms.question_bank.rules import key, say_marking, shown, view
from lms.question_bank.types import Marking, QuestionText

LINE = 78
"""How many half-width characters stand on a line of a sheet."""

_NUMERALS = "一二三四五六七八九十"
_ASKED = {
    "single_choice": "单选题的备选项中，只有 1 个最符合题意",
    "multiple_choice": "多选题的备选项中，有 2 个或 2 个以上符合题意",
    "true_false": "判断题正确的涂“√”，错误的涂“×”",
}


def make_sheet(printed: Printed, texts: Mapping[int, QuestionText]) -> Sheet:
    """Return what is printed.

    :param texts: the questions by their version's id.
    """
    marking = Marking.read(printed.marking)
    numbered = list(enumerate(printed.slots, start=1))
    sections = []
    for index, section in enumerate(printed.blueprint.sections):
        asked = [
            _question(number, texts[slot.version_id], slot.order)
            for number, slot in numbered
            if slot.section == index
        ]
        heading = f"{_NUMERALS[index]}、{heading_words(section, len(asked), marking)}"
        sections.append(SheetSection(heading, tuple(asked)))
    return Sheet(
        code=f"{printed.id}-{printed.seed}",
        title=printed.title,
        note=printed.note,
        minutes=printed.minutes,
        out_of=printed.blueprint.out_of,
        sections=tuple(sections),
    )


def heading_words(section: Section, count: int, marking: Marking) -> str:
    """Return the heading of a section: title, number, points, and how it is marked."""
    each = section.points_half or 0
    asked = f"共 {count} 题，每题 {points(each)} 分，共 {points(each * count)} 分"
    said = "".join(f"{sentence}。" for sentence in marking_words(section.kinds, marking))
    return f"{section.title}（{asked}。{said}）"


def marking_words(kinds: Sequence[str], marking: Marking) -> list[str]:
    """Say what is asked of some kinds, and how the rule marks them, a sentence for each."""
    many = len(kinds) > 1
    said: list[str] = []
    for label, sentences in say_marking(marking, kinds):
        words = "；".join(each.message % each.params for each in sentences)
        said.append(f"{label}：{words}" if label and many else words)
    return [*(_ASKED[kind] for kind in kinds if kind in _ASKED), *said]


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
