"""Who may import whom, checked with the standard library alone: the twin of import-linter."""

import ast
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
LAYERED, WITHIN = (contract for contract in CONTRACTS if contract["type"] == "layers")
FORBIDDEN = [contract for contract in CONTRACTS if contract["type"] == "forbidden"]


def ranks(layers: list[str]) -> dict[str, int]:
    """Name -> height; neighbours behind ``|`` stand at the same height."""
    return {
        name.strip().strip("()"): -depth
        for depth, row in enumerate(layers)
        for name in row.split("|")
    }


LEVEL = ranks(LAYERED["layers"])
RANK = ranks(WITHIN["layers"])
FLASK = set(FORBIDDEN[0]["forbidden_modules"])

SHELL = {"http", "web"}
"""Packages that are Flask's."""
FACE = {"views", "forms", "cli"}
PURE = {"types", "rules", "kinds", "methods", "formats", "content"}
WITHOUT_FEATURES = {"__main__", "kernel", "http", "migrations", "web"}
"""Packages whose files have names of their own."""

MODULES = sorted((ROOT / "lms").rglob("*.py"))


def parts(path: Path) -> tuple[str, str]:
    """``lms/exams/rules/drawing.py`` -> ("exams", "rules")."""
    found = [*path.relative_to(ROOT / "lms").with_suffix("").parts, "", ""]
    return ("", "") if found[1] == "" else (found[0], found[1])


def dotted(path: Path) -> str:
    names = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def ours(path: Path) -> list[tuple[str, str]]:
    """The feature and the module of everything of ours that is imported."""
    found = []
    for name in imports(path):
        root, *rest = [*name.split("."), "", ""]
        if root == "lms" and rest[0] in LEVEL:
            found.append((rest[0], rest[1]))
    return found


def test_the_layers_name_every_package():
    packages = {path.parent.name for path in (ROOT / "lms").glob("*/__init__.py")}
    modules = {path.stem for path in (ROOT / "lms").glob("*.py")} - {"__init__"}
    assert packages | modules == set(LEVEL)


def test_the_contract_within_features_names_every_feature():
    listed = {name.removeprefix("lms.") for name in WITHIN["containers"]}
    assert listed == set(LEVEL) - WITHOUT_FEATURES


def test_a_feature_imports_only_what_is_below_it():
    assert not [
        f"{path}: may not import {other}"
        for path in MODULES
        for other, _inside in ours(path)
        if (feature := parts(path)[0]) and other != feature and LEVEL[other] >= LEVEL[feature]
    ]


def test_another_feature_is_entered_through_the_right_door():
    """Its face is for web alone; its models are for what reads and writes, never for a page."""
    may_join = {"queries", "models", "operations"}
    assert not [
        f"{path}: may not import {other}.{inside}"
        for path in MODULES
        for other, inside in ours(path)
        if (feature := parts(path)[0]) not in {"", "web", other}
        and other not in WITHOUT_FEATURES
        and (
            inside in FACE
            or (inside == "models" and parts(path)[1] not in may_join and feature != "migrations")
        )
    ]


def test_inside_a_feature_the_bottom_imports_no_top():
    assert not [
        f"{path}: may not import {inside}"
        for path in MODULES
        for other, inside in ours(path)
        if other == parts(path)[0] not in WITHOUT_FEATURES
        and {inside, parts(path)[1]} <= RANK.keys()
        and inside != parts(path)[1]
        and RANK[inside] >= RANK[parts(path)[1]]
    ]


def test_the_files_of_a_feature_have_names_of_the_vocabulary():
    assert not [
        path
        for path in MODULES
        if parts(path)[0] not in {"", *WITHOUT_FEATURES}
        and parts(path)[1] not in {*RANK, "__init__"}
    ]


def importing(*roots: str) -> list[tuple[Path, str, str]]:
    """Every module that imports something of these distributions, with its feature and name."""
    return [
        (path, *parts(path))
        for path in MODULES
        if {name.split(".")[0] for name in imports(path)} & set(roots)
    ]


def test_flask_stays_where_it_belongs():
    assert not [
        path
        for path, feature, module in importing(*FLASK)
        if feature not in SHELL and module not in FACE
    ]


def test_what_is_pure_imports_no_database():
    assert not [
        path
        for path, feature, module in importing("sqlalchemy")
        if feature not in WITHOUT_FEATURES and module in PURE
    ]


def test_views_forms_and_commands_hold_no_sql():
    assert not [
        path
        for path, feature, module in importing("sqlalchemy")
        if feature not in WITHOUT_FEATURES and module in FACE
    ]


def test_only_the_transaction_module_commits():
    assert not [
        f"{path}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr == "commit"
        and parts(path) != ("kernel", "transaction")
    ]


def called(*names: str) -> list[str]:
    """Where, outside the clock, a method of one of these names is called."""
    return [
        f"{path}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
        and parts(path) != ("kernel", "clock")
    ]


def test_only_the_clock_turns_instants_into_days():
    """``instant.date()`` is the day in UTC; people here live eight hours ahead of it."""
    assert not called("date")


def test_only_the_clock_reads_the_clock():
    assert not called("now", "utcnow", "today", "time")


def test_only_entry_points_ask_the_clock():
    assert not [
        path
        for path in MODULES
        if "lms.kernel.clock.utc_now" in imports(path)
        and parts(path)[0] not in SHELL
        and parts(path)[1] not in {"views", "cli"}
    ]


def test_chance_is_a_stored_seed():
    """``random.Random(seed)`` can be repeated; ``random.choice`` cannot."""
    assert not [
        f"{path}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "random"
        and node.attr != "Random"
    ]


def test_modules_and_functions_are_short():
    written = [path for path in MODULES if path.parent.name != "versions"]
    assert not [p for p in written if p.read_text(encoding="utf-8").count("\n") > 500]
    assert not [
        f"{path}:{node.lineno} {node.name}"
        for path in written
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 60
    ]


def loaded_after(code: str) -> set[str]:
    """What of Flask and SQLAlchemy a fresh interpreter has loaded after some code."""
    watched = {*FLASK, "sqlalchemy", "alembic"}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*({watched!r} & set(sys.modules)))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_importing_lms_loads_neither_flask_nor_a_database():
    assert loaded_after("import lms") == set()


def test_the_pure_modules_are_a_plain_library():
    wanted = [
        dotted(path)
        for path in MODULES
        if parts(path)[0] not in WITHOUT_FEATURES and parts(path)[1] in PURE
    ]
    assert wanted
    code = f"import importlib\nfor name in {wanted!r}: importlib.import_module(name)"
    assert loaded_after(code) == set()


def test_everything_below_the_face_works_without_flask():
    wanted = [
        dotted(path)
        for path in MODULES
        if parts(path)[0] not in SHELL | {"", "migrations"} and parts(path)[1] not in FACE
    ]
    code = f"import importlib\nfor name in {wanted!r}: importlib.import_module(name)"
    assert loaded_after(code) <= {"sqlalchemy", "alembic"}
