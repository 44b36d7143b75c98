"""What the schemas allow is what the readers read; jsonschema is the judge."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from lms.kernel.authoring import plain
from lms.kernel.catalogue import translator
from lms.kernel.errors import Invalid
from lms.kernel.json_lines import locate_json
from lms.records.rules import facts_schema, read_fact
from lms.records.types import RecordKind
from lms.requirements.cli import tools
from lms.requirements.content import read_requirement_file
from lms.requirements.rules import (
    all_kinds,
    answer_schema,
    read_requirement,
    requirement_schema,
)

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    "requirement": requirement_schema(),
    "records": facts_schema(),
    "answer": answer_schema(),
}
REQUIREMENT, RECORDS, ANSWER = (Draft202012Validator(schema) for schema in SCHEMAS.values())


def described(fact):
    table = {k: plain(v) for k, v in fact._asdict().items() if v not in (None, "")}
    return table | {"detail": dict(fact.detail)}


EXAMPLES = [
    ({"kind": kind.name, **plain(example.raw)}, [described(fact) for fact in example.facts])
    for kind in all_kinds().values()
    for example in kind.examples()
]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_page_shows_the_schema_that_the_kinds_give(name):
    path = ROOT / "docs" / "schemas" / f"{name}.schema.json"
    text = json.dumps(SCHEMAS[name], ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("LMS_TEST_WRITE_DOCS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert CliRunner().invoke(tools, ["schema", name]).output == text


def test_every_example_is_as_the_schemas_say():
    for raw, facts in EXAMPLES:
        REQUIREMENT.validate(raw)
        RECORDS.validate(facts)
        for index, fact in enumerate(facts):
            read_fact(fact, number=index + 1)


def test_every_kind_tells_each_of_its_keys():
    for kind in all_kinds().values():
        assert set(kind.properties()) == set(kind.keys), kind.name
        assert kind.required <= kind.keys


def without(raw, key):
    return {name: value for name, value in raw.items() if name != key}


def is_read(raw):
    try:
        read_requirement(raw)
    except Invalid:
        return False
    return True


def test_reader_and_schema_refuse_the_same_shapes():
    for raw, _facts in EXAMPLES:
        kind = all_kinds()[raw["kind"]]
        faulty = [without(raw, key) for key in (*kind.required, "kind")]
        faulty += [{**raw, key: object_} for key in raw for object_ in (None, [[]])]
        faulty += [{**raw, "mistyped": 1}, {**raw, "due_days": 1, "due_on": "2026-01-01"}]
        for one in faulty:
            assert REQUIREMENT.is_valid(one) == is_read(one), one


def test_reader_and_schema_refuse_the_same_records():
    good = {"kind": "hours_credited", "subject": "x:y", "on": "2026-01-01", "quantity": 45}
    faulty = [without(good, key) for key in good]
    faulty += [
        {**good, "quantity": -1},
        {**good, "unit": "day"},
        {**good, "wish": 1},
        {**good, "detail": {"form": "dream"}},
        {**good, "detail": {"schemes": {"PT-CE": -1}}},
        {**good, "kind": "worked"},
        {**good, "kind": "corrected"},
        {**good, "corrects": 0},
    ]
    assert RECORDS.is_valid([good])
    for one in faulty:
        with pytest.raises(Invalid):
            read_fact(one, number=1)
        assert not RECORDS.is_valid([one]), one


def test_what_the_commands_answer_is_as_the_schema_says(tmp_path):
    (tmp_path / "facts.json").write_text("[]", encoding="utf-8")
    for program in sorted((ROOT / "courses" / "programs").glob("*.toml")):
        read_requirement_file(program)
        files = ["--requirement", str(program), "--records", str(tmp_path / "facts.json")]
        answer = CliRunner().invoke(tools, ["evaluate", *files, "--on", "2026-11-24", "--json"])
        ANSWER.validate(json.loads(answer.output))


def test_a_line_of_json_is_found():
    text = '{"a": [\n1,\n{"b": "x\\"}",\n"c": []}],\n"d": 2}'
    assert locate_json(text) == {
        ("a",): 1, ("a", 0): 2, ("a", 1): 3, ("a", 1, "b"): 3, ("a", 1, "c"): 4, ("d",): 5,
    }  # fmt: skip
    assert locate_json("[]") == {}
    assert locate_json("[[1], 2]") == {(0,): 1, (0, 0): 1, (1,): 1}


def test_the_catalogue_speaks_without_an_application():
    assert translator("zh")("已获准免修") == "已获准免修"
    assert translator("en")("没有这一句") == "没有这一句"
    with pytest.raises(ValueError, match="fr"):
        translator("fr")


def test_every_kind_of_record_can_be_read_from_a_file():
    nouns = {"lesson_completed": "lesson", "registered": "registration", "worked": "work"}
    for kind in RecordKind:
        raw = {"kind": str(kind), "subject": "x:y", "on": "2026-01-01"}
        valid = RECORDS.is_valid([raw])
        try:
            read_fact(raw, number=1)
        except Invalid:
            assert not valid
        else:
            assert valid
        assert kind not in nouns or not valid


def test_the_guide_shows_what_runs(tmp_path, monkeypatch, capsys):
    text = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    tree = text.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "tree.toml").write_text(tree, encoding="utf-8")
    (tmp_path / "records.json").write_text("[]", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "requirements.md", "exec"), {})
    assert capsys.readouterr().out.startswith("not_started 0")
    assert all(f"`{name}`" in text for name in all_kinds())
