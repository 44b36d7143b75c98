"""When a whole file is asked about once more before it is believed. Pure."""

from collections.abc import Mapping

from lms.interop.types import Doubt, Verdict
from lms.kernel.errors import N_

FEWEST = 20
"""Below so many rows nothing is asked: a list of five with three faults speaks for itself."""

SWAPPED_PERCENT = 60
"""If so many of the values of one column are refused, it is probably not that column."""

RENAMED_PERCENT = 30
"""If so many of the people who were found get another name, rows have probably slipped."""


def doubts(
    counts: Mapping[str, int],
    *,
    in_scope: int,
    faults: Mapping[str, tuple[int, int]],
    renamed: int,
    changed_percent: int,
    refused_percent: int,
) -> list[Doubt]:
    """Return what is strange about a file as a whole.

    :param counts: rows by verdict.
    :param in_scope: how many there are in the scope of whoever imports.
    :param faults: by the label of a column: values refused, values there.
    :param renamed: of those found, how many would get another name.
    :param changed_percent: of those in scope, from which on it is asked.
    :param refused_percent: of the rows, from which on it is asked.
    """
    found = []
    rows = sum(counts.values())
    changed, refused = counts.get(Verdict.CHANGED, 0), counts.get(Verdict.REFUSED, 0)
    known = changed + counts.get(Verdict.SAME, 0)
    if changed >= FEWEST and changed * 100 > changed_percent * in_scope:
        words = N_("将改动 %(n)s 条，占您管辖范围内现有 %(all)s 条的 %(percent)s%%")
        percent = changed * 100 // max(in_scope, 1)
        found.append(Doubt(words, {"n": changed, "all": in_scope, "percent": percent}))
    if rows >= FEWEST and refused * 100 > refused_percent * rows:
        words = N_("%(all)s 行里有 %(n)s 行不能导入")
        found.append(Doubt(words, {"n": refused, "all": rows}))
    for label, (bad, there) in faults.items():
        if there >= FEWEST and bad * 100 > SWAPPED_PERCENT * there:
            words = N_("“%(label)s”这一列 %(all)s 个值里有 %(n)s 个不对，可能列放错了")
            found.append(Doubt(words, {"label": label, "n": bad, "all": there}))
    if known >= FEWEST and renamed * 100 > RENAMED_PERCENT * known:
        words = N_("找到的 %(all)s 个人里有 %(n)s 个要改姓名，可能行错位了")
        found.append(Doubt(words, {"n": renamed, "all": known}))
    return found
