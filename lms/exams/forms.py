"""The shape of what a paper sends. Whether it was shown is the operation's business."""

import re
from collections.abc import Mapping
from typing import Any

from lms.exams.types import Sent
from lms.http.forms import BaseForm
from lms.kernel.errors import N_, Invalid
from lms.question_bank.showing import MOST_FIELDS, sent

MOST_ANSWERS = 500
"""More answers than the longest paper has."""

LONGEST = 20_000
"""Characters of one field: more than anybody writes in an examination."""


_DEVICE = re.compile(r"[a-z0-9]{0,16}")


class PageForm(BaseForm):
    """One page of a paper: hidden ``slot``, ``counter`` and ``device``, the answer ``a<slot>`` (of
    several parts: ``a<slot>-1`` …), flag ``f<slot>``.

    The page says which slots it showed, because a browser does not send what is not ticked.
    """

    @staticmethod
    def answers(values: Mapping[str, list[str]]) -> list[Sent]:
        """Return what the page sent; every answer carries the page's counter.

        :raises Invalid: ``bad_answers``.
        """
        counter = _whole(next(iter(values.get("counter", [])), ""))
        device = _device(next(iter(values.get("device", [])), ""))
        slots = [_whole(text) for text in values.get("slot", [])]
        return _bounded(
            Sent(slot, _parts(sent(values, f"a{slot}")), counter, f"f{slot}" in values, device)
            for slot in slots[: MOST_ANSWERS + 1]
        )


class AnswersForm(BaseForm):
    """What a script sends: ``{"answers": [{"slot", "parts": […], "counter"}]}``.

    Beside the counter there may be ``flagged`` and ``device``.
    """

    @staticmethod
    def answers(body: Any) -> list[Sent]:
        """Return what the script sent.

        :raises Invalid: ``bad_answers``.
        """
        listed = body.get("answers") if isinstance(body, Mapping) else None
        if not isinstance(listed, list):
            raise _unreadable()
        return _bounded(_sent(item) for item in listed[: MOST_ANSWERS + 1])


def _sent(item: Any) -> Sent:
    if not isinstance(item, Mapping):
        raise _unreadable()
    flagged = item.get("flagged", False)
    if not isinstance(flagged, bool):
        raise _unreadable()
    return Sent(
        slot=_number(item.get("slot")),
        parts=_parts(item.get("parts")),
        counter=_number(item.get("counter")),
        flagged=flagged,
        device=_device(item.get("device", "")),
    )


def _device(value: Any) -> str:
    if not isinstance(value, str) or not _DEVICE.fullmatch(value):
        raise _unreadable()
    return value


def _bounded(answers: Any) -> list[Sent]:
    listed: list[Sent] = list(answers)
    if not 1 <= len(listed) <= MOST_ANSWERS:
        raise _unreadable()
    return listed


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unreadable()
    return value


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise _unreadable()
    return int(text)


def _parts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_FIELDS:
        raise _unreadable()
    if not all(isinstance(part, str) and len(part) <= LONGEST for part in value):
        raise _unreadable()
    return tuple(value)


def _unreadable() -> Invalid:
    return Invalid("bad_answers", N_("答案的格式不对，请刷新页面再试"), where="answers")
