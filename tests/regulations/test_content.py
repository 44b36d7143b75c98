"""Rule files: what ships is what works, and a fault is told with its line."""

import pytest

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.regulations.content import read_all

GOOD = {
    "marking": """
id = "x"
kind = "marking"
title = "评分"
title_en = "Marking"
effective_from = 2020-01-01
source = "说明"
certainty = "settled"
[body.single_choice]
full = 2
[body.multiple_choice]
full = 4
each = 1
""",
    "practice_marking": """
id = "x"
kind = "practice_marking"
title = "练习计分"
title_en = "For practice"
effective_from = 2020-01-01
source = "自定"
certainty = "ours"
[body]
unit = 12
floor = false
[body.multiple_choice]
method = "weights"
full = 24
""",
    "pass_line": """
id = "x"
kind = "pass_line"
title = "合格标准"
title_en = "Pass line"
effective_from = 2020-01-01
effective_to = 2020-12-31
source = "公告"
certainty = "settled"
[body]
level = "junior"
area = "national"
pass = 120
out_of = 200
""",
    "hours_scheme": """
id = "x"
kind = "hours_scheme"
title = "学时"
title_en = "Hours"
effective_from = 2020-01-01
source = "规定"
certainty = "likely"
[body]
scheme = "PT-CE"
who = "专业技术人员"
unit = "credit_hour"
period = "calendar_year"
years = 1
minimum = 90
share = { professional = [2, 3] }
""",
    "exam_calendar": """
id = "x"
kind = "exam_calendar"
title = "日期"
title_en = "Days"
effective_from = 2026-01-01
source = "计划"
certainty = "settled"
[body]
year = 2026
days = ["2026-05-23",
  "2026-05-24"]
announced = true
""",
    "passing_window": """
id = "x"
kind = "passing_window"
title = "周期"
title_en = "Window"
effective_from = 2008-01-01
source = "办法"
certainty = "settled"
[body]
level = "intermediate"
subjects = ["M-COMP", "M-PRAC", "M-LAW"]
consecutive_years = 2
""",
}


@pytest.fixture
def read(tmp_path):
    """Read rule files made of texts; return them and the faults as ``name:line: key``."""

    def read(**texts):
        (tmp_path / "rules").mkdir(exist_ok=True)
        for name, text in texts.items():
            (tmp_path / "rules" / f"{name}.toml").write_text(text, encoding="utf-8")
        faults = Faults()
        found = read_all(tmp_path, faults)
        return found, [f"{f.path.stem}:{f.line}: {f.key}" for f in faults.found]

    return read


def test_what_ships_has_no_faults():
    faults = Faults()
    found = read_all(shipped("question_bank"), faults)
    assert faults.found == []
    assert {file.rule.kind for file in found} == set(GOOD)
    assert len({file.rule.key for file in found}) == len(found)


def test_what_ships_holds_the_figures_of_the_examination():
    rules = {file.rule.key: file.rule.body for file in read_all(shipped("question_bank"), Faults())}
    official = rules["marking-official"]
    assert {kind: official[kind] for kind in ("single_choice", "multiple_choice")} == {
        "single_choice": {"full": 2},  # half points
        "multiple_choice": {"full": 4, "each": 1},
    }
    assert rules["pass-line-junior-national"]["pass"] == 120
    assert rules["window-junior"]["consecutive_years"] == 1
    assert rules["window-intermediate"]["consecutive_years"] == 2
    assert rules["hours-professional"]["share"] == {"professional": [2, 3]}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_of_every_kind_is_read(read, kind):
    (file,), faults = read(x=GOOD[kind])
    assert faults == []
    assert (file.rule.key, file.rule.kind, file.rule.version_id) == ("x", kind, 0)


