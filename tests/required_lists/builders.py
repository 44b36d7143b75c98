"""Lists as authors write them."""

import textwrap
from pathlib import Path

from lms.kernel.authoring import Faults
from lms.required_lists import content, operations
from tests.builders import NOON

HEAD = """
id = "{key}"
title = "{title}"
title_en = "Station list"
issuer = "发布单位"
certainty = "{certainty}"
source = "公开报道"
effective_from = 2026-01-01

[audience]
post_kinds = ["station_worker"]
"""

ITEMS = """
[[item]]
id = "course"
title = "认识低保"
title_en = "About dibao"
due_days = 30
requirement = { kind = "course_completed", course = "a" }

[[item]]
id = "mock"
title = "模拟考试"
title_en = "Mock exam"
due_days = 60
requirement = { kind = "paper_passed", paper = "p", minimum = 120 }
"""


def text(key="station", title="社工站必学清单", certainty="L", items=ITEMS):
    return HEAD.format(key=key, title=title, certainty=certainty) + items


def read(folder: Path, *texts: str):
    """Write lists into a folder of courses and read them; returns the files and the faults."""
    place = folder / "required_lists"
    place.mkdir(exist_ok=True)
    for old in place.glob("*.toml"):
        old.unlink()
    for number, one in enumerate(texts):
        (place / f"{number}.toml").write_text(textwrap.dedent(one), encoding="utf-8")
    faults = Faults()
    return content.read_all(folder, faults), faults


def load(session, folder: Path, *texts: str, now=NOON):
    """Load lists and return the tally."""
    files, faults = read(folder, *texts)
    assert not faults.found, [str(fault) for fault in faults.found]
    tally = operations.load(session, files, now=now)
    session.flush()
    return tally
