from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lms.audit.models import Entry
from lms.credentials import operations, queries
from lms.credentials.models import Credential, CredentialEvent
from lms.credentials.rules import new_code
from lms.credentials.types import EventKind, Standing
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.people.models import Post
from lms.programs import operations as programs
from lms.records import queries as records
from lms.records.types import RecordKind
from tests import builders
from tests.builders import NOON, TODAY
from tests.credentials.builders import (
    GRANTS,
    HOLDER,
    change,
    claim,
    complete,
    credential,
    entropy,
    join,
    program,
)

REVOKED, SUSPENDED, REINSTATED = EventKind.REVOKED, EventKind.SUSPENDED, EventKind.REINSTATED


@pytest.fixture
def ming(session):
    return builders.learner(session, name=HOLDER)


def count(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def audit_of(session, verb):
    return session.scalars(sa.select(Entry).where(Entry.verb == verb).order_by(Entry.id)).all()


def verdict(session, issued, on):
    return queries.look_up(session, issued.shown, on=on).standing


# ---- claim


def test_a_learner_who_meets_the_program_gets_its_credential(session, ming):
    key = program(session)
    join(session, ming, key)
    complete(session, ming)

    code = claim(session, ming, key)

    row = session.scalars(sa.select(Credential)).one()
    assert (row.code, row.learner_id, row.renewal) == (code, ming.id, 0)
    assert (row.holder_name, row.title, row.title_en) == (
        HOLDER,
        GRANTS["title"],
        GRANTS["title_en"],
    )
    assert (row.program_title, row.issuer, row.hours) == ("骨干培养项目", "某县社会工作站", 40)
    assert (row.issued_on, row.expires_on) == (TODAY, date(2029, 3, 1))
    assert row.grounds["state"] == "met" and row.grounds["on"] == "2026-03-02"
    assert row.grounds["references"] == ["course:basics"]


def test_an_issue_is_a_record_and_a_line_in_the_trail(session, ming):
    key = program(session)
    join(session, ming, key)
    complete(session, ming)
    code = claim(session, ming, key)

    fact = next(
        f for f in records.facts_of(session, ming.id) if f.kind == RecordKind.CREDENTIAL_ISSUED
    )
    assert (fact.subject, fact.on, fact.detail) == (f"program:{key}", TODAY, {"code": code})
    (line,) = audit_of(session, "credentials.issued")
    assert (line.actor_id, line.facts["code"], line.facts["program"]) == (ming.id, code, key)


def test_claimed_twice_it_is_the_same_credential(session, ming):
    key = program(session)
    join(session, ming, key)
    complete(session, ming)
    first = claim(session, ming, key, seed="first")
    later = claim(session, ming, key, seed="second", now=NOON + timedelta(days=30))
    assert first == later
    assert count(session, Credential) == 1
    assert len(audit_of(session, "credentials.issued")) == 1


def test_what_was_issued_does_not_change_with_the_holder(session, ming):
    key = program(session)
    join(session, ming, key)
    complete(session, ming)
    code = claim(session, ming, key)
    ming.name = "王大明"
    session.flush()
    assert claim(session, ming, key) == code
    assert queries.by_code(session, code).holder_name == HOLDER


def test_too_early_the_missing_thing_is_named(session, ming):
    key = program(session)
    join(session, ming, key)
    with pytest.raises(Conflict, match="社会救助基础") as refusal:
        claim(session, ming, key)
    assert refusal.value.code == "not_met"
    assert count(session, Credential) == 0


def test_progress_is_judged_on_the_records_not_on_what_is_stored(session, ming):
    key = program(session)
    join(session, ming, key)
    session.execute(
        sa.text("UPDATE progress SET state = 'met', percent = 100 WHERE learner_id = :id"),
        {"id": ming.id},
    )
    with pytest.raises(Conflict) as refusal:
        claim(session, ming, key)
    assert refusal.value.code == "not_met"


def test_what_will_be_done_tomorrow_does_not_count_today(session, ming):
    key = program(session)
    join(session, ming, key)
    complete(session, ming, on=TODAY + timedelta(days=1))
    with pytest.raises(Conflict) as refusal:
        claim(session, ming, key)
    assert refusal.value.code == "not_met"
    assert claim(session, ming, key, now=NOON + timedelta(days=1))


def test_who_does_not_take_part_gets_nothing(session, ming):
    key = program(session)
    complete(session, ming)
    with pytest.raises(Conflict) as refusal:
        claim(session, ming, key)
    assert refusal.value.code == "not_a_member"


def test_who_left_gets_nothing_but_keeps_what_was_issued(session, ming):
    first, second = program(session), program(session)
    for key in (first, second):
        join(session, ming, key)
    complete(session, ming)
    code = claim(session, ming, first)
    for key in (first, second):
        programs.leave(session, program_key=key, learner_id=ming.id, actor_id=None, now=NOON)
    assert claim(session, ming, first) == code
    with pytest.raises(Conflict) as refusal:
        claim(session, ming, second)
    assert refusal.value.code == "not_a_member"


def test_a_program_that_does_not_exist(session, ming):
    with pytest.raises(NotFound) as refusal:
        claim(session, ming, "nothing")
    assert refusal.value.code == "no_program"


def test_a_program_without_a_grant_issues_nothing(session, ming):
    key = program(session, grants=None)
    join(session, ming, key)
    complete(session, ming)
    with pytest.raises(Conflict) as refusal:
        claim(session, ming, key)
    assert refusal.value.code == "nothing_granted"


@pytest.mark.parametrize(
    ("title", "title_en"),
    [
        ("全国社工证书", "Certificate"),
        ("国家级证书", "Certificate"),
        ("中华人民共和国证书", "Certificate"),
        ("社工职业资格证书", "Certificate"),
        ("证书", "National Certificate"),
    ],
)
def test_a_title_that_passes_for_a_state_certificate_is_never_issued(
    session, ming, title, title_en
):
    key = program(session, grants={"title": title, "title_en": title_en})
    join(session, ming, key)
    complete(session, ming)
    with pytest.raises(Conflict) as refusal:
        claim(session, ming, key)
    assert refusal.value.code == "forbidden_word"


def test_a_credential_without_years_has_no_end(session):
    issued = credential(session, grants={"title": "证书", "title_en": "Certificate"})
    assert (issued.expires_on, issued.hours) == (None, None)
    assert verdict(session, issued, date(2126, 1, 1)) is Standing.VALID


def test_the_day_of_issue_is_the_day_in_china(session, ming):
    key = program(session)
    join(session, ming, key)
    complete(session, ming)
    evening = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # the 3rd of March, one in the morning
    code = claim(session, ming, key, now=evening)
    assert queries.by_code(session, code).issued_on == date(2026, 3, 3)


def test_a_code_that_is_taken_is_drawn_again(session, ming):
    taken = credential(session)
    key = program(session, course="other")
    join(session, ming, key)
    complete(session, ming, course="other")
    drawn = chain(
        [entropy(f"{taken.learner_id}.{taken.program_key}")(32)] * 2, map(bytes, repeat(32))
    )
    code = operations.claim(
        session, learner_id=ming.id, program_key=key, entropy=lambda size: next(drawn), now=NOON
    )
    assert code == new_code(bytes(32)).code
    assert count(session, Credential) == 2
    assert len(queries.own(session, ming.id)) == 1


def test_entropy_that_never_changes_is_given_up(session, ming):
    taken = credential(session)
    same = entropy(f"{taken.learner_id}.{taken.program_key}")(32)
    key = program(session, course="other")
    join(session, ming, key)
    complete(session, ming, course="other")
    with pytest.raises(IntegrityError):
        operations.claim(
            session, learner_id=ming.id, program_key=key, entropy=lambda size: same, now=NOON
        )


# ---- what happens afterwards

LATER = NOON + timedelta(days=400)


def test_every_standing_through_the_door(session):
    issued = credential(session)
    look = {
        Standing.VALID: date(2026, 4, 1),
        Standing.SUSPENDED: date(2026, 5, 1),
        Standing.REVOKED: date(2026, 7, 1),
        Standing.EXPIRED: date(2029, 3, 2),
        Standing.UNKNOWN: date(2026, 3, 1),
    }
    change(session, issued, SUSPENDED, on=date(2026, 5, 1))
    change(session, issued, REINSTATED, on=date(2026, 6, 1))
    change(session, issued, REVOKED, on=date(2026, 7, 1))
    change(session, issued, REINSTATED, on=date(2026, 8, 1))
    for expected, on in look.items():
        assert verdict(session, issued, on) is expected
    assert queries.look_up(session, issued.shown[:-1], on=TODAY).standing is Standing.MISTYPED


def test_events_are_numbered_and_kept(session):
    issued = credential(session)
    change(session, issued, SUSPENDED, reason="核查材料")
    change(session, issued, REVOKED, reason="材料不实", authority="某局")
    events = queries.by_code(session, issued.code).events
    assert [(e.number, e.kind) for e in events] == [(1, SUSPENDED), (2, REVOKED)]
    assert (events[1].reason, events[1].authority) == ("材料不实", "某局")
    (line,) = audit_of(session, "credentials.revoked")
    assert line.facts["code"] == issued.code and line.facts["number"] == 2
    assert [len(audit_of(session, f"credentials.{kind}")) for kind in EventKind] == [1, 1, 0]


def test_the_same_deed_sent_twice_is_one(session):
    issued = credential(session)
    for _ in range(2):
        change(session, issued, REVOKED)
    assert count(session, CredentialEvent) == 1
    assert len(audit_of(session, "credentials.revoked")) == 1


@pytest.mark.parametrize(
    ("before", "kind", "code"),
    [
        ([], REINSTATED, "nothing_to_end"),
        ([REVOKED], REVOKED, "already_revoked"),
        ([REVOKED], SUSPENDED, "already_revoked"),
        ([SUSPENDED], SUSPENDED, "already_suspended"),
        ([REVOKED, REINSTATED], REINSTATED, "nothing_to_end"),
    ],
)
def test_what_is_so_already_is_refused(session, before, kind, code):
    issued = credential(session)
    for number, earlier in enumerate(before):
        change(session, issued, earlier, reason=f"原因{number}")
    with pytest.raises(Conflict) as refusal:
        change(session, issued, kind, reason="另一个原因")
    assert refusal.value.code == code
    assert count(session, CredentialEvent) == len(before)


@pytest.mark.parametrize(
    "before", [[], [SUSPENDED], [SUSPENDED, REINSTATED], [REVOKED, REINSTATED]]
)
def test_whatever_is_not_revoked_can_be(session, before):
    issued = credential(session)
    for number, earlier in enumerate(before):
        change(session, issued, earlier, reason=f"原因{number}")
    change(session, issued, REVOKED, reason="另一个原因")
    assert verdict(session, issued, TODAY) is Standing.REVOKED


def test_an_expired_credential_can_still_be_revoked(session):
    issued = credential(session)
    day = date(2030, 1, 1)
    change(session, issued, REVOKED, on=day, now=NOON + timedelta(days=1500))
    assert verdict(session, issued, date(2029, 12, 31)) is Standing.EXPIRED
    assert verdict(session, issued, day) is Standing.REVOKED


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2026, 3, 1), "before_issue"),
        (date(2026, 3, 2), None),  # the day of issue
        (date(2027, 4, 6), None),  # today, 400 days later
        (date(2027, 4, 7), "in_future"),
    ],
)
def test_a_change_is_of_a_day_that_can_be(session, on, code):
    issued = credential(session)
    if code is None:
        change(session, issued, REVOKED, on=on, now=LATER)
        return
    with pytest.raises(Invalid) as refusal:
        change(session, issued, REVOKED, on=on, now=LATER)
    assert (refusal.value.code, refusal.value.where) == (code, "on")


