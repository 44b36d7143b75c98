"""Programs as authors write them."""

from pathlib import Path

from lms.kernel.authoring import Faults
from lms.programs import content, operations
from tests.builders import NOON

HEAD = """
id = "{key}"
title = "{title}"
title_en = "Talent program"
summary = "学完两门课"
summary_en = "Complete two courses"
sponsor = "主办单位"
certainty = "L"
source = "公开报道"
starts_on = 2026-01-01
{ends}
"""

GRANTS = """
[grants]
title = "培训结业证书"
title_en = "Certificate of Completion"
valid_years = 3
"""

REQUIREMENT = """
[requirement]
kind = "all"
[[requirement.of]]
kind = "course_completed"
course = "a"
title = "认识低保"
title_en = "About dibao"
due_days = 30
[[requirement.of]]
kind = "paper_passed"
paper = "p"
minimum = 120
"""


def text(key="talent", title="人才项目", ends="", grants=GRANTS, requirement=REQUIREMENT):
    return HEAD.format(key=key, title=title, ends=ends) + grants + requirement


def read(folder: Path, *texts: str):
    """Write programs into a folder of courses and read them; returns the files and the faults."""
    place = folder / "programs"
    place.mkdir(exist_ok=True)
    for old in place.glob("*.toml"):
        old.unlink()
    for number, one in enumerate(texts):
        (place / f"{number}.toml").write_text(one, encoding="utf-8")
    faults = Faults()
    return content.read_all(folder, faults), faults


def load(session, folder: Path, *texts: str, now=NOON):
    """Load programs and return the tally."""
    files, faults = read(folder, *texts)
    assert not faults.found, [str(fault) for fault in faults.found]
    tally = operations.load(session, files, now=now)
    session.flush()
    return tally
