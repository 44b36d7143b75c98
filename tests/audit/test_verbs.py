"""Every verb that the program writes has words, found by reading the program."""

import ast
from functools import cache
from pathlib import Path

from lms.audit.rules import FAMILIES, LOOKING, VERBS, words_for
from lms.credentials.types import EventKind
from lms.exams.types import State
from lms.organizations import types as organizations
from lms.privacy.types import Answer

ROOT = Path(__file__).resolve().parents[2]

COMPOSED = {
    "organizations.organization_": [str(kind) for kind in organizations.EventKind],
    "credentials.": [str(kind) for kind in EventKind],
    "exams.attempt_": [str(state) for state in State if state is not State.OPEN],
    "privacy.consent_": [str(answer) for answer in Answer],
}
"""Verbs that are put together from a beginning and a word: beginning -> every word."""


@cache
def modules() -> dict[Path, ast.Module]:
    return {
        path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "lms").rglob("*.py"))
    }


def texts_of(node: ast.expr) -> list[str]:
    """The texts that an expression can be: a constant, one of two, or a composed one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return texts_of(node.body) + texts_of(node.orelse)
    if isinstance(node, ast.JoinedStr):
        begins = str(node.values[0].value)
        return [begins + word for word in COMPOSED[begins]]
    return []


def written(tree: ast.Module) -> set[str]:
    """Every verb of a module: given as ``verb=``, assigned to something called a verb, or known."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in VERBS:
            found.add(node.value)  # handed on by a helper of the module
        if isinstance(node, ast.keyword) and node.arg == "verb":
            found |= set(texts_of(node.value))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=True))
                for name, value in pairs:
                    if isinstance(name, ast.Name) and name.id.strip("_").lower().endswith("verb"):
                        found |= set(texts_of(value))
    return found


@cache
def all_written() -> set[str]:
    return {verb for tree in modules().values() for verb in written(tree)}


def test_every_verb_has_words():
    """Add a line to lms/audit/rules/verbs.py, and its English to the catalogue."""
    assert all_written() - set(VERBS) == set()


def test_a_verb_is_a_room_and_what_was_done():
    assert not [v for v in all_written() if v.partition(".")[0] not in FAMILIES]
    assert not [v for v in VERBS if v.partition(".")[0] not in FAMILIES]


def test_the_search_finds_verbs():
    found = all_written()
    assert {
        "accounts.signed_in", "exams.attempt_expired", "programs.program_retired", "demo.built",
        "privacy.consent_withdrawn", "credentials.suspended", "privacy.correction_revealed",
    } <= found  # fmt: skip
    sample = "verb = 'a.x' if y else 'a.z'\nrecord(verb='a.b')\nS, _VERB = 's', 'a.c'"
    assert written(ast.parse(sample)) == {"a.x", "a.z", "a.b", "a.c"}


def test_a_verb_that_is_passed_on_is_written_out():
    assert [v for v in sorted(all_written()) if v.count(".") != 1 or v != v.lower()] == []


def test_an_unknown_verb_is_shown_as_it_is():
    assert words_for("people.unheard_of") == "people.unheard_of"


def test_looking_at_data_is_something_that_is_written():
    """Those of rooms to come are named before they are there."""
    assert {"privacy.correction_revealed", "credentials.checked"} <= LOOKING
