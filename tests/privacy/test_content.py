"""The texts that ship are complete, and a faulty one says where."""

import shutil

import pytest

from lms.kernel.authoring import Faults
from lms.privacy import content
from lms.privacy.types import Purpose, TextKind
from tests.privacy.builders import texts


def test_every_purpose_has_its_text():
    found = {file.key: file for file in texts()}
    assert set(found) == set(Purpose)
    assert found["service"].kind is TextKind.NOTICE
    assert {f.kind for key, f in found.items() if key != "service"} == {TextKind.CONSENT}


@pytest.mark.parametrize("file", texts(), ids=lambda file: file.key)
def test_a_text_names_the_law_and_both_languages(file):
    assert "个人信息保护法" in file.body["law"] and "article" in file.body["law_en"]
    for section in file.body["section"]:
        assert all(section[name].strip() for name in ("heading", "heading_en", "text", "text_en"))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "evaluation"', 'id = "marketing"', "id"),  # no effect in the program
        ('kind = "consent"', 'kind = "advice"', "kind"),
        ("sensitive = false\n", "", "sensitive"),
        ('after_withdrawn = "', 'after_withdraw = "', "after_withdraw"),
        ('heading_en = "What, and what for"', 'heading_en = ""', "section"),
        ('certainty = "unsure"', 'certainty = "perhaps"', "certainty"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path, old, new, key):
    shutil.copy(content.TEXTS / "evaluation.toml", tmp_path)
    path = tmp_path / "evaluation.toml"
    source = path.read_text("utf-8")
    assert old in source
    path.write_text(source.replace(old, new, 1), encoding="utf-8")
    faults = Faults()
    content.read_all(tmp_path, faults)
    assert key in str(faults.found[0])
