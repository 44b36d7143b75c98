"""A question goes from hand to hand: who may do what with a draft, and what the bank serves."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from lms.audit.models import Entry
from lms.kernel.authoring import Faults
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.question_bank import content, operations, queries
from lms.question_bank.models import QuestionDraft
from lms.question_bank.rules import (
    TRANSITIONS,
    check_draft,
    moved,
    next_state,
    read_tags,
    refuse_own_text,
    tagged,
    text_digest,
    untagged,
)
from lms.question_bank.types import Deed, DraftState, Filters
from tests.builders import NOON, person
from tests.question_bank.builders import bank, block, draft, outline, question

ONE, TWO = draft("one"), draft("two")
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def author(session):
    return person(session, name="作者").id


@pytest.fixture
def reviewer(session):
    return person(session, name="审核人").id


@pytest.fixture(autouse=True)
def places(request):
    if "session" in request.fixturenames:
        outline(request.getfixturevalue("session"))


def revision(session, key="one"):
    return queries.working_text(session, key).revision


def submitted(session, author, *drafts):
    for text in drafts:
        operations.begin(session, draft=text, actor_id=author, now=NOON)
    seen = {text.key: 1 for text in drafts}
    operations.submit(session, seen=seen, actor_id=author, now=NOON)
    return dict.fromkeys(seen, 2)


def approve(session, seen, by, **values):
    values = {"two_people": True, "now": LATER} | values
    operations.approve(session, seen=seen, actor_id=by, **values)
    session.expire_all()


def write(session, text, by, **values):
    known = queries.working_text(session, text.key)
    values = {
        "revision": known.revision,
        "base_number": known.base_number,
        "note": "",
        "now": LATER,
    } | values
    operations.write(session, draft=text, actor_id=by, **values)
    session.expire_all()


def verbs(session):
    return [
        verb.removeprefix("question_bank.")
        for verb in session.scalars(sa.select(Entry.verb).order_by(Entry.id))
    ]


def refused(code, kind=Conflict):
    class Refused:
        def __enter__(self):
            self.raises = pytest.raises(kind)
            self.found = self.raises.__enter__()

        def __exit__(self, *fault):
            told = self.raises.__exit__(*fault)
            assert self.found.value.code == code
            return told

    return Refused()


# what may follow what


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("state", DraftState)
def test_every_deed_in_every_state_is_decided(state, deed):
    if (state, deed) in TRANSITIONS:
        assert next_state(state, deed, key="k") == TRANSITIONS[state, deed]
    else:
        with refused("wrong_state"):
            next_state(state, deed, key="k")


@given(st.lists(st.sampled_from(Deed), max_size=12))
def test_nothing_is_published_that_was_not_in_review_just_before(deeds):
    state, before = DraftState.DRAFT, None
    for deed in deeds:
        try:
            after = next_state(state, deed, key="k")
        except Conflict:
            continue
        if deed is Deed.APPROVE:
            assert before is Deed.SUBMIT
        if after is None:
            return
        state, before = after, deed


@given(st.sets(st.integers(1, 5), min_size=1), st.integers(1, 5), st.booleans())
def test_nobody_approves_what_they_wrote_where_two_people_publish(authors, who, two_people):
    if two_people and who in authors:
        with refused("own_text", NotAllowed):
            refuse_own_text(authors, who, two_people=True, key="k")
    else:
        refuse_own_text(authors, who, two_people=two_people, key="k")


# from the first word to learners


def test_a_new_question_is_served_once_somebody_else_approved_it(session, author, reviewer):
    seen = submitted(session, author, ONE)
    assert queries.drawable(session, "J-COMP") == []
    approve(session, seen, reviewer)
    assert len(queries.drawable(session, "J-COMP")) == 1
    standing = queries.standing(session, "one")
    assert (standing.origin, standing.state, standing.draft_state) == ("bank", "ready", None)
    assert (standing.author, standing.reviewer) == ("作者", "审核人")
    assert standing.reviewed_at == LATER
    assert queries.how_many(session, Filters(words="one")) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionDraft)) == 0
    assert verbs(session) == ["draft_begun", "draft_submitted", "question_published"]


def test_a_ready_question_serves_its_version_until_its_change_is_approved(
    session, author, reviewer
):
    version = question(session, key="one")
    operations.begin_change(session, key="one", actor_id=author, now=NOON)
    operations.begin_change(session, key="one", actor_id=reviewer, now=NOON)  # goes on with it
    write(session, replace(queries.published(session, "one"), stem="改了（ ）。"), author)
    operations.submit(session, seen={"one": 2}, actor_id=author, now=LATER)
    assert queries.drawable(session, "J-COMP")[0].version_id == version.id
    approve(session, {"one": 3}, reviewer)
    _state, (newest, before) = queries.history(session, "one")
    assert (newest.number, newest.text.stem) == (2, "改了（ ）。")
    assert before.text.stem == version.stem
    assert queries.drawable(session, "J-COMP")[0].version_id == newest.version_id
    assert "question_taken_over" in verbs(session)  # it was a file's


def test_who_wrote_a_part_of_it_may_not_approve_it(session, author, reviewer):
    operations.begin(session, draft=ONE, actor_id=reviewer, now=NOON)
    write(session, replace(ONE, difficulty=3), author)
    operations.submit(session, seen={"one": 2}, actor_id=author, now=NOON)
    for who in (author, reviewer):
        with refused("own_text", NotAllowed):
            approve(session, {"one": 3}, who)
    assert queries.drawable(session, "J-COMP") == []
    approve(session, {"one": 3}, author, two_people=False)
    assert len(queries.drawable(session, "J-COMP")) == 1


def test_a_returned_question_says_why_and_may_come_again(session, author, reviewer):
    seen = submitted(session, author, ONE)
    with refused("no_reason", Invalid):
        operations.give_back(session, seen=seen, reason=" ", actor_id=reviewer, now=LATER)
    operations.give_back(session, seen=seen, reason="选项太长", actor_id=reviewer, now=LATER)
    known = queries.working_text(session, "one")
    assert (known.state, known.answer, known.reviewer) == ("returned", "选项太长", "审核人")
    with refused("wrong_state"):
        approve(session, {"one": 3}, reviewer)
    write(session, replace(ONE, stem="短一点（ ）。"), author)
    operations.submit(session, seen={"one": 4}, actor_id=author, now=LATER)
    approve(session, {"one": 5}, reviewer)
    assert queries.published(session, "one").stem == "短一点（ ）。"


def test_what_waits_for_a_reviewer_is_taken_back_before_it_is_changed(session, author):
    submitted(session, author, ONE)
    with refused("wrong_state"):
        write(session, replace(ONE, difficulty=3), author)
    operations.take_back(session, key="one", revision=2, actor_id=author, now=LATER)
    write(session, replace(ONE, difficulty=3), author)
    assert queries.working_text(session, "one").state == "draft"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"stem": " "}, "stem"),
        ({"explanation": ""}, "explanation"),
        ({"chapter_key": "", "point_key": ""}, "chapter"),
        ({"chapter_key": "2025/J-COMP/99", "point_key": "2025/J-COMP/99"}, "chapter"),
        ({"subject": "M-COMP"}, "chapter"),
        ({"point_key": "2025/J-COMP/07"}, "point"),
        ({"valid_on": None}, "valid_on"),
        ({"valid_on": date(2099, 1, 1)}, "valid_on"),
        ({"source": {}}, "source"),
        ({"spec": {"options": ["甲", "乙", "丙", "丁"]}}, "answer"),
        ({"spec": {"options": ["甲"], "answer": "A"}}, "options"),
        ({"spec": {"options": ["甲", "乙", "丙", "丁"], "answer": "A", "x": 1}}, "spec"),
    ],
)
def test_a_faulty_text_is_not_submitted(session, author, change, place):
    operations.begin(session, draft=replace(ONE, **change), actor_id=author, now=NOON)
    with refused("has_faults"):
        operations.submit(session, seen={"one": 1}, actor_id=author, now=NOON)
    known = queries.working_text(session, "one")
    found = check_draft(known.draft, queries.outline(session, on=date(2026, 3, 2)))
    assert place in [finding.place for finding in found]


def test_many_are_approved_together_or_not_at_all(session, author, reviewer):
    seen = submitted(session, author, ONE, TWO)
    operations.give_back(session, seen={"two": 2}, reason="再想想", actor_id=reviewer, now=LATER)
    with refused("draft_moved"):
        approve(session, seen, reviewer)
    assert queries.drawable(session, "J-COMP") == []


def test_who_has_not_seen_the_newest_text_writes_nothing(session, author, reviewer):
    operations.begin(session, draft=ONE, actor_id=author, now=NOON)
    write(session, replace(ONE, stem="甲改（ ）。"), author)
    with refused("draft_moved"):
        write(session, replace(ONE, stem="乙改（ ）。"), reviewer, revision=1)
    assert queries.working_text(session, "one").draft.stem == "甲改（ ）。"


def test_a_change_begun_from_an_older_version_is_looked_at_again(
    session, author, reviewer, tmp_path
):
    load(session, tmp_path, block(id='"one"', stem='"一版（ ）。"'))
    operations.begin_change(session, key="one", actor_id=author, now=NOON)
    load(session, tmp_path, block(id='"one"', stem='"二版（ ）。"'))
    text = replace(queries.working_text(session, "one").draft, stem="改（ ）。")
    with refused("base_moved"):
        write(session, text, author)
    with refused("base_moved"):
        operations.submit(session, seen={"one": 1}, actor_id=author, now=NOON)
    write(session, text, author, base_number=2)  # has seen it
    operations.submit(session, seen={"one": 2}, actor_id=author, now=NOON)
    approve(session, {"one": 3}, reviewer)
    assert queries.history(session, "one")[1][0].number == 3


def test_a_draft_is_thrown_away_and_the_question_stays(session, author):
    question(session, key="one")
    operations.begin_change(session, key="one", actor_id=author, now=NOON)
    operations.discard(session, key="one", revision=1, actor_id=author, now=NOON)
    with refused("no_draft", NotFound):
        queries.working_text(session, "one")
    assert len(queries.drawable(session, "J-COMP")) == 1


def test_a_key_is_given_once(session, author):
    question(session, key="one")
    with refused("key_taken"):
        operations.begin(session, draft=ONE, actor_id=author, now=NOON)


# beside the files


def load(session, tmp_path, *blocks):
    faults = Faults()
    files = content.read_all(bank(tmp_path, *blocks), faults) if blocks else []
    assert faults.found == []
    tally = operations.load(session, files, now=LATER)
    session.flush()
    session.expire_all()
    return tally


def test_loading_leaves_what_was_born_in_the_bank(session, author, reviewer, tmp_path):
    approve(session, submitted(session, author, ONE), reviewer)
    assert load(session, tmp_path, block(id='"file"')).retired == 0
    assert queries.standing(session, "one").state == "ready"


def test_loading_leaves_what_was_changed_in_the_bank_and_says_so(
    session, author, reviewer, tmp_path
):
    load(session, tmp_path, block(id='"one"', stem='"文件（ ）。"'))
    operations.begin_change(session, key="one", actor_id=author, now=NOON)
    write(session, replace(queries.published(session, "one"), stem="题库（ ）。"), author)
    operations.submit(session, seen={"one": 2}, actor_id=author, now=NOON)
    approve(session, {"one": 3}, reviewer)
    tally = load(session, tmp_path, block(id='"one"', stem='"文件再改（ ）。"'))
    assert (tally.left, tally.changed, tally.same) == (("one",), 0, 0)
    assert load(session, tmp_path).retired == 0  # nor does it go with its file
    assert queries.published(session, "one").stem == "题库（ ）。"

    assert operations.hand_back(session, ["one"], actor_id=None, now=LATER) == ["one"]
    assert operations.hand_back(session, ["one"], actor_id=None, now=LATER) == []
    tally = load(session, tmp_path, block(id='"one"', stem='"文件再改（ ）。"'))
    assert (tally.left, tally.changed) == ((), 1)
    assert queries.published(session, "one").stem == "文件再改（ ）。"


def test_a_question_handed_back_that_its_file_has_word_for_word_gets_no_version(
    session, author, tmp_path
):
    table = block(id='"one"', tags='["旧"]')
    load(session, tmp_path, table)
    ids = queries.ids_of(session, ["one"])
    now = {"actor_id": author, "now": LATER}
    operations.change_many(session, ids=ids, change=untagged(["旧"]), **now)
    operations.hand_back(session, ["one"], actor_id=None, now=LATER)
    assert load(session, tmp_path, table.replace('["旧"]', "[]")).same == 1


def test_a_question_retired_in_the_bank_does_not_come_back_with_its_file(session, author, tmp_path):
    load(session, tmp_path, block(id='"one"'))
    ids = queries.ids_of(session, ["one"])
    assert operations.retire(session, ids=ids, reason="答案有争议", actor_id=author, now=NOON) == 1
    assert operations.retire(session, ids=ids, reason="再来", actor_id=author, now=NOON) == 0
    load(session, tmp_path, block(id='"one"'))
    standing = queries.standing(session, "one")
    assert (standing.state, standing.reason, standing.origin) == ("retired", "答案有争议", "bank")
    assert queries.drawable(session, "J-COMP") == []
    assert operations.restore(session, ids=ids, actor_id=author, now=NOON) == 1
    assert len(queries.drawable(session, "J-COMP")) == 1
    with refused("no_reason", Invalid):
        operations.retire(session, ids=ids, reason="", actor_id=author, now=NOON)


# many at once


def test_tags_and_place_of_many_change_in_a_fixed_number_of_statements(
    session, author, count_statements
):
    def statements(size):
        ids = [question(session, tags=["旧"]).question_id for _ in range(size)]
        with count_statements() as seen:
            changed = operations.change_many(
                session, ids=ids, change=tagged(["新"]), actor_id=author, now=LATER
            )
        assert changed == size
        return len(seen)

    statements(1)
    assert statements(60) == statements(2)


def test_what_is_tagged_and_moved_keeps_its_reader_and_its_change_follows(
    session, author, reviewer
):
    approve(session, submitted(session, author, ONE), reviewer)
    operations.begin_change(session, key="one", actor_id=author, now=LATER)
    ids = queries.ids_of(session, ["one"])
    by = {"actor_id": reviewer, "now": LATER}
    for change in (tagged(["难点", "法规"]), untagged(["难点"]), moved("2025/J-COMP/07/1")):
        assert operations.change_many(session, ids=ids, change=change, **by) == 1
    assert operations.change_many(session, ids=ids, change=tagged(["法规"]), **by) == 0
    now = queries.published(session, "one")
    assert (now.tags, now.chapter_key) == (("法规",), "2025/J-COMP/07")
    standing = queries.standing(session, "one")
    assert (standing.author, standing.reviewer) == ("作者", "审核人")
    known = queries.working_text(session, "one")
    assert text_digest(known.draft) == text_digest(now) == known.digest
    assert (known.base_number, known.is_behind) == (4, False)


def test_drafts_are_tagged_and_moved_too(session, author):
    operations.begin(session, draft=ONE, actor_id=author, now=NOON)
    by = {"actor_id": author, "now": LATER}
    change = moved("2025/J-COMP/07")
    assert operations.change_drafts(session, keys=["one"], change=change, **by) == 1
    assert queries.working_text(session, "one").draft.point_key == "2025/J-COMP/07"
    operations.submit(session, seen={"one": 2}, actor_id=author, now=NOON)
    with refused("wrong_state"):
        operations.change_drafts(session, keys=["one"], change=tagged(["新"]), **by)


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        ("法规，难点", ("法规", "难点")),
        (" 法规、难点 法规\n新 ", ("法规", "难点", "新")),
        ("", ()),
    ],
)
def test_tags_are_read_from_what_people_type(words, tags):
    assert read_tags(words) == tags


@pytest.mark.parametrize("words", ["长" * 41, " ".join(map(str, range(21)))])
def test_too_many_or_too_long_tags_are_refused(words):
    with refused("bad_tags", Invalid):
        read_tags(words)


def test_a_question_moves_to_a_chapter_or_below():
    with refused("bad_place", Invalid):
        moved("2025/J-COMP")
