"""The usual layout of Chinese papers: paragraphs become rows of the template.

    一、单项选择题（每题 1 分）
    1. 题干（　　）。
    A. 甲    B. 乙
    C. 丙    D. 丁
    答案：B
    解析：……

A paragraph is a string in which markup is told by control characters (see ``_word_reading``).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lms.interop.formats._sheet import KINDS, LETTERS
from lms.interop.formats._text import LONGEST_TEXT
from lms.interop.types import Note, note
from lms.kernel.errors import N_, Invalid

_M = "[\x01-\x08]*"
"""Marks of bold and the like that may stand before a number or a letter."""
_E = "[\x05-\x08\x0f]*"
"""Marks that end them: what begins behind a label belongs to the text."""
_SECTION = re.compile(rf"{_M}\s*[一二三四五六七八九十]{{1,3}}\s*[、.．]{_E}\s*(.*)", re.DOTALL)
_NUMBERED = re.compile(rf"{_M}\s*([0-9]{{1,5}})\s*[.．、)）]{_E}(?![0-9])\s*(.*)", re.DOTALL)
_OPTION = re.compile(rf"{_M}\s*[(（]?([A-HＡ-Ｈ])\s*[.．、)）:：]{_E}\s*")
_NEXT_OPTION = re.compile(rf"(?<=[\s\u3000\x01-\x08]){_M}([A-HＡ-Ｈ])\s*[.．、)）]{_E}\s*")
_LABELLED = re.compile(
    rf"{_M}\s*[【\[]?\s*{_M}(正确答案|参考答案|标准答案|答案解析|试题解析|答案|解析|分析|详解|难度|分值|来源"
    rf"|标签|编号|章节|知识点|题型)\s*{_M}(?:[】\]]\s*[:：]?|[:：]){_E}\s*(.*)",
    re.DOTALL,
)
_HEADS = {
    "正确答案": "答案", "参考答案": "答案", "标准答案": "答案", "答案解析": "解析",
    "试题解析": "解析", "分析": "解析", "详解": "解析",
}  # fmt: skip
_KIND_WORDS = (
    ("单项选择", "单项选择题"), ("单选", "单项选择题"), ("多项选择", "多项选择题"),
    ("多选", "多项选择题"), ("不定项", "多项选择题"), ("判断", "判断题"), ("填空", "填空题"),
    ("名词解释", "简答题"),
    ("简答", "简答题"), ("数值", "数值题"), ("计算", "数值题"), ("配对", "配对题"),
    ("匹配", "配对题"), ("排序", "排序题"), ("方案设计", "方案设计题"),
    ("案例", "论述题"), ("论述", "论述题"),
)  # fmt: skip
_EACH_WORTH = re.compile(r"每[题空小]{1,2}\s*([0-9]{1,3}(?:\.[0-9])?)\s*分")
_KEY_INSIDE = re.compile(r"[(（]\s*([A-HＡ-Ｈ]{1,8}|√|×|对|错|正确|错误)\s*[)）]")
_OPEN = frozenset({"简答题", "论述题", "方案设计题", "填空题"})
assert {label for _word, label in _KIND_WORDS} <= KINDS.keys()  # noqa: S101 - a mistyped kind is never read


@dataclass(slots=True)
class Row:
    """One question as cells of the template."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


