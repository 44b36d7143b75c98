"""The pages on which questions are written, reviewed and changed in numbers: who, and what."""

import re

import pytest
import sqlalchemy as sa

from lms.people.types import Role
from lms.question_bank import operations, queries
from lms.question_bank.models import QuestionDraft
from lms.question_bank.rules import all_kinds, from_toml, specimen, to_toml
from lms.question_bank.types import Filters, MistakeKind
from tests import builders
from tests.builders import NOON
from tests.question_bank.builders import draft, outline, question

TYPED = {
    "kind": "single_choice",
    "stem": "下列说法正确的是（ ）。",
    "option": ["独居", "高龄", "失能", "孤儿"],
    "right": ["B"],
    "explanation": "因为如此。",
    "point": "2025/J-COMP/06/1",
    "difficulty": "2",
    "source_kind": "concept",
    "source_title": "个案",
    "valid_on": "2026-01-01",
    "tags": "难点",
}


@pytest.fixture(autouse=True)
def places(session):
    outline(session)


@pytest.fixture
def people(session):
    return {role: builders.with_role(session, role) for role in Role}


@pytest.fixture
def enter(sign_in, people):
    return lambda role: sign_in(people[role])


@pytest.fixture
def waiting(session, people):
    """A draft of the instructor that waits for a reviewer, in its second revision."""
    by = {"actor_id": people[Role.INSTRUCTOR].id, "now": NOON}
    operations.begin(session, draft=draft("one"), **by)
    operations.submit(session, seen={"one": 1}, **by)
    return "/teaching/bank/drafts/one"


@pytest.mark.parametrize(
    ("path", "posts", "roles"),
    [
        ("/teaching/bank/new", False, {Role.INSTRUCTOR, Role.REVIEWER}),
        ("/teaching/bank/drafts", False, {Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR}),
        ("/teaching/bank/drafts/one", False, {Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR}),
        ("/teaching/bank/drafts/one/edit", False, {Role.INSTRUCTOR, Role.REVIEWER}),
        ("/teaching/bank/drafts/one/approve", True, {Role.REVIEWER}),
        ("/teaching/bank/drafts/one/return", True, {Role.REVIEWER}),
        ("/teaching/bank/drafts/one/submit", True, {Role.INSTRUCTOR, Role.REVIEWER}),
        ("/teaching/bank/mistakes", False, {Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR}),
        ("/teaching/bank/laws", False, {Role.INSTRUCTOR, Role.REVIEWER, Role.ADMINISTRATOR}),
        ("/mistakes", False, {Role.LEARNER}),
    ],
)
def test_who_gets_in(client, enter, waiting, path, posts, roles):
    for role in Role:
        enter(role)
        status = client.open(path, method="POST" if posts else "GET").status_code
        assert (status != 403) == (role in roles), role


def test_a_question_is_written_and_kept(client, session, enter):
    enter(Role.INSTRUCTOR)
    answer = client.post("/teaching/bank/new", data=TYPED)
    assert answer.status_code == 303
    kept = session.scalars(sa.select(QuestionDraft)).one()
    assert re.fullmatch(r"b-[2-9a-z]{10}", kept.key)
    assert kept.spec == {"options": TYPED["option"], "answer": "B"}
    assert (kept.chapter_key, kept.tags, kept.origin) == ("2025/J-COMP/06", ["难点"], "editor")
    page = client.get(answer.headers["Location"]).text
    assert "送审" in page and "独居" in page and "审核通过" not in page


def test_empty_rows_of_options_do_not_move_the_key(client, session, enter):
    enter(Role.INSTRUCTOR)
    rows = {"option": ["", "独居", "", "高龄", "失能", "孤儿"], "right": ["D"]}
    client.post("/teaching/bank/new", data=TYPED | rows)
    assert session.scalars(sa.select(QuestionDraft)).one().spec["answer"] == "B"


@pytest.mark.parametrize(
    ("change", "words"),
    [({"valid_on": "昨天"}, "必须是日期"), ({"tags": "长" * 50}, "标签最多")],
)
def test_what_cannot_be_read_is_shown_again_word_for_word(client, session, enter, change, words):
    enter(Role.INSTRUCTOR)
    answer = client.post("/teaching/bank/new", data=TYPED | change)
    assert answer.status_code == 422 and words in answer.text
    for kept in ("下列说法正确的是", "失能", *change.values()):
        assert kept in answer.text
    assert session.scalars(sa.select(QuestionDraft)).all() == []


