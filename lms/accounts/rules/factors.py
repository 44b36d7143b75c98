"""The second factor: codes of six digits by the clock (RFC 6238), and recovery codes. Pure."""

import hmac
import re
import unicodedata
from datetime import datetime

import pyotp

STEP_SECONDS, STEPS_OFF = 30, 1
"""A code is good for half a minute, and one step early or late: telephones' clocks differ."""

RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 O 1 I L, which look alike on paper."""
RECOVERY_LENGTH = 10


def matching_counter(secret: str, code: str, *, now: datetime, last: int | None) -> int | None:
    """Return the number of the step whose code this is, or none.

    :param secret: in base 32, as the telephone has it.
    :param last: the step of the code that was used last; it and everything before is refused.
    """
    if not re.fullmatch("[0-9]{6}", code):
        return None
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP_SECONDS
    for counter in range(current - STEPS_OFF, current + STEPS_OFF + 1):
        if hmac.compare_digest(totp.generate_otp(counter), code) and (
            last is None or counter > last
        ):
            return counter
    return None


def address_of(secret: str, *, user_name: str, issuer: str) -> str:
    """Return the ``otpauth:`` address that a telephone reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_name, issuer_name=issuer)


def normal_code(text: str) -> str:
    """Return a code as it is compared: no spaces or dashes, plain width, upper case."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def shown_code(code: str) -> str:
    """Return a recovery code as it is printed: ABCDE-FGHJK."""
    return f"{code[: RECOVERY_LENGTH // 2]}-{code[RECOVERY_LENGTH // 2 :]}"
