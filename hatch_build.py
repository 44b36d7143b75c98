"""Compile the message catalogues when the package is built, also for an editable install."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):
    """Write ``messages.mo`` beside every ``messages.po``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for source in Path(self.root, "lms", "web", "translations").glob("*/LC_MESSAGES/*.po"):
            with source.open("rb") as lines:
                catalogue = read_po(lines, locale=source.parent.parent.name)
            with source.with_suffix(".mo").open("wb") as target:
                write_mo(target, catalogue)
