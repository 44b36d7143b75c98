"""Reading what was filled in: cells, lists, whose they are. Pure."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence

from lms.exams.types import Slot
from lms.kernel.errors import N_, Conflict, DomainError, Invalid
from lms.kernel.reading import Raw
from lms.paper_form.types import CardRow, CardSlot, Found, Letters, Reviewed
from lms.people.rules import same_name
from lms.question_bank.rules import taken, view

MOST_ROWS = 200
"""Answer cards in one file: one room, one transaction."""

_HEADS = {
    "user_name": ("用户名", "登录名", "账号", "登录账号", "username", "login", "user"),
    "number": ("证件号码", "身份证号", "身份证号码", "手机号", "手机号码", "号码", "number", "id"),
    "name": ("姓名", "名字", "name"),
    "answers": ("答案", "全部答案", "answers"),
}
_FIELD = {word: name for name, words in _HEADS.items() for word in words}
_SLOT = re.compile(r"(?:第|题|q|no\.?)?\s*([0-9]{1,3})\s*题?")
_BLANK = frozenset({"", "-", "—", "/", "0", "空", "未答", "未选"})
_TRUTH = {"√": "T", "✓": "T", "对": "T", "正确": "T", "T": "T", "A": "T",
          "×": "F", "✗": "F", "X": "F", "错": "F", "错误": "F", "F": "F", "B": "F"}  # fmt: skip
_BETWEEN = re.compile(r"[\s,，、.．;；]+")


def slots_of(slots: Sequence[Slot], specs: Mapping[int, tuple[str, Raw]]) -> dict[int, CardSlot]:
    """Return what may be filled in, by slot.

    :param specs: kind and spec by the version's id.
    """
    found = {}
    for number, slot in enumerate(slots, start=1):
        kind, spec = specs[slot.version_id]
        choices = view(kind, spec, slot.order).fields[0].choices
        found[number] = CardSlot(kind, "".join(letter for letter, _words in choices))
    return found


def read_cell(cell: str, slot: CardSlot) -> Letters:
    """Return what a cell says.

    Two marks at a question that takes one are no mistake of whoever types them in: they are kept
    as spoilt and earn nothing.

    :raises Invalid: ``foreign_letter`` or ``repeated_letter``.
    """
    said = _BETWEEN.sub("", unicodedata.normalize("NFKC", cell).upper())
    if said in _BLANK:
        return Letters("")
    if slot.kind == "true_false":
        if said not in _TRUTH:
            raise _foreign(cell, "√ ×")
        return Letters(_TRUTH[said])
    foreign = sorted(set(said) - set(slot.letters))
    if foreign:
        raise _foreign("".join(foreign)[:20], slot.letters)
    if len(set(said)) != len(said):
        raise Invalid("repeated_letter", N_("字母重复了：%(said)s"), where="answer", said=said[:20])
    letters = "".join(sorted(said))
    if slot.kind == "single_choice" and len(letters) > 1:
        return Letters("", spoilt=letters)
    return Letters(letters)


def _foreign(said: str, letters: str) -> Invalid:
    return Invalid(
        "foreign_letter",
        N_("“%(said)s”不在选项之中，只能填 %(letters)s"),
        where="answer",
        said=said[:20],
        letters=letters,
    )


def review(
    rows: Sequence[CardRow],
    slots: Mapping[int, CardSlot],
    people: Callable[[CardRow], Sequence[Found]],
    *,
    known: Collection[int],
    actor_id: int,
) -> list[Reviewed]:
    """Say of each row whose it is and what it says, or what is wrong with it.

    :param people: who a row may mean, of those within the scope of whoever types it in.
    :param known: people of whom a card of this print was typed in before.
    """
    reviewed: list[Reviewed] = []
    lines: dict[int, int] = {}
    for row in rows:
        letters, faults = _letters(row, slots)
        person = None
        try:
            person = _meant(row, people(row))
            if person.id == actor_id:
                raise Conflict("own_card", N_("自己的答题卡要由别人录入"))
            if person.id in lines:
                raise Invalid(
                    "same_person",
                    N_("和第 %(line)s 行是同一个人"),
                    where="row",
                    line=lines[person.id],
                )
            lines[person.id] = row.line
        except DomainError as fault:
            faults.insert(0, fault)
        is_known = person is not None and person.id in known
        reviewed.append(Reviewed(row, person, letters, tuple(faults), is_known))
    return reviewed


def _letters(
    row: CardRow, slots: Mapping[int, CardSlot]
) -> tuple[dict[int, Letters], list[DomainError]]:
    letters: dict[int, Letters] = {}
    faults: list[DomainError] = []
    for number, slot in slots.items():
        try:
            letters[number] = read_cell(row.answers.get(number, ""), slot)
        except Invalid as fault:
            faults.append(named(fault, number))
    return letters, faults


def named(fault: Invalid, slot: int) -> Invalid:
    """Return what is wrong with a cell, saying at which question."""
    words = {
        "foreign_letter": N_("第 %(slot)s 题：“%(said)s”不在选项之中，只能填 %(letters)s"),
        "repeated_letter": N_("第 %(slot)s 题：字母重复了：%(said)s"),
    }[fault.code]
    return Invalid(fault.code, words, where=f"row.{slot}", **{**fault.params, "slot": slot})


def _meant(row: CardRow, people: Sequence[Found]) -> Found:
    """Return the one person that a row means.

    :raises Invalid: ``no_person``, ``many_people`` or ``other_name``.
    """
    said = row.user_name or row.number or row.name
    if not people:
        raise Invalid("no_person", N_("您管的范围里找不到“%(said)s”"), where="row", said=said[:40])
    if len(people) > 1:
        raise Invalid(
            "many_people",
            N_("“%(said)s”不止一个人，请写明用户名或证件号码"),
            where="row",
            said=said[:40],
        )
    found = people[0]
    if row.name and not same_name(row.name, found.name):
        raise Invalid(
            "other_name",
            N_("“%(said)s”的姓名是%(name)s，和表里的%(other)s对不上"),
            where="row",
            said=said[:40],
            name=found.name,
            other=row.name[:40],
        )
    return found


def to_stored(
    slots: Sequence[Slot], letters: Mapping[int, Letters], specs: Mapping[int, tuple[str, Raw]]
) -> dict[int, str]:
    """Return answers as their kinds store them, in the author's order; blank ones are left out."""
    stored = {}
    for number, slot in enumerate(slots, start=1):
        said = letters.get(number, Letters(""))
        if said.letters:
            stored[number] = taken(*specs[slot.version_id], [said.letters], slot.order)
    return stored