def test_a_change_is_not_of_a_day_before_the_last_one(session):
    issued = credential(session)
    change(session, issued, SUSPENDED, on=date(2026, 5, 2))
    with pytest.raises(Invalid) as refusal:
        change(session, issued, REINSTATED, on=date(2026, 5, 1))
    assert refusal.value.code == "before_last"
    change(session, issued, REINSTATED, on=date(2026, 5, 2))  # the same day will do


@pytest.mark.parametrize("where", ["reason", "authority"])
@pytest.mark.parametrize(("text", "code"), [(" \n", "blank"), ("长" * 501, "too_long")])
def test_a_change_has_a_reason_and_an_authority(session, where, text, code):
    issued = credential(session)
    with pytest.raises(Invalid) as refusal:
        change(session, issued, REVOKED, **{where: text})
    assert (refusal.value.code, refusal.value.where) == (code, where)


@pytest.mark.parametrize("typed", [new_code(b"nobody has it").shown, "nonsense", ""])
def test_what_does_not_exist_cannot_be_changed(session, typed):
    with pytest.raises(NotFound):
        operations.revoke(
            session, code=typed, on=TODAY, reason="r", authority="a", actor_id=None, now=NOON
        )


@pytest.mark.parametrize(
    "deed", ["UPDATE credential_event SET reason = ''", "DELETE FROM credential_event"]
)
def test_the_database_refuses_to_change_what_happened(session, deed):
    change(session, credential(session), REVOKED)
    with pytest.raises(Exception, match="append-only"), session.begin_nested():
        session.execute(sa.text(deed))