@pytest.mark.parametrize(
    ("kind", "old", "new", "fault"),
    [
        # what every rule has
        ("marking", 'id = "x"', 'id = "a b"', "x:2: id"),
        ("marking", 'kind = "marking"', 'kind = "marks"', "x:3: kind"),
        ("marking", 'kind = "marking"', 'kind = ["marking"]', "x:3: kind"),
        ("marking", 'title = "评分"', 'title = ""', "x:4: title"),
        ("marking", 'title_en = "Marking"\n', "", "x:1: title_en"),
        ("marking", "2020-01-01", '"soon"', "x:6: effective_from"),
        ("marking", '"settled"', '"sure"', "x:8: certainty"),
        ("marking", 'source = "说明"', 'source = "说明"\nsorce = "x"', "x:8: sorce"),
        ("marking", "[body.", "[bdoy.", "x:9: bdoy"),
        ("pass_line", "2020-12-31", "2019-12-31", "x:7: effective_to"),  # before it begins
        # bodies
        ("marking", "full = 2", "full = 0", "x:10: body.single_choice.full"),
        ("marking", "full = 2", "full = 2.0", "x:10: body.single_choice.full"),
        ("marking", "[body.single_choice]\nfull = 2\n", "", "x:9: body.single_choice"),
        ("marking", "each = 1", "each = 2001", "x:13: body.multiple_choice.each"),
        ("marking", "each = 1", 'method = ""', "x:13: body.multiple_choice.method"),
        ("marking", "each = 1", "method = []", "x:13: body.multiple_choice.method"),
        ("marking", "[body.single_choice]", "[body]\nunit = 0\n[body.single_choice]", "x:10: body.unit"),
        ("marking", "[body.single_choice]", "[body]\nfloor = 1\n[body.single_choice]", "x:10: body.floor"),
        ("marking", "[body.multiple_choice]\nfull = 4\neach = 1\n", "", "x:9: body.multiple_choice"),
        ("practice_marking", "floor = false", 'floor = "no"', "x:11: body.floor"),
        ("practice_marking", "full = 24", "full = 12001", "x:14: body.multiple_choice.full"),
        ("pass_line", "pass = 120", "pass = 201", "x:13: body.pass"),  # above the full mark
        ("pass_line", '"junior"', '"master"', "x:11: body.level"),
        ("pass_line", '"national"', '"guizhou"', "x:12: body.area"),
        ("hours_scheme", "minimum = 90", "minimum = -1", "x:15: body.minimum"),
        ("hours_scheme", "professional = [2, 3]", "general = [3, 2]", "x:16: body.share.general"),
        ("hours_scheme", "[2, 3]", "[2.0, 3]", "x:16: body.share.professional"),
        ("hours_scheme", "[2, 3]", "0.67", "x:16: body.share.professional"),
        ("hours_scheme", "professional =", "proffesional =", "x:16: body.share.proffesional"),
        ("exam_calendar", '"2026-05-24"', '"2026-02-30"', "x:12: body.days"),  # its own line
        ("exam_calendar", "announced = true", 'announced = "yes"', "x:13: body.announced"),
        ("passing_window", '"M-LAW"', '"M-COMP"', "x:11: body.subjects"),  # twice
        ("passing_window", "consecutive_years = 2", "consecutive_years = 0", "x:12: body.consecutive_years"),
        # no TOML at all
        ("marking", "full = 2", "full = ", "x:10: -"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_key(read, kind, old, new, fault):
    assert GOOD[kind].count(old) >= 1
    found, faults = read(x=GOOD[kind].replace(old, new))
    assert faults == [fault]
    assert found == []


def test_one_faulty_file_does_not_hide_the_others(read):
    found, faults = read(
        a=GOOD["marking"].replace('"x"', '"a"'),
        b=GOOD["marking"].replace('"x"', '"b"').replace("full = 2", "full = 0"),
        c="not toml",
    )
    assert [file.rule.key for file in found] == ["a"]
    assert faults == ["b:10: body.single_choice.full", "c:1: -"]


def test_an_id_belongs_to_one_rule(read):
    _found, faults = read(a=GOOD["marking"], b=GOOD["pass_line"])
    assert faults == ["b:2: id"]


def test_the_digest_is_of_what_is_said_not_of_how(read):
    (file,), _ = read(x=GOOD["marking"])
    (again,), _ = read(x="# comment\n" + GOOD["marking"].replace("full = 2", "full  =  2"))
    (other,), _ = read(x=GOOD["marking"].replace("full = 2", "full = 3"))
    assert file.digest == again.digest != other.digest


def test_no_folder_is_no_rule(tmp_path):
    assert read_all(tmp_path, Faults()) == []
