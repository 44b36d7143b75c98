"""The documents say what is true: links lead somewhere, words and commands exist, examples work."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import click
import pytest
from sqlalchemy.orm import Session

from lms.http.extensions import db
from lms.people import queries as people
from lms.web import create_app
from lms.web.cli import group

ROOT = Path(__file__).resolve().parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DOCUMENTS = [*READMES, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILE_EXAMPLE = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")
HEAVIEST_IMAGE = 120 * 1024


def prose_of(text):
    return INDENTED.sub("", FENCED.sub("", text))


def code_of(text):
    """Every line of code: fenced, indented or between backticks."""
    for language, block in FENCED.findall(text):
        if language in {"", "sh", "console"}:
            yield from block.splitlines()
    rest = FENCED.sub("", text)
    for block in INDENTED.findall(rest):
        yield from (line[4:] for line in block.splitlines())
    yield from SPAN.findall(INDENTED.sub("", rest))


def commands_in(text, program):
    """The words after the name of a program, command by command."""
    for line in code_of(text):
        for part in re.split(r"&&|\|\||[;|]", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:  # half a sentence with an apostrophe, no command
                continue
            while words and ASSIGNMENT.fullmatch(words[0]):
                words = words[1:]
            if words[:1] == [program]:
                yield words[1:]


@pytest.fixture(scope="module")
def root_command(tmp_path_factory):
    """The command ``lms`` with everything that an application adds to it."""
    folder = tmp_path_factory.mktemp("docs")
    app = create_app({"SECRET_KEY": "docs", "DATABASE_URL": f"sqlite:///{folder / 'docs.sqlite3'}"})
    return click.Group("lms", commands={**app.cli.commands, **group.commands})


def unknown_in(command, words):
    """What of a command line does not exist, or none if all of it does."""
    for word in words:
        if word.startswith("-"):
            known = {
                option for item in command.params for option in (*item.opts, *item.secondary_opts)
            }
            if word.partition("=")[0] not in known | {"--help"}:
                return word
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return word
            command = command.commands[word]
    return None


@each_document
def test_what_is_linked_exists(path):
    links = LINK.findall(prose_of(path.read_text("utf-8")))
    inside = [link.partition("#")[0] for link in links if "://" not in link]
    assert not [link for link in inside if link and not (path.parent / link).exists()]


def places_in(path):
    """The names under which the headings of a page can be linked."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in headings}


@each_document
def test_a_place_in_a_page_that_is_linked_exists(path):
    links = [link.partition("#") for link in LINK.findall(prose_of(path.read_text("utf-8")))]
    wrong = [
        f"{page}#{place}"
        for page, _, place in links
        if place and "://" not in page
        if place not in places_in(path.parent / page if page else path)
    ]
    assert not wrong


def test_pictures_are_light_and_all_are_shown():
    shown = {
        (path.parent / link).resolve()
        for path in DOCUMENTS
        for link in LINK.findall(path.read_text("utf-8"))
        if link.endswith(".png")
    }
    pictures = sorted((ROOT / "docs" / "images").glob("*"))
    assert set(pictures) <= shown
    assert not [p.name for p in pictures if p.stat().st_size > HEAVIEST_IMAGE]


@each_document
def test_make_understands_the_words(path):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    asked = {words[0] for words in commands_in(path.read_text("utf-8"), "make") if words}
    assert not asked - targets


@each_document
def test_commands_exist(path, root_command):
    lines = list(commands_in(path.read_text("utf-8"), "lms"))
    assert not {" ".join(line): word for line in lines if (word := unknown_in(root_command, line))}


def test_the_search_finds_commands():
    text = "Run `lms db state` or\n\n    LMS_HOME=x lms demo --port 1  # why\n\n```sh\nmake test\n```\n"
    assert list(commands_in(text, "lms")) == [["demo", "--port", "1"], ["db", "state"]]
    assert list(commands_in(text, "make")) == [["test"]]


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_library_does_what_the_readme_prints(path):
    """Each ``print`` of the Python examples is followed by what it prints, after an arrow."""
    blocks = [
        code for language, code in FENCED.findall(path.read_text("utf-8")) if language == "python"
    ]
    assert blocks
    for block in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block, str(path), "exec"), {"__name__": "readme"})
        assert printed.getvalue().splitlines() == re.findall(r"# → (.*)", block)


@pytest.mark.parametrize("name", ["operator.md", "operator.zh-CN.md"])
def test_the_operator_can_make_the_first_account(name, tmp_path):
    app = create_app(
        {"DATABASE_URL": f"sqlite:///{tmp_path / 'first.sqlite3'}", "SECRET_KEY": "docs"}
    )
    section = (ROOT / "docs" / name).read_text(encoding="utf-8").split("\n## ")[3]
    lines = re.findall(r"^    lms (.*)$", section, re.MULTILINE)
    assert len(lines) == 5
    upgraded = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert upgraded.exit_code == 0, upgraded.output
    for number, line in enumerate(lines):
        words = shlex.split(line, comments=True)
        asked = f"correct horse battery {number}\n" * 2
        done = app.test_cli_runner().invoke(args=words, input=asked)
        assert done.exit_code == 0, (line, done.output, done.exception)
    with app.app_context(), Session(db.engine) as session:
        assert people.find_person_by_user_name(session, "yang") is not None
        db.engine.dispose()


def test_the_examples_for_authors_are_accepted(tmp_path):
    examples = dict(FILE_EXAMPLE.findall((ROOT / "docs" / "content.md").read_text("utf-8")))
    for name, text in examples.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    app = create_app({"SECRET_KEY": "docs", "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"})
    folders = [
        "--courses", str(tmp_path / "courses"), "--bank", str(tmp_path / "question_bank"),
    ]  # fmt: skip
    answer = app.test_cli_runner().invoke(args=["content", "check", *folders])
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert (
        "12 questions, 1 papers, 1 courses, 1 required lists, 1 programs, 3 rules" in answer.stdout
    )
