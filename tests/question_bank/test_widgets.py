"""The pieces of templates that every page with questions uses."""

import re
from datetime import date
from functools import partial

import html5lib
import pytest
from flask import get_template_attribute, render_template
from markupsafe import Markup

from lms.question_bank.rules import all_kinds, explain, key, kind_named, shown
from lms.question_bank.showing import sent
from lms.question_bank.showing import show as shown_question
from tests.question_bank.builders import MARKING

STEM = "下列做法：\n\n- 一"
CHOICE = {"options": ["甲", "*乙*", "丙"], "answer": "B"}
LAW = {"kind": "law", "title": "慈善法", "edition": "2023修正", "article": "第二条"}


@pytest.fixture
def show(app):
    """Render a piece of a page and hold it to strict HTML."""

    def show(piece, /, **values):
        with app.test_request_context():
            page = piece(**({"question": choice("single_choice")} | values))
        html5lib.HTMLParser(strict=True).parseFragment(page)
        return page

    return show


def choice(kind):
    return shown_question(kind, STEM, CHOICE)


def specimen(kind):
    """A question of a kind, in the author's order."""
    spec = next(iter(kind_named(kind).examples())).spec
    return shown_question(kind, STEM, spec), spec


def widget(show, kind, **values):
    return show(partial(render_template, f"question_bank/kinds/{kind}.html"), **values)


def review(show, **values):
    chosen = values.pop("chosen", "B")
    given = {
        "outcomes": explain("single_choice", CHOICE, chosen, MARKING),
        "earned": 2,
        "out_of": 2,
        "explanation": Markup("<p>因为如此。</p>"),
        "source": LAW,
        "valid_on": date(2026, 11, 1),
    }

    def piece(**all_):
        return get_template_attribute("question_bank/_review.html", "review")(**all_)

    return " ".join(show(piece, **(given | values)).split())


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice"])
def test_every_option_has_its_label_and_the_group_its_name(show, kind):
    page = widget(show, kind, question=choice(kind), name="q7", chosen=("B",), locked=False)
    inputs = re.findall(
        r'<input type="(\w+)" id="([\w-]+)" name="q7" value="(\w)"( checked)?>', page
    )
    assert [value for _type, _id, value, _checked in inputs] == ["A", "B", "C"]
    assert [bool(checked) for *_, checked in inputs] == [False, True, False]
    assert {type_ for type_, *_ in inputs} == {"radio" if kind == "single_choice" else "checkbox"}
    (named,) = re.findall(r'<fieldset[^>]*aria-labelledby="([^"]+)"', page)
    assert all(f'id="{part}"' in page for part in named.split())


@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_every_field_has_its_label_and_the_name_it_is_read_under(show, kind):
    question, spec = specimen(kind)
    parts = shown(kind, spec, key(kind, spec))
    page = widget(show, kind, question=question, name="q7", chosen=parts, locked=False)
    root = html5lib.parseFragment(page, namespaceHTMLElements=False)
    fields = [e for e in root.iter() if e.tag in {"input", "select", "textarea"}]
    assert fields
    labels = {e.get("for") for e in root.iter("label")}
    for field in fields:
        assert field.get("id") in labels or field.get("aria-label") or field.get("aria-labelledby")
        assert field.get("disabled") is None
    assert sent(sends(fields), "q7") == list(parts)
    assert "disabled" not in page


@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_a_locked_question_cannot_be_answered(show, kind):
    question, _spec = specimen(kind)
    page = widget(show, kind, question=question, name="q7", chosen=(), locked=True)
    root = html5lib.parseFragment(page, namespaceHTMLElements=False)
    assert [e for e in root.iter("fieldset") if e.get("disabled") is not None]
    assert "checked" not in page


def sends(fields):
    """What a browser sends of these fields."""
    found = {}
    for field in fields:
        if field.tag == "select":
            picked = [o for o in field.iter("option") if o.get("selected") is not None]
            value = picked[0].get("value") if picked else ""
        elif field.tag == "textarea":
            value = "".join(field.itertext())
        elif field.get("type") in {"radio", "checkbox"} and field.get("checked") is None:
            continue
        else:
            value = field.get("value", "")
        found.setdefault(field.get("name"), []).append(value)
    return found


@pytest.mark.parametrize(
    ("chosen", "earned", "words"),
    [
        ("B", 2, "答对了"),
        ("A", 0, "答错了"),
        ("AB", 1, "答对一部分"),
        ("", 0, "没有作答"),
    ],
)
def test_a_review_says_how_the_answer_was(show, chosen, earned, words):
    page = review(show, chosen=chosen, earned=earned)
    assert words in page
    assert f"您的答案：{chosen or '未选'}" in page
    assert "正确答案：B" in page


@pytest.mark.parametrize(
    ("earned", "out_of", "words"), [(3, 4, "1.5 / 2"), (1, 4, "0.5 / 2"), (0, 2, "0 / 1")]
)
def test_half_points_are_shown_as_points(show, earned, out_of, words):
    assert f"得分：{words}" in review(show, chosen="A", earned=earned, out_of=out_of)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (LAW, "依据：《慈善法》（2023修正）第二条 ·"),
        ({**LAW, "edition": "", "article": ""}, "依据：《慈善法》 ·"),
        ({**LAW, "kind": "policy", "title": "《意见》"}, "依据：《意见》（2023修正）第二条 ·"),
        ({"kind": "concept", "title": "小组", "edition": "", "article": ""}, "考点：小组 ·"),
    ],
)
def test_a_review_names_its_source_and_the_day_it_was_checked(show, source, words):
    page = review(show, source=source)
    assert words in page
    assert '<time datetime="2026-11-01">2026年11月1日</time>' in page
