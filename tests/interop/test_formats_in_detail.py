"""What files of other programs hold beyond the samples: each oddity is read or noted."""

import io
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter

from lms.interop.formats._word_layout import Layout
from lms.interop.rules import format_named
from lms.interop.types import FULL, Answer, Kind, Markup, Option, Text, is_true
from lms.kernel.errors import Invalid
from tests.contracts.test_formats import SAMPLES


def read(name, source):
    data = source.encode() if isinstance(source, str) else source
    return format_named(name).read(data, name="x")


def only(name, source):
    (item,) = read(name, source).items
    return item


def codes(item):
    return [found.code for found in item.notes]


@pytest.mark.parametrize(
    ("source", "kind", "noted"),
    [
        ("x{=a}", Kind.SHORT_ANSWER, []),
        ("x{a}", Kind.SHORT_ANSWER, []),
        ("x{= a* }", Kind.SHORT_ANSWER, ["wildcard"]),
        ("x{=a} y", Kind.FILL_BLANK, []),
        ("{=a}", Kind.SHORT_ANSWER, []),
        ("x{F}", Kind.TRUE_FALSE, []),
        ("x{t}", Kind.SHORT_ANSWER, []),
        ("x{T#a#b#c}", Kind.TRUE_FALSE, ["third_feedback"]),
        ("x{~a ~b}", Kind.MULTIPLE_CHOICE, ["no_right_answer"]),
        ("x{a ~b =c}", Kind.SINGLE_CHOICE, ["stray_text"]),
        ("x{~%abc%b =c}", Kind.SINGLE_CHOICE, ["bad_weight"]),
        ("x{=a -> b =c}", Kind.MATCHING, ["no_arrow"]),
        ("x{=a -> b#f =c -> d}", Kind.MATCHING, ["pair_feedback"]),
        ("x{#abc}", Kind.NUMERIC, ["not_a_number"]),
        ("x{#1,5}", Kind.NUMERIC, ["not_a_number"]),
        ("x{=a} y {=b}", Kind.FILL_BLANK, ["second_block"]),
        ("x{=a\n\n~b}", Kind.UNSUPPORTED, ["unpaired_brace"]),
        ("x} {", Kind.UNSUPPORTED, ["unpaired_brace"]),
        ("x", Kind.DESCRIPTION, []),
        (r"x \{a\}", Kind.DESCRIPTION, []),
        ("x{~" + "~a" * 501 + "}", Kind.UNSUPPORTED, ["too_many"]),
    ],
)
def test_gift(source, kind, noted):
    item = read("gift", source).items[0]
    assert (item.kind, codes(item)) == (kind, noted)


def test_gift_keeps_what_the_second_block_says():
    assert "y {=b}" in only("gift", "x{=a} y {=b}").stem.source


def test_gift_reads_numbers_exactly():
    item = only("gift", "x{#=%50%0.1..0.3 =-2.50:.05 =3}")
    assert item.answers == (
        Answer(Text("0.2"), Decimal(50), tolerance=Decimal("0.1")),
        Answer(Text("-2.5"), FULL, tolerance=Decimal("0.05")),
        Answer(Text("3"), FULL),
    )


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_gift_reads_any_ends_of_lines(ends):
    found = read("gift", ends.join(["// [id:a] [tag:b c]", "x{", "=y", "~z", "}", "", "u{}"]))
    assert [(i.id, i.tags, i.line) for i in found.items] == [("a", ("b c",), 2), ("", (), 7)]


def test_gift_does_not_take_an_address_for_a_comment():
    assert only("gift", "见 https\\://example.org/a{T}").stem.source == "见 https://example.org/a"


def test_moodle_reports_what_nobody_reads():
    found = read("moodle_xml", (SAMPLES / "sample.xml").read_bytes())
    notes = [(number, note.code) for number, note in found.all_notes()]
    assert (1, "not_read") in notes  # the feedback that Moodle puts under every right answer
    assert (4, "wildcard") in notes and (10, "unknown_type") in notes and (10, "not_read") in notes
    strange = found.items[9]
    assert strange.kind is Kind.UNSUPPORTED and "dragbox" in strange.raw
    assert found.items[0].stem.source.count("media/标志.png") == 1
    assert found.media[0].name == "标志.png"


