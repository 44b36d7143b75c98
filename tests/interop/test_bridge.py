"""Between files and the bank: what becomes of an item, what is kept of it, how it goes back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.interop.formats import _authored, _text
from lms.interop.rules import (
    all_formats,
    core_of,
    decide,
    format_named,
    item_of,
    losses,
    media,
    prepared,
)
from lms.interop.rules import bridge as bridging
from lms.interop.rules.differences import change_words, differences, note_words, remark
from lms.interop.types import (
    FULL,
    NOTHING,
    Answer,
    Item,
    Kind,
    Markup,
    Media,
    Note,
    Option,
    Pair,
    ScoringPoint,
    Source,
    Text,
    Unit,
    true_false,
)
from lms.interop.types.bridge import Bank, Defaults, Standing
from lms.kernel.errors import Invalid
from lms.question_bank.rules import all_kinds, text_digest
from lms.question_bank.types import Draft
from tests.interop.question_builders import PICTURE, line

GIFT = format_named("gift")
HERE = Defaults(subject="J-COMP", chapter="2025/J-COMP/06", point="2025/J-COMP/06/1")
plainly = lambda message, **values: message % values if values else message  # noqa: E731 - a stand-in for gettext


def question(stem="下列属于个案工作的是（ ）。", right=0, **more):
    options = tuple(
        Option(Text(text), at == right, FULL if at == right else NOTHING)
        for at, text in enumerate(["个别辅导", "社区动员", "小组活动"])
    )
    return Item(Kind.SINGLE_CHOICE, Text(stem), options=options, **more)


def kept(item, key="q1", **more):
    core = core_of(item)
    return replace(bridging.draft_of(item, core, key, HERE, ()), **more)


def bank(*drafts, **more):
    texts = {draft.key: draft for draft in drafts}
    key_of = {bridging.core_digest(d.kind, d.stem, d.spec): d.key for d in drafts}
    return Bank(texts, key_of, **more)


def rule(*items, there=None, source=GIFT, **more):
    return decide(prepared(items, {}), there or bank(), source=source, defaults=HERE, **more)


KEPT = kept(question())


@pytest.mark.parametrize(
    ("item", "standing", "of"),
    [
        (question(id="q1"), Standing.IDENTICAL, "q1"),
        (question(), Standing.IDENTICAL, "q1"),  # by what it asks
        (question(id="q1", name="另一个名称", category="x"), Standing.IDENTICAL, "q1"),
        (question(id="q1", right=1), Standing.CHANGED, "q1"),
        (question(id="q1", tags=("新",)), Standing.CHANGED, "q1"),
        (question(tags=("新",)), Standing.CHANGED, "q1"),
        (question(general_feedback=Text("因为。")), Standing.CHANGED, "q1"),
        (question(id="q2"), Standing.DUPLICATE, "q1"),  # a number of its own, asking the same
        (replace(question(), stem=Text("<p>下列属于个案工作的是（ ）。</p>", Markup.HTML)),
         Standing.IDENTICAL, "q1"),  # the markup is not what it says
        (question("下列属于个案工作的是（　）。"), Standing.IDENTICAL, "q1"),  # nor is width
        (question("属于社区工作的是？"), Standing.NEW, ""),
        (question("属于社区工作的是？", id="q9"), Standing.NEW, ""),
        (Item(Kind.UNSUPPORTED, Text("？")), Standing.REFUSED, ""),
        (Item(Kind.DESCRIPTION, Text("说明")), Standing.REFUSED, ""),
        (question(" "), Standing.REFUSED, ""),
        (replace(question(), options=question().options[:1]), Standing.REFUSED, ""),
        (question(right=7), Standing.REFUSED, ""),
        (question("字" * 20_001), Standing.REFUSED, ""),
        (Item(Kind.SHORT_ANSWER, Text("？")), Standing.REFUSED, ""),
        (Item(Kind.NUMERIC, Text("？"), answers=(Answer(Text("1"), NOTHING),)), Standing.REFUSED, ""),
        (Item(Kind.MATCHING, Text("？")), Standing.REFUSED, ""),
        (Item(Kind.ORDERING, Text("？")), Standing.REFUSED, ""),
        (Item(Kind.CLOZE, Text("？")), Standing.REFUSED, ""),
    ],
)  # fmt: skip
def test_decides(item, standing, of):
    (found,) = rule(item, there=bank(KEPT))
    assert (found.standing, found.of) == (standing, of)
    assert bool(found.reasons) == (standing is Standing.REFUSED)


def test_looks_at_the_file_itself_too():
    first, twin, copy, again = rule(
        question(id="a"), question(id="a", right=1), question(id="b"), question()
    )
    assert first.standing is Standing.NEW
    assert (twin.standing, twin.reasons[0].code) == (Standing.REFUSED, "duplicate_id")
    assert (copy.standing, copy.of) == (Standing.DUPLICATE, "#1")
    assert (again.standing, again.of) == (Standing.DUPLICATE, "#1")
    keys = [found.draft.key for found in (first, copy, again)]
    assert len(set(keys)) == 3, "each would be a question of its own"


def test_one_question_of_the_bank_is_claimed_once():
    changed = question("换了题干？", id="q1")
    first, second = rule(changed, question(), there=bank(KEPT))
    assert (first.standing, first.of) == (Standing.CHANGED, "q1")
    assert (second.standing, second.of) == (Standing.DUPLICATE, "#1")
    assert first.draft.key != second.draft.key


def test_what_somebody_else_works_on_is_left_alone():
    there = bank(KEPT, taken=frozenset({"q1"}))
    assert rule(question(right=1, id="q1"), there=there)[0].standing is Standing.TAKEN
    assert rule(question(id="q1"), there=there)[0].standing is Standing.IDENTICAL


def test_a_stem_that_reads_much_the_same_is_for_a_person_to_say():
    (found,) = rule(question("另一道？"), there=bank(KEPT, alike={1: ["q1"]}))
    assert (found.standing, found.alike) == (Standing.ALIKE, ("q1",))


def test_a_kind_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(bridging, "all_kinds", lambda: {"multiple_choice": None})
    (found,) = rule(question())
    assert found.reasons[0].code == "not_installed"
    assert str(found.reasons[0]) == "kind: 题型未安装：单项选择题"


def test_a_file_says_only_what_its_format_can():
    """What Aiken or a table cannot say stays as the bank has it."""
    rich = kept(
        replace(question(), stem=Text("下列**不**属于个案的是", Markup.MARKDOWN)),
        explanation="因为**如此**。", difficulty=3, tags=("个案",), valid_on=date(2026, 1, 1),
        source={"kind": "law", "title": "慈善法", "edition": "2023修正", "article": "第二条"},
    )  # fmt: skip
    for name in ("aiken", "csv", "gift", "moodle_xml", "qti22", "json", "toml", "docx"):
        target = format_named(name)
        back = target.read(target.write([item_of("q1", rich)]), name=f"x{target.suffix}").items
        (found,) = rule(*back, there=bank(rich), source=target)
        assert (name, found.standing, found.of) == (name, Standing.IDENTICAL, "q1")


def test_a_word_changed_in_plain_text_leaves_the_style_of_the_rest():
    options = (
        Option(Text("**甲**", Markup.MARKDOWN), True, FULL),
        Option(Text("乙"), False, NOTHING),
    )
    rich = kept(replace(question("甲？"), options=options))
    plain = (Option(Text("甲"), True, FULL), Option(Text("丙"), False, NOTHING))
    (found,) = rule(replace(question("甲？", id="q1"), options=plain), there=bank(rich))
    assert found.standing is Standing.CHANGED
    assert found.draft.spec["options"] == ["**甲**", "丙"]


def test_defaults_fill_what_the_file_does_not_say():
    defaults = replace(
        HERE, difficulty=3, tags=("2026",), source={"kind": "concept", "title": "个案"}
    )
    items = [question("一？"), question("二？", difficulty=1, source=Source("《慈善法》"),
                                        chapter="2025/J-LAW/01", point="2025/J-LAW/01/2")]  # fmt: skip
    one, two = decide(prepared(items, {}), bank(), source=GIFT, defaults=defaults)
    assert (one.draft.chapter_key, one.draft.point_key) == (HERE.chapter, HERE.point)
    assert (one.draft.difficulty, one.draft.source["title"]) == (3, "个案")
    assert (two.draft.subject, two.draft.point_key) == ("J-LAW", "2025/J-LAW/01/2")
    assert (two.draft.difficulty, two.draft.source) == (1, {"kind": "law", "title": "《慈善法》"})
    assert one.draft.tags == two.draft.tags == ("2026",)


def test_a_place_that_no_outline_has_is_said_and_not_taken():
    there = bank(nodes=frozenset({HERE.chapter, HERE.point}))
    (found,) = rule(question(chapter="1999/X/1", point="1999/X/1/1"), there=there)
    assert found.draft.point_key == HERE.point
    assert [note.code for note in found.notes] == ["no_node", "no_node"]


@pytest.mark.parametrize(
    ("title", "kind"),
    [("中华人民共和国慈善法", "law"), ("《志愿服务条例》", "law"), ("《关于加强…的意见》", "policy"),
     ("个案工作：接案", "concept"), ("", "concept")],
)  # fmt: skip
def test_a_title_says_what_sort_of_source_it_is(title, kind):
    assert bridging.source_of(Source(title, article="1"))["kind"] == kind
    assert bridging.source_of(Source(title, "policy"))["kind"] == "policy"


POINTS = (ScoringPoint(Text("要点")),)
WEIGHED = Item(Kind.MULTIPLE_CHOICE, Text("?"), options=tuple(
    Option(Text(text), Decimal(weight) > 0, Decimal(weight))
    for text, weight in [("甲", "33.33333"), ("乙", "66.66667"), ("丙", "-25"), ("丁", "0")]
))  # fmt: skip
SAID = [
    (question(name="n"), "题目名称：n"),
    (question(category="a/b"), "原来的分类：a/b"),
    (question(score=Decimal("1.5")), "原来的分值 1.5"),
    (question(shuffle=False), "不打乱"),
    (question(id="含 空格"), "编号“含 空格”"),
    (replace(question(), options=(*question().options[:2],
     Option(Text("丙"), False, NOTHING, Text("再想想")))), "选项 C 的反馈：再想想"),
    (replace(question(), options=(*question().options[:2], Option(Text("丙"), False, Decimal(-200)))),
     "A 100%，B 0%，C -200%"),
    (replace(question(), stem=Text('<img src="media/a.png">看', Markup.HTML)), "图片没有导入：a.png"),
    (replace(question(), stem=Text("![](https://x.example/a.png)看", Markup.MARKDOWN)),
     "https://x.example/a.png"),
    (Item(Kind.SHORT_ANSWER, Text("?"), answers=(Answer(Text("甲")), Answer(Text("乙"), Decimal(50), Text("近了")))),
     "不是全对的答案“乙”（50%）没有收"),
    (Item(Kind.SHORT_ANSWER, Text("?"), answers=(Answer(Text("甲"), FULL, Text("对")),)), "答案“甲”的反馈：对"),
    (Item(Kind.SHORT_ANSWER, Text("?"), answers=(Answer(Text("甲")),), case_sensitive=True), "区分大小写"),
    (Item(Kind.NUMERIC, Text("?"), answers=(Answer(Text("1")), Answer(Text("2")))), "另一个数值答案“2”"),
    (Item(Kind.NUMERIC, Text("?"), answers=(Answer(Text("1")),),
          units=(Unit("里", Decimal("0.1234567")),)), "单位“里”的换算（× 0.1234567）"),
    (Item(Kind.CASE_ANALYSIS, Text("?"), parts=(question(),)), "小题没有写分值，按 1 分收"),
    (Item(Kind.CASE_ANALYSIS, Text("?"), parts=(question(score=Decimal("1.3")),)),
     "小题的 1.3 分不是整半分，按 1 分收"),
    (Item(Kind.PLAN_DESIGN, Text("?"), parts=(Item(Kind.ESSAY, Text("?"), least_chars=9),)),
     "字数下限 9"),
    (Item(Kind.ESSAY, Text("?"), scoring_points=(ScoringPoint(Text("甲"), Decimal("0.3")),)), "0.3 分"),
    (question(scoring_points=(ScoringPoint(Text("甲")),)), "采分点（这种题型没有）：甲"),
    (Item(Kind.CASE_ANALYSIS, Text("?"), parts=(Item(Kind.ESSAY, Text("?"), name="n"),)), "#1"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "said"), SAID, ids=range(len(SAID)))
def test_what_the_bank_cannot_hold_is_said_with_what_it_was(item, said):
    notes = bridging.not_held(item, frozenset(), ())
    assert len(notes) >= 1
    assert said in remark(notes)
    assert said.split("：")[-1] in "".join(note_words(one, plainly) for one in notes)


@pytest.mark.parametrize(
    "item",
    [
        question(),
        Item(Kind.MULTIPLE_CHOICE, Text("?"), options=tuple(
            Option(Text(t), t in "甲乙", FULL / 2 if t in "甲乙" else -FULL) for t in "甲乙丙")),
        WEIGHED,
        Item(Kind.NUMERIC, Text("?"), answers=(Answer(Text("1")),), units=(Unit("里", Decimal(2)),)),
        Item(Kind.CASE_ANALYSIS, Text("?"), parts=(question(score=Decimal(2)),)),
        Item(Kind.TRUE_FALSE, Text("?"), **true_false(truth=True)),
        Item(Kind.PLAN_DESIGN, Text("?"), parts=(Item(Kind.ESSAY, Text("?"), name="目标"),)),
    ],
)  # fmt: skip
def test_what_it_can_hold_is_not_noted(item):
    assert bridging.not_held(item, frozenset(), ()) == ()


TABLES = [
    (Item(Kind.TRUE_FALSE, Text("?"), **true_false(truth=False)), {"answer": False}),
    (Item(Kind.FILL_BLANK, Text("_____和_____"), any_order=True, answers=(
        Answer(Text("接案")), Answer(Text("建立关系")), Answer(Text("预估"), blank=2))),
     {"blanks": [["接案", "建立关系"], ["预估"]], "any_order": True}),
    (Item(Kind.SHORT_ANSWER, Text("?"), answers=(Answer(Text("甲")), Answer(Text("乙")))),
     {"answers": ["甲", "乙"]}),
    (Item(Kind.NUMERIC, Text("?"), answers=(Answer(Text("3.5"), tolerance=Decimal("0.1")),),
          units=(Unit("公里"), Unit("km"), Unit("里", Decimal("0.5")))),
     {"answer": "3.5", "tolerance": "0.1", "unit": "公里", "units": ["km", ["里", "0.5"]]}),
    (Item(Kind.CLOZE, Text("{#1}，{#2}，{#3}"), parts=(question(""), Item(Kind.SHORT_ANSWER, Text(""),
          answers=(Answer(Text("甲")),)), Item(Kind.NUMERIC, Text(""), answers=(Answer(Text("7")),),
          units=(Unit("天"),)))),
     {"gaps": [{"options": ["个别辅导", "社区动员", "小组活动"], "answer": "A"}, {"answers": ["甲"]},
               {"number": "7", "unit": "天"}]}),
    (Item(Kind.MATCHING, Text("?"), pairs=(Pair(Text("甲"), Text("1")), Pair(Text("乙"), Text("2")),
          Pair(Text(""), Text("3")))), {"pairs": [["甲", "1"], ["乙", "2"]], "extra": ["3"]}),
    (Item(Kind.ORDERING, Text("?"), options=tuple(Option(Text(t)) for t in ("先", "中", "后"))),
     {"items": ["先", "中", "后"]}),
    (Item(Kind.ESSAY, Text("?"), answers=(Answer(Text("范文")),), least_chars=100, most_chars=500,
          scoring_points=(ScoringPoint(Text("要点"), Decimal("1.5"), ("同义", ("两个", "词语"))),),
          most_points=Decimal(1)),
     {"model": "范文", "least_chars": 100, "most_chars": 500, "most": 2,
      "points": [{"text": "要点", "marks": 3, "synonyms": ["同义", ["两个", "词语"]]}]}),
    (Item(Kind.CASE_ANALYSIS, Text("案情"), parts=(replace(question("问一"), score=Decimal("1.5")),
          Item(Kind.TRUE_FALSE, Text("问三"), **true_false(truth=False)),
          Item(Kind.ESSAY, Text("问二"), answers=(Answer(Text("答")),), scoring_points=POINTS))),
     {"parts": [{"ask": "问一", "kind": "single_choice", "answer": "A", "marks": 3,
                 "options": ["个别辅导", "社区动员", "小组活动"]},
                {"ask": "问三", "kind": "true_false", "answer": False, "marks": 2},
                {"ask": "问二", "model": "答", "points": [{"text": "要点", "marks": 2}]}]}),
    (Item(Kind.PLAN_DESIGN, Text("?"), parts=(
          Item(Kind.ESSAY, Text("提示"), name="目标", scoring_points=POINTS),
          Item(Kind.ESSAY, Text(""), name="步骤", scoring_points=POINTS, most_chars=90))),
     {"sections": [{"title": "目标", "hint": "提示", "points": [{"text": "要点", "marks": 2}]},
                   {"title": "步骤", "points": [{"text": "要点", "marks": 2}], "most_chars": 90}]}),
    (WEIGHED,
     {"options": ["甲", "乙", "丙", "丁"], "answer": "AB", "weights": ["1/3", "2/3", "-1/4", "0"]}),
]  # fmt: skip


@pytest.mark.parametrize(("item", "table"), TABLES, ids=[str(item.kind) for item, _t in TABLES])
def test_each_kind_has_its_own_table(item, table):
    assert _authored.table_of(item) == table
    back = Item(item.kind, item.stem, **_authored.fields_of(item.kind, table))
    assert _authored.table_of(back) == table
    assert core_of(item).spec == table


def _stem_for(name, spec):
    """A stem with as many gaps as a kind asks for."""
    holes = " ".join(f"[[{n}]]" for n, _gap in enumerate(spec.get("gaps", ()), start=1))
    return f"题干 {holes or '____ ' * len(spec.get('blanks', ()))}".strip()


EXAMPLES = [
    (name, {key: example.spec[key] for key in kind.spec_keys if key in example.spec})
    for name, kind in all_kinds().items()
    for example in kind.examples()
]


@settings(deadline=None)
@given(known=st.sampled_from(EXAMPLES), name=st.sampled_from(["toml", "json"]))
def test_every_kind_of_the_bank_travels(known, name):
    """The specimens of every installed kind go out as items, through a file, and come back."""
    kind, spec = known
    stem = _stem_for(kind, spec)
    draft = replace(KEPT, kind=kind, spec=spec, stem=stem)
    target = format_named(name)
    (back,) = target.read(target.write([item_of("q1", draft)]), name="x").items
    core = core_of(back)
    assert core.digest == bridging.core_digest(kind, stem, spec)
    known_kind = all_kinds()[kind]
    assert known_kind.read_spec(core.spec) == known_kind.read_spec(spec)
    (found,) = rule(back, there=bank(draft), source=target)
    assert (found.standing, found.notes) == (Standing.IDENTICAL, ())


@pytest.mark.parametrize("name", sorted(all_formats()))
def test_other_formats_carry_every_kind_or_say_what_they_cannot(name):
    """What comes back says the same, or something was said to be lost."""
    target = format_named(name)
    for kind, spec in EXAMPLES:
        stem = _stem_for(kind, spec)
        item = item_of("q1", replace(KEPT, kind=kind, spec=spec, stem=stem))
        lost = [*losses(item, target)]
        if any(note.code == "lost_kind" for note in lost):
            continue
        (back,) = target.read(target.write([item]), name=f"x{target.suffix}").items
        if not lost:
            same = bridging.core_digest(kind, stem, spec)
            assert core_of(replace(back, kind=item.kind)).digest == same, (kind, spec)


@pytest.mark.parametrize(
    ("item", "where", "code"),
    [
        (Item(Kind.CLOZE, Text("只有 {#1}"), parts=(question(""), question(""))), "stem", "other_gaps"),
        (Item(Kind.FILL_BLANK, Text("___ 和 ( )，1*2"), answers=(Answer(Text("甲")),)), "stem",
         "other_blanks"),
        (Item(Kind.ORDERING, Text("?"), options=(Option(Text("先")), Option(Text("后")))), "items",
         "wrong_count"),
        (Item(Kind.ESSAY, Text("?"), answers=(Answer(Text("范文")),)), "points", "no_points"),
        (Item(Kind.PLAN_DESIGN, Text("?"), scoring_points=POINTS), "sections", "too_few"),
        (Item(Kind.CASE_ANALYSIS, Text("?"), parts=(Item(Kind.MATCHING, Text("?")),)),
         "parts.0.kind", "part_kind"),
    ],
)  # fmt: skip
def test_what_the_kind_refuses_is_refused_with_words(item, where, code):
    (found,) = rule(item)
    assert found.standing is Standing.REFUSED
    assert [(one.code, one.path) for one in found.reasons] == [(code, where)]


def test_gaps_of_any_markup_are_found():
    two = (Answer(Text("甲")), Answer(Text("乙"), blank=2))
    for stem in (Text("__ 和 ( )，1*2"), Text("<p>___和(&nbsp;&nbsp;)</p>", Markup.HTML),
                 Text("____和（　）", Markup.MARKDOWN)):  # fmt: skip
        core_of(Item(Kind.FILL_BLANK, stem, answers=two))


def _reads(source):
    return bool(_text.plain(Text(source, Markup.MARKDOWN)))


texts = st.one_of(line, line.map("**{}**".format), st.just("一\n\n二"), st.just("a_b*c")).filter(
    _reads
)  # a lone # shows nothing, and no format can carry nothing


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stem=texts, options=st.lists(texts, min_size=4, max_size=4, unique_by=bridging.said),
       explanation=texts, tags=st.lists(st.sampled_from(["甲", "乙"]), unique=True),
       name=st.sampled_from(["gift", "moodle_xml", "json", "toml", "csv", "spreadsheet", "qti30"]))  # fmt: skip
def test_out_and_in_again_changes_nothing(stem, options, explanation, tags, name):
    """A question of the bank that goes through a format is the same question, by its number."""
    target = format_named(name)
    try:
        draft = replace(KEPT, stem=stem, spec={"options": options, "answer": "B"},
                        explanation=explanation, tags=tuple(tags))  # fmt: skip
        core_of(item_of("q1", draft))
    except Invalid:
        return  # no question that the bank would take
    back = target.read(target.write([item_of("q1", draft)]), name=f"x{target.suffix}").items
    (found,) = rule(*back, there=bank(draft), source=target)
    assert (found.standing, found.of) == (Standing.IDENTICAL, "q1"), found


def test_pictures_get_an_address_of_their_own_and_their_name_back():
    places = media.addresses([PICTURE, Media("a.mp3", b"ID3", "audio/mpeg")])
    assert set(places) == {PICTURE.name}
    stem = Text("看图：![标志](media/图.png)", Markup.MARKDOWN)
    (one,) = prepared([replace(question(), stem=stem)], places)
    draft = bridging.draft_of(one.item, one.core, "q1", HERE, ())
    digest = media.digest_of(PICTURE)
    assert draft.stem == f"看图：![标志](/question-media/{digest}.png)"
    assert media.shown_in(draft) == {digest}
    (back,), names = media.travelling([item_of("q1", draft)])
    assert back.stem.source == f"看图：![标志](media/{names[digest]})"
    assert "media/图.png" in prepared([question("media/图.png")], places)[0].core.stem  # only words


def test_differences_are_told_in_words():
    after = replace(KEPT, stem="下列属于小组工作的是（ ）。", difficulty=3, valid_on=date(2026, 5, 1),
                    source={"kind": "law", "title": "慈善法"})  # fmt: skip
    told = [change_words(one, plainly) for one in differences(KEPT, after)]
    assert told[0] == "改了题干"
    assert "难度由“中”改为“难”" in told and "核对日期：2026-05-01" in told
    assert differences(KEPT, KEPT) == ()
    assert text_digest(after) != text_digest(KEPT)


def test_notes_without_parameters_survive_percent_signs():
    assert (
        note_words(Note("x", "50% 的人", 3), lambda m, **v: m % v if v else m % {})
        == "第 3 行：50% 的人"
    )


def test_every_format_has_a_name_that_the_origin_of_a_draft_can_carry():
    assert all(name.isidentifier() for name in all_formats())


def test_the_draft_of_a_question_is_whole():
    assert Draft(
        key="q1", subject="J-COMP", chapter_key="2025/J-COMP/06", point_key="2025/J-COMP/06/1",
        kind="single_choice", stem="下列属于个案工作的是（ ）。",
        spec={"options": ["个别辅导", "社区动员", "小组活动"], "answer": "A"}, explanation="",
        difficulty=2, source={}, valid_on=None, tags=(),
    ) == KEPT  # fmt: skip
