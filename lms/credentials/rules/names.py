"""Names of holders: shown to strangers, compared with what they typed."""

import unicodedata

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


def same_name(one: str, other: str) -> bool:
    """Say whether two spellings are one name: width, case, spaces and dots do not count."""
    return bool(_bare(one)) and _bare(one) == _bare(other)


def _bare(name: str) -> str:
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
