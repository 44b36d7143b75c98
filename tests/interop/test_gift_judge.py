"""gift-pegjs, a grammar of GIFT by other people, reads our files and says the same as we do."""

import contextlib
import json
import os
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from lms.interop.formats import _authored
from lms.interop.rules import all_formats, format_named, restricted
from lms.interop.types import BLANK, FULL, NOTHING, Item, Kind, is_true
from tests.conftest import missing
from tests.interop.question_builders import is_sayable, items
from tests.interop.test_bridge import TABLES

JUDGE = "gift-pegjs@1.0.2"
HERE = Path(__file__).parent
GIFT = format_named("gift")
TYPES = {
    "MC": {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE},
    "TF": {Kind.TRUE_FALSE},
    "Short": {Kind.SHORT_ANSWER, Kind.FILL_BLANK},
    "Numerical": {Kind.NUMERIC},
    "Matching": {Kind.MATCHING},
    "Essay": {Kind.ESSAY},
    "Description": {Kind.DESCRIPTION},
}
UNDECODED = {"092": "\\", "058": ":", "035": "#", "061": "=", "123": "{", "125": "}", "126": "~"}


@pytest.fixture(scope="session")
def judge(tmp_path_factory, pytestconfig):
    """A function: GIFT files -> what gift-pegjs reads. Installed once by npm into the cache."""
    if not shutil.which("node") or not shutil.which("npm"):
        missing("node", "node and npm run the independent reader of GIFT")
    cache = getattr(pytestconfig, "cache", None)
    kept = cache.mkdir("gift-pegjs") if cache else tmp_path_factory.mktemp("judge")
    folder = kept / JUDGE.replace("@", "-")
    if not (folder / "node_modules" / "gift-pegjs").is_dir():
        made = tmp_path_factory.mktemp("npm")
        done = subprocess.run(
            ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", made, JUDGE],
            capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        if done.returncode:
            missing("node", f"npm install {JUDGE}: {done.stderr.strip()[-200:]}")
        with contextlib.suppress(FileExistsError):  # another worker was faster
            shutil.copytree(made, folder, dirs_exist_ok=True)

    def parse(*paths):
        env = {**os.environ, "NODE_PATH": str(folder / "node_modules")}
        done = subprocess.run(["node", HERE / "judge.cjs", *paths], capture_output=True, env=env,
                              timeout=120)  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return parse


@pytest.mark.parametrize("name", ["judge.gift", "sample.gift"])
def test_the_judge_reads_our_samples_as_we_do(judge, name):
    path = HERE / "samples" / name
    read = GIFT.read(path.read_bytes(), name=name)
    assert len(read.items) >= 10
    agree(read.items, *judge(path))


@pytest.mark.parametrize(
    "name",
    ["judge.gift", "sample.gift", "sample.xml", "sample.csv", "sample.toml", "sample.aiken.txt"],
)
def test_the_judge_reads_what_we_write(judge, tmp_path, name):
    data = (HERE / "samples" / name).read_bytes()
    source = next(f for f in all_formats().values() if f.recognizes(data, name))
    carried = [i for i in source.read(data, name=name).items if i.kind in GIFT.kinds]
    written = tmp_path / "written.gift"
    written.write_bytes(GIFT.write(carried))
    agree(GIFT.read(written.read_bytes(), name=name).items, *judge(written))


def test_the_judge_reads_what_the_bank_exports(judge, tmp_path):
    """Every kind of the bank that GIFT can carry, from its own table."""
    exported = [
        Item(item.kind, item.stem, **_authored.fields_of(item.kind, table), id=f"q{at}")
        for at, (item, table) in enumerate(TABLES)
    ]
    carried = [restricted(item, GIFT) for item in exported if item.kind in GIFT.kinds]
    assert {item.kind for item in carried} >= {
        Kind.TRUE_FALSE, Kind.SHORT_ANSWER, Kind.NUMERIC, Kind.MATCHING, Kind.ESSAY,
    }  # fmt: skip
    written = tmp_path / "written.gift"
    written.write_bytes(GIFT.write(carried))
    agree(GIFT.read(written.read_bytes(), name="x.gift").items, *judge(written))


@settings(max_examples=25, deadline=None, phases=[Phase.generate],
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])  # fmt: skip
@given(made=st.lists(items(GIFT), min_size=1, max_size=5))
def test_the_judge_reads_anything_we_write(judge, tmp_path, made):
    kept = [item for item in made if is_sayable(item, GIFT)]
    assume(kept)  # the judge refuses an empty file
    written = tmp_path / "written.gift"
    written.write_bytes(GIFT.write(kept))
    read = GIFT.read(written.read_bytes(), name="written.gift")
    assert list(read.items) == kept
    agree(read.items, *judge(written))


