import pytest

from lms.kernel.errors import Invalid
from lms.question_bank.rules import explain, key, kind_named, mark, mark_judged, taken, view
from lms.question_bank.types import Input, Marking

KIND = kind_named("plan_design")
RULE = Marking.read({})
GOAL = {"title": "目标", "hint": "写一个目标", "points": [{"text": "缓解孤独", "marks": 4}]}
STEPS = {
    "title": "步骤",
    "points": [{"text": "招募组员", "marks": 3}, {"text": "开展小组", "marks": 3}],
    "most": 5,
    "most_chars": 50,
}
SPEC = {"sections": [GOAL, STEPS]}


@pytest.mark.parametrize(
    ("parts", "marks"),
    [
        (["缓解孤独", "招募组员，开展小组"], 9),  # 4, and no more than 5
        (["缓解孤独"], 4),
        (["", "开展小组"], 3),
        (["招募组员，开展小组", "缓解孤独"], 0),  # in the wrong section
        (["", ""], 0),
    ],
)
def test_suggests_section_by_section(parts, marks):
    found = mark("plan_design", SPEC, taken("plan_design", SPEC, parts), RULE)
    assert (found.earned, found.out_of) == (marks, 9)


def test_each_section_is_a_field_with_its_hint():
    fields = view("plan_design", SPEC).fields
    assert [(f.input, f.label, f.longest) for f in fields] == [
        (Input.LONG, "**目标** 写一个目标", 3000),
        (Input.LONG, "**步骤**", 50),
    ]


def test_says_section_by_section_how_it_was():
    stored = taken("plan_design", SPEC, ["", "招募组员"])
    goal, steps = explain("plan_design", SPEC, stored, RULE)
    assert (goal.given, goal.mark.earned, goal.mark.out_of) == ("", 0, 4)
    assert (steps.given, steps.mark.earned, steps.mark.out_of) == ("招募组员", 3, 5)
    assert [hit.spans for hit in steps.points] == [((0, 4),), ()]


def test_ticks_are_capped_section_by_section():
    ticks = [[False], [True, True]]
    assert mark_judged("plan_design", SPEC, "", ticks, RULE).earned == 5


@pytest.mark.parametrize("parts", [["", "", ""], ["一", "二", "三"]])
def test_more_parts_than_sections_are_refused(parts):
    with pytest.raises(Invalid) as refusal:
        taken("plan_design", SPEC, parts)
    assert refusal.value.code == "too_many_parts"


def test_quotes_and_lines_survive_storing():
    parts = ('他说"好"\n\\', "第二段\n")
    stored = taken("plan_design", SPEC, parts)
    assert KIND.decode(KIND.read_spec(SPEC), stored) == ('他说"好"\n\\', "第二段")
    assert KIND.decode(KIND.read_spec(SPEC), key("plan_design", SPEC)) == (
        "缓解孤独",
        "招募组员\n开展小组",
    )


@pytest.mark.parametrize(
    ("sections", "where"),
    [
        ([], "sections"),
        ([GOAL], "sections"),  # one section is an essay
        ([GOAL, GOAL], "sections"),
        ([{**GOAL, "title": f"部分{n}"} for n in range(13)], "sections"),
        ("目标", "sections"),
        # together more than one page sends
        ([{**GOAL, "title": f"部分{n}", "most_chars": 10_000} for n in range(5)], "sections"),
        ([GOAL, {**STEPS, "title": " "}], "sections.1.title"),
        ([GOAL, {**STEPS, "points": []}], "sections.1.points"),
        ([GOAL, {**STEPS, "most": 7}], "sections.1.most"),
        ([GOAL, {**STEPS, "advice": "多写"}], "sections.1.advice"),
    ],
)
def test_a_faulty_spec_names_its_key(sections, where):
    with pytest.raises(Invalid) as refusal:
        KIND.read_spec({"sections": sections})
    assert refusal.value.where == where
