"""What the interface for programs takes and tells, as its document shows it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from lms.exams.forms import LONGEST, MOST_ANSWERS, MOST_SECONDS
from lms.exams.types import State
from lms.http.api import Incoming, Outgoing
from lms.question_bank.showing import MOST_FIELDS
from lms.question_bank.types import Input

HIGHEST = 2**31 - 1
"""The highest number of an attempt."""

Part = Annotated[str, Field(max_length=LONGEST)]
Parts = Annotated[
    tuple[Part, ...],
    Field(
        max_length=MOST_FIELDS,
        description="A text for each field of the question: the letters of the options as they "
        "are shown, without spaces (`AC`), or what was written. Empty: left blank.",
    ),
]


class Numbered(Incoming):
    """Which attempt."""

    number: int = Field(
        ge=0,
        le=HIGHEST,
        description="The number of one's own attempt.",
        json_schema_extra={"example": 1},
    )


class StartHeader(Incoming):
    """What goes with a start."""

    key: str | None = Field(
        default=None,
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,100}$",
        description="Anything that the program has not used before, a UUID for one. The same key "
        "once more returns the attempt that began with it, whatever has become of it.",
    )


class Start(Incoming):
    """Which paper to sit."""

    model_config = ConfigDict(json_schema_extra={"example": {"paper": "j-comp-mock"}})

    paper: str = Field(
        min_length=1,
        max_length=200,
        description="The `key` of a paper, or the `paper` of an attempt.",
    )


class SentAnswer(Incoming):
    """An answer, with the stamp of the deed by which it was given."""

    slot: int = Field(description="Which question of the paper, from 1.")
    parts: Parts
    counter: int = Field(
        description="Grows with every deed: milliseconds since the start by the server's clock, "
        "and above every counter that the program has seen. In every slot the highest counts."
    )
    flagged: bool = Field(default=False, description="The learner wants to look at it again.")
    device: str = Field(
        default="",
        pattern=r"^[a-z0-9]{0,16}$",
        description="Names the page or the program that gave it; of two deeds with one counter the "
        "higher device counts.",
    )


Seen = Annotated[int, Field(ge=1, le=MOST_SECONDS)]


class InView(Incoming):
    """For how long questions were in view; kept as far as it can be true."""

    device: str = Field(pattern=r"^[a-z0-9]{1,16}$", description="As of answers.")
    seconds: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}$")], Seen] = Field(
        max_length=MOST_ANSWERS,
        description="Slot -> seconds so far, on this page or in this program: a sum that grows.",
    )


class HandIn(Incoming):
    """What may go with handing in. Nothing need be sent."""

    watched: InView | None = None


class Answers(Incoming):
    """A batch of answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answers": [
                    {"slot": 1, "parts": ["B"], "counter": 93000, "device": "0a1b2c3d"},
                    {"slot": 61, "parts": ["ABD"], "counter": 97500, "device": "0a1b2c3d"},
                ]
            }
        }
    )

    answers: tuple[SentAnswer, ...] = Field(min_length=1, max_length=MOST_ANSWERS)
    watched: InView | None = None


class PaperLine(Outgoing):
    """A paper that can be sat."""

    key: str
    title: str
    title_en: str
    subject: str = Field(description="The code of the subject: `J-COMP`.")
    level: str = Field(description="`junior`, `intermediate` or `senior`.")
    minutes: int
    questions: int
    out_of: int = Field(description="The full mark, in units.")
    needed: int = Field(description="What passes by the national line, in units.")
    unit: int = Field(description="How many units make a point: 2 are half points.")
    is_practice: bool = Field(description="Made by an instructor, for practice.")
    attempts_allowed: int | None = Field(default=None, description="Missing: as many as one likes.")
    open_attempt: int | None = Field(
        default=None, description="The number of one's own attempt that is open and in time."
    )


class Papers(Outgoing):
    """The papers that can be sat now."""

    papers: list[PaperLine]


class Choice(Outgoing):
    """One of the things to choose among."""

    value: str = Field(description="What is sent: `A` for the option that is shown first.")
    html: str