def test_the_preview_keeps_nothing_and_says_what_is_wrong(client, session, enter):
    enter(Role.INSTRUCTOR)
    shown = client.post("/teaching/bank/preview", data=TYPED | {"explanation": ""}).text
    assert "没有解析" in shown and "还不能送审" in shown and "失能" in shown
    assert "<html" not in shown
    page = client.post("/teaching/bank/new", data=TYPED | {"deed": "preview"})
    assert page.status_code == 200 and "正确答案：B" in page.text
    assert session.scalars(sa.select(QuestionDraft)).all() == []


def test_script_in_a_stem_is_shown_and_not_run(client, enter):
    enter(Role.INSTRUCTOR)
    stem = "<script>alert(1)</script><img src=x onerror=alert(1)>（ ）"
    shown = client.post("/teaching/bank/preview", data=TYPED | {"stem": stem}).text
    assert "<script" not in shown and "onerror" not in shown


def test_another_person_approves(client, session, enter, waiting):
    enter(Role.INSTRUCTOR)
    assert "审核通过并发布" not in client.get(waiting).text
    enter(Role.REVIEWER)
    assert "审核通过并发布" in client.get(waiting).text
    answer = client.post(f"{waiting}/approve", data={"revision": 2})
    assert answer.headers["Location"].endswith("/teaching/bank/questions/one")
    assert "审核：" in client.get(answer.headers["Location"]).text
    assert len(queries.drawable(session, "J-COMP")) == 1
    assert client.post(f"{waiting}/approve", data={"revision": 2}).status_code == 404  # once


@pytest.mark.parametrize(("house", "status"), [(2, 403), (1, 303)])
def test_ones_own_text_is_approved_only_where_one_person_is_enough(
    client, session, enter, people, house, status
):
    by = {"actor_id": people[Role.REVIEWER].id, "now": NOON}
    operations.begin(session, draft=draft("one"), **by)
    operations.submit(session, seen={"one": 1}, **by)
    enter(Role.REVIEWER)
    client.application.config["PUBLISHING_PEOPLE"] = house
    try:
        path = "/teaching/bank/drafts/one/approve"
        assert client.post(path, data={"revision": 2}).status_code == status
    finally:
        client.application.config["PUBLISHING_PEOPLE"] = 2


def test_a_draft_is_returned_with_a_reason(client, session, enter, waiting):
    enter(Role.REVIEWER)
    assert client.post(f"{waiting}/return", data={"revision": 2}).status_code == 422
    data = {"revision": 2, "reason": "选项太长"}
    assert client.post(f"{waiting}/return", data=data).status_code == 303
    enter(Role.INSTRUCTOR)
    assert "选项太长" in client.get(f"{waiting}/edit").text


def test_two_who_write_lose_nothing(client, session, enter, people):
    by = {"actor_id": people[Role.INSTRUCTOR].id, "now": NOON}
    operations.begin(session, draft=draft("one"), **by)
    path = "/teaching/bank/drafts/one/edit"
    enter(Role.INSTRUCTOR)
    mine = TYPED | {"revision": "1", "stem": "甲写的（ ）。"}
    assert client.post(path, data=mine).status_code == 303
    enter(Role.REVIEWER)
    theirs = TYPED | {"revision": "1", "stem": "乙写的（ ）。"}
    answer = client.post(path, data=theirs)
    assert answer.status_code == 409 and "乙写的（ ）。" in answer.text
    assert 'name="revision" value="2"' in answer.text  # saying it again is meant
    assert client.post(path, data=theirs | {"revision": "2"}).status_code == 303
    session.expire_all()
    assert queries.working_text(session, "one").draft.stem == "乙写的（ ）。"


@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_every_kind_can_be_written(client, session, enter, kind):
    enter(Role.INSTRUCTOR)
    page = client.get(f"/teaching/bank/new?kind={kind}&node=2025/J-COMP/06")
    assert page.status_code == 200
    assert from_toml(to_toml(specimen(kind))) == specimen(kind)


# many at once


@pytest.fixture
def found(session):
    for number in range(3):
        question(session, key=f"q{number}", stem=f"第{number}题：毕节（ ）。")
    operations.reindex(session)
    return session


def many(client, **data):
    return client.post("/teaching/bank/many", data=data)


def fingerprint(page):
    return re.search(r'name="fingerprint" value="([0-9a-f]+)"', page.text)[1]


