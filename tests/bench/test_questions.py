"""The file that is imported in the measurement is one that comes in as a whole."""

from bench import bank, questions
from lms.interop.rules import format_named


def test_every_question_of_the_file_is_read_and_brings_no_number(tmp_path):
    path = tmp_path / "x.gift"
    files = bank.invented(40, seed=1)
    questions.write_gift(path, files)
    read = format_named("gift").read(path.read_bytes(), name=path.name)
    assert [item.stem.source for item in read.items] == [file.stem.strip() for file in files]
    assert {item.id for item in read.items} == {""}
