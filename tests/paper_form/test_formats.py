"""Sheets of the shipped paper, read by others: poppler, our own importer, a plain XML reader."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import pytest
from lxml import etree

from lms.exams import content, rules
from lms.exams.types.on_paper import Printed
from lms.interop.formats.docx import FORMAT
from lms.kernel.authoring import Faults
from lms.kernel.places import shipped
from lms.kernel.typesetting import typeset
from lms.paper_form.formats import pdf, word
from lms.paper_form.rules import make_sheet
from lms.paper_form.rules.rich import words
from lms.question_bank import content as questions
from lms.question_bank.rules import places
from lms.question_bank.types import QuestionText
from lms.regulations import content as regulations
from tests.builders import NOON
from tests.conftest import missing

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def sheet():
    """The shipped paper of 80 questions, as it is printed."""
    root, faults = shipped("question_bank"), Faults()
    paper = next(p for p in content.read_all(root, faults) if p.key == "j-comp-mock")
    files = sorted(questions.read_all(root, faults), key=lambda file: file.key)
    marking = next(f.rule for f in regulations.read_all(root, faults) if f.rule.kind == "marking")
    picks = rules.draw(paper.blueprint, content.candidates_of(files)[paper.subject], seed=5)
    drawn = {pick.version_id: files[pick.version_id - 1] for pick in picks}
    counts = {id_: places(file.kind, file.spec) for id_, file in drawn.items()}
    printed = Printed(
        id=12,
        paper_key=paper.key,
        paper_version_id=1,
        version_number=1,
        title=paper.title,
        title_en=paper.title_en,
        subject=paper.subject,
        minutes=paper.minutes,
        blueprint=paper.blueprint,
        marking_rule_id=1,
        marking=marking.body,
        seed=5,
        slots=tuple(rules.order_options(picks, counts, seed=5)),
        note="第 1 期 #班* $x$ [甲]",  # nothing of it is markup
        unit="",
        printed_by="",
        printed_at=NOON,
    )
    texts = {
        id_: QuestionText(
            version_id=id_, question_id=id_, key=file.key, kind=file.kind, stem=file.stem,
            spec=file.spec, explanation=file.explanation, chapter_key=file.chapter_key,
            point_key=file.point_key, difficulty=file.difficulty, source=file.source,
            valid_on=file.valid_on,
        )
        for id_, file in drawn.items()
    }  # fmt: skip
    return make_sheet(printed, texts)


def poppler(tool, data, *more):
    if shutil.which(tool) is None:
        missing("poppler", tool)
    command = [tool, *more, "-", "-"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def bare(text):
    return "".join(text.split())


def set_(name, data):
    return typeset(shipped("templates") / "typeset" / f"{name}.typ", data)


@pytest.mark.parametrize("with_key", [False, True])
def test_the_pdf_says_every_question_in_order(sheet, with_key):
    text = bare(
        poppler("pdftotext", set_("paper", pdf.sheet_data(sheet, with_key=with_key)), "-layout")
    )
    at = 0
    for question in sheet.questions:
        # a page may end within a question's neighbours, never within a question
        for wanted in (f"{question.slot}.", *(c.letter + "." + bare(words(c.words)) for c in question.choices)):  # fmt: skip
            at = text.index(wanted, at)
    assert bare("第 1 期 #班* $x$ [甲]") in text
    assert text.count("答案：") == (80 if with_key else 0)
    assert ("解析" in text) is with_key
    assert "一、单项选择题（共60题，每题1分，共60分。" in text
    assert "少选，每选对一项得0.5分" in text


def test_every_page_has_its_number_and_its_fonts(sheet):
    made = set_("paper", pdf.sheet_data(sheet, with_key=False))
    pages = poppler("pdftotext", made).split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页，共{len(pages)}页" in bare(page)
        assert "卷号12-5" in bare(page)


def test_the_same_sheet_gives_the_same_bytes(sheet):
    data = pdf.card_data(sheet)
    assert set_("card", data) == set_("card", data)


def test_the_card_has_a_bubble_for_each_option(sheet):
    text = poppler("pdftotext", set_("card", pdf.card_data(sheet)), "-layout")
    # one row of bubbles after the other: a number, then its letters
    rows = re.findall(r"(\d+)((?:\s*[A-E])+)", text)
    found = {int(number): bare(letters) for number, letters in rows}
    wanted = {q.slot: "".join(c.letter for c in q.choices) for q in sheet.questions}
    assert found == wanted
    assert text.count("\f") == 1  # one page


@pytest.mark.parametrize("with_key", [False, True])
def test_our_importer_reads_the_same_questions(sheet, with_key):
    found = FORMAT.read(word.write(sheet, with_key=with_key), name="paper.docx")
    assert len(found.items) == 80
    for item, question in zip(found.items, sheet.questions, strict=True):
        assert item.kind == question.kind
        assert bare(item.stem.source) == bare("".join(words(b) for b in question.stem))
        assert [o.text.source for o in item.options] == [words(c.words) for c in question.choices]
        if with_key:
            assert "".join(c.letter for c, o in zip(question.choices, item.options, strict=True) if o.correct) == question.key  # fmt: skip
            said = "".join(words(block) for block in question.explanation)
            assert bare(item.general_feedback.source) == bare(said)
        else:
            assert not any(option.correct for option in item.options)


def test_what_is_handed_out_holds_nothing_of_the_key(sheet):
    secret = [words(block) for q in sheet.questions for block in q.explanation]
    with zipfile.ZipFile(io.BytesIO(word.write(sheet, with_key=False))) as package:
        told = "".join(package.read(name).decode() for name in package.namelist())
    data = str(pdf.sheet_data(sheet, with_key=False)) + str(pdf.card_data(sheet))
    assert not any(part in told or part in data for part in secret)
    assert "答案：" not in told
    assert "key" not in set(pdf.sheet_data(sheet, with_key=False)["sections"][0]["questions"][0])


def test_the_word_document_is_whole(sheet):
    with zipfile.ZipFile(io.BytesIO(word.write(sheet, with_key=True))) as package:
        assert package.testzip() is None
        parts = {name: etree.fromstring(package.read(name)) for name in package.namelist()}
    targets = {r.get("Target") for r in parts["word/_rels/document.xml.rels"]}
    assert {f"word/{target}" for target in targets} <= parts.keys()
    document = parts["word/document.xml"]
    # the order that the schema asks for: properties first, the page's at the end
    for paragraph in document.iter(f"{W}p"):
        assert paragraph[0].tag == f"{W}pPr"
    assert document[0][-1].tag == f"{W}sectPr"
    order = ["keepNext", "tabs", "spacing", "ind", "jc"]
    for properties in document.iter(f"{W}pPr"):
        names = [child.tag.removeprefix(W) for child in properties]
        assert names == sorted(names, key=order.index)
    fields = [node.text for node in parts["word/footer1.xml"].iter(f"{W}instrText")]
    assert fields == ["PAGE", "NUMPAGES"]


def test_characters_that_no_document_takes_are_left_out(sheet):
    strange = replace(sheet, note="甲\x00乙\x0b丙\ufffe")
    found = FORMAT.read(word.write(strange, with_key=False), name="x.docx")
    assert len(found.items) == 80
    assert "甲" in poppler("pdftotext", set_("card", pdf.card_data(strange)))


def test_a_faulty_template_is_told(tmp_path):
    faulty = tmp_path / "x.typ"
    faulty.write_text("#nothing(")
    with pytest.raises(RuntimeError, match=r"x\.typ"):
        typeset(faulty, {})
