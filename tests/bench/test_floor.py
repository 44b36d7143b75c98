import pytest
import sqlalchemy as sa

from bench import floor
from lms.kernel.databases import make_engine


@pytest.fixture
def database(tmp_path):
    made = make_engine(f"sqlite:///{tmp_path / 'floor.sqlite3'}")
    floor.fill(made)
    yield made
    made.dispose()


@pytest.fixture
def client(database):
    return floor.create_app(database).test_client()


def test_a_page_of_twenty_rows_is_some_four_kilobytes(client):
    page = client.get("/page/7/20")
    assert page.text.count("<li ") == 20
    assert 3000 <= len(page.data) <= 5000


def test_an_insert_is_committed(client, database):
    assert client.post("/insert/7/80", json={"chosen": "A"}).json == {"saved": 80}
    with database.connect() as connection:
        count = sa.select(sa.func.count()).where(floor.answer.c.owner_id == 7)
        assert connection.scalar(count) == 80


def test_filling_twice_fills_once(database):
    floor.fill(database)
    with database.connect() as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(floor.item))
    assert rows == floor.OWNERS * floor.ROWS
