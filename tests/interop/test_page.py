"""The page ``docs/formats.md``: its second half is written from the formats and the schema.

``LMS_TEST_WRITE_DOCS=1`` writes it anew instead of comparing.
"""

import json
import os
from pathlib import Path

from babel.messages.pofile import read_po

from lms.interop.rules import all_formats, json_schema

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "formats.md"
MARK = "<!-- From here on written from the program. After a change: LMS_TEST_WRITE_DOCS=1 pytest tests/interop/test_page.py -->\n"


def written():
    with (ROOT / "lms/web/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    parts = [
        "## 各格式写不下什么 · What each cannot carry\n",
        "写不下的不会悄悄丢掉：转换时逐条说明。What is lost is said when converting.\n",
    ]
    for name, target in sorted(all_formats().items()):
        lost = target.cannot_carry
        english = "; ".join(str(catalogue[message].string or message) for message in lost)
        parts += [f"`{name}` {target.label}：{'；'.join(lost)}。\n", f"{english}.\n"]
    schema = json.dumps(json_schema(), ensure_ascii=False, indent=1)
    parts += ["## JSON Schema\n", "`lms questions formats --schema` 打印同样的内容。Prints the same.\n",
              f"```json\n{schema}\n```\n"]  # fmt: skip
    return MARK + "\n" + "\n".join(parts)


def test_the_page_says_what_the_program_does():
    head, mark, _tail = PAGE.read_text("utf-8").partition(MARK)
    assert mark
    if os.environ.get("LMS_TEST_WRITE_DOCS"):
        PAGE.write_text(head + written(), encoding="utf-8")
    assert PAGE.read_text("utf-8") == head + written(), "write it anew with LMS_TEST_WRITE_DOCS=1"
