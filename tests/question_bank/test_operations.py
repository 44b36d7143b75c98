from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.kernel.authoring import Faults, Tally
from lms.question_bank import content, operations
from lms.question_bank.models import Question, QuestionVersion
from tests.builders import NOON
from tests.question_bank.builders import bank, block


@pytest.fixture
def load(session, tmp_path):
    """Write the blocks as the whole bank and load it."""

    def load(*blocks, now=NOON):
        faults = Faults()
        files = content.read_all(bank(tmp_path, *blocks), faults) if blocks else []
        assert faults.found == []
        tally = operations.load(session, files, now=now)
        session.flush()
        session.expire_all()
        return tally

    return load


def verbs(session):
    rows = session.execute(sa.select(Entry.verb, Entry.subject).order_by(Entry.id))
    return [(verb.removeprefix("question_bank."), subject) for verb, subject in rows]


ONE, TWO = block(id='"one"', stem='"甲"'), block(id='"two"', stem='"乙"')


def test_new_questions_are_published(session, load):
    assert load(ONE, TWO) == Tally(new=2)
    version = session.scalar(sa.select(QuestionVersion).where(QuestionVersion.stem == "甲"))
    assert version.spec == {"options": ["独居", "高龄", "失能", "空巢"], "answer": "B"}
    assert (version.number, version.published_at) == (1, NOON)
    question = session.get(Question, version.question_id)
    assert (question.key, question.subject, question.kind) == ("one", "J-COMP", "single_choice")
    assert (question.state, question.current_number) == ("ready", 1)
    assert verbs(session) == [
        ("question_published", "question:one"),
        ("question_published", "question:two"),
    ]


def test_each_question_gets_its_own_version(session, load):
    load(*(block(id=f'"k{n:02}"', stem=f'"题干 k{n:02}"') for n in range(30)))
    rows = session.execute(
        sa.select(Question.key, QuestionVersion.stem).join(
            QuestionVersion, QuestionVersion.question_id == Question.id
        )
    )
    assert all(stem == f"题干 {key}" for key, stem in rows)


def test_loading_again_changes_nothing(session, load):
    load(ONE, TWO)
    assert load(ONE, TWO, now=NOON + timedelta(days=1)) == Tally(same=2)
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionVersion)) == 2
    assert len(verbs(session)) == 2


def test_a_changed_question_gets_a_new_version_beside_the_old(session, load):
    load(ONE, TWO)
    later = NOON + timedelta(days=1)
    assert load(ONE.replace('"甲"', '"丙"'), TWO, now=later) == Tally(changed=1, same=1)
    question = session.scalar(sa.select(Question).where(Question.key == "one"))
    assert question.current_number == 2
    rows = session.execute(
        sa.select(QuestionVersion.number, QuestionVersion.stem, QuestionVersion.published_at)
        .where(QuestionVersion.question_id == question.id)
        .order_by(QuestionVersion.number)
    )
    assert [tuple(row) for row in rows] == [(1, "甲", NOON), (2, "丙", later)]
    assert verbs(session)[-1] == ("question_published", "question:one")


def test_a_question_may_change_its_kind(session, load):
    load(ONE)
    load(ONE.replace("single_choice", "multiple_choice").replace('answer = "B"', 'answer = "BC"'))
    question = session.scalar(sa.select(Question).where(Question.key == "one"))
    assert (question.kind, question.current_number) == ("multiple_choice", 2)


def test_a_question_whose_text_is_gone_retires_and_may_come_back(session, load):
    load(ONE, TWO)
    assert load(TWO) == Tally(same=1, retired=1)
    assert load(TWO) == Tally(same=1)  # once
    question = session.scalar(sa.select(Question).where(Question.key == "one"))
    assert question.state == "retired"
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionVersion)) == 2

    assert load(ONE, TWO) == Tally(same=2)
    session.refresh(question)
    assert (question.state, question.current_number) == ("ready", 1)
    assert verbs(session)[2:] == [
        ("question_retired", "question:one"),
        ("question_restored", "question:one"),
    ]


def test_a_question_may_come_back_changed(session, load):
    load(ONE, TWO)
    load(TWO)
    assert load(ONE.replace('"甲"', '"丙"'), TWO) == Tally(changed=1, same=1)
    question = session.scalar(sa.select(Question).where(Question.key == "one"))
    assert (question.state, question.current_number) == ("ready", 2)


def test_one_statement_reads_what_is_known_whatever_the_size(session, load, count_statements):
    blocks = [block(id=f'"s{n}"') for n in range(40)]

    def selects(size):
        with count_statements() as seen:
            load(*blocks[:size])
        reads = [statement for statement in seen if statement.startswith("SELECT")]
        return sum("advisory" not in statement for statement in reads)  # a lock reads nothing

    assert selects(2) == selects(40) == 2  # what is known; which of them are alike
    assert selects(40) == 1  # nothing is new