class QuestionField(Outgoing):
    """One part of a question that is filled in."""

    input: Input = Field(
        description="`one` and `pick`: exactly one choice; `many`: any of them; `text`, `number`: "
        "written."
    )
    label_html: str
    unit: str = Field(description="What a number counts; may be empty.")
    longest: int = Field(description="The most characters that may be written; 0: says nothing.")
    choices: list[Choice]


class Question(Outgoing):
    """A question before it is answered: nothing of the key, nothing of the explanation."""

    slot: int
    section: str
    kind: str
    stem_html: str = Field(description="Clean HTML; with `is_inline`, `[[1]]` is the first field.")
    is_inline: bool
    fields: list[QuestionField]


class KeptAnswer(Outgoing):
    """An answer as it is stored, in the letters of the page."""

    slot: int
    parts: tuple[str, ...]
    counter: int
    flagged: bool


class Attempt(Outgoing):
    """One's own attempt. Questions and answers are told while it can be answered."""

    number: int
    paper: str = Field(description="The key of the paper.")
    title: str
    title_en: str
    state: State = Field(
        description="`open`; `submitted` by the learner; `expired`: handed in at the deadline."
    )
    minutes: int
    started_at: datetime
    deadline_at: datetime = Field(description="By the server's clock. It may move, never back.")
    now: datetime = Field(description="The server's clock.")
    counter: int = Field(description="The lowest counter of the next deed.")
    saved_at: datetime | None = None
    slots: int = Field(description="How many questions the paper has.")
    questions: list[Question]
    answers: list[KeptAnswer] = Field(description="What is answered or flagged.")
    page: str = Field(description="Where a person goes on.")


class ClockTold(Outgoing):
    """The server's time, and what an open page must know with it."""

    open: bool
    paused: bool = Field(description="Whether the clock stands; nothing is saved meanwhile.")
    now: datetime
    deadline_at: datetime
    counter: int = Field(description="The lowest counter of the next deed.")


class Verdict(KeptAnswer):
    """What is stored in a slot now, and what became of the answer that was sent."""

    verdict: Literal["kept", "stale"] = Field(
        description="`kept`: it is stored. `stale`: something newer was stored and stays, given "
        "here; the program fell behind and should show it."
    )


class Acknowledged(Outgoing):
    """What was sent is safe: a later fault takes nothing of it away."""

    saved_at: datetime = Field(description="When the attempt was last changed, by China's clock.")
    counter: int = Field(description="The highest counter that is stored.")
    deadline_at: datetime
    answers: list[Verdict] = Field(description="The slots that were sent.")


class HandedIn(Outgoing):
    """How an attempt ended."""

    number: int
    state: Literal["submitted", "expired"]
    submitted_at: datetime
    is_waiting: bool = Field(
        default=False,
        description="People mark a part of it: no marks are told before all are there.",
    )
    earned: int | None = Field(
        default=None,
        description="Units; may be below 0 where marks are taken away. Left out while it waits.",
    )
    out_of: int | None = None
    unit: int = Field(description="How many units make a point: 2 are half points.")
    passed: bool | None = Field(default=None, description="By the national line.")
    page: str = Field(description="Where a person reads it.")


class ShareTold(Outgoing):
    """What a part of the paper earned."""

    key: str = Field(description="A kind of question, or a chapter.")
    title: str
    title_en: str
    earned: int
    out_of: int
    right: int = Field(description="Questions with the full mark.")
    questions: int


class QuestionResult(Outgoing):
    """A marked question."""

    slot: int
    chapter: str
    earned: int
    out_of: int
    parts: tuple[str, ...] = Field(description="What was answered.")
    key: tuple[str, ...] = Field(description="The right answer in the same letters.")
    explanation_html: str


class ResultTold(HandedIn):
    """A result by kind and chapter; question by question once the paper's policy allows it."""

    paper: str
    title: str
    title_en: str
    started_at: datetime
    needed: int = Field(description="What passes by the national line, in units.")
    is_regraded: bool = Field(description="Marked anew after it was handed in.")
    kinds: list[ShareTold]
    chapters: list[ShareTold]
    is_released: bool = Field(description="Whether keys and explanations may be told.")
    questions: list[QuestionResult] | None = Field(
        default=None, description="Missing until they are released."
    )