def test_moodle_cloze_keeps_its_parts():
    item = read("moodle_xml", (SAMPLES / "sample.xml").read_bytes()).items[7]
    assert "{#1} 月举行，{#2}命题，成绩 {#3}管理" in item.stem.source
    number, choice, word = item.parts
    assert number.answers[0] == Answer(Text("6"), FULL, Text("月份"), Decimal(0))
    assert [option.weight for option in choice.options] == [0, 100, 50]
    assert word.score == 2 and word.answers[1].feedback == Text("不准确")


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<answer fraction='lots'><text>a</text></answer>", "bad_weight"),
        ("<questiontext format='rtf'><text>a</text></questiontext>", "unknown_markup"),
        ("<questiontext><text>x</text><file name='a.png' encoding='base64'>AAAA</file></questiontext>",
         "media_unknown"),
        ("<answer fraction='100'><text>a</text></answer>" * 501, "too_many"),
    ],
)  # fmt: skip
def test_moodle_notes_faults(inside, code):
    item = only("moodle_xml", f"<quiz><question type='shortanswer'>{inside}</question></quiz>")
    assert code in codes(item)


def test_moodle_deep_nesting_is_refused():
    with pytest.raises(Invalid) as refusal:
        read("moodle_xml", "<quiz>" + "<a>" * 5000 + "</a>" * 5000 + "</quiz>")
    assert refusal.value.code == "bad_xml"


@pytest.mark.parametrize(
    ("source", "codes_found"),
    [
        ("题\nA. 甲\nB. 乙\nANSWER: A", []),
        ("题\nA) 甲\nB) 乙\nANSWER: c", ["foreign_answer"]),
        ("题\nA. 甲\n多出的\nB. 乙\nANSWER: A", ["stray_line"]),
        ("题\nA. 甲\nB. 乙", ["no_answer"]),
        ("ANSWER: A", ["no_stem"]),
        ("A. 甲\nB. 乙\nANSWER: A", ["no_stem"]),
    ],
)
def test_aiken(source, codes_found):
    assert codes(only("aiken", source)) == codes_found


@pytest.mark.parametrize(
    ("row", "kind", "noted"),
    [
        ("单选,题,A,甲,乙", Kind.SINGLE_CHOICE, []),
        ("单选,题,Ａ,甲,乙", Kind.SINGLE_CHOICE, []),
        ("单选,题,C,甲,乙", Kind.SINGLE_CHOICE, ["foreign_answer"]),
        ("单选,题,AB,甲,乙", Kind.SINGLE_CHOICE, ["many_answers"]),
        ("单选,题,,甲,乙", Kind.SINGLE_CHOICE, ["foreign_answer"]),
        ("单选,题,B,,乙", Kind.SINGLE_CHOICE, ["gap_in_options"]),
        ("单选,,A,甲,乙", Kind.SINGLE_CHOICE, ["no_stem"]),
        (",题,AB,甲,乙", Kind.MULTIPLE_CHOICE, []),
        (",题,√,,", Kind.TRUE_FALSE, []),
        (",题____。,贵阳,,", Kind.FILL_BLANK, []),
        (",题,什么,,", Kind.UNSUPPORTED, ["no_kind"]),
        ("听力题,题,A,甲,乙", Kind.UNSUPPORTED, ["unknown_kind"]),
        ("判断,题,A,对,错", Kind.TRUE_FALSE, []),
        ("判断,题,也许,,", Kind.UNSUPPORTED, ["bad_truth"]),
        ("数值题,题,三,,", Kind.NUMERIC, ["not_a_number"]),
        ("配对,题,甲,,", Kind.UNSUPPORTED, ["unknown_kind"]),
        ("配对题,题,甲,,", Kind.MATCHING, ["no_arrow"]),
        ("排序题,题,BA,甲,乙", Kind.ORDERING, []),
        ("排序题,题,AC,甲,乙", Kind.ORDERING, ["foreign_answer"]),
        ("填空题,题,,,", Kind.FILL_BLANK, ["no_right_answer"]),
        ("简答题,题,甲,乙,", Kind.SHORT_ANSWER, ["stray_option"]),
    ],
)
def test_rows(row, kind, noted):
    item = only("csv", f"题型,题干,答案,A,B\n{row}\n")
    assert (item.kind, codes(item), item.line) == (kind, noted, 2)


