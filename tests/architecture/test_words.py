"""Words that no file of the project may hold."""

import os
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SKIPPED = {
    ".venv", ".git", "var", "dist", "build", "node_modules", "__pycache__", ".hypothesis",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache",
}  # fmt: skip
BINARY = {
    ".pyc", ".mo", ".png", ".jpg", ".webp", ".ico", ".woff2", ".sqlite3", ".pdf", ".zip", ".xlsx",
}  # fmt: skip

# written in pieces, so that this file does not hold them either
FORBIDDEN = {
    "the slang for leaked identity databases": "社工" + "库",
    "and its spelling": "shegong" + "ku",
    "a folder of one machine": r"(?<![\w.])/(?:" + "work|home|Users|root" + r")/\w",
    "a temporary folder of one machine": r"(?<![\w.])/tmp/\w",
    "a drive of one machine": r"\b[C-Z]:\\+Users",
    "an unfinished piece": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    "a merge that was not finished": r"^(?:<{7}|>{7}) ",
}
"""What -> a regular expression of it."""


@cache
def project_files() -> dict[Path, str]:
    """Every text file of the project with what it says."""
    found = {}
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in SKIPPED and ".egg-info" not in name]
        for path in (Path(folder, name) for name in names if name not in SKIPPED):
            if path.suffix not in BINARY:
                found[path.relative_to(ROOT)] = path.read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what):
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)
    found = [
        f"{path}:{number}"
        for path, text in project_files().items()
        if pattern.search(text)
        for number, line in enumerate(text.split("\n"), 1)
        if pattern.search(line)
    ]
    assert not found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_is_called(what):
    pattern = re.compile(FORBIDDEN[what])
    assert not [path for path in project_files() if pattern.search(path.as_posix())]


def test_the_walk_sees_the_project():
    seen = {path.as_posix() for path in project_files()}
    assert {"pyproject.toml", "lms/__init__.py", "tests/architecture/test_words.py"} <= seen