class Layout:
    """Goes through the paragraphs and collects rows; what fits nowhere is noted."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.notes: list[Note] = []
        self._kind = ""
        self._worth = ""
        self._number = 0
        self._head = ""

    def take(self, line: int, paragraph: str) -> None:
        """Take in one paragraph; soft breaks part it where something begins."""
        for piece in _pieces(paragraph):
            self._take(line, piece)

    def table(self, line: int, rows: Iterable[Iterable[str]]) -> None:
        """Keep a table as lines of text in the question above it."""
        text = "\n".join(" | ".join(cells) for cells in rows)
        found = note("table", N_("表格按文字保留：%(text)s"), line=line, text=text)
        if self.rows:
            self._append(text)
            self.rows[-1].notes.append(found)
        else:
            self.notes.append(found)

    def done(self) -> list[Row]:
        """Return the rows; a key inside the brackets of a stem is taken out of it."""
        for row in self.rows:
            if not row.cells.get("答案") and row.cells.get("题型") not in _OPEN:
                _key_from_stem(row)
        return self.rows

    def _take(self, line: int, piece: str) -> None:
        labelled = _LABELLED.fullmatch(piece)
        if labelled and self.rows:
            self._head = _HEADS.get(labelled.group(1), labelled.group(1))
            self._set(labelled.group(2))
            return
        section = _SECTION.fullmatch(piece)
        if section and self._begins_section(section.group(1)):
            return
        numbered = _NUMBERED.fullmatch(piece)
        if numbered and self._begins_question(int(numbered.group(1))):
            self._begin(line, int(numbered.group(1)), numbered.group(2))
        elif self.rows and self._head in {"题干", *LETTERS} and self._takes_options(piece):
            pass
        elif self.rows and piece.strip():
            self._append(piece)
        elif piece.strip():
            text = N_("题目之前的文字没有读入：%(text)s")
            self.notes.append(note("stray_line", text, line=line, text=piece.strip()))

    def _begins_section(self, title: str) -> bool:
        head = re.split("[（(]", title, maxsplit=1)[0]
        label = next((label for word, label in _KIND_WORDS if word in head), "")
        if not label or len(head) > 20:
            return False
        worth = _EACH_WORTH.search(title)
        self._kind, self._worth = label, worth.group(1) if worth else ""
        self._head = ""
        return True

    def _begins_question(self, number: int) -> bool:
        """Numbered lines inside a long answer are its own, unless the number is the next one."""
        if self._head in {"", "题干", *LETTERS} or number == self._number + 1:
            return True
        return self._kind not in _OPEN and self.rows[-1].cells.get("题型") not in _OPEN

    def _begin(self, line: int, number: int, stem: str) -> None:
        cells = {"题干": "", "题型": self._kind, "分值": self._worth}
        self.rows.append(Row(line, {head: cell for head, cell in cells.items() if cell}))
        self._number, self._head = number, "题干"
        if not self._takes_options(stem, inside=True):
            self._set(stem)

    def _takes_options(self, piece: str, *, inside: bool = False) -> bool:
        """Take options, one or several on a line; ``inside``: they may follow a stem."""
        cells = self.rows[-1].cells
        expected = next((x for x in LETTERS if x not in cells), "")
        found = _OPTION.match(piece)
        if inside or found is None or _half(found.group(1)) != expected:
            return False
        rest = piece[found.end() :]
        while True:
            following = LETTERS[LETTERS.index(expected) + 1 :][:1]
            nexts = [m for m in _NEXT_OPTION.finditer(rest) if _half(m.group(1)) == following]
            self._head = expected
            if not nexts:
                self._set(rest)
                return True
            self._set(rest[: nexts[0].start()])
            rest, expected = rest[nexts[0].end() :], following

    def _set(self, text: str) -> None:
        cells = self.rows[-1].cells
        if cells.get(self._head) and self._head not in {"题型", "分值"}:
            self._append(text)
        else:
            cells[self._head] = text.strip()

    def _append(self, text: str) -> None:
        head = self._head or "题干"
        before = self.rows[-1].cells.get(head, "")
        if len(before) > LONGEST_TEXT:
            line = str(self.rows[-1].line)
            raise Invalid("too_long", N_("太长，最多 %(n)s 个字"), where=line, n=LONGEST_TEXT)
        self.rows[-1].cells[head] = f"{before}\n{text.rstrip()}".strip()


def _pieces(paragraph: str) -> Iterator[str]:
    """Part a paragraph at soft breaks behind which an option, a key or an explanation begins."""
    held: list[str] = []
    for line in paragraph.split("\n"):
        if held and (_OPTION.match(line) or _LABELLED.fullmatch(line)):
            yield "\n".join(held)
            held = []
        held.append(line)
    yield "\n".join(held)


def _half(letter: str) -> str:
    return chr(ord(letter) - 0xFEE0) if letter > "Z" else letter


def _key_from_stem(row: Row) -> None:
    stem = row.cells.get("题干", "")
    found = list(_KEY_INSIDE.finditer(stem))
    if not found:
        return
    last = found[-1]
    row.cells["答案"] = last.group(1)
    row.cells["题干"] = f"{stem[: last.start()]}（　　）{stem[last.end() :]}"
