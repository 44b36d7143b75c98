"""The English catalogue is complete: nothing missing, nothing fuzzy, the same placeholders."""

import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from lms.kernel.places import PACKAGE

ROOT = PACKAGE.parent
CATALOGUE = PACKAGE / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "N_": None,
    "ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def extracted() -> set[str]:
    """Every message id in the code, read from the sources as they are now."""
    found: set[str] = set()
    with (ROOT / "babel.cfg").open() as lines:
        methods, options = parse_mapping_cfg(lines)
    for folder in ("lms", "templates"):
        for _file, _line, message, *_rest in extract_from_dir(
            ROOT / folder,
            method_map=[(pattern.removeprefix(f"{folder}/"), how) for pattern, how in methods],
            options_map={key.removeprefix(f"{folder}/"): value for key, value in options.items()},
            keywords=KEYWORDS,
            directory_filter=lambda _path: True,  # _layout and _macros too
        ):
            found |= {message} if isinstance(message, str) else set(message)
    return found


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as lines:
        return read_po(lines, locale="en")


def test_every_sentence_has_its_english(catalogue):
    there = {message.id for message in catalogue if message.id and message.string}
    missing = extracted() - there
    assert not missing, f"{len(missing)} without English: {sorted(missing)[:10]}"


def test_nothing_is_fuzzy_and_nothing_is_left_over(catalogue):
    used = extracted()
    assert not [message.id for message in catalogue if message.fuzzy]
    assert not [m.id for m in catalogue if m.id and m.id not in used]


def test_placeholders_are_the_same(catalogue):
    for message in catalogue:
        if message.id:
            assert set(PLACEHOLDER.findall(message.id)) == set(
                PLACEHOLDER.findall(message.string)
            ), message.id


def test_english_is_english(catalogue):
    """Only quoted product names may stay Chinese."""
    allowed = {"必学", "中文"}
    for message in catalogue:
        if message.id and message.string not in allowed:
            rest = message.string.replace("必学", "")
            assert not CHINESE.search(rest), message.string
