"""Our column types, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from lms.kernel.orm import BIG, UtcDateTime

SAMPLE = sa.Table(
    "kernel_sample",
    sa.MetaData(),
    sa.Column("id", BIG, primary_key=True),
    sa.Column("at", UtcDateTime()),
    sa.Column("facts", sa.JSON()),
)


@pytest.fixture
def sample(connection):
    """A table that goes with the test's transaction."""
    SAMPLE.create(connection)
    return connection


def stored(sample, **values):
    sample.execute(sa.insert(SAMPLE), values)
    return sample.execute(sa.select(SAMPLE)).one()


def test_a_naive_instant_is_refused(sample):
    with pytest.raises(sa.exc.StatementError, match="naive datetime"):
        stored(sample, at=datetime(2026, 3, 2, 4, 0))  # noqa: DTZ001 - naive is the point


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 3, 2, 4, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 4, 0, 0, 123456, tzinfo=UTC),  # to the microsecond
        datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 12, 31, 20, 0, tzinfo=timezone(timedelta(hours=-5))),  # next year in UTC
    ],
)
def test_an_instant_comes_back_as_it_was(sample, instant):
    row = stored(sample, at=instant)
    assert row.at == instant
    assert row.at.tzinfo is UTC


def test_no_instant_comes_back_as_none(sample):
    assert stored(sample, at=None).at is None


def test_instants_compare_in_the_database_whatever_their_zone(sample):
    noon = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    stored(sample, at=noon)
    same = noon.astimezone(timezone(timedelta(hours=8)))
    assert sample.scalar(sa.select(SAMPLE.c.id).where(SAMPLE.c.at == same)) is not None
    assert (
        sample.scalar(sa.select(SAMPLE.c.id).where(SAMPLE.c.at < same + timedelta(seconds=1)))
        is not None
    )


def test_rows_number_themselves(sample):
    stored(sample, at=None)
    sample.execute(sa.insert(SAMPLE), {"at": None})
    assert list(sample.scalars(sa.select(SAMPLE.c.id).order_by(SAMPLE.c.id))) == [1, 2]


def test_a_number_may_need_64_bits(sample):
    sample.execute(sa.insert(SAMPLE), {"id": 2**62})
    assert sample.scalar(sa.select(SAMPLE.c.id)) == 2**62


def test_json_keeps_chinese_readable(sample):
    row = stored(sample, facts={"姓名": "杨孃孃", "备注": "“必学”\n第二行"})
    assert row.facts == {"姓名": "杨孃孃", "备注": "“必学”\n第二行"}
    raw = sample.scalar(sa.select(sa.cast(SAMPLE.c.facts, sa.Text())))
    assert "杨孃孃" in raw