def test_rows_below_a_title_with_strange_columns():
    source = "社工题库,,,\n\n* 题干 ,选项Ａ,B,正确答案,难易度,出题人\n题,甲,乙,A,较易,小李\n"
    found = read("csv", source)
    assert [n.code for _number, n in found.all_notes()] == ["unknown_column", "bad_difficulty"]
    assert found.items[0].options[0] == Option(Text("甲"), True, FULL)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("甲,乙\n1,2\n", "no_header"),
        ("题干,答案,题干\n1,2,3\n", "twice"),
        ('题干,答案\n"没有括完,1\n', None),
        ("题干,答案\n" + "甲" * 300_000 + ",1\n", "bad_csv"),
        ("题干,答案\n" + "," * 600 + "\n", "too_many"),
    ],
)
def test_tables_that_are_none(source, code):
    if code is None:
        read("csv", source)
        return
    with pytest.raises(Invalid) as refusal:
        read("csv", source)
    assert refusal.value.code == code


def test_a_formula_never_leaves_a_csv_as_one():
    item = only("csv", "题型,题干,答案\n简答题,=1+1,x\n")
    written = format_named("csv").write([item]).decode("utf-8-sig")
    assert "'=1+1" in written
    assert only("csv", written).stem.source == "=1+1"


def test_old_office_files_say_what_to_do():
    for name in ("docx", "spreadsheet"):
        with pytest.raises(Invalid) as refusal:
            read(name, b"\xd0\xcf\x11\xe0" + b"x" * 600)
        assert refusal.value.code == "old_office"


def test_a_table_as_text_is_a_spreadsheet_too():
    data = (SAMPLES / "sample.csv").read_bytes()
    assert read("spreadsheet", data).items == read("csv", data).items


def test_numbers_in_cells_are_read_as_people_see_them():
    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made)
    sheet = workbook.add_worksheet()
    for at, row in enumerate([["题型", "题干", "答案", "难度", "分值", "编号"],
                              ["数值题", "？", 45, 2, 1.5, 7], ["判断题", "！", True, "", "", ""]]):  # fmt: skip
        sheet.write_row(at, 0, row)
    other = workbook.add_worksheet("说明")
    other.write(0, 0, "怎样填")
    workbook.close()
    found = read("spreadsheet", made.getvalue())
    number, truth = found.items
    assert (number.answers[0].text.source, number.difficulty, number.score, number.id) == (
        "45", 2, Decimal("1.5"), "7",
    )  # fmt: skip
    assert is_true(truth)
    assert [note.code for note in found.notes] == ["sheet_skipped"]


PAPER = """2026 年岗前测试
一、单项选择题（共 2 题，每题 1 分）
1. 社工首先应当（ B ）。
A. 填表    B. 表明身份
C．拍照　　D．离开
解析：先表明身份。
2．下列属于个案工作的是（　　）。
A.甲 B.乙 C.丙 D.丁
【答案】C
【解析】略
二、多项选择题
3、属于资源的有
A．亲友
B．邻里
C．天气
答案：AB
三、判断题
4. 社工可以收礼。（×）
5. 保密有例外。
答案：正确
四、简答题
6. 个案工作有哪些步骤？
参考答案：1. 接案
2. 预估
难度：难"""


def test_a_paper_as_people_write_it():
    layout = Layout()
    for line, paragraph in enumerate(PAPER.split("\n"), start=1):
        layout.take(line, paragraph)
    from lms.interop.formats._sheet import read_row

    items = [read_row(row.cells, row.line) for row in layout.done()]
    assert [str(item.kind) for item in items] == [
        "single_choice", "single_choice", "multiple_choice", "true_false", "true_false",
        "short_answer",
    ]  # fmt: skip
    assert [[o.text.source for o in item.options if o.correct] for item in items[:3]] == [
        ["表明身份"], ["丙"], ["亲友", "邻里"],
    ]  # fmt: skip
    assert items[0].stem.source == "社工首先应当（　　）。" and items[0].score == 1
    assert [is_true(item) for item in items[3:5]] == [False, True]
    assert items[5].answers[0].text.source == "1. 接案\n2. 预估"
    assert items[5].difficulty == 3
    assert not [note for item in items for note in item.notes]
    assert [note.code for note in layout.notes] == ["stray_line"]


