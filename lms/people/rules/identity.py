"""Numbers of identity documents and telephones: read, checked, masked. Pure.

The resident identity number is GB 11643-1999: 6 digits of region, 8 of the day of birth, 3 of
order (odd: male), and a check character by ISO 7064 MOD 11-2. The 15-digit numbers of before 1999
are no longer valid for anything and are refused.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from lms.kernel.errors import N_, Invalid
from lms.people.types import DocumentKind

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_EARLIEST = date(1900, 1, 1)

_SHAPES: dict[DocumentKind, re.Pattern[str]] = {
    DocumentKind.RESIDENT_ID: _RESIDENT,
    DocumentKind.HK_MACAO_PERMIT: re.compile(r"[HM][0-9]{8}([0-9]{2})?"),
    DocumentKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}([0-9A-Z]{2})?"),
    DocumentKind.RESIDENCE_PERMIT: re.compile(r"8[123]0000[0-9]{11}[0-9X]"),
    DocumentKind.FOREIGN_PERMANENT: re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]"),
    DocumentKind.PASSPORT: re.compile(r"[0-9A-Z]{5,17}"),
    DocumentKind.OFFICER: re.compile(r"[0-9A-Z\u3400-\u9fff]{4,20}"),
}
"""What a number of each kind looks like: the issuers' usual forms, checked no further."""

_PHONE = re.compile(r"1[3-9][0-9]{9}")


@dataclass(frozen=True, slots=True)
class ResidentId:
    """What a resident identity number says of its holder."""

    number: str
    born_on: date
    is_male: bool


def read_resident_id(text: str, *, on: date) -> ResidentId:
    """Return a checked resident identity number.

    :param on: the day of reading: nobody is born later.
    :raises Invalid: ``bad_identity_number``, with what exactly is wrong.
    """
    number = normal_number(text)
    if not _RESIDENT.fullmatch(number):
        raise _bad(N_("身份证号应为 18 位：17 位数字加一位数字或 X"))
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise _bad(N_("身份证号第 7 至 14 位不是日期")) from None
    if not _EARLIEST <= born_on <= on:
        raise _bad(N_("身份证号里的出生日期不可能"))
    if number[17] != check_character(number[:17]):
        raise _bad(N_("身份证号校验位不对，请核对每一位"))
    return ResidentId(number, born_on, is_male=int(number[16]) % 2 == 1)


def check_character(first: str) -> str:
    """Return the 18th character of a number by its first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[
        sum(int(d) * weight for d, weight in zip(first, _WEIGHTS, strict=True)) % len(_CHECKS)
    ]


def check_document_number(kind: DocumentKind, text: str, *, on: date) -> str:
    """Return the number of a document in its one spelling.

    :raises Invalid: ``bad_identity_number``.
    """
    if kind is DocumentKind.RESIDENT_ID:
        return read_resident_id(text, on=on).number
    number = normal_number(text)
    if not _SHAPES[kind].fullmatch(number):
        raise _bad(N_("证件号码的格式与证件种类不符"))
    return number


def read_phone(text: str) -> str:
    """Return a mobile number of the mainland as 11 digits; +86, spaces and dashes may be there.

    :raises Invalid: ``bad_phone``.
    """
    digits = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+86|0086|86(?=1[3-9][0-9]{9}$))", "", digits)
    if not _PHONE.fullmatch(digits):
        raise Invalid("bad_phone", N_("手机号应为 11 位数字，以 1 开头"), where="phone")
    return digits


def mask_phone(phone: str) -> str:
    """Return what others may see: 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}"


def mask_document(number: str) -> str:
    """Return what others may see: 5201**********123X; of a short number the last two characters."""
    if len(number) == 18:
        return f"{number[:4]}{'*' * 10}{number[-4:]}"
    return f"{'*' * max(len(number) - 2, 4)}{number[-2:]}"


def normal_number(text: str) -> str:
    """Return a number without white space, dashes and width, in upper case."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def _bad(what: str) -> Invalid:
    return Invalid("bad_identity_number", what, where="number")
