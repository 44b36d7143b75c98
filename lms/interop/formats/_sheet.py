"""The template of rows (题型 题干 A … H 答案 解析 …): read from any table of cells, and written.

The columns stand in any order; the header may come after a title or empty rows. What a cell means
is decided here; how cells come out of a file is the formats' business (``csv``, ``spreadsheet``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from lms.interop.formats import _text
from lms.interop.types import (
    FULL,
    NOTHING,
    Answer,
    Item,
    Kind,
    Markup,
    Note,
    Option,
    Pair,
    Source,
    Text,
    Unit,
    is_true,
    note,
    right_answers,
    true_false,
)
from lms.kernel.errors import N_, Invalid

LETTERS = "ABCDEFGH"
COLUMNS = (
    "题型", "题干", *LETTERS, "答案", "解析", "章节", "知识点", "难度", "分值", "来源", "标签",
    "编号",
)  # fmt: skip
"""The template's header."""
KINDS = {
    "单项选择题": Kind.SINGLE_CHOICE,
    "多项选择题": Kind.MULTIPLE_CHOICE,
    "判断题": Kind.TRUE_FALSE,
    "填空题": Kind.FILL_BLANK,
    "简答题": Kind.SHORT_ANSWER,
    "数值题": Kind.NUMERIC,
    "配对题": Kind.MATCHING,
    "排序题": Kind.ORDERING,
    "论述题": Kind.ESSAY,
    "方案设计题": Kind.PLAN_DESIGN,
}
CARRIES = frozenset({
    "id", "tags", "chapter", "point", "difficulty", "score", "source", "general_feedback",
    "answers.blank", "answers.model", "pairs.distractors", "newlines",
})  # fmt: skip
MARKUPS = frozenset({Markup.PLAIN})
REMARKS = (N_("第 8 个以后的选项"), N_("同一道数值题的不同误差"))
_SPELLINGS = {
    "单选": "单项选择题", "单选题": "单项选择题", "选择题": "单项选择题",
    "多选": "多项选择题", "多选题": "多项选择题", "不定项选择题": "多项选择题",
    "判断": "判断题", "是非题": "判断题", "填空": "填空题", "简答": "简答题", "名词解释": "简答题",
    "计算题": "数值题", "匹配题": "配对题", "连线题": "配对题", "问答题": "论述题",
    "论述": "论述题",
    "案例题": "论述题", "方案设计": "方案设计题",
}  # fmt: skip
_HEADS = {
    "题目": "题干", "试题": "题干", "问题": "题干", "类型": "题型", "正确答案": "答案",
    "参考答案": "答案", "标准答案": "答案", "答案解析": "解析", "试题解析": "解析", "章": "章节",
    "考点": "知识点", "章节/知识点": "章节", "章节知识点": "章节", "难易度": "难度", "分数": "分值",
    "题目来源": "来源", "标记": "标签", "题号": "编号", "id": "编号", "ID": "编号",
}  # fmt: skip
_DIFFICULTIES = {
    "1": 1, "易": 1, "容易": 1, "简单": 1, "2": 2, "中": 2, "中等": 2, "一般": 2,
    "3": 3, "难": 3, "困难": 3, "较难": 3,
}  # fmt: skip
_TRUE = {"对", "正确", "√", "✓", "是", "T", "TRUE", "1", "Y", "YES"}
_FALSE = {"错", "错误", "×", "✗", "X", "否", "F", "FALSE", "0", "N", "NO"}
_PARTED = ";；"
_EITHER = "|｜"
_ESCAPED = re.compile(r"\\([;；|｜=\\])")
_TAGS = re.compile(r"[;；,，、]")
_NUMBER = re.compile(r"([^±\s]+)(?:\s*±\s*(\S+))?\s*(.*)")
_OPTION_HEAD = re.compile(r"(?:选项)?([A-Ha-hＡ-Ｈ])")
_GAP = re.compile(r"_{2,}|＿+|（\s*）|\(\s+\)")
_HEADER_WITHIN = 20

Row = tuple[int, Sequence[str]]
"""The number of a row, from 1, and its cells."""


@dataclass(slots=True)
class _RowReader:
    """One row by its heads while it is being read."""

    cells: Mapping[str, str]
    line: int
    kind: Kind = Kind.UNSUPPORTED
    notes: list[Note] = field(default_factory=list)

    def __getitem__(self, head: str) -> str:
        return self.cells.get(head, "")

    def note(self, code: str, message: str, path: str = "", **params: object) -> None:
        self.notes.append(note(code, message, line=self.line, path=path, **params))


