"""Decisions about exam sessions. Pure: no clock, no database."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from lms.exam_sessions.types import SessionText, Where, Window
from lms.exams.rules import is_paused
from lms.exams.types import State
from lms.kernel.errors import N_, Conflict, Invalid, NotAllowed

LONGEST_WINDOW = timedelta(days=31)
"""From opening to the last start."""

SHORTEST_CODE, LONGEST_CODE = 4, 20
MOST_POOL = 10_000
MOST_LISTED = 5000
"""People in one list."""

LONGEST_EXTENSION = 240
"""Minutes by which a window can be made longer at one time."""

PREPARED_BEFORE = timedelta(hours=2)
"""How long before a window opens papers are drawn."""

SILENT_MINUTES = 5
"""After how many minutes without a save somebody counts as silent, unless the reader says other."""


NOT_INVITED = N_("您不在这场考试的名单里，请联系组织考试的老师")


def normal_code(said: str) -> str:
    """Return the one spelling of an entry code: half-width capitals without any space.

    :raises Invalid: ``bad_code``: not 4 to 20 letters and digits.
    """
    code = "".join(unicodedata.normalize("NFKC", said).split()).upper()
    if code and not (SHORTEST_CODE <= len(code) <= LONGEST_CODE and code.isalnum()):
        raise Invalid(
            "bad_code",
            N_("入场码是 %(low)s 到 %(high)s 个字母、数字或汉字"),
            where="code",
            low=SHORTEST_CODE,
            high=LONGEST_CODE,
        )
    return code


def check_window(window: Window, *, minutes: int, now: datetime) -> None:
    """Refuse a window that cannot be.

    :param minutes: of the paper.
    :raises Invalid: ``opens_past``, ``last_start_first``, ``long_window``, ``closes_early``.
    """
    if window.opens_at <= now:
        raise Invalid("opens_past", N_("开始入场的时间要在现在以后"), where="opens_at")
    if window.last_start_at < window.opens_at:
        raise Invalid(
            "last_start_first", N_("最晚入场的时间不能早于开始入场"), where="last_start_at"
        )
    if window.last_start_at - window.opens_at > LONGEST_WINDOW:
        raise Invalid(
            "long_window",
            N_("入场时间最长 %(n)s 天"),
            where="last_start_at",
            n=LONGEST_WINDOW.days,
        )
    if window.closes_at < window.opens_at + timedelta(minutes=minutes):
        raise Invalid(
            "closes_early",
            N_("这份卷要考 %(n)s 分钟：准时入场的人也考不完，结束时间要再晚些"),
            where="closes_at",
            n=minutes,
        )
    if window.closes_at < window.last_start_at:
        raise Invalid("closes_early", N_("结束时间不能早于最晚入场"), where="closes_at")
    if window.closes_at - window.last_start_at > LONGEST_WINDOW:
        raise Invalid(
            "long_window",
            N_("最晚入场到结束最长 %(n)s 天"),
            where="closes_at",
            n=LONGEST_WINDOW.days,
        )


def check_audience(*, anybody: bool, code: str, pool: int) -> None:
    """Refuse a session that anybody could walk into, or a pool that is too large.

    :raises Invalid: ``no_code`` or ``bad_pool``.
    """
    if anybody and not code:
        raise Invalid("no_code", N_("凭入场码参加的场次要有入场码"), where="code")
    if not 0 <= pool <= MOST_POOL:
        raise Invalid("bad_pool", N_("备卷份数是 0 到 %(n)s"), where="pool", n=MOST_POOL)


def check_startable(found: SessionText, now: datetime) -> None:
    """Refuse whoever comes too early or too late. Both ends of the time to come in count.

    :raises Conflict: ``session_cancelled``, ``too_early`` or ``came_too_late``.
    """
    if found.cancelled_at is not None:
        raise Conflict("session_cancelled", N_("这场考试取消了"))
    if now < found.window.opens_at:
        raise Conflict("too_early", N_("还没有到入场时间，页面会倒计时"))
    if now > found.window.last_start_at:
        raise Conflict("came_too_late", N_("已经过了最晚入场时间，不能再开始这场考试"))


def check_planned(found: SessionText, now: datetime) -> None:
    """Refuse to change what people may be sitting.

    :raises Conflict: ``session_cancelled`` or ``session_opened``.
    """
    if found.cancelled_at is not None:
        raise Conflict("session_cancelled", N_("这场考试取消了"))
    if now >= found.window.opens_at:
        raise Conflict("session_opened", N_("已经开始入场，不能再改；可以延长时间"))


def check_admitted(found: SessionText, *, has_seat: bool, is_admitted: bool, said: str) -> None:
    """Refuse who is not invited, or does not know the code.

    :param said: the code as it was typed; empty: none was.
    :raises NotAllowed: ``not_invited``.
    :raises Invalid: ``wrong_code``.
    """
    if not has_seat and not found.anybody:
        raise NotAllowed("not_invited", NOT_INVITED)
    if found.code and not is_admitted and not is_code(said, found.code):
        raise wrong_code()


def is_code(said: str, code: str) -> bool:
    """Say whether what was typed is the code, in whatever spelling."""
    try:
        return bool(code) and normal_code(said) == code
    except Invalid:
        return False


def wrong_code() -> Invalid:
    """Return the refusal of a code that opens nothing."""
    return Invalid("wrong_code", N_("入场码不对，请看现场公布的入场码"), where="code")


def extended(window: Window, minutes: int, reason: str) -> Window:
    """Return a window of which last start and end are later.

    :raises Invalid: ``bad_minutes`` or ``no_reason``.
    """
    if not 1 <= minutes <= LONGEST_EXTENSION:
        raise Invalid(
            "bad_minutes",
            N_("延长的时间是 1 到 %(n)s 分钟"),
            where="minutes",
            n=LONGEST_EXTENSION,
        )
    if not reason.strip():
        raise Invalid("no_reason", N_("请写明为什么延长"), where="reason")
    more = timedelta(minutes=minutes)
    return Window(window.opens_at, window.last_start_at + more, window.closes_at + more)


def later_deadline(deadline_at: datetime, full: datetime, *, closes_at: datetime) -> datetime:
    """Return when the time is up after a window was made longer.

    What the window cut off comes back, as far as the new window lets it; what somebody was given
    beside it stays.
    """
    return max(deadline_at, min(full, closes_at))


def bank_stamp(version_id: int, drawable: Iterable[int]) -> str:
    """Return what a paper would be drawn from: it changes if a question comes, goes or is mended.

    :param version_id: of the paper.
    :param drawable: ids of the versions of questions that may be drawn.
    """
    said = f"{version_id}:{','.join(map(str, sorted(drawable)))}"
    return hashlib.sha256(said.encode()).hexdigest()


def is_silent(last_at: datetime, now: datetime, *, minutes: int) -> bool:
    """Say whether somebody has not been heard of for more than some minutes."""
    return now - last_at > timedelta(minutes=minutes)


def where_is(
    state: str | None,
    last_at: datetime | None,
    now: datetime,
    *,
    silent_minutes: int,
    pause_ends_at: datetime | None = None,
) -> Where:
    """Say where somebody is.

    :param state: of their attempt; none: there is none.
    :param last_at: when they last saved, or began.
    """
    if state is None or last_at is None:
        return Where.NOT_STARTED
    if state != State.OPEN:
        return _ENDED[State(state)]
    if is_paused(pause_ends_at, now=now):
        return Where.PAUSED
    silent = is_silent(last_at, now, minutes=silent_minutes)
    return Where.SILENT if silent else Where.WRITING


_ENDED = {
    State.SUBMITTED: Where.HANDED_IN,
    State.EXPIRED: Where.EXPIRED,
    State.ABANDONED: Where.ABANDONED,
}


_HEADS = frozenset(
    {"用户名", "登录名", "姓名", "手机", "手机号", "名字", "name", "user", "username"}
)


def listed(table: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    """Return who is named in a list, with the line: the first filled cell of each row.

    A first row of headings is passed over.

    :raises Invalid: ``no_rows`` or ``too_many_rows``.
    """
    found: list[tuple[int, str]] = []
    for line, row in enumerate(table, 1):
        said = next((cell.strip() for cell in row if cell.strip()), "")
        if said and not (not found and said.lower() in _HEADS):
            found.append((line, said[:80]))
    if not found:
        raise Invalid("no_rows", N_("名单是空的"), where="people")
    if len(found) > MOST_LISTED:
        raise Invalid("too_many_rows", N_("一次最多 %(n)s 人"), where="people", n=MOST_LISTED)
    return found
