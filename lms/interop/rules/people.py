"""What is to become of each row of a list of people. Pure: a snapshot in, verdicts out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lms.interop.rules.people_posts import decide_post
from lms.interop.rules.people_rows import PersonSaid
from lms.interop.rules.units import Unit, Units
from lms.interop.rules.values import word_for
from lms.interop.types import Change, Decision, Judged, Mode, Reason, Verdict
from lms.kernel.errors import N_
from lms.people.rules import mask_document, mask_phone, name_key
from lms.people.types import (
    Existing,
    Grant,
    PersonChange,
    PersonRow,
    PostKind,
    PostRow,
    Role,
    Snapshot,
)

ALREADY_THERE = N_("系统里已有这个人，当前方式不改动")

SAME_PERSON, ANOTHER_PERSON = "same", "another"
"""What somebody may say about a possible duplicate."""


@dataclass(frozen=True, slots=True)
class Digests:
    """By what a row's numbers are looked up; none where the row has none."""

    document: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What there is, as far as the rows in hand need it."""

    existing: Existing
    files: Mapping[int, Snapshot]
    visible: frozenset[int]
    """Of ``files``, those that whoever imports may see and change."""
    units: Units
    former: Mapping[int, frozenset[str]]
    """Person -> the keys of the names they had before."""
    withheld: Collection[int] = ()
    """People who do not want a document number of theirs to be kept."""
    added: Collection[int] = ()
    """People whom this very import has added: namesakes of theirs were judged together."""


@dataclass(slots=True)
class Before:
    """What earlier rows of the same file have claimed: the first one counts."""

    numbers: dict[str, int] = field(default_factory=dict)
    """Digest -> row."""
    user_names: dict[str, int] = field(default_factory=dict)
    people: dict[int, int] = field(default_factory=dict)
    """Person -> row."""


def decide(
    said: PersonSaid,
    digests: Digests,
    known: Known,
    before: Before,
    *,
    mode: Mode,
    on: date,
    choice: str | None = None,
) -> Decision:
    """Decide about one row. Notes in ``before`` what the row claims.

    :param choice: what somebody said about a possible duplicate, if they did.
    """
    if said.faults:
        return _no(said, Verdict.REFUSED, *said.faults)
    unit = known.units.find(said.values.get("unit_code", ""), said.values.get("unit", ""))
    if isinstance(unit, Reason):
        return _no(said, Verdict.REFUSED, unit)
    repeated = _repeated(said, digests, before)
    if repeated is not None:
        return _no(said, *repeated)
    found = _who(said, digests, known)
    candidates = _candidates(said, unit, known) if found is None else []
    if candidates and choice == SAME_PERSON:
        found = candidates[0]
    if candidates and choice != ANOTHER_PERSON and (len(candidates) > 1 or choice is None):
        decision = _possible(said, candidates, known)
    elif found is None:
        decision = _new(said, unit, mode=mode, on=on)
    elif isinstance(file := _changeable(said, found, known, before), Reason):
        decision = _no(said, Verdict.REFUSED, file)
    else:
        decision = _old(said, digests, file, unit, known, mode=mode, on=on)
    if decision.judged.verdict is not Verdict.REFUSED:
        _claim(said, digests, before)
    return decision


def _masked(said: PersonSaid) -> str:
    document = said.document
    if document:
        return mask_document(document[1])
    return mask_phone(said.values["phone"]) if "phone" in said.values else ""


def _no(
    said: PersonSaid,
    verdict: Verdict,
    *reasons: Reason,
    subject: Snapshot | None = None,
) -> Decision:
    return Decision(
        Judged(
            said.row,
            said.name,
            verdict,
            reasons,
            subject_id=subject.person_id if subject else None,
            revision=subject.revision if subject else None,
            number=_masked(said),
        )
    )


def _repeated(said: PersonSaid, digests: Digests, before: Before) -> tuple[Verdict, Reason] | None:
    """Say whether an earlier row of the file has claimed who or what this one names."""
    if digests.document in before.numbers:
        words = N_("和第 %(row)s 行是同一个证件号码；一个人的第二个岗位请在人员页面添加")
        return Verdict.REPEATED, Reason(words, {"row": before.numbers[str(digests.document)]})
    if digests.phone in before.numbers:
        words = N_("手机号和第 %(row)s 行的相同，一个号码只能登记给一个人")
        verdict = Verdict.REFUSED if digests.document else Verdict.REPEATED
        return verdict, Reason(words, {"row": before.numbers[str(digests.phone)]})
    user_name = said.values.get("user_name")
    if user_name in before.user_names:
        words = N_("用户名和第 %(row)s 行的相同")
        return Verdict.REFUSED, Reason(words, {"row": before.user_names[str(user_name)]})
    return None


def _claim(said: PersonSaid, digests: Digests, before: Before) -> None:
    for digest in (digests.document, digests.phone):
        if digest:
            before.numbers.setdefault(digest, said.row)
    if "user_name" in said.values:
        before.user_names.setdefault(said.values["user_name"], said.row)


def _who(said: PersonSaid, digests: Digests, known: Known) -> int | Reason | None:
    """Return whom the row means: by document, then phone, then user name."""
    by_digest = known.existing.by_digest
    by_document = by_digest.get(digests.document) if digests.document else None
    by_phone = by_digest.get(digests.phone) if digests.phone else None
    if by_document is not None:
        if by_phone not in {None, by_document}:
            return Reason(N_("手机号登记在另一个证件号码的人名下，请核对"))
        return by_document
    if by_phone is not None:
        found = known.files.get(by_phone)
        if found is not None and said.document and said.document[0] in found.document_digests:
            return Reason(N_("手机号登记在另一个证件号码的人名下，请核对"))
        if found is not None and name_key(found.name) != name_key(said.name):
            return Reason(N_("手机号登记在姓名不同的人名下，请核对；改了姓名的人要同时填证件号码"))
        return by_phone
    return _by_user_name(said, known)


def _by_user_name(said: PersonSaid, known: Known) -> int | Reason | None:
    by_name = known.existing.by_user_name.get(said.values.get("user_name", ""))
    if by_name is None:
        return None
    found = known.files.get(by_name)
    if found is None or name_key(found.name) != name_key(said.name):
        return Reason(N_("用户名已有人使用，请换一个"))
    if said.document and said.document[0] in found.document_digests:
        return Reason(N_("用户名已有人使用，请换一个"))
    return by_name


def _candidates(said: PersonSaid, unit: Unit, known: Known) -> list[int]:
    """Return who of the same name works in the unit and may be the same person."""
    there = known.existing.by_name_in_unit.get((name_key(said.name), unit.id), ())
    document = said.document
    found = []
    for person_id in there:
        file = known.files.get(person_id)
        if file is None or file.is_closed or person_id in known.added:
            continue
        other_document = document is not None and document[0] in file.document_digests
        if not other_document:
            found.append(person_id)
    return found


def _possible(said: PersonSaid, candidates: Sequence[int], known: Known) -> Decision:
    file = known.files[candidates[0]]
    if len(candidates) > 1:
        words = N_("这个单位有 %(n)s 个同名的人，名单里没有能区分的号码，请补上证件号码")
        return _no(said, Verdict.REFUSED, Reason(words, {"n": len(candidates)}))
    words = N_("这个单位已有同名的人（用户名 %(user_name)s），可能是同一个人，请确认")
    return _no(said, Verdict.POSSIBLE, Reason(words, {"user_name": file.user_name}), subject=file)


def _new(said: PersonSaid, unit: Unit, *, mode: Mode, on: date) -> Decision:
    values, number = said.values, _masked(said)
    if mode is Mode.UPDATE:
        return _no(said, Verdict.SKIPPED, Reason(N_("系统里没有这个人，当前方式不新增")))
    if not number:
        return _no(said, Verdict.REFUSED, Reason(N_("新增的人至少要有证件号码或手机号")))
    if "post" not in values:
        return _no(said, Verdict.REFUSED, Reason(N_("新增的人要填岗位")))
    document = said.document
    row = PersonRow(
        name=said.name,
        user_name=values.get("user_name"),
        phone=values.get("phone"),
        documents={document[0]: document[1]} if document else None,
        education=values.get("education"),
        social_work_major=values.get("major", False),
        social_work_started_on=values.get("social_work_started_on"),
        posts=(new_post(said, unit, on=on),),
        roles=(Grant(Role.LEARNER, unit.id),),
    )
    changes: tuple[Change, ...] = (
        Change("unit", "", unit.name),
        Change("post", "", word_for(values["post"])),
    )
    former = values.get("former_name")
    if former:
        changes = (*changes, Change("former_name", "", former))
    judged = Judged(said.row, said.name, Verdict.NEW, (), changes, number=number)
    return Decision(judged, add=row, also=former)


def new_post(said: PersonSaid, unit: Unit, *, on: date) -> PostRow:
    """Return the post that a row speaks of."""
    values = said.values
    return PostRow(
        unit.id,
        values["post"],
        values.get("title", ""),
        values.get("started_on", on),
        rank_band=values.get("rank") if values["post"] is PostKind.CADRE else None,
    )


def _changeable(
    said: PersonSaid, found: int | Reason, known: Known, before: Before
) -> Snapshot | Reason:
    """Return the file that a row may change, or why there is none."""
    if isinstance(found, Reason):
        return found
    file = known.files.get(found)
    if file is None or file.is_closed:
        return Reason(N_("这个人的账号已经注销，请联系上级管理员"))
    if found not in known.visible:
        return Reason(N_("这个人不在您管辖的单位任职，请联系上级管理员办理调动"))
    if found in known.withheld and said.document:
        return Reason(N_("本人不同意登记证件号码，请把这一行的证件号码留空"))
    if found in before.people:
        return Reason(N_("和第 %(row)s 行是同一个人"), {"row": before.people[found]})
    before.people[found] = said.row
    return file


def _old(
    said: PersonSaid,
    digests: Digests,
    file: Snapshot,
    unit: Unit,
    known: Known,
    *,
    mode: Mode,
    on: date,
) -> Decision:
    if mode is Mode.ADD:
        return _no(said, Verdict.SKIPPED, Reason(ALREADY_THERE), subject=file)
    fills = mode is Mode.FILL
    fields = _fields(said, file, fills=fills)
    numbers = _numbers(said, digests, file, fills=fills)
    posts = decide_post(said, file, unit, fills=fills, on=on)
    changes = (*fields.values(), *numbers.values(), *posts.changes)
    had = said.values.get("former_name")
    former = known.former.get(file.person_id, frozenset())
    if had and name_key(had) not in {*former, name_key(file.name)}:
        changes = (*changes, Change("former_name", "", had))
    else:
        had = None
    verdict = Verdict.CHANGED if changes else Verdict.SAME
    judged = Judged(
        said.row,
        said.name,
        verdict,
        posts.notes,
        changes,
        file.person_id,
        file.revision,
        _masked(said),
    )
    if not changes:
        return Decision(judged)
    values, document = said.values, said.document
    change = PersonChange(
        file.person_id,
        name=said.name if "name" in fields else None,
        user_name=values["user_name"] if "user_name" in fields else None,
        phone=values["phone"] if "phone" in numbers else None,
        documents={document[0]: document[1]} if document and "number" in numbers else None,
        education=values["education"] if "education" in fields else None,
        social_work_major=values["major"] if "major" in fields else None,
        social_work_started_on=(
            values["social_work_started_on"] if "social_work_started_on" in fields else None
        ),
        posts_added=posts.rows,
        roles_added=posts.roles,
        revision=file.revision,
    )
    return Decision(judged, change=change, also=had, numbers_changed=tuple(numbers))


def _fields(said: PersonSaid, file: Snapshot, *, fills: bool) -> dict[str, Change]:
    """Return the plain fields that become others."""
    values, found = said.values, {}
    if not fills and name_key(said.name) != name_key(file.name):
        found["name"] = Change("name", file.name, said.name)
    user_name = values.get("user_name")
    if not fills and user_name and user_name != file.user_name:
        found["user_name"] = Change("user_name", file.user_name, user_name)
    education = values.get("education")
    if education and education != file.education and not (fills and file.education):
        old = word_for(file.education) if file.education else ""
        found["education"] = Change("education", old, word_for(education))
    major = values.get("major")
    if major is not None and major != file.social_work_major and not (fills and not major):
        found["major"] = Change("major", _yes(not major), _yes(major))
    since = values.get("social_work_started_on")
    known_since = file.social_work_started_on
    if since and since != known_since and not (fills and known_since):
        old = str(known_since or "")
        found["social_work_started_on"] = Change("social_work_started_on", old, str(since))
    return found


def _numbers(
    said: PersonSaid, digests: Digests, file: Snapshot, *, fills: bool
) -> dict[str, Change]:
    """Return the sealed numbers that become others; what they were is filled in by the caller."""
    found = {}
    if digests.phone and digests.phone != file.phone_digest and not (fills and file.phone_digest):
        found["phone"] = Change("phone", "", mask_phone(said.values["phone"]))
    document = said.document
    if document is not None:
        there = file.document_digests.get(document[0])
        if digests.document != there and not (fills and there):
            found["number"] = Change("number", "", mask_document(document[1]))
    return found


def _yes(value: bool) -> str:  # noqa: FBT001 - the value of a field, not a switch
    return "是" if value else "否"