def read_rows(rows: Iterable[Row]) -> tuple[list[Item], list[Note]]:
    """Return the items of a table.

    :raises Invalid: ``no_header``: the first rows do not name a stem and an answer.
    """
    numbered = iter(rows)
    heads, notes = _header(numbered)
    items = []
    for line, cells in numbered:
        if not any(cell.strip() for cell in cells):
            continue
        named = {head: cell.strip() for head, cell in zip(heads, cells, strict=False) if head}
        stray = [cell for cell in cells[len(heads) :] if cell.strip()]
        if stray:
            text = N_("表头之外的格子没有读入：%(text)s")
            notes.append(note("stray_cell", text, line=line, text=stray[0]))
        items.append(read_row(named, line))
        _text.check_count(len(items))
    return items, notes


def write_rows(items: Iterable[Item]) -> Iterator[list[str]]:
    """Yield the header and a row for each item; what has no row of its own is left as a remark."""
    yield list(COLUMNS)
    labels = {kind: label for label, kind in KINDS.items()}
    for item in items:
        row = dict.fromkeys(COLUMNS, "")
        row["题型"] = labels.get(item.kind, "")
        row["题干"] = _text.plain(item.stem) or item.raw
        writer = _WRITERS.get(item.kind)
        if writer:
            row.update(writer(item))
        row.update(said(item))
        yield [_text.without_controls(row[head]) for head in COLUMNS]


def key_of(item: Item) -> str:
    """Return the cell of the answer."""
    writer = _WRITERS.get(item.kind)
    return writer(item)["答案"] if writer else ""


def _header(rows: Iterator[Row]) -> tuple[list[str], list[Note]]:
    for line, cells in rows:
        heads = [_head(cell) for cell in cells]
        if "题干" in heads and ("答案" in heads or "题型" in heads):
            twice = {head for head in heads if head and heads.count(head) > 1}
            if twice:
                raise Invalid(
                    "twice", N_("表头里“%(head)s”不止一列"), where=str(line), head=twice.pop()
                )
            notes = [
                note("unknown_column", N_("不认识这一列，没有读入"), line=line, path=cell.strip())
                for cell, head in zip(cells, heads, strict=True)
                if cell.strip() and not head
            ]
            return heads, notes
        if line >= _HEADER_WITHIN:
            break
    raise Invalid("no_header", N_("前 20 行里找不到表头；至少要有“题干”和“答案”两列"))


def _head(cell: str) -> str:
    name = "".join(cell.split()).strip("*＊：:")
    option = _OPTION_HEAD.fullmatch(name)
    if option:
        return _half(option.group(1))
    name = _HEADS.get(name, name)
    return name if name in COLUMNS else ""


def _half(letters: str) -> str:
    """Full-width letters as half-width capitals."""
    return "".join(
        chr(ord(each) - 0xFEE0) if "！" <= each <= "～" else each for each in letters
    ).upper()


def read_row(cells: Mapping[str, str], line: int) -> Item:
    """Return the item of one row.

    :param cells: head of :data:`COLUMNS` -> cell, stripped.
    """
    row = _RowReader(cells, line)
    kind = _kind(row)
    stem = _text.bare(row["题干"])
    if not stem:
        row.note("no_stem", N_("没有题干"))
    row.kind = kind
    read = _READERS.get(kind)
    found = read(row, stem) if read else Item(Kind.UNSUPPORTED, stem, raw=_raw(row))
    if kind in _READERS and kind not in _WITH_OPTIONS:
        for letter in LETTERS:
            if row[letter]:
                row.note("stray_option", N_("这种题型没有选项"), path=letter)
    return replace(found, line=row.line, **_common(row))


def _kind(row: _RowReader) -> Kind:
    said = "".join(row["题型"].split())
    label = _SPELLINGS.get(said, said)
    if label in KINDS:
        return KINDS[label]
    if said:
        row.note("unknown_kind", N_("不认识题型“%(kind)s”"), path="题型", kind=said)
        return Kind.UNSUPPORTED
    key = _half(row["答案"])
    if row["A"] and row["B"]:
        return Kind.SINGLE_CHOICE if len(_letters(key)) < 2 else Kind.MULTIPLE_CHOICE
    if key in _TRUE | _FALSE:
        return Kind.TRUE_FALSE
    if _GAP.search(row["题干"]) and key:
        return Kind.FILL_BLANK
    row.note("no_kind", N_("没有写题型，也看不出来"), path="题型")
    return Kind.UNSUPPORTED


