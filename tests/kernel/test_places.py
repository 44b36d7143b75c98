import pytest

from lms.kernel import places
from lms.kernel.places import shipped


@pytest.mark.parametrize("name", ["templates", "courses", "question_bank"])
def test_what_is_shipped_is_found(name):
    assert shipped(name).is_dir()


def test_a_wheel_carries_its_own(tmp_path, monkeypatch):
    package = tmp_path / "lms"
    (package / "_bundled" / "courses").mkdir(parents=True)
    (tmp_path / "courses").mkdir()
    monkeypatch.setattr(places, "PACKAGE", package)
    assert shipped("courses") == package / "_bundled" / "courses"


def test_an_incomplete_installation_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "lms")
    with pytest.raises(FileNotFoundError, match="templates: not shipped"):
        shipped("templates")