def test_everything_found_is_tagged_after_its_number_was_seen(client, enter, found):
    enter(Role.INSTRUCTOR)
    asked = {"deed": "tag", "everything": "1", "q": "毕节"}
    page = many(client, **asked)
    assert page.status_code == 200 and "3 道试题" in page.text
    sure = asked | {"sure": "1", "fingerprint": fingerprint(page), "tags": "新标签"}
    assert many(client, **sure).status_code == 303
    assert queries.published(found, "q1").tags == ("新标签",)
    question(found, key="q9", stem="毕节又一题（ ）。")
    operations.reindex(found)
    assert many(client, **sure | {"tags": "又一个"}).status_code == 409  # four by now
    assert queries.published(found, "q1").tags == ("新标签",)


def test_the_ticked_are_retired_with_a_reason_and_reviewers_restore_them(client, enter, found):
    enter(Role.INSTRUCTOR)
    asked = {"deed": "retire", "key": ["q0", "q1"]}
    sure = asked | {"sure": "1", "fingerprint": fingerprint(many(client, **asked))}
    assert many(client, **sure).status_code == 422  # no reason
    assert many(client, **sure | {"reason": "重复"}).status_code == 303
    assert queries.how_many(found, Filters(state="retired")) == 2
    assert "重复" in client.get("/teaching/bank/questions/q0").text
    assert many(client, deed="restore", key="q0").status_code == 403
    enter(Role.REVIEWER)
    asked = {"deed": "restore", "key": "q0"}
    sure = asked | {"sure": "1", "fingerprint": fingerprint(many(client, **asked))}
    assert many(client, **sure).status_code == 303
    assert queries.how_many(found, Filters(state="retired")) == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"deed": "burn", "key": "q0"}, 422),
        ({"deed": "tag"}, 422),
        ({"deed": "tag", "key": "nobody"}, 404),
    ],
)
def test_what_nobody_can_mean_is_refused(client, enter, found, data, status):
    enter(Role.INSTRUCTOR)
    assert many(client, **data).status_code == status


def test_a_batch_is_approved_together(client, session, enter, people):
    by = {"actor_id": people[Role.INSTRUCTOR].id, "now": NOON}
    drafts = [draft(f"i{number}") for number in range(3)]
    operations.keep_drafts(session, drafts=drafts, origin="import:gift", batch="job-7", **by)
    path = "/teaching/bank/drafts/many"
    for role, deed in ((Role.INSTRUCTOR, "submit"), (Role.REVIEWER, "approve")):
        enter(role)
        asked = {"deed": deed, "everything": "1", "batch": "job-7"}
        page = client.post(path, data=asked)
        assert "3 道试题" in page.text
        sure = asked | {"sure": "1", "fingerprint": fingerprint(page)}
        assert client.post(path, data=sure).status_code == 303
        session.expire_all()
    assert len(queries.drawable(session, "J-COMP")) == 3


def test_drafts_are_found_from_the_bank_by_their_state(client, enter, waiting):
    enter(Role.INSTRUCTOR)
    answer = client.get("/teaching/bank?state=in_review")
    assert answer.status_code == 303
    assert "one" in client.get(answer.headers["Location"]).text


# mistakes


def test_instructors_see_what_is_reported_and_not_by_whom(client, session, enter, people):
    version = question(session, key="bad")
    reporter = people[Role.LEARNER]
    operations.report_mistake(
        session,
        learner_id=reporter.id,
        version_id=version.id,
        kind=MistakeKind.KEY,
        words="B 也对",
        now=NOON,
    )
    enter(Role.INSTRUCTOR)
    assert "bad" in client.get("/teaching/bank/mistakes").text
    page = client.get("/teaching/bank/mistakes/bad")
    assert "B 也对" in page.text and reporter.name not in page.text
    reference = re.search(r'name="reference" value="([0-9a-f]+)"', page.text)[1]
    path = "/teaching/bank/mistakes/bad"
    data = {"reference": reference, "outcome": "accepted", "words": "谢谢"}
    assert client.post(path, data=data | {"words": ""}).status_code == 422
    assert client.post(path, data=data | {"reference": "0" * 32}).status_code == 404
    answer = client.post(path, data=data | {"begin": "1"})
    assert answer.headers["Location"].endswith("/teaching/bank/drafts/bad/edit")
    assert client.post(path, data=data).status_code == 303  # pressed twice
    enter(Role.REVIEWER)
    assert client.post(path, data=data | {"words": "不对"}).status_code == 409


def test_a_learner_reports_only_what_they_have_answered(client, session, enter):
    version = question(session)
    enter(Role.LEARNER)
    assert client.get(f"/mistakes/report/{version.id}").status_code == 404
    data = {"kind": "key", "words": "错"}
    assert client.post(f"/mistakes/report/{version.id}", data=data).status_code == 404