def _common(row: _RowReader) -> dict[str, Any]:
    difficulty = _DIFFICULTIES.get(row["难度"].removesuffix(".0"))
    if row["难度"] and difficulty is None:
        row.note("bad_difficulty", N_("难度要写 1、2、3 或易、中、难"), path="难度")
    score = _text.number(row["分值"].removesuffix("分")) if row["分值"] else None
    if row["分值"] and score is None:
        row.note("not_a_number", N_("不是数：%(text)s"), path="分值", text=row["分值"])
    tags = (tag.strip() for tag in _TAGS.split(row["标签"]))
    return {
        "general_feedback": _text.bare(row["解析"]),
        "chapter": row["章节"],
        "point": row["知识点"],
        "difficulty": difficulty,
        "score": score,
        "source": Source(row["来源"]),
        "tags": tuple(dict.fromkeys(filter(None, tags))),
        "id": row["编号"],
        "notes": tuple(row.notes),
    }


def _choice(row: _RowReader, stem: Text) -> Item:
    single = row.kind is Kind.SINGLE_CHOICE
    key = _letters(_half(row["答案"]))
    filled = [letter for letter in LETTERS if row[letter]]
    last = filled[-1] if filled else ""
    letters = LETTERS[: LETTERS.index(last) + 1] if last else ""
    if len(letters) > len(filled):
        row.note("gap_in_options", N_("中间有空的选项"))
    foreign = sorted(set(key) - set(letters))
    if not key or foreign:
        text = N_("答案 %(key)s 不是一个选项")
        row.note("foreign_answer", text, path="答案", key=row["答案"] or "-")
    if single and len(key) > 1:
        row.note("many_answers", N_("单项选择题有不止一个答案：%(key)s"), path="答案", key=key)
    options = tuple(
        Option(_text.bare(row[letter]), letter in key, _weight(letter in key, single=single))
        for letter in letters
    )
    kind = Kind.SINGLE_CHOICE if single else Kind.MULTIPLE_CHOICE
    return Item(kind, stem, options=options)


def _letters(key: str) -> str:
    return "".join(each for each in key if each not in " ,，、;；.．/")


def _weight(correct: bool, *, single: bool) -> Decimal | None:  # noqa: FBT001 - what it weighs
    if not single:
        return None
    return FULL if correct else NOTHING


def _truth(row: _RowReader, stem: Text) -> Item:
    said = _half(row["答案"])
    if row["A"] and said in {"A", "B"}:  # 对 and 错 written as options
        said = _half(row[said])
    if said not in _TRUE | _FALSE:
        row.note("bad_truth", N_("判断题的答案要写对或错"), path="答案")
        return Item(Kind.UNSUPPORTED, stem, raw=_raw(row))
    return Item(Kind.TRUE_FALSE, stem, **true_false(truth=said in _TRUE))


def _blanks(row: _RowReader, stem: Text) -> Item:
    """``贵阳｜贵阳市；遵义``: gaps parted by ``；``, other accepted words by ``｜``."""
    answers = tuple(
        Answer(Text(_unescaped(word)), blank=number)
        for number, words in enumerate(_split(row["答案"], _PARTED), start=1)
        for word in _split(words, _EITHER)
        if word.strip()
    )
    if not answers:
        row.note("no_right_answer", N_("没有答案"), path="答案")
    return Item(Kind.FILL_BLANK, stem, answers=answers)


def _short(row: _RowReader, stem: Text) -> Item:
    words = filter(str.strip, _split(row["答案"], _EITHER))
    answers = tuple(Answer(Text(_unescaped(word))) for word in words)
    if not answers:
        row.note("no_right_answer", N_("没有答案"), path="答案")
    return Item(Kind.SHORT_ANSWER, stem, answers=answers)


def _numeric(row: _RowReader, stem: Text) -> Item:
    """``3.5±0.1 公里``, other numbers after ``｜``."""
    answers, units = [], []
    for word in filter(str.strip, _split(row["答案"], _EITHER)):
        found = _NUMBER.fullmatch(word.strip())
        value, margin, unit = found.groups() if found else (word, None, "")
        if _text.number(value) is None or (margin and _text.number(margin) is None):
            row.note("not_a_number", N_("不是数：%(text)s"), path="答案", text=word)
        answers.append(Answer(Text(value), tolerance=_text.number(margin) if margin else None))
        units += [Unit(unit)] if unit else []
    if not answers:
        row.note("no_right_answer", N_("没有答案"), path="答案")
    return Item(Kind.NUMERIC, stem, answers=tuple(answers), units=tuple(dict.fromkeys(units)))


def _pairs(row: _RowReader, stem: Text) -> Item:
    """``接案=建立关系；预估=收集资料；=多余的``."""
    pairs = []
    for word in filter(str.strip, _split(row["答案"], _PARTED)):
        left, *rest = _split(word, "=")
        right = "=".join(rest)
        if not rest:
            row.note("no_arrow", N_("配对要写成 左=右；左=右：%(text)s"), path="答案", text=word)
        pairs.append(Pair(_text.bare(_unescaped(left)), _text.bare(_unescaped(right))))
    _text.too_many(pairs, "=", line=row.line)
    return Item(Kind.MATCHING, stem, pairs=tuple(pairs))


