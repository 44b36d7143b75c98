"""The shape of what a paper sends. Whether it was shown is the operation's business."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2 lack it
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput

from lms.exams.types import Draft, Sent
from lms.exams.types.timing import Wanted
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
    late_minutes = IntegerField(
        _l("到点后几分钟内的作答也算分"), [Optional(), NumberRange(min=1, max=240)]
    )
    pauses = IntegerField(_l("可以暂停几次"), [Optional(), NumberRange(min=1, max=10)])
    pause_minutes = IntegerField(_l("每次最长几分钟"), [Optional(), NumberRange(min=1, max=120)])
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
            late_minutes=self.late_minutes.data or 0,
            pauses=self.pauses.data or 0,
            pause_minutes=self.pause_minutes.data or 0,
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
        self.late_minutes.data = draft.late_minutes or None
        self.pauses.data, self.pause_minutes.data = (
            draft.pauses or None,
            draft.pause_minutes or None,
        )
        if draft.shares:
            self.easy.data, self.middle.data, self.hard.data = draft.shares
        for kind in self.kinds:
            self[f"count_{kind}"].data = draft.counts.get(kind)


class ExtraForm(BaseForm):
    """Extra time for a person: a share of every paper's time, or minutes."""

    percent = IntegerField(_l("延长百分之几"), [Optional(), NumberRange(min=1, max=200)])
    minutes = IntegerField(_l("或者延长几分钟"), [Optional(), NumberRange(min=1, max=240)])
    reason = StringField(_l("理由"), [InputRequired(), Length(max=200)], filters=[stripped])
    starts_on = DateField(_l("从哪天开始"), [InputRequired()])
    ends_on = DateField(_l("到哪天为止"), [Optional()])

    def wanted(self, today: date) -> Wanted:
        """Return what was filled in."""
        return Wanted(
            self.percent.data or 0,
            self.minutes.data or 0,
            self.reason.data or "",
            self.starts_on.data or today,
            self.ends_on.data,
        )


class ExtendForm(BaseForm):
    """More time for who is sitting a paper now."""

    token = StringField(widget=HiddenInput(), validators=[Length(max=40)])
    learner = SelectField(_l("给谁"), coerce=int)
    """The number of a learner; 0: all who sit it."""
    minutes = IntegerField(_l("延长几分钟"), [InputRequired(), NumberRange(min=1, max=240)])
    reason = StringField(_l("理由"), [InputRequired(), Length(max=200)], filters=[stripped])


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


def _device(value: str) -> str:
    if not _DEVICE.fullmatch(value):
        raise _unreadable()
    return value


def _bounded(answers: Iterable[Sent]) -> list[Sent]:
    listed = list(answers)
    if not 1 <= len(listed) <= MOST_ANSWERS:
        raise _unreadable()
    return listed


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise _unreadable()
    return int(text)


def _parts(value: list[str]) -> tuple[str, ...]:
    if len(value) > MOST_FIELDS or any(len(part) > LONGEST for part in value):
        raise _unreadable()
    return tuple(value)


def _unreadable() -> Invalid:
    return Invalid("bad_answers", N_("答案的格式不对，请刷新页面再试"), where="answers")
