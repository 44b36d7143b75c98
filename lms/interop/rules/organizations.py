"""What is to become of each row of a list of organizations. Pure: a snapshot in, verdicts out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lms.interop.rules.organization_rows import OrganizationSaid, kind_word, sector_word
from lms.interop.rules.units import unit_key
from lms.interop.types import Change, Decision, Judged, Mode, Reason, Verdict
from lms.kernel.errors import N_, Conflict
from lms.organizations.rules import check_holds
from lms.organizations.types import Code, Details, File, NewOrganization, OrganizationKind, Update


class Directory(Protocol):
    """Organizations of a scope by code and by name, as the room of organizations reads them."""

    @property
    def files(self) -> Mapping[int, File]:
        """All of them, by number."""

    def by_code(self, code: Code) -> File | None:
        """Return the one with a code, present or former."""

    def named(self, name: str) -> Sequence[File]:
        """Return all with a name."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is, and who asks."""

    directory: Directory
    by_number: Mapping[str, Sequence[File]]
    """Present codes of every system, without the system -> who has them."""
    roots: frozenset[int]
    """Where the scope of whoever imports begins: these are changed by those above."""


@dataclass(slots=True)
class Claimed:
    """What rows of the file have claimed, and the new ones that others may stand below."""

    codes: dict[Code, int] = field(default_factory=dict)
    """Code -> row."""
    subjects: dict[int, int] = field(default_factory=dict)
    new: dict[Code, OrganizationKind] = field(default_factory=dict)
    """Codes of rows that will be added -> kind."""


Above = File | Code
"""An organization that is there, or one that the file adds."""


def decide_all(
    said: Sequence[OrganizationSaid], ground: Ground, claimed: Claimed, *, mode: Mode
) -> list[Decision]:
    """Decide about rows, parents before what stands below them; in the order of the rows."""
    found: dict[int, Decision] = {}
    waiting = list(said)
    coming = {one.values["code"]: one for one in said if "code" in one.values}
    while waiting:
        ready = [one for one in waiting if not _waits(one, ground, coming, found)]
        for one in ready or waiting:  # what waits for each other in a circle is refused as it is
            found[one.row] = _decide(one, ground, claimed, mode)
        done = {one.row for one in ready or waiting}
        waiting = [one for one in waiting if one.row not in done]
    return [found[one.row] for one in said]


def _waits(
    one: OrganizationSaid,
    ground: Ground,
    coming: Mapping[Code, OrganizationSaid],
    found: Mapping[int, Decision],
) -> bool:
    """Say whether the organization above stands in a row that is not decided yet."""
    number = one.values.get("parent_code")
    if not number or unit_key(number) in ground.by_number:
        return False
    above = [other for code, other in coming.items() if unit_key(code.code) == unit_key(number)]
    return any(other.row not in found and other.row != one.row for other in above)


def _decide(said: OrganizationSaid, ground: Ground, claimed: Claimed, mode: Mode) -> Decision:
    if said.faults:
        return _no(said, Verdict.REFUSED, *said.faults)
    first = claimed.codes.setdefault(said.code, said.row)
    if first != said.row:
        return _no(said, Verdict.REPEATED, Reason(N_("代码和第 %(row)s 行的相同"), {"row": first}))
    above = _above(said, ground, claimed)
    file = None if isinstance(above, Reason) else _who(said, ground, above)
    if isinstance(above, Reason) or isinstance(file, Reason):
        return _no(said, Verdict.REFUSED, *(r for r in (above, file) if isinstance(r, Reason)))
    if file is None:
        return _new(said, above, claimed, mode)
    first = claimed.subjects.setdefault(file.id, said.row)
    if first != said.row:
        reason = Reason(N_("和第 %(row)s 行是同一个单位"), {"row": first})
        return _no(said, Verdict.REPEATED, reason, file=file)
    return _old(said, file, above, ground, mode)


def _no(
    said: OrganizationSaid, verdict: Verdict, *reasons: Reason, file: File | None = None
) -> Decision:
    return Decision(_judged(said, verdict, reasons, (), file))


def _judged(
    said: OrganizationSaid,
    verdict: Verdict,
    reasons: tuple[Reason, ...],
    changes: tuple[Change, ...],
    file: File | None,
) -> Judged:
    code = said.values.get("code")
    return Judged(
        said.row,
        said.name,
        verdict,
        reasons,
        changes,
        subject_id=file.id if file else None,
        revision=file.revision if file else None,
        number=code.code if code else "",
    )


def _above(said: OrganizationSaid, ground: Ground, claimed: Claimed) -> Above | Reason | None:
    """Return the organization above that a row names, or none if it names none."""
    number, name = said.values.get("parent_code"), said.values.get("parent")
    if number:
        there = ground.by_number.get(unit_key(number), ())
        new = [code for code in claimed.new if unit_key(code.code) == unit_key(number)]
        found: list[Above] = [*there, *new]
        text = number
    elif name:
        found, text = [*ground.directory.named(name)], name
    else:
        return None
    if not found:
        words = N_("您管辖的范围里没有上级单位“%(text)s”，它也不在这张表前面能新增的单位里")
        return Reason(words, {"text": text[:60]})
    if len(found) > 1:
        words = N_("有 %(n)s 个单位对得上“%(text)s”，请填别的代码")
        return Reason(words, {"n": len(found), "text": text[:60]})
    (one,) = found
    if isinstance(one, File) and one.closed_on is not None:
        return Reason(N_("上级单位“%(text)s”已经撤销"), {"text": text[:60]})
    return one


