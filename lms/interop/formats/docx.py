"""Word files (.docx) in the usual Chinese layout; see ``_word_layout``.

The file is a package of XML parts (ECMA-376): read without running anything in it, written from
scratch. Bold, italics, underline, raised and lowered text and pictures are kept; tables stay as
lines of text; lists get their numbers.
"""

from collections.abc import Sequence
from dataclasses import replace

from lms.interop.formats import _sheet, _text, _word_reading
from lms.interop.formats._archive import Archive, holds
from lms.interop.formats._word_layout import Layout
from lms.interop.formats._word_writing import write
from lms.interop.types import Format, Item, Markup, Media, Read, with_notes, with_texts
from lms.kernel.errors import N_


class Docx(Format):
    name = "docx"
    label = N_("Word 文档")
    suffix = ".docx"
    kinds = frozenset(_sheet.KINDS.values())
    carries = _sheet.CARRIES | {"markup", "media"}
    markups = frozenset({Markup.PLAIN, Markup.HTML})
    remarks = (
        *_sheet.REMARKS,
        N_("填空、简答、配对、排序的答案里的样式"),
        N_("加粗、斜体、下划线、上下标和图片以外的样式"),
        N_("看起来像题号、选项或“答案：”的段落会被当作题号、选项或答案"),
    )

    def recognizes(self, data: bytes, name: str) -> bool:
        return holds(data, "word/document.xml")

    def read(self, data: bytes, *, name: str, encoding: str = "") -> Read:
        document = _word_reading.Document(Archive(data))
        layout = Layout()
        for line, block in document.blocks():
            if isinstance(block, str):
                layout.take(line, block)
            else:
                layout.table(line, block)
        items = []
        for row in layout.done():
            cells = {head: cell.strip() for head, cell in row.cells.items()}
            rich = _RICH | {"答案"} if cells.get("题型") in _MODEL else _RICH
            cells = {
                head: cell if head in rich else _word_reading.bare(cell)
                for head, cell in cells.items()
            }
            item = with_texts(_sheet.read_row(cells, row.line), _word_reading.as_text)
            items.append(replace(with_notes(item, row.notes), raw=_word_reading.bare(item.raw)))
            _text.check_count(len(items))
        return Read(tuple(items), (*document.notes, *layout.notes), media=document.media.all())

    def write(self, items: Sequence[Item], media: Sequence[Media] = ()) -> bytes:
        return write(items, media)


FORMAT = Docx()
_MODEL = frozenset({"论述题", "方案设计题"})
_RICH = frozenset({"题干", "解析", *_sheet.LETTERS})
"""Cells that keep their markup."""