def template_head(count: int) -> list[str]:
    """Return the headings of an empty list."""
    return ["用户名", "证件号码", "姓名", *(str(number) for number in range(1, count + 1))]


def read_rows(table: Sequence[Sequence[str]], count: int) -> list[CardRow]:
    """Return the rows of a list. Columns stand in any order; titles may stand above the headings.

    :param count: how many questions the print has.
    :raises Invalid: ``no_header``, ``missing_columns``, ``same_heading_twice``, ``no_rows``,
        ``too_many_rows`` or ``wrong_count``.
    """
    header, places = _layout(table, count)
    rows = [
        _row(line, cells, places, count)
        for line, cells in enumerate(table[header + 1 :], start=header + 2)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise Invalid("no_rows", N_("表头下面没有数据"), where="file")
    if len(rows) > MOST_ROWS:
        raise Invalid("too_many_rows", N_("一次最多录入 %(n)s 份答题卡"), where="file", n=MOST_ROWS)
    return rows


def _layout(table: Sequence[Sequence[str]], count: int) -> tuple[int, dict[str | int, int]]:
    for header, cells in enumerate(table[:10]):
        places = _places(cells)
        if places.keys() & {"user_name", "number", "name"}:
            _check_slots(places, count)
            return header, places
    raise Invalid("no_header", N_("前 10 行里找不到表头：要有用户名、证件号码或姓名"), where="file")


def _places(cells: Sequence[str]) -> dict[str | int, int]:
    places: dict[str | int, int] = {}
    for column, cell in enumerate(cells):
        name = _heading(cell)
        if name is not None and name in places:
            raise Invalid(
                "same_heading_twice", N_("有两列都是“%(label)s”"), where="file", label=cell
            )
        if name is not None:
            places[name] = column
    return places


def _check_slots(places: Mapping[str | int, int], count: int) -> None:
    slots = {place for place in places if isinstance(place, int)}
    beyond = sorted(slots - set(range(1, count + 1)))
    if beyond:
        raise Invalid("foreign_slot", N_("卷上没有第 %(slot)s 题"), where="file", slot=beyond[0])
    missing = sorted(set(range(1, count + 1)) - slots)
    if "answers" not in places and missing:
        listed = "、".join(str(number) for number in missing[:10])
        raise Invalid(
            "missing_columns", N_("缺少这些题的列：%(listed)s"), where="file", listed=listed
        )


def _heading(cell: str) -> str | int | None:
    said = unicodedata.normalize("NFKC", cell).strip().lower()
    if said in _FIELD:
        return _FIELD[said]
    slot = _SLOT.fullmatch(said)
    return int(slot.group(1)) if slot else None


def _row(line: int, cells: Sequence[str], places: Mapping[str | int, int], count: int) -> CardRow:
    def cell(name: str | int) -> str:
        place = places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    if "answers" in places:
        said = [part for part in re.split(r"[\s,，;；|]+", cell("answers")) if part]
        if len(said) != count:
            raise Invalid(
                "wrong_count",
                N_("第 %(line)s 行要有 %(count)s 个答案，用空格隔开，没答的填 -；现在是 %(n)s 个"),
                where="file",
                line=line,
                count=count,
                n=len(said),
            )
        answers = dict(enumerate(said, start=1))
    else:
        answers = {number: cell(number) for number in range(1, count + 1)}
    return CardRow(line, cell("user_name").lower(), cell("number"), cell("name"), answers)