# ---- the employer's check


def check(session, typed, name, purpose="招聘录用"):
    asker = builders.person(session)
    found = operations.check(
        session, typed=typed, name=name, purpose=purpose, actor_id=asker.id, now=NOON
    )
    session.flush()
    return found, asker


@pytest.mark.parametrize(
    ("name", "matches"), [(HOLDER, True), (" 王 小 明 ", True), ("王小朋", False), ("王*明", False)]
)
def test_a_check_compares_number_and_name(session, name, matches):
    found, _asker = check(session, credential(session).shown.lower(), name)
    assert found.verdict.standing is Standing.VALID
    assert found.name_matches is matches


def test_a_check_is_written_down_without_the_name(session):
    issued = credential(session)
    _found, asker = check(session, issued.shown, "李不对")
    (line,) = audit_of(session, "credentials.checked")
    assert line.actor_id == asker.id
    assert line.subject == f"credential:{issued.id}"
    assert line.facts == {
        "typed": issued.shown,
        "standing": "valid",
        "name_matches": False,
        "purpose": "招聘录用",
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [(new_code(b"nobody has it").shown, Standing.UNKNOWN), ("nonsense", Standing.MISTYPED)],
)
def test_a_check_that_finds_nothing_is_written_down_too(session, typed, expected):
    found, _asker = check(session, typed, HOLDER)
    assert (found.verdict.standing, found.name_matches) == (expected, None)
    (line,) = audit_of(session, "credentials.checked")
    assert (line.facts["typed"], line.facts["standing"]) == (typed, expected)


