"""Compiled statements, by identity and by equality."""

import sqlalchemy as sa

from lms.kernel.statements import CompiledStatements

ITEM = sa.table("item", sa.column("id"), sa.column("title"))


def key(statement, *names):
    return "dialect", statement._generate_cache_key().key, names, False, False


def titles(*, from_id):
    return sa.select(ITEM.c.title).where(ITEM.c.id > from_id)


def test_a_statement_is_found_again_and_so_is_one_that_says_the_same():
    kept, statement = CompiledStatements(), titles(from_id=1)
    assert kept.get(key(statement)) is None
    kept[key(statement)] = "compiled"
    assert kept.get(key(statement)) == kept.get(key(titles(from_id=2))) == "compiled"
    assert kept.get(key(statement, "title")) is None
    assert kept.get(key(sa.select(ITEM.c.id)), "nothing") == "nothing"


def test_only_so_many_are_kept():
    kept = CompiledStatements(at_most=4)
    listed = [sa.select(ITEM.c.title).limit(1).order_by(sa.column(f"c{n}")) for n in range(40)]
    for number, statement in enumerate(listed):
        kept[key(statement)] = number
    assert kept.get(key(listed[39])) == 39
    assert kept.get(key(listed[0])) is None
    assert sum(kept.get(key(statement)) is not None for statement in listed) <= 8


def test_engines_use_it_and_answer_as_before(own_engine):
    asked = sa.select(sa.literal(1) + sa.bindparam("n", type_=sa.Integer))
    with own_engine.connect() as connection:
        assert [connection.scalar(asked, {"n": n}) for n in (1, 2, 2)] == [2, 3, 3]
    assert isinstance(own_engine.get_execution_options()["compiled_cache"], CompiledStatements)