def agree(ours, theirs):
    """Compare item by item: kind, texts, markup, weights, key, feedback, tolerance, pairs."""
    assert isinstance(theirs, list), theirs
    category = ""
    left = iter(ours)
    for their in theirs:
        if their["type"] == "Category":
            category = their["title"].strip()
            continue
        our = next(left)
        assert our.kind in TYPES[their["type"]], (our, their)
        assert our.category == category
        assert (our.id, list(our.tags)) == (their["id"] or "", their["tags"] or [])
        assert our.name == (their["title"] or "").strip()
        same(our.stem, their["stem"])
        same(our.general_feedback, their.get("globalFeedback"))
        COMPARE[their["type"]](our, their)
    assert next(left, None) is None


def same(our, their):
    """A text, and its markup if it says anything."""
    text = (their or {}).get("text", "")
    assert spaced(our.source) == spaced(text)
    if text:
        assert our.markup == their["format"]


def spaced(text):
    """Blanks around a gap are set by each reader; they do not count."""
    return re.sub(rf"\s*{BLANK}\s*", f" {BLANK} ", text).strip()


def choices(our, their):
    single = our.kind is Kind.SINGLE_CHOICE
    assert len(our.options) == len(their["choices"])
    for option, choice in zip(our.options, their["choices"], strict=True):
        same(option.text, choice["text"])
        same(option.feedback, choice["feedback"])
        stated = choice["weight"]
        usual = FULL if choice["isCorrect"] else NOTHING
        weight = usual if stated is None else Decimal(repr(stated))
        assert option.weight == weight
        assert option.correct == (choice["isCorrect"] if single else weight > 0)


def answers(our, their):
    assert len(our.answers) == len(their["choices"])
    for answer, choice in zip(our.answers, their["choices"], strict=True):
        same(answer.text, choice["text"])
        same(answer.feedback, choice["feedback"])
        stated = choice["weight"]
        assert answer.weight == (FULL if stated is None else Decimal(repr(stated)))


def numbers(our, their):
    found = their["choices"] if isinstance(their["choices"], list) else [{"text": their["choices"]}]
    assert len(our.answers) == len(found)
    for answer, choice in zip(our.answers, found, strict=True):
        said = choice["text"]
        if said.get("text") == "*":
            assert answer.text.source == "*" and answer.weight == NOTHING
            continue
        low, high = span(said)
        margin = float(answer.tolerance or 0)
        assert float(answer.text.source) - margin == pytest.approx(low)
        assert float(answer.text.source) + margin == pytest.approx(high)
        same(answer.feedback, choice.get("feedback"))
        stated = choice.get("weight")
        assert answer.weight == (FULL if stated is None else Decimal(repr(stated)))


def span(said):
    if said["type"] == "high-low":
        return said["numberLow"], said["numberHigh"]
    margin = said.get("range", 0)
    return said["number"] - margin, said["number"] + margin


def truth(our, their):
    assert is_true(our) is their["isTrue"]
    # gift-pegjs calls the first feedback "true"; in the format it is for the wrong answer
    wrong, right = sorted(our.options, key=lambda option: option.correct)
    same(wrong.feedback, their["trueFeedback"])
    same(right.feedback, their["falseFeedback"])


def pairs(our, their):
    assert len(our.pairs) == len(their["matchPairs"])
    for pair, match in zip(our.pairs, their["matchPairs"], strict=True):
        same(pair.left, match["subquestion"])
        # gift-pegjs leaves escapes in the right side as it masked them
        right = re.sub(
            r"&&(\d{3});",
            lambda found: UNDECODED.get(found.group(1), found.group()),
            match["subanswer"],
        )
        assert pair.right.source == right.replace("&&010", "\n")


COMPARE = {
    "MC": choices, "TF": truth, "Short": answers, "Numerical": numbers, "Matching": pairs,
    "Essay": lambda our, their: None, "Description": lambda our, their: None,
}  # fmt: skip
