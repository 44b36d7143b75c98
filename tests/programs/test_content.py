import pytest

from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.programs import content
from tests.programs.builders import GRANTS, read, text


def test_a_program_is_due_when_it_ends(tmp_path):
    (file,), faults = read(tmp_path, text(ends="ends_on = 2026-12-31"))
    assert not faults.found
    assert file.goal_requirement["due_on"] == "2026-12-31"
    assert "due_on" not in file.requirement


def test_a_requirement_that_says_when_it_is_due_is_left_alone(tmp_path):
    source = text(ends="ends_on = 2026-12-31").replace(
        '[requirement]\nkind = "all"', '[requirement]\nkind = "all"\ndue_days = 90'
    )
    (file,), _faults = read(tmp_path, source)
    assert file.goal_requirement == file.requirement


def test_a_program_need_not_grant_anything(tmp_path):
    (file,), faults = read(tmp_path, text(grants=""))
    assert not faults.found
    assert file.grants is None


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("培训结业证书", "全国培训结业证书", "grants.title"),
        ("Certificate of Completion", "National Certificate", "grants.title_en"),
        ("valid_years = 3", "valid_years = 0", "grants.valid_years"),
        ("valid_years = 3", "valid_until = 3", "grants.valid_until"),
        ('course = "a"', "course = 1", "requirement.of.course"),
        ('kind = "all"', 'kind = "wish"', "requirement.kind"),
        ("starts_on = 2026-01-01", "starts_on = 2026-01-01\nends_on = 2025-12-31", "ends_on"),
        ('sponsor = "主办单位"\n', "", "sponsor"),
    ],
)
def test_an_authors_fault_is_located(tmp_path, before, after, key):
    source = text()
    assert before in source
    _files, faults = read(tmp_path, source.replace(before, after))
    assert [fault.key for fault in faults.found] == [key]


def test_two_files_cannot_be_the_same_program(tmp_path):
    files, faults = read(tmp_path, text(), text())
    assert len(files) == 1
    assert [fault.key for fault in faults.found] == ["id"]


def test_what_nobody_provides_is_reported_with_its_line(tmp_path):
    files, faults = read(tmp_path, text())
    content.check_references(files, known={"course:a"}, faults=faults)
    (fault,) = faults.found
    assert fault.what == "没有 paper:p"
    lines = fault.path.read_text(encoding="utf-8").split("\n")
    assert lines[fault.line - 1 : fault.line + 1] == ["[[requirement.of]]", 'kind = "paper_passed"']


def test_what_ships_can_be_read():
    faults = Faults()
    files = content.read_all(shipped("courses"), faults)
    assert not faults.found, [str(fault) for fault in faults.found]
    assert {"station-talent-2026", "cadre-class-2026", "junior-exam-path"} <= {f.key for f in files}
    assert GRANTS  # the builders' own grant passes the same guard
