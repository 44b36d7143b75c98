import importlib
import sys

import pytest

from lms.kernel.discovery import discover


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Make a package out of file names and texts."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def make(name, **modules):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        for module, text in modules.items():
            (tmp_path / name / f"{module}.py").write_text(text)
        made.append(name)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield make
    for module in [m for m in sys.modules if m.split(".")[0] in made]:
        del sys.modules[module]


PLUGIN = "class Kind:\n    name = {!r}\nKIND = Kind()\n"


def test_one_module_is_one_plug_in(package):
    found = discover(
        package("plugs_a", single=PLUGIN.format("single"), several=PLUGIN.format("several")), "KIND"
    )
    assert {name: plugin.name for name, plugin in found.items()} == {
        "single": "single",
        "several": "several",
    }


def test_helpers_are_passed_over(package):
    assert discover(package("plugs_b", _read="raise RuntimeError"), "KIND") == {}


def test_a_module_without_its_plug_in_is_told(package):
    with pytest.raises(TypeError, match=r"plugs_c\.empty has no KIND"):
        discover(package("plugs_c", empty=""), "KIND")


def test_a_name_belongs_to_one(package):
    twice = package("plugs_d", one=PLUGIN.format("same"), two=PLUGIN.format("same"))
    with pytest.raises(ValueError, match="'same' is taken"):
        discover(twice, "KIND")
