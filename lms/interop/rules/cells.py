"""Cells that go out into spreadsheets. Pure."""

_DANGEROUS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a ' before what would begin one.

    As OWASP advises ("CSV Injection"): = + - @, tab and line ends, in both widths. Plain numbers
    with a sign stay as they are.
    """
    if not cell.startswith(_DANGEROUS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(cell: str) -> bool:
    plain = cell[1:]
    return cell[0] in "+-" and plain.replace(".", "", 1).isdecimal() and plain.isascii()