def _who(said: OrganizationSaid, ground: Ground, above: Above | None) -> File | Reason | None:
    """Return the organization that a row means: by code, then by name below the one above."""
    file = ground.directory.by_code(said.code)
    if file is None and isinstance(above, File):
        named = [one for one in ground.directory.named(said.name) if one.parent_id == above.id]
        there = next((one for one in named if one.closed_on is None), None)
        if there is not None:
            if there.code_of(said.code.system):
                words = N_("上级单位下已有同名的单位，代码是 %(code)s，请核对代码")
                return Reason(words, {"code": there.code_of(said.code.system)})
            file = there
    if file is not None and file.closed_on is not None:
        return Reason(N_("这个单位已经撤销，请到单位页面办理恢复"))
    return file


def _new(said: OrganizationSaid, above: Above | None, claimed: Claimed, mode: Mode) -> Decision:
    if mode is Mode.UPDATE:
        return _no(said, Verdict.SKIPPED, Reason(N_("系统里没有这个单位，当前方式不新增")))
    if "kind" not in said.values:
        return _no(said, Verdict.REFUSED, Reason(N_("新增的单位要填单位类型")))
    if above is None:
        return _no(said, Verdict.REFUSED, Reason(N_("新增的单位要填上级单位")))
    kind: OrganizationKind = said.values["kind"]
    is_file = isinstance(above, File)
    above_kind = OrganizationKind(above.kind) if isinstance(above, File) else claimed.new[above]
    try:
        check_holds(above_kind, kind)
    except Conflict as refusal:
        return _no(said, Verdict.REFUSED, Reason(refusal.message))
    claimed.new[said.code] = kind
    sector = said.values.get("sector")
    parent = main_code(above) if isinstance(above, File) else above
    new = NewOrganization(
        said.code,
        kind,
        said.name,
        parent,
        opened_on=said.values.get("opened_on"),
        sector=sector if kind is OrganizationKind.DEPARTMENT else None,
        short_names=said.values.get("short_names", ()),
    )
    where = above.name if isinstance(above, File) else above.code
    changes = (Change("kind", "", kind_word(kind)), Change("parent", "", where))
    notes = () if is_file else (Reason(N_("上级单位由这张表新增")),)
    return Decision(_judged(said, Verdict.NEW, notes, changes, None), add=new)


def main_code(file: File) -> Code:
    """Return the code that stands first for an organization."""
    line = file.codes[0]
    return Code(line.system, line.code)


def _old(
    said: OrganizationSaid, file: File, above: Above | None, ground: Ground, mode: Mode
) -> Decision:
    if mode is Mode.ADD:
        reason = Reason(N_("系统里已有这个单位，当前方式不改动"))
        return _no(said, Verdict.SKIPPED, reason, file=file)
    details, changes = _details(said, file, fills=mode is Mode.FILL)
    fills = mode is Mode.FILL
    renames = not fills and unit_key(said.name) != unit_key(file.name)
    moves = not fills and above is not None and not _is(above, file.parent_id)
    if renames:
        changes.append(Change("name", file.name, said.name))
    if moves:
        parent = ground.directory.files.get(file.parent_id or 0)
        new = above.name if isinstance(above, File) else str(above and above.code)
        changes.append(Change("parent", parent.name if parent else "", new))
    notes: tuple[Reason, ...] = ()
    kind = said.values.get("kind")
    if kind and kind != file.kind:
        notes = (Reason(N_("单位类型和登记的不同，没有改动；类型不能用表格改")),)
    if not changes:
        return Decision(_judged(said, Verdict.SAME, notes, (), file))
    if file.id in ground.roots:
        reason = Reason(N_("本单位自己的资料由上级单位改"))
        return _no(said, Verdict.REFUSED, reason, file=file)
    update = Update(
        file.id,
        details,
        name=said.name if renames else None,
        parent_id=above.id if moves and isinstance(above, File) else None,
    )
    judged = _judged(said, Verdict.CHANGED, notes, tuple(changes), file)
    return Decision(judged, change=(update, above if moves and isinstance(above, Code) else None))


def _is(above: Above, parent_id: int | None) -> bool:
    return isinstance(above, File) and above.id == parent_id


def _details(said: OrganizationSaid, file: File, *, fills: bool) -> tuple[Details, list[Change]]:
    """Return what is kept besides name and place and becomes another."""
    values, changes = said.values, []
    sector = values.get("sector")
    if sector and sector != file.sector and not (fills and file.sector):
        old = sector_word(file.sector) if file.sector else ""
        changes.append(Change("sector", old, sector_word(sector)))
    else:
        sector = None
    opened_on = values.get("opened_on")
    if opened_on and opened_on != file.opened_on and not (fills and file.opened_on):
        changes.append(Change("opened_on", str(file.opened_on or ""), str(opened_on)))
    else:
        opened_on = None
    short = values.get("short_names", ())
    if short and set(short) - set(file.short_names) and not (fills and file.short_names):
        # an import adds short names; those that are there stay
        short = tuple(dict.fromkeys([*file.short_names, *short]))
        changes.append(Change("short_names", "、".join(file.short_names), "、".join(short)))
    else:
        short = None
    codes = None
    if not file.code_of(said.code.system):
        codes = {said.code.system: said.code.code}
        changes.append(Change("code", "", said.code.code))
    return Details(sector, opened_on, codes, short), changes
