"""Names of people: cleaned, shown to strangers, compared with what somebody typed. Pure."""

import unicodedata

from lms.kernel.errors import N_, Invalid

LONGEST_NAME = 60
"""Characters. Names of some peoples with · in them reach thirty."""

_DOTS = "·•‧∙⋅・･.．。"
"""Every dot that is typed between the parts of a name."""


def mask_name(name: str) -> str:
    """Return a name that a stranger may see: 张*, 王*明, 欧**华, 阿**·**.

    One character is hidden altogether; of two the first is kept, of more the first and the last.
    Of a name in parts (``·`` or spaces between them) only the first character of the first part
    is kept, and how long the parts are is not told either.
    """
    spaced = "".join(" " if character in _DOTS else character for character in name)
    parts = spaced.split()
    if not parts:
        return "*"
    letters = _letters(parts[0])
    if len(parts) > 1:
        return "·".join([letters[0] + "**", *["**"] * (len(parts) - 1)])
    if len(letters) < 3:
        return letters[0] + "*" if len(letters) == 2 else "*"
    return letters[0] + "*" * (len(letters) - 2) + letters[-1]


def _letters(part: str) -> list[str]:
    """Return what people see as single characters: variation selectors stay with theirs."""
    found: list[str] = []
    for character in part:
        if found and unicodedata.category(character) in {"Mn", "Mc", "Me"}:
            found[-1] += character
        else:
            found.append(character)
    return found


def clean_name(text: str) -> str:
    """Return a name as it is stored: every dot a ·, no spaces around it or between Chinese.

    Rare characters stay as they are: 𠮷 and 㵲 are letters like others.

    :raises Invalid: ``bad_name``: nothing left, too long, or with characters no name has.
    """
    name = "".join(
        "·" if character in _DOTS else character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != "Cf"
    )
    parts = [" ".join(part.split()) for part in name.split("·")]
    parts = ["".join(part.split()) if not part.isascii() else part for part in parts]
    name = "·".join(part for part in parts if part)
    if not name or len(name) > LONGEST_NAME or not any(c.isalpha() for c in name):
        raise Invalid("bad_name", N_("姓名不能为空，最多 %(n)s 个字"), where="name", n=LONGEST_NAME)
    if any(
        unicodedata.category(c) == "Cc" or unicodedata.category(c)[0] in "SN" or c in "*<>=@;,，、"
        for c in name
    ):
        raise Invalid("bad_name", N_("姓名里有不该有的符号或数字"), where="name")
    return name


def same_name(one: str, other: str) -> bool:
    """Say whether two spellings are one name: width, case, spaces and dots do not count."""
    return bool(name_key(one)) and name_key(one) == name_key(other)


def name_key(name: str) -> str:
    """Return what all spellings of one name have in common, for comparing and for look-up."""
    kept = (
        character
        for character in unicodedata.normalize("NFKC", name).casefold()
        if not character.isspace()
        and character not in _DOTS
        and unicodedata.category(character) != "Cf"
        and not _is_variation(character)
    )
    return "".join(kept)


def _is_variation(character: str) -> bool:
    """Say whether a character only chooses a glyph: variation selectors 1 to 256."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
