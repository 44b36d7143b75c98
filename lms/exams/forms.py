"""The shape of what a paper sends. Whether it was shown is the operation's business."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs are of 3.2
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput

from lms.exams.types import Draft, Sent, Watched
from lms.http.forms import BaseForm, stripped
from lms.kernel.errors import N_, Invalid
from lms.question_bank.showing import MOST_FIELDS, sent

MOST_ANSWERS = 500
"""More answers than the longest paper has."""

LONGEST = 20_000
"""Characters of one field: more than anybody writes in an examination."""


MOST_SECONDS = 24 * 60 * 60
"""For which one question may have been in view: longer than any paper takes."""

_SLOT = re.compile(r"[1-9][0-9]{0,3}")
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

    @staticmethod
    def watched(body: Any) -> Watched | None:
        """Return for how long questions were in view, as far as it can be read.

        ``{"watched": {"device", "seconds": {"<slot>": <whole seconds>}}}``, or nothing. What is
        no such thing is left out: it must not cost an answer.
        """
        said = body.get("watched") if isinstance(body, Mapping) else None
        if not isinstance(said, Mapping):
            return None
        device, seconds = said.get("device"), said.get("seconds")
        if not isinstance(device, str) or not _DEVICE.fullmatch(device) or not device:
            return None
        if not isinstance(seconds, Mapping) or len(seconds) > MOST_ANSWERS:
            return None
        return Watched(
            device,
            {
                int(slot): number
                for slot, number in seconds.items()
                if _SLOT.fullmatch(slot) and type(number) is int and 0 < number <= MOST_SECONDS
            },
        )


class PracticePaperForm(BaseForm):
    """A practice paper; the fields ``count_<kind>`` are added by :func:`paper_form`."""

    key = StringField(widget=HiddenInput())
    title = StringField(_l("卷名"), [InputRequired(), Length(max=80)], filters=[stripped])
    level = SelectField(
        _l("按哪一级的合格线"),
        choices=[
            SelectChoice("junior", _l("初级")),
            SelectChoice("intermediate", _l("中级")),
            SelectChoice("senior", _l("高级")),
        ],
    )
    minutes = IntegerField(
        _l("时间（分钟）"), [InputRequired(), NumberRange(min=1, max=600)], default=30
    )
    attempts = IntegerField(_l("每人最多考几次"), [Optional(), NumberRange(min=1, max=100)])
    chapters = SelectMultipleField(_l("章"), option_widget=CheckboxInput())
    marking = SelectField(_l("评分规则"), choices=[], default="")
    is_even = BooleanField(_l("题量平均分到各章"), default=True)
    easy = IntegerField(_l("易（百分之几）"), [Optional(), NumberRange(min=0, max=100)])
    middle = IntegerField(_l("中（百分之几）"), [Optional(), NumberRange(min=0, max=100)])
    hard = IntegerField(_l("难（百分之几）"), [Optional(), NumberRange(min=0, max=100)])

    kinds: tuple[str, ...] = ()

    @property
    def count_fields(self) -> list[IntegerField]:
        """The fields of numbers, kind by kind."""
        return [self[f"count_{kind}"] for kind in self.kinds]

    def draft(self, subject: str) -> Draft:
        """Return what was filled in. Shares that are begun are given whole, to be refused."""
        shares = [self.easy.data, self.middle.data, self.hard.data]
        given = [share for share in shares if share is not None]
        return Draft(
            title=self.title.data or "",
            subject=subject,
            level=self.level.data,
            minutes=self.minutes.data or 0,
            counts={kind: self[f"count_{kind}"].data or 0 for kind in self.kinds},
            chapters=tuple(self.chapters.data or ()),
            is_even=self.is_even.data,
            shares=tuple(given),
            marking=self.marking.data or "",
            attempts_allowed=self.attempts.data,
        )

    def fill(self, draft: Draft, *, every: Sequence[str]) -> None:
        """Show what was filled in before.

        :param every: all chapters; if they were all taken, none is ticked.
        """
        self.title.data, self.level.data = draft.title, draft.level
        self.minutes.data, self.attempts.data = draft.minutes, draft.attempts_allowed
        whole = set(draft.chapters) == set(every)
        self.chapters.data = [] if whole else list(draft.chapters)
        self.is_even.data, self.marking.data = draft.is_even, draft.marking
        if draft.shares:
            self.easy.data, self.middle.data, self.hard.data = draft.shares
        for kind in self.kinds:
            self[f"count_{kind}"].data = draft.counts.get(kind)


def paper_form(
    values: Any,
    *,
    kinds: Mapping[str, str],
    chapters: Sequence[tuple[str, str]],
    markings: Sequence[tuple[str, str]],
    csrf: bool = True,
) -> PracticePaperForm:
    """Return the form of a subject, with a number for each kind of question.

    :param values: what was sent; none: nothing.
    :param kinds: kind -> what it is called.
    :param chapters: key and title.
    :param markings: key and title of the rules for practice.
    """
    numbers = {
        f"count_{kind}": IntegerField(label, [Optional(), NumberRange(min=0, max=200)])
        for kind, label in kinds.items()
    }
    made = type("PracticePaperForm", (PracticePaperForm,), {**numbers, "kinds": tuple(kinds)})
    form: PracticePaperForm = made(formdata=values, meta={} if csrf else {"csrf": False})
    form.chapters.choices = [SelectChoice(key, title) for key, title in chapters]
    official = SelectChoice("", _l("现行国家考试评分规则"))
    form.marking.choices = [official, *(SelectChoice(key, title) for key, title in markings)]
    return form


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