DOCUMENT = """<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:body>
<w:p><w:r><w:t>一、单项选择题</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>下列</w:t></w:r>
<w:r><w:rPr><w:b/></w:rPr><w:t>不</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>属于</w:t></w:r><w:r><w:t>的是</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>m</w:t></w:r>
<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>乙</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>年</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>人</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:r><w:t>答案：A</w:t><w:br/><w:t>解析：因为</w:t></w:r></w:p>
</w:body></w:document>"""
NUMBERING = """<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num></w:numbering>"""


def test_word_counts_by_itself_and_keeps_how_letters_look():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", DOCUMENT)
        archive.writestr("word/numbering.xml", NUMBERING)
    item = only("docx", made.getvalue())
    assert item.kind is Kind.SINGLE_CHOICE
    assert item.stem == Text("下列<b>不属于</b>的是", Markup.HTML)
    assert item.options[0].text == Text("m<sup>2</sup>", Markup.HTML) and item.options[0].correct
    assert item.options[1].text == Text("乙\n年 | 人")
    assert item.general_feedback == Text("因为")
    assert codes(item) == ["table"]


INLINE = """<inlineChoiceInteraction responseIdentifier="R"><inlineChoice identifier="York">Y
</inlineChoice></inlineChoiceInteraction>"""
TWO = """<textEntryInteraction responseIdentifier="R"/>
<extendedTextInteraction responseIdentifier="S"/>"""
QTI = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="a" title="t">
<responseDeclaration identifier="R" cardinality="single" baseType="{base}">
<correctResponse><value>York</value></correctResponse></responseDeclaration>
<itemBody><blockquote><p>Now is the winter {inside} of our discontent</p></blockquote></itemBody>
</assessmentItem>"""


@pytest.mark.parametrize(
    ("inside", "kind", "noted"),
    [
        ('<textEntryInteraction responseIdentifier="R"/>', Kind.FILL_BLANK, []),
        (INLINE, Kind.CLOZE, []),
        ('<hotspotInteraction responseIdentifier="R"/>', Kind.UNSUPPORTED, ["unknown_type"]),
        (TWO, Kind.UNSUPPORTED, ["many_interactions"]),
        ("", Kind.DESCRIPTION, []),
    ],
)  # fmt: skip
def test_qti_items_of_others(inside, kind, noted):
    item = only("qti22", QTI.format(inside=inside, base="string"))
    assert (item.kind, codes(item), item.name) == (kind, noted, "t")
    assert "winter" in item.stem.html


def test_qti_says_the_official_rule():
    options = tuple(Option(Text(x), x in "甲乙丁") for x in "甲乙丙丁戊")
    from lms.interop.types import Item

    item = Item(Kind.MULTIPLE_CHOICE, Text("？"), options=options)
    package = format_named("qti22").write([item])
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        written = archive.read("items/item00001.xml").decode()
    assert written.count('mappedValue="0.5"') == 3
    assert 'defaultValue="-100" lowerBound="0"' in written
    assert "<responseElse><setOutcomeValue" in written
    assert only("qti22", package).options == options


def test_qti_packages_hold_what_the_specification_asks_for():
    """The order of elements of the schema, and a resource with its file for each item."""
    from lxml import etree

    data = (SAMPLES / "sample.xml").read_bytes()
    items = [i for i in read("moodle_xml", data).items if i.kind is not Kind.UNSUPPORTED]
    order = ["responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing",
             "modalFeedback"]  # fmt: skip
    for name, prefix in (("qti22", ""), ("qti30", "qti-")):
        target = format_named(name)
        with zipfile.ZipFile(io.BytesIO(target.write(items))) as archive:
            manifest = etree.fromstring(archive.read("imsmanifest.xml"))
            assert etree.QName(manifest).namespace == target.dialect.manifest
            resources = manifest.findall(".//{*}resource")
            assert len(resources) == len(items)
            for resource in resources:
                root = etree.fromstring(archive.read(resource.get("href")))
                assert etree.QName(root).namespace == target.dialect.namespace
                assert {etree.QName(x).namespace for x in root.iter()} == {target.dialect.namespace}
                tags = [etree.QName(x).localname.removeprefix(prefix) for x in root]
                spelled = [t.replace("-", "") for t in tags]
                ranks = [[o.lower() for o in order].index(t.lower()) for t in spelled]
                assert ranks == sorted(ranks)
                assert ("-" in tags[0]) == bool(prefix)
                declared = {x.get("identifier") for x in root}
                for one in root.iter():
                    said = one.get("responseIdentifier") or one.get("response-identifier")
                    assert said is None or said in declared


def test_a_package_without_its_item_says_so():
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(
            "imsmanifest.xml",
            "<manifest><resources><resource type='imsqti_item_xmlv2p2' href='gone.xml'/>"
            "</resources></manifest>",
        )
    item = only("qti22", package.getvalue())
    assert item.kind is Kind.UNSUPPORTED and codes(item) == ["not_in_zip"]


@pytest.mark.parametrize(
    ("source", "noted"),
    [
        ('[[question]]\nkind = "single_choice"\nstem = "？"\noptions = ["甲", "乙"]\nanswer = "A"', []),
        ('[[question]]\nkind = "single_choice"\nstem = "？"\noptions = ["甲"]\nanswer = "B"',
         [("foreign_answer", 5)]),
        ('[[question]]\nkind = "riddle"\nstem = "？"', [("not_allowed", 2)]),
        ('[[question]]\nkind = "single_choice"\nstem = "？"\noptions = ["甲"]\nanswer = "A"\nhint = 1',
         [("unknown_key", 6)]),
        ("question = [1]", [("not_table", 1)]),
    ],
)  # fmt: skip
def test_toml(source, noted):
    item = only("toml", source)
    assert [(note.code, note.line) for note in item.notes] == noted


def test_toml_that_ships_comes_back_unchanged():
    from lms.kernel.places import shipped

    for path in sorted((shipped("question_bank") / "questions").rglob("*.toml")):
        found = read("toml", path.read_bytes())
        assert not [*found.all_notes()]
        assert read("toml", format_named("toml").write(found.items)).items == found.items


def workbook(cells, shared="<si><t>题干</t></si><si><t>答案</t></si>"):
    """A workbook of these cells, small in the file."""
    good = io.BytesIO()
    made = xlsxwriter.Workbook(good)
    made.add_worksheet().write(0, 0, "x")
    made.close()
    bad = io.BytesIO()
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            text = old.read(entry)
            if entry == "xl/worksheets/sheet1.xml":
                text = f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>".encode()
            if entry == "xl/sharedStrings.xml":
                text = f"<sst {space}>{shared}</sst>".encode()
            new.writestr(entry, text)
    return bad.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
                 '<row r="1048576"><c r="XFD1048576" t="s"><v>1</v></c></row>'),
        workbook('<row r="1">' + '<c t="s"><v>0</v></c>' * 3000 + "</row>",
                 f"<si><t>{'长' * 100_000}</t></si>"),
    ],
    ids=["two cells far apart", "one text a thousand times"],
)  # fmt: skip
def test_a_workbook_that_swells_is_refused(data):
    with pytest.raises(Invalid) as refusal:
        read("spreadsheet", data)
    assert refusal.value.code == "too_big"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("gift", "x{=y" + "~a" * 1_000_000 + "}"),
        ("csv", "题干,答案\n" + "," * 1_000_000),
        ("aiken", "题\n" + "".join(f"A. {n}\n" for n in range(200_000)) + "ANSWER: A"),
        ("json", '[{"kind":"essay","stem":"x","options":[' + '"a",' * 1_000_000 + '"b"]}]'),
        ("json", "[" * 100_000),
        ("toml", "x = " + "[" * 100_000),
        ("moodle_xml", "<quiz><question type='multichoice'>" + "<answer/>" * 1_000_000
         + "</question></quiz>"),
        ("moodle_xml", "<quiz><question type='essay'><questiontext><text>"
         + "&lt;b&gt;" * 50_000 + "</text></questiontext></question></quiz>"),
        ("gift", "[html]" + "<b>" * 50_000),
        ("gift", "{" * 500_000),
        ("gift", "::" * 500_000),
    ],
)  # fmt: skip
def test_a_million_of_anything_is_refused_or_noted_in_no_time(name, source):
    try:
        found = read(name, source)
    except Invalid as refusal:
        assert refusal.code in {"too_many", "bad_json", "bad_toml", "bad_xml"}
    else:
        assert all(isinstance(item.stem.html, str) for item in found.items)
