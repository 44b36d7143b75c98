"""Many working texts kept at once: what is new, changed, the same, or somebody else's."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.errors import Invalid
from lms.question_bank import operations
from lms.question_bank.models import Question, QuestionDraft
from lms.question_bank.rules import text_digest
from lms.question_bank.types import DraftState, Kept
from tests.builders import NOON, person
from tests.question_bank.builders import draft, question

ONE, TWO = draft("one"), draft("two")


@pytest.fixture
def keep(session):
    author = person(session)

    def keep(*drafts, by=author, **values):
        values = {"origin": "import:gift", "now": NOON} | values
        kept = operations.keep_drafts(session, drafts=drafts, actor_id=by.id, **values)
        session.flush()
        session.expire_all()
        return kept

    return keep


def stored(session, key):
    return session.scalar(sa.select(QuestionDraft).where(QuestionDraft.key == key))


def test_a_new_text_is_a_draft_of_its_author(session, keep):
    assert keep(ONE, TWO, batch="job:7") == {"one": Kept.NEW, "two": Kept.NEW}
    row = stored(session, "one")
    assert (row.state, row.origin, row.batch) == (DraftState.DRAFT, "import:gift", "job:7")
    assert (row.question_id, row.base_number, row.revision) == (None, None, 1)
    assert (row.stem, row.spec, row.valid_on) == (ONE.stem, ONE.spec, date(2026, 1, 1))
    assert session.scalar(sa.select(sa.func.count()).select_from(Question)) == 0
    seen = session.execute(sa.select(Entry.verb, Entry.subject).order_by(Entry.id)).all()
    assert [tuple(row) for row in seen] == [
        ("question_bank.draft_begun", "question:one"),
        ("question_bank.draft_begun", "question:two"),
    ]


def test_the_same_again_writes_nothing(session, keep):
    keep(ONE, TWO)
    entries = session.scalar(sa.select(sa.func.count()).select_from(Entry))
    assert keep(TWO, ONE) == {"two": Kept.SAME, "one": Kept.SAME}
    assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == entries
    assert stored(session, "one").revision == 1


def test_ones_own_draft_is_changed(session, keep):
    keep(ONE, TWO)
    assert keep(replace(ONE, stem="另一题（ ）。"), TWO) == {"one": Kept.CHANGED, "two": Kept.SAME}
    row = stored(session, "one")
    assert (row.stem, row.revision) == ("另一题（ ）。", 2)
    assert row.digest == text_digest(replace(ONE, stem="另一题（ ）。"))


def test_what_stands_beside_a_draft_stays_until_something_else_is_said(session, keep):
    keep(ONE, TWO, notes={"one": "选项 B 的反馈：再想想"})
    assert (stored(session, "one").note, stored(session, "two").note) == (
        "选项 B 的反馈：再想想",
        "",
    )
    keep(replace(ONE, stem="另一题（ ）。"))
    assert stored(session, "one").note == "选项 B 的反馈：再想想"
    keep(ONE, notes={"one": "没有别的"})
    assert stored(session, "one").note == "没有别的"


def test_a_returned_draft_that_is_changed_is_worked_on_again(session, keep):
    keep(ONE)
    stored(session, "one").state = DraftState.RETURNED
    assert keep(replace(ONE, difficulty=3)) == {"one": Kept.CHANGED}
    assert stored(session, "one").state == DraftState.DRAFT


def test_somebody_elses_draft_is_left_alone(session, keep):
    keep(ONE)
    other = person(session)
    assert keep(replace(ONE, difficulty=3), TWO, by=other) == {"one": Kept.TAKEN, "two": Kept.NEW}
    assert stored(session, "one").difficulty == 2


def test_what_waits_for_a_reviewer_is_left_alone(session, keep):
    keep(ONE)
    stored(session, "one").state = DraftState.IN_REVIEW
    assert keep(replace(ONE, difficulty=3)) == {"one": Kept.TAKEN}
    assert stored(session, "one").difficulty == 2


def test_a_published_question_keeps_its_version_beside_the_draft(session, keep):
    version = question(session, key="one")
    assert keep(ONE) == {"one": Kept.CHANGED}
    row = stored(session, "one")
    assert (row.question_id, row.base_number) == (version.question_id, 1)
    assert session.get(Question, version.question_id).current_number == 1
    assert version.stem != ONE.stem


def test_a_published_question_that_says_the_same_is_not_drafted(session, keep):
    version = question(session, key="one")
    source = {name: value for name, value in version.source.items() if value}  # "" is nothing
    same = replace(ONE, stem=version.stem, source=source)
    assert keep(same) == {"one": Kept.SAME}
    assert stored(session, "one") is None


def test_an_unfinished_text_may_be_kept(session, keep):
    bare = replace(ONE, chapter_key="", point_key="", explanation="", source={}, valid_on=None)
    assert keep(replace(bare, spec={"options": ["甲"]})) == {"one": Kept.NEW}


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (replace(ONE, key="一"), "bad_id"),
        (replace(ONE, kind="riddle"), "no_kind"),
        (replace(ONE, stem="长" * 20_001), "too_long"),
        (replace(ONE, spec={"options": ["长" * 20_000] * 10}), "too_long"),
        (replace(ONE, difficulty=4), "bad_difficulty"),
        (TWO, "two_drafts"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is(session, keep, faulty, code):
    with pytest.raises(Invalid) as refusal:
        keep(TWO, faulty)
    assert refusal.value.code == code
    assert stored(session, "two") is None


def test_the_statements_do_not_grow_with_the_drafts(session, keep, count_statements):
    def statements(size):
        with count_statements() as seen:
            keep(*(draft(f"n{size}-{n}") for n in range(size)))
            keep(*(draft(f"n{size}-{n}", difficulty=3) for n in range(size)))
        return len(seen)

    statements(1)  # the first one of a session says BEGIN besides
    assert statements(200) == statements(2)
