"""Nothing from which a key can be read leaves before its paper lets it: every way out, in one walk."""

import io
import json
import zipfile

import pytest

from lms.exams import operations, queries
from lms.exams.models import PaperVersion
from lms.exams.rules import Terms
from lms.exams.types import Cause, Policy
from lms.kernel.clock import utc_now
from lms.people.types import Role
from tests import builders
from tests.marking import builders as marking

REASON, COMMENT, OWN, POINT = "应选乙不应选甲", "漏了收集资料这一步", "先取得信任", "制定计划"
SECRETS = (REASON, COMMENT, POINT, "的解析", "正确答案", "参考答案", "怎样选")
"""What an instructor, a marker and the question itself say that would give a key away."""

NEVER = {"release": "marks_only"}
NOT_YET = {"release": "after_close", "closes_on": "2999-01-01"}
CLOSED = {"release": "after_close", "closes_on": "2026-01-01"}

WAYS = (
    ("GET", "/attempts/1", None),
    ("GET", "/attempts/1/hand-in", None),
    ("GET", "/attempts/1/result", None),
    ("GET", "/attempts/1/result.pdf", None),
    ("GET", "/attempts/1/review", None),
    ("GET", "/attempts/1/review?only=wrong", None),
    ("GET", "/attempts/1/marks", None),
    ("GET", "/exams", None),
    ("GET", "/", None),
    ("GET", "/mistakes", None),
    ("GET", "/api/v1/exams/papers", None),
    ("GET", "/api/v1/exams/attempts/1", None),
    ("GET", "/api/v1/exams/attempts/1/clock", None),
    ("GET", "/api/v1/exams/attempts/1/result", None),
    ("POST", "/api/v1/exams/attempts/1/submit", None),
    ("POST", "/api/v1/exams/attempts/1/answers", {"answers": [{"slot": 1, "parts": ["A"], "counter": 9}]}),
)  # fmt: skip


@pytest.fixture
def walk(client, session, sign_in):
    """Return what leaves by every way of a paper that was marked by people, timed and regraded."""
    on = marking.ground(session)
    learner = builders.learner(session, at=on.place)
    marking.handed_in(session, on, learner=learner, words=OWN)
    for marker in on.markers[:2]:
        marking.given(session, on, marker, 8, 0, 0, comment=COMMENT)
    found = queries.sitting(session, learner_id=learner.id, number=1)
    response = session.get(queries.attempts.Response, (learner.id, 1, 1))
    response.seconds = 65
    approver = builders.with_role(session, Role.REVIEWER)
    author = builders.with_role(session, Role.INSTRUCTOR)
    terms = Terms(
        Cause.QUESTION_STRUCK, Policy.FULL_CREDIT, None, found.slots[0].version_id, None, None
    )
    made = operations.propose_regrade(
        session, terms=terms, reason=REASON, actor_id=author.id, now=utc_now()
    )
    operations.apply_regrade(session, regrade_id=made, actor_id=approver.id, now=utc_now())

    def walked(release):
        version = session.get(PaperVersion, on.version.id)
        version.blueprint = version.blueprint | release
        session.flush()
        sign_in(learner)
        out = {}
        for method, url, body in WAYS:
            answer = client.open(url, method=method, json=body, follow_redirects=True)
            out[method, url] = (
                answer.status_code,
                answer.text if answer.mimetype != "application/pdf" else "",
            )
        packed = zipfile.ZipFile(io.BytesIO(client.post("/privacy/data/export").data))
        out["POST", "/privacy/data/export"] = (200, packed.read("my-data.json").decode())
        return out

    return walked


@pytest.mark.parametrize("release", [NEVER, NOT_YET])
def test_before_its_release_no_way_tells_of_a_key(walk, release):
    out = walk(release)
    for way, (_status, text) in out.items():
        said = [secret for secret in SECRETS if secret in text]
        assert not said, (way, said)
    for url in ("/attempts/1/review", "/attempts/1/review?only=wrong", "/attempts/1/marks"):
        assert out["GET", url][0] == 403
    result = out["GET", "/attempts/1/result"][1]
    assert "这份卷改过分" in result and "此题作废" in result  # that it happened is told
    slowest = result.split("用时最多的题")[1].split("再考一次")[0]
    assert "1 分 5 秒" in slowest and "全对" not in slowest and "得 " not in slowest
    told = json.loads(out["GET", "/api/v1/exams/attempts/1/result"][1])
    assert told["is_released"] is False and "questions" not in told
    held = json.loads(out["POST", "/privacy/data/export"][1])["tables"]
    assert {row["earned"] for row in held["response"]["rows"]} == {None}
    assert [row["earned"] for row in held["judged_answer"]["rows"]] == [None]
    assert [row["given"] for row in held["judged_mark"]["rows"]] == [None]
    assert [row["slots"] for row in held["regrade_result"]["rows"]] == [None]
    assert held["attempt"]["rows"][0]["earned"] is not None  # the mark itself is


def test_after_the_closing_day_all_of_it_is_told(walk):
    out = walk(CLOSED)
    assert REASON in out["GET", "/attempts/1/result"][1]
    assert "的解析" in out["GET", "/attempts/1/review"][1]
    assert COMMENT in out["GET", "/attempts/1/marks"][1]
    assert "questions" in json.loads(out["GET", "/api/v1/exams/attempts/1/result"][1])
    held = json.loads(out["POST", "/privacy/data/export"][1])["tables"]
    assert held["judged_mark"]["rows"][0]["comments"] == [COMMENT]
    assert None not in {row["earned"] for row in held["response"]["rows"]}
