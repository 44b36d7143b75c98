"""Groups of near-duplicates: found anew, whoever changes what."""

import pytest
import sqlalchemy as sa

from lms.question_bank import operations, queries
from lms.question_bank.models import Question
from lms.question_bank.rules import moved
from tests.builders import NOON, person
from tests.question_bank.builders import draft, outline

LONG = "社区居民张阿姨在调解中情绪激动，社会工作者此时首先应当做的是（ ）。"
OTHER = "一位老人独自居住，子女都在外地，最近常常忘记关煤气，（ ）。"


@pytest.fixture
def author(session):
    outline(session)
    return person(session, name="作者").id


@pytest.fixture
def reviewer(session):
    return person(session, name="审核人").id


def groups(session):
    session.expire_all()
    return dict(session.execute(sa.select(Question.key, Question.twin_group)).all())


def published_as(session, author, reviewer, key, **values):
    if session.scalar(sa.select(Question.id).where(Question.key == key)):
        operations.begin_change(session, key=key, actor_id=author, now=NOON)
        text = queries.working_text(session, key)
        operations.write(
            session,
            draft=draft(key, **values),
            revision=text.revision,
            base_number=text.base_number,
            note="",
            actor_id=author,
            now=NOON,
        )
    else:
        operations.begin(session, draft=draft(key, **values), actor_id=author, now=NOON)
    revision = queries.working_text(session, key).revision
    operations.submit(session, seen={key: revision}, actor_id=author, now=NOON)
    again = queries.working_text(session, key).revision
    operations.approve(session, seen={key: again}, two_people=True, actor_id=reviewer, now=NOON)


def test_every_way_of_publishing_keeps_the_groups(session, author, reviewer):
    for key, stem in (("a", LONG), ("b", f"{LONG}请选"), ("c", OTHER)):
        published_as(session, author, reviewer, key, stem=stem)
    ids = dict(session.execute(sa.select(Question.key, Question.id)).all())

    def expect(**wanted):
        found = groups(session)
        assert {key: found[key] for key in ids} == {k: ids.get(wanted.get(k), 0) for k in ids}
        operations.group_twins(session)  # finds the same in all of the bank
        assert groups(session) == found

    expect(a="a", b="a")
    published_as(session, author, reviewer, "c", stem=f"{LONG}再选")
    expect(a="a", b="a", c="a")
    operations.retire(session, ids=[ids["a"]], reason="重复", actor_id=reviewer, now=NOON)
    expect(b="b", c="b")
    operations.restore(session, ids=[ids["a"]], actor_id=reviewer, now=NOON)
    expect(a="a", b="a", c="a")
    away = moved("2025/M-PRAC/06")
    operations.change_many(session, ids=[ids["b"]], change=away, actor_id=reviewer, now=NOON)
    expect(a="a", c="a")
    published_as(session, author, reviewer, "c", stem=OTHER)
    expect()


def test_what_nobody_is_like_is_in_no_group(session, author, reviewer, count_statements):
    seen = []
    for size in (3, 30):
        for n in range(size):
            published_as(session, author, reviewer, f"q{size}-{n}", stem=f"{n}{LONG}")
        one = session.scalar(sa.select(Question.id).where(Question.key == f"q{size}-0"))
        with count_statements() as statements:
            operations.regroup(session, [one])
        seen.append(len(statements))
    assert seen[0] == seen[1] <= 2