@pytest.mark.parametrize(("name", "purpose"), [("", "招聘"), (HOLDER, " ")])
def test_a_check_has_a_name_and_a_purpose(session, name, purpose):
    with pytest.raises(Invalid):
        check(session, "x", name, purpose)


# ---- reads


def test_somebody_elses_credential_does_not_exist(session, ming):
    issued = credential(session)
    with pytest.raises(NotFound):
        queries.own_credential(session, ming.id, issued.code)
    assert queries.own_credential(session, issued.learner_id, issued.shown.lower()) == issued


def test_a_look_up_is_one_statement_however_much_happened(session, count_statements):
    issued = credential(session)
    for day in range(1, 6):
        change(session, issued, SUSPENDED, on=date(2026, 5, day))
        change(session, issued, REINSTATED, on=date(2026, 5, day))
    with count_statements() as seen:
        found = queries.look_up(session, issued.shown, on=TODAY)
    assert len(seen) == 1
    assert len(found.credential.events) == 10


def test_a_mistyped_number_does_not_reach_the_database(session, count_statements):
    with count_statements() as seen:
        queries.look_up(session, "' OR 1=1 --", on=TODAY)
    assert not seen


def test_own_credentials_are_one_statement_newest_first(session, ming, count_statements):
    older = credential(session, ming)
    newer = credential(session, ming, now=NOON + timedelta(days=1))
    with count_statements() as seen:
        found = queries.own(session, ming.id)
    assert len(seen) == 1
    assert [one.code for one in found] == [newer.code, older.code]


def test_who_may_change_it_is_who_the_holder_belongs_to(session):
    province = builders.organization(session, kind="province")
    county, other = (builders.organization(session, province, kind="county") for _ in range(2))
    station = builders.organization(session, county)
    holder = builders.learner(session, at=station)

    def inside(*scope, on=TODAY):
        return queries.is_in_scope(session, holder.id, scope=[place.id for place in scope], on=on)

    assert inside(station) and inside(county) and inside(province)
    elsewhere = builders.organization(session)  # the top of another tree
    assert not inside(other) and not inside(elsewhere) and not inside()
    session.scalars(sa.select(Post).where(Post.person_id == holder.id)).one().ended_on = TODAY
    session.flush()
    tomorrow = TODAY + timedelta(days=1)
    assert inside(county)  # the last day is included
    assert not inside(county, on=tomorrow)
    assert inside(province, on=tomorrow)  # who works nowhere belongs to the top
