"""Where the files are that come with the program, in a checkout and in an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """Return the folder ``templates``, ``courses`` or ``question_bank`` that was shipped.

    A wheel carries them inside the package; a checkout (or an editable install) has them at
    its top.

    :raises FileNotFoundError: the installation is incomplete.
    """
    for base in (PACKAGE / "_bundled", PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(f"{name}: not shipped beside {PACKAGE}")