def _ordering(row: _RowReader, stem: Text) -> Item:
    """Options in A to H, the right order in the answer: ``CAB``."""
    order = _letters(_half(row["答案"]))
    filled = [letter for letter in LETTERS if row[letter]]
    if sorted(order) != filled:
        row.note("foreign_answer", N_("答案 %(key)s 不是一个选项"), path="答案", key=order or "-")
        order = "".join(filled)
    return Item(
        Kind.ORDERING, stem, options=tuple(Option(_text.bare(row[letter])) for letter in order)
    )


def _open(row: _RowReader, stem: Text) -> Item:
    model = _text.bare(row["答案"])
    return Item(row.kind, stem, answers=(Answer(model),) if model else ())


def _split(text: str, marks: str) -> list[str]:
    """Part a cell at these marks; a backslash before one makes it text."""
    if not any(mark in text for mark in marks):
        return [text]
    parts = [""]
    pieces = iter(re.findall(r"\\.|.", text, re.DOTALL))
    for piece in pieces:
        if piece in marks:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _unescaped(word: str) -> str:
    return _ESCAPED.sub(r"\1", word.strip())


def _escaped(text: Text) -> str:
    return re.sub(r"([;；|｜=\\])", r"\\\1", _text.plain(text))


def _raw(row: _RowReader) -> str:
    return "\n".join(f"{head}：{cell}" for head, cell in row.cells.items() if cell)[:4000]


def said(item: Item) -> dict[str, str]:
    """Return the cells that every kind has, by their heads."""
    return {
        "解析": _text.plain(item.general_feedback),
        "章节": item.chapter,
        "知识点": item.point,
        "难度": "" if item.difficulty is None else str(item.difficulty),
        "分值": "" if item.score is None else _text.digits(item.score),
        "来源": item.source.title,
        "标签": "；".join(item.tags),
        "编号": item.id,
    }


def _write_choice(item: Item) -> dict[str, str]:
    lettered = list(zip(LETTERS, item.options, strict=False))
    cells = {letter: _text.plain(option.text) for letter, option in lettered}
    return {**cells, "答案": "".join(letter for letter, one in lettered if one.correct)}


def _write_answers(item: Item) -> dict[str, str]:
    right = right_answers(item)
    last = max((answer.blank for answer in right), default=0)
    words = [
        "｜".join(_escaped(one.text) for one in right if one.blank == number)
        for number in range(1, last + 1)
    ]
    return {"答案": "；".join(words)}


def _write_numbers(item: Item) -> dict[str, str]:
    unit = f" {item.units[0].name}" if item.units else ""
    words = []
    for answer in right_answers(item):
        margin = "" if answer.tolerance is None else f"±{_text.digits(answer.tolerance)}"
        words.append(f"{_text.plain(answer.text)}{margin}{unit}")
    return {"答案": "｜".join(words)}


def _write_pairs(item: Item) -> dict[str, str]:
    said = (f"{_escaped(pair.left)}={_escaped(pair.right)}" for pair in item.pairs)
    return {"答案": "；".join(said)}


def _write_ordering(item: Item) -> dict[str, str]:
    lettered = list(zip(LETTERS, item.options, strict=False))
    cells = {letter: _text.plain(option.text) for letter, option in lettered}
    return {**cells, "答案": "".join(letter for letter, _one in lettered)}


def _write_open(item: Item) -> dict[str, str]:
    return {"答案": "".join(_text.plain(answer.text) for answer in item.answers[:1])}


_WITH_OPTIONS = {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.ORDERING, Kind.TRUE_FALSE}
_READERS = {
    Kind.SINGLE_CHOICE: _choice,
    Kind.MULTIPLE_CHOICE: _choice,
    Kind.TRUE_FALSE: _truth,
    Kind.FILL_BLANK: _blanks,
    Kind.SHORT_ANSWER: _short,
    Kind.NUMERIC: _numeric,
    Kind.MATCHING: _pairs,
    Kind.ORDERING: _ordering,
    Kind.ESSAY: _open,
    Kind.PLAN_DESIGN: _open,
}
_WRITERS = {
    Kind.SINGLE_CHOICE: _write_choice,
    Kind.MULTIPLE_CHOICE: _write_choice,
    Kind.TRUE_FALSE: lambda item: {"答案": "对" if is_true(item) else "错"},
    Kind.FILL_BLANK: _write_answers,
    Kind.SHORT_ANSWER: _write_answers,
    Kind.NUMERIC: _write_numbers,
    Kind.MATCHING: _write_pairs,
    Kind.ORDERING: _write_ordering,
    Kind.ESSAY: _write_open,
    Kind.PLAN_DESIGN: _write_open,
}
